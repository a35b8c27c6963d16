"""How often a client waits for its server: counted, because milliseconds prove nothing."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import aiosqlite
import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmigrate import Migrator
from tests.servers.proxy import CountingProxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.project import Project


@pytest.fixture
async def proxy(postgres_url: str) -> AsyncIterator[CountingProxy]:
    """Counts round trips to the test's own database."""
    async with CountingProxy(make_url(postgres_url).port or 5432) as proxy:
        yield proxy


@pytest.fixture
async def counted_engine(postgres_url: str, proxy: CountingProxy) -> AsyncIterator[AsyncEngine]:
    """An engine whose statements pass through the proxy, connected already."""
    engine = create_async_engine(make_url(postgres_url).set(host="127.0.0.1", port=proxy.port))
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
    chain(project, 0, 1)
    migrator = Migrator(counted_engine, script_location=project.script_location)
    await migrator.upgrade()

    turns = []
    for count in (1, 11):
        already = len(migrator.history())
        chain(project, already, already + count)
        proxy.turns = 0
        await migrator.upgrade()
        turns.append(proxy.turns)

    # BEGIN with CREATE TABLE; the version row with the history row and COMMIT. Whether the
    # lock's connection says goodbye in a turn of its own is a matter of luck.
    assert (turns[1] - turns[0]) / 10 == pytest.approx(2, abs=0.2)


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
