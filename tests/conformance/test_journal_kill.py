"""`kill -9` between the statements of a revision, and inside of them: the next run goes on."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from tests.chaos import children
from tests.conformance.half_done import GATES, emptied, found
from tests.conformance.test_journal import statements
from tests.servers.mysql import kill, running, until_idle, until_running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.chaos.children import Nursery
    from tests.project import Project

SCRIPTS = {"mysql+asyncmy": "", "postgresql+asyncpg": "with op.autocommit():"}
"""The drivers, and what a script has to say there so that it can stop half-way."""
DEADLINE = 60.0


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with children.nursery() as found:
        yield found


def deadly(lines: tuple[str, ...], moment: Path, block: str) -> str:
    """Return a script that kills its own process before the statement whose number a file says."""
    at = (
        "def at(number):",
        f"    if open({str(moment)!r}).read() == str(number):",
        "        __import__('os').kill(__import__('os').getpid(), 9)",
    )
    indent = "    " if block else ""
    body = [f"{indent}at({number})\n{indent}{line}" for number, line in enumerate((*lines, "pass"))]
    return "\n".join([*at, *([block] if block else []), *body])


@pytest.mark.parametrize("database_url", SCRIPTS, indirect=True)
async def test_a_run_killed_before_any_statement_goes_on_with_that_one(
    engine: AsyncEngine, project: Project, nursery: Nursery, tmp_path: Path
) -> None:
    moment = tmp_path / "moment"
    moment.write_text("never")
    block = SCRIPTS[f"{engine.dialect.name}+{engine.dialect.driver}"]
    url = engine.url.render_as_string(hide_password=False)
    project.revision("a1", upgrade=deadly(statements(engine), moment, block))
    assert nursery.upgrade(url, project) == "exited 0"
    expected = await found(engine)
    for number in GATES:
        await emptied(engine)
        moment.write_text(str(number))
        assert nursery.upgrade(url, project) == "killed"
        moment.write_text("never")

        assert nursery.upgrade(url, project) == "exited 0"

        assert await found(engine) == expected


INSIDE = {
    ("ALTER TABLE pets ADD COLUMN x INT", "first"): "the catalog is asked for it",
    ("ALTER TABLE pets ADD COLUMN x INT", "later"): "the catalog is asked for it",
    ("ALTER TABLE pets MODIFY tag VARCHAR(50)", "first"): "it is sent again",
    ("RENAME TABLE pets TO pets2", "later"): "the catalog is asked for it",
    ("UPDATE pets SET tag = 'z'", "later"): "it was rolled back",
}


@pytest.mark.parametrize(("statement", "place"), INSIDE)
@pytest.mark.parametrize("goes_on", [True, False], ids=["goes on", "ends"])
async def test_a_run_killed_inside_of_a_statement_goes_on_with_it(
    mysql_url: str,
    project: Project,
    nursery: Nursery,
    statement: str,
    place: str,
    goes_on: bool,
) -> None:
    """Killed while it waits for a lock; then the server goes on with it, or ends it, too."""
    engine = create_async_engine(mysql_url)
    is_first = place == "first"
    before = "" if is_first else 'op.execute("INSERT INTO owners VALUES (1)")\n'
    project.revision("a1", upgrade=PETS)
    assert nursery.upgrade(mysql_url, project) == "exited 0"
    project.revision("b2", "a1", upgrade=f'{before}op.execute("{statement}")\n{AFTER}')
    async with engine.connect() as reader:
        await reader.exec_driver_sql("SELECT * FROM pets FOR UPDATE")  # bars all of them
        nursery.start(mysql_url, project)
        await until_running(engine, statement[:20])
        assert await asyncio.to_thread(nursery.kill) == "killed"
        if not goes_on:
            with suppress(DBAPIError):  # the server may see by itself that its client is gone
                await kill(engine, statement[:20])
            await until_idle(engine)
        await reader.rollback()

    assert nursery.upgrade(mysql_url, project) == "exited 0"

    after = await found(engine)
    assert after["owners"]["rows"] == [(1,)] * (1 - is_first) + [(7,)]
    table = after["pets2" if "RENAME" in statement else "pets"]
    assert ("x" in dict(table["columns"])) is ("ADD" in statement)
    assert table["rows"][0][0] == ("z" if "UPDATE" in statement else "a")
    assert after["journal"] == []
    assert await running(engine) == {}
    await engine.dispose()


PETS = """
op.create_table("owners", sa.Column("n", sa.Integer))
op.create_table("pets", sa.Column("tag", sa.String(9)))
op.execute("INSERT INTO pets VALUES ('a')")
"""
AFTER = 'op.execute("INSERT INTO owners VALUES (7)")'


async def test_the_next_run_waits_for_a_statement_that_the_server_still_runs(
    mysql_url: str, project: Project, nursery: Nursery
) -> None:
    engine = create_async_engine(mysql_url)
    project.revision("a1", upgrade=PETS)
    assert nursery.upgrade(mysql_url, project) == "exited 0"
    add = "ALTER TABLE pets ADD COLUMN x INT"
    project.revision("b2", "a1", upgrade=f'op.execute("{add}")\n{AFTER}')
    async with engine.connect() as reader:
        await reader.exec_driver_sql("SELECT * FROM pets FOR UPDATE")
        nursery.start(mysql_url, project)
        await until_running(engine, add)
        assert await asyncio.to_thread(nursery.kill) == "killed"
        before = await _sessions(engine)
        nursery.start(mysql_url, project)
        async with asyncio.timeout(DEADLINE):
            while await _sessions(engine) <= before:  # noqa: ASYNC110 -- it is another process
                await asyncio.sleep(0.02)
        await reader.rollback()

    assert await asyncio.to_thread(nursery.ended) == "exited 0"

    after = await found(engine)
    assert dict(after["pets"]["columns"]).keys() == {"tag", "x"}
    assert after["owners"]["rows"] == [(7,)]
    await engine.dispose()


async def _sessions(engine: AsyncEngine) -> int:
    query = "SELECT MAX(id) FROM information_schema.processlist WHERE id <> CONNECTION_ID()"
    async with engine.connect() as connection:
        return int((await connection.exec_driver_sql(query)).scalar_one())


async def test_an_index_whose_build_was_killed_is_valid_in_the_end(
    postgres_url: str, project: Project, nursery: Nursery
) -> None:
    engine = create_async_engine(postgres_url)
    project.revision("a1", upgrade='op.create_table("pets", sa.Column("tag", sa.Integer))')
    assert nursery.upgrade(postgres_url, project) == "exited 0"
    build = 'op.execute("CREATE INDEX CONCURRENTLY ix ON pets (tag)")'
    project.revision("b2", "a1", upgrade=f"with op.autocommit():\n    {build}")
    async with engine.connect() as reader:
        await reader.exec_driver_sql("LOCK TABLE pets IN ROW EXCLUSIVE MODE")
        nursery.start(postgres_url, project)
        async with asyncio.timeout(DEADLINE):
            while not await _builds(engine):  # noqa: ASYNC110 -- it is another process
                await asyncio.sleep(0.02)
        assert await asyncio.to_thread(nursery.kill) == "killed"

    assert await asyncio.to_thread(nursery.upgrade, postgres_url, project) == "exited 0"

    async with engine.connect() as connection:
        valid = await connection.exec_driver_sql(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass"
        )
        assert valid.scalars().all() == [True]
    await engine.dispose()


async def _builds(engine: AsyncEngine) -> bool:
    query = "SELECT count(*) FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'"
    async with engine.connect() as connection:
        return bool((await connection.exec_driver_sql(query)).scalar())
