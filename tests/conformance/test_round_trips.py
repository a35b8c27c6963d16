"""How often a client waits for its server: counted, because milliseconds prove nothing."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import aiosqlite
import pytest
import sqlalchemy as sa
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmigrate import Answers, Migrator
from tests.servers.proxy import CountingProxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy import URL

    from tests.project import Project


@pytest.fixture
async def proxy(postgres_url: str) -> AsyncIterator[CountingProxy]:
    """Counts round trips to the test's own database."""
    async with CountingProxy(make_url(postgres_url).port or 5432) as proxy:
        yield proxy


@pytest.fixture
def counted_url(postgres_url: str, proxy: CountingProxy) -> URL:
    """The test's own database behind the proxy."""
    return make_url(postgres_url).set(host="127.0.0.1", port=proxy.port)


@pytest.fixture
async def counted_engine(counted_url: URL) -> AsyncIterator[AsyncEngine]:
    """An engine whose statements pass through the proxy, connected already."""
    engine = create_async_engine(counted_url)
    async with engine.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
    yield engine
    await engine.dispose()


def chain(project: Project, start: int, end: int) -> None:
    """Write revisions of one table each."""
    for number in range(start, end):
        create = f'op.create_table("t{number}", sa.Column("id", sa.Integer, primary_key=True))'
        project.revision(f"r{number}", f"r{number - 1}" if number else None, upgrade=create)


async def test_nothing_to_do_takes_at_most_two_round_trips_and_imports_no_script(
    project: Project, counted_engine: AsyncEngine, proxy: CountingProxy
) -> None:
    chain(project, 0, 3)
    await Migrator(counted_engine, script_location=project.script_location).upgrade()
    again = Migrator(counted_engine, script_location=project.script_location)
    imported = set(sys.modules)
    proxy.turns = 0

    await again.upgrade("head")

    assert proxy.turns <= 2
    assert {name for name in set(sys.modules) - imported if "script" in name} == set()


async def test_a_revision_of_one_table_takes_two_round_trips(
    project: Project, counted_engine: AsyncEngine, proxy: CountingProxy
) -> None:
    migrator = Migrator(counted_engine, script_location=project.script_location)
    turns = []
    # The first run makes the tables, and the second prepares the queries for them.
    for count in (1, 1, 1, 11):
        already = len(migrator.history())
        chain(project, already, already + count)
        proxy.turns = 0
        await migrator.upgrade()
        turns.append(proxy.turns)

    # BEGIN with CREATE TABLE; the version row with the history row and COMMIT. Whether the
    # lock's connection says goodbye in a turn of its own is a matter of luck.
    assert (turns[-1] - turns[-2]) / 10 == pytest.approx(2, abs=0.2)


async def test_a_revision_of_one_table_takes_three_trips_to_the_thread_of_sqlite(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips: Counter[str] = Counter()
    execute = aiosqlite.Connection._execute

    async def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        trips["all"] += 1
        return await execute(self, *args, **kwargs)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    chain(project, 0, 1)
    url = f"sqlite+aiosqlite:///{tmp_path / 'app.sqlite'}"
    migrator = Migrator(url, script_location=project.script_location)
    await migrator.upgrade()

    counts = []
    for count in (1, 11):
        already = len(migrator.history())
        chain(project, already, already + count)
        trips.clear()
        await migrator.upgrade()
        counts.append(trips["all"])

    # BEGIN with the heads; CREATE TABLE; the version row, the history row and COMMIT.
    assert (counts[1] - counts[0]) / 10 == 3


def models(count: int, *constraints: sa.CheckConstraint) -> sa.MetaData:
    """Declare tables that refer to each other, the first one with constraints."""
    metadata = sa.MetaData()
    for number in range(count):
        sa.Table(
            f"table_{number}",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("other_id", sa.ForeignKey(f"table_{max(number - 1, 0)}.id"), index=True),
            sa.Column("name", sa.String(50), unique=True, server_default="none"),
            *(constraints if number == 0 else ()),
        )
    return metadata


async def made(engine: AsyncEngine, metadata: sa.MetaData, *statements: str) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        for statement in statements:
            await connection.exec_driver_sql(statement)


@pytest.mark.parametrize("count", [3, 40])
async def test_check_asks_three_times_whatever_the_number_of_tables(
    project: Project, counted_engine: AsyncEngine, proxy: CountingProxy, count: int
) -> None:
    metadata = models(count)
    await made(counted_engine, metadata, "CREATE TABLE alembic_version (version_num varchar(32))")
    migrator = Migrator(counted_engine, metadata=metadata, script_location=project.script_location)
    proxy.turns = 0

    result = await migrator.check()

    # The heads; the default schema; everything in the catalogs.
    assert (result.is_equal, proxy.turns) == (True, 3)


async def test_check_asks_once_more_whether_applied_scripts_were_edited(
    project: Project, counted_engine: AsyncEngine, proxy: CountingProxy
) -> None:
    chain(project, 0, 2)
    migrator = Migrator(
        counted_engine, metadata=sa.MetaData(), script_location=project.script_location
    )
    await migrator.upgrade()
    project.revision("r1", "r0", upgrade="pass")
    proxy.turns = 0

    result = await migrator.check(answers=Answers(allow_drop=True))

    assert (result.edited, proxy.turns) == (("r1",), 4)


async def test_check_waits_four_times_more_for_the_server_s_own_words(
    project: Project, counted_engine: AsyncEngine, proxy: CountingProxy
) -> None:
    metadata = models(40, sa.CheckConstraint("name IN ('a', 'b')", "few"))
    await made(counted_engine, metadata, "CREATE TABLE alembic_version (version_num varchar(32))")
    migrator = Migrator(counted_engine, metadata=metadata, script_location=project.script_location)
    proxy.turns = 0

    result = await migrator.check()

    # BEGIN; what declares such a table; how the server prints it; ROLLBACK.
    assert (result.is_equal, proxy.turns) == (True, 3 + 4)


async def test_check_takes_at_most_twelve_round_trips_from_connecting_to_the_end(
    project: Project, counted_url: URL, counted_engine: AsyncEngine, proxy: CountingProxy
) -> None:
    chain(project, 0, 1)
    metadata = models(3)
    sa.Table("t0", metadata, sa.Column("id", sa.Integer, primary_key=True))
    migrator = Migrator(counted_url, metadata=metadata, script_location=project.script_location)
    await migrator.upgrade()
    await made(counted_engine, metadata)
    proxy.turns = 0

    result = await migrator.check()

    # TLS, who we are, SQLAlchemy's first questions; heads, scripts, schema, catalogs; goodbye.
    # A password is two or three more.
    assert result.is_equal
    assert proxy.turns <= 12
