"""SQLite: runs in which a table is made anew, live with foreign keys on, and as SQL text."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.errors import MigrateError, OfflineError, StepFailedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


@pytest.fixture
async def engine(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine whose connections have foreign keys on, as applications make them."""
    engine = create_async_engine(sqlite_url)

    @event.listens_for(engine.sync_engine, "connect")
    def switch_on(driver: Any, _: Any) -> None:
        driver.execute("PRAGMA foreign_keys = ON")

    yield engine
    await engine.dispose()


TABLES = """
op.execute("CREATE TABLE p (id INTEGER PRIMARY KEY, a INT)")
op.execute("CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p (id) ON DELETE CASCADE)")
op.execute("INSERT INTO p VALUES (1, 1), (2, 2)")
op.execute("INSERT INTO c VALUES (1, 1), (2, 1), (3, 2)")
"""


@pytest.fixture
def family(project: Project) -> Project:
    """A parent and its children, then a change of the parent."""
    project.revision("a1", upgrade=TABLES)
    project.revision("b2", "a1", upgrade='op.alter_column("p", "a", nullable=False)')
    return project


def migrator(engine: AsyncEngine, project: Project) -> Migrator:
    return Migrator(engine, script_location=project.script_location)


async def rows(engine: AsyncEngine, query: str) -> list[Any]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.exec_driver_sql(query)]


@pytest.mark.parametrize("atomic", [False, True])
async def test_children_keep_their_rows_with_foreign_keys_on(
    engine: AsyncEngine, family: Project, atomic: bool
) -> None:
    result = await migrator(engine, family).upgrade("head", atomic=atomic)

    assert result.after == ("b2",)
    assert [step.revision for step in result.steps] == ["a1", "b2"]
    assert await rows(engine, "SELECT count(*) FROM c") == [(3,)]
    assert await rows(engine, "SELECT revision FROM amigrate_history") == [("a1",), ("b2",)]
    found = await rows(engine, "SELECT sql FROM sqlite_master WHERE name = 'p'")
    assert "a INT NOT NULL" in found[0][0]


async def test_foreign_keys_are_on_again_for_the_next_revision_and_afterwards(
    engine: AsyncEngine, family: Project
) -> None:
    family.revision(
        "c3",
        "b2",
        upgrade="""
        assert op.get_bind().exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        op.execute("DELETE FROM p WHERE id = 1")
        """,
    )

    async with engine.connect() as connection:
        await Migrator(connection, script_location=family.script_location).upgrade("head")
        after = (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar()

    assert after == 1
    assert await rows(engine, "SELECT id FROM c") == [(3,)]


@pytest.mark.parametrize("atomic", [False, True])
async def test_foreign_keys_are_on_again_after_a_failure(
    engine: AsyncEngine, family: Project, atomic: bool
) -> None:
    failing = """
    op.alter_column("p", "a", server_default="7")
    op.execute("SELECT * FROM missing")
    """
    family.revision("c3", "b2", upgrade=failing)

    async with engine.connect() as connection:
        m = Migrator(connection, script_location=family.script_location)
        with pytest.raises(StepFailedError, match="missing"):
            await m.upgrade("head", atomic=atomic)
        after = (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar()

    assert after == 1
    found = await rows(engine, "SELECT sql FROM sqlite_master WHERE sql LIKE '%DEFAULT ''7''%'")
    assert found == []


async def test_foreign_keys_are_on_again_after_a_cancellation(
    engine: AsyncEngine, family: Project
) -> None:
    m = migrator(engine, family)
    await m.upgrade("head")
    long = """
    op.alter_column("p", "a", server_default="7")
    op.execute('''WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                  SELECT count(*) FROM n''')
    """
    family.revision("c3", "b2", upgrade=long)

    async with engine.connect() as connection:
        m = Migrator(connection, script_location=family.script_location)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(m.upgrade("head"), 0.5)
        after = (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar()

    assert after == 1
    assert await rows(engine, "SELECT count(*) FROM c") == [(3,)]
    assert await migrator(engine, family).rows() == {"b2"}


async def test_a_script_that_catches_everything_does_not_get_in_the_way(
    engine: AsyncEngine, family: Project
) -> None:
    swallowing = """
    try:
        op.alter_column("p", "a", server_default="7")
        op.get_bind()
    except Exception:
        pass
    """
    family.revision("c3", "b2", upgrade=swallowing)

    await migrator(engine, family).upgrade("head")

    found = await rows(engine, "SELECT sql FROM sqlite_master WHERE name = 'p'")
    assert "DEFAULT '7'" in found[0][0]
    assert await rows(engine, "SELECT count(*) FROM c") == [(3,)]


async def test_in_the_callers_transaction_it_is_refused_with_the_way_out(
    engine: AsyncEngine, family: Project
) -> None:
    await migrator(engine, family).upgrade("a1")

    async with engine.connect() as connection:
        await connection.begin()
        m = Migrator(connection, script_location=family.script_location)
        with pytest.raises(StepFailedError, match="inside your transaction") as caught:
            await m.upgrade("head")
        await connection.rollback()

    assert "engine instead of a connection" in caught.value.next
    assert "b2.py:" in caught.value.message
    assert await rows(engine, "SELECT count(*) FROM c") == [(3,)]


async def test_after_autocommit_it_is_refused_because_it_cannot_start_again(
    engine: AsyncEngine, family: Project
) -> None:
    script = """
    with op.autocommit():
        op.alter_column("p", "a", nullable=False)
    op.alter_column("p", "a", server_default="7")
    """
    family.revision("b2", "a1", upgrade=script)

    with pytest.raises(StepFailedError, match=r"stands after op\.autocommit"):
        await migrator(engine, family).upgrade("head")

    found = await rows(engine, "SELECT sql FROM sqlite_master WHERE name = 'p'")
    assert found == [('CREATE TABLE "p" (id INTEGER PRIMARY KEY, a INT NOT NULL)',)]
    assert await rows(engine, "SELECT count(*) FROM c") == [(3,)]


async def test_the_error_names_the_line_that_asked_not_the_one_that_made_it_happen(
    engine: AsyncEngine, family: Project
) -> None:
    file = family.revision(
        "b2",
        "a1",
        upgrade="""
        op.execute("INSERT INTO p VALUES (3, NULL)")
        op.alter_column("p", "a", nullable=False)

        op.execute("SELECT 1")
        """,
    )
    line = next(
        number
        for number, text in enumerate(file.read_text().splitlines(), 1)
        if "alter_column" in text
    )

    with pytest.raises(StepFailedError, match=r"NOT NULL constraint failed: p\.a") as caught:
        await migrator(engine, family).upgrade("head")

    assert caught.value.message.endswith(f"at {file}:{line}.")
    assert "is at a1" in caught.value.state


async def test_violations_that_were_there_before_do_not_stop_a_run(
    sqlite_url: str, family: Project
) -> None:
    off = create_async_engine(sqlite_url)
    await migrator(off, family).upgrade("a1")
    async with off.begin() as connection:
        await connection.exec_driver_sql("INSERT INTO c VALUES (9, 77)")

    await migrator(off, family).upgrade("head")

    assert await rows(off, "SELECT count(*) FROM c") == [(4,)]
    await off.dispose()


# --- as SQL text ----------------------------------------------------------------------------------


def fed(text: str) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.executescript(text)
    return connection


def structure(connection: Any) -> list[Any]:
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    return [tuple(row) for row in connection.execute(query)]


def live(project: Project, url: str) -> list[Any]:
    asyncio.run(Migrator(url, script_location=project.script_location).upgrade("head"))
    connection = sqlite3.connect(url.partition("///")[2])
    found = structure(connection)
    connection.close()
    return found


def test_the_text_gives_what_the_live_run_gives(family: Project, sqlite_url: str) -> None:
    m = Migrator(sqlite_url, script_location=family.script_location)

    connection = fed(m.sql("upgrade", "head"))

    assert structure(connection) == live(family, sqlite_url)
    assert connection.execute("SELECT count(*) FROM c").fetchone() == (3,)
    connection.close()


def test_a_range_is_written_from_the_history_before_it(family: Project, sqlite_url: str) -> None:
    m = Migrator(sqlite_url, script_location=family.script_location)
    first, second = m.sql("upgrade", "a1"), m.sql("upgrade", "a1:head")

    connection = fed(first + second)

    assert "CREATE TABLE c" not in second
    assert second.index("PRAGMA foreign_keys = OFF;") < second.index("BEGIN")
    assert structure(connection) == live(family, sqlite_url)
    connection.close()


def test_the_shell_runs_the_text(family: Project, sqlite_url: str, tmp_path: Any) -> None:
    m = Migrator(sqlite_url, script_location=family.script_location)
    file = str(tmp_path / "shell.sqlite")

    subprocess.run(
        ["sqlite3", "-bail", file], input=m.sql("upgrade", "head"), text=True, check=True
    )

    connection = sqlite3.connect(file)
    assert structure(connection) == live(family, sqlite_url)
    connection.close()


def test_a_history_that_cannot_be_written_is_named(family: Project, sqlite_url: str) -> None:
    family.revision("a1", upgrade='op.get_bind().execute(sa.text("SELECT 1")).scalar()')
    m = Migrator(sqlite_url, script_location=family.script_location)

    with pytest.raises(OfflineError, match=r"b2\.py:\d+: .*earlier revision a1") as caught:
        m.sql("upgrade", "a1:head")

    assert "copy_from" in caught.value.next


def test_copy_from_needs_no_history(family: Project, sqlite_url: str) -> None:
    family.revision("a1", upgrade='op.get_bind().execute(sa.text("SELECT 1")).scalar()')
    family.revision(
        "b2",
        "a1",
        upgrade="""
        columns = sa.Column("id", sa.Integer), sa.Column("a", sa.Integer)
        table = sa.Table("p", sa.MetaData(), *columns)
        with op.batch_alter_table("p", copy_from=table) as batch_op:
            batch_op.alter_column("a", nullable=False)
        """,
    )
    m = Migrator(sqlite_url, script_location=family.script_location)

    text = m.sql("upgrade", "a1:head")

    assert "a INTEGER NOT NULL" in text
    assert 'INSERT INTO "asyncmigrate_new_p" (rowid, "id", "a")' in text


def test_a_table_that_nothing_creates_cannot_be_made_anew(
    project: Project, sqlite_url: str
) -> None:
    project.revision("a1", upgrade='op.alter_column("unknown", "a", nullable=False)')
    m = Migrator(sqlite_url, script_location=project.script_location)

    with pytest.raises(OfflineError, match=r"a1\.py:\d+: .*'unknown'"):
        m.sql("upgrade", "head")


async def test_what_waited_when_a_script_failed_is_forgotten(
    engine: AsyncEngine, family: Project
) -> None:
    family.revision(
        "c3", "b2", upgrade='op.alter_column("p", "a", nullable=True)\nraise ValueError'
    )

    with pytest.raises(StepFailedError, match="ValueError"):
        await migrator(engine, family).upgrade("head")

    found = await rows(engine, "SELECT sql FROM sqlite_master WHERE name = 'p'")
    assert "a INT NOT NULL" in found[0][0]
    outcomes = await rows(engine, "SELECT outcome FROM amigrate_history ORDER BY id")
    assert outcomes == [("upgraded",), ("upgraded",), ("failed",)]


@pytest.mark.parametrize("atomic", [False, True])
async def test_rows_that_would_have_gone_by_cascade_are_not_left_behind(
    engine: AsyncEngine, family: Project, atomic: bool
) -> None:
    cascading = """
    op.execute("DELETE FROM p WHERE id = 1")
    op.alter_column("p", "a", server_default="7")
    """
    family.revision("c3", "b2", upgrade=cascading)
    await migrator(engine, family).upgrade("b2")

    with pytest.raises(MigrateError, match="2 rows would refer to nothing in 'p'"):
        await migrator(engine, family).upgrade("head", atomic=atomic)

    assert await rows(engine, "SELECT count(*) FROM c") == [(3,)]
    assert await migrator(engine, family).rows() == {"b2"}


async def test_an_engine_that_begins_transactions_itself_loses_no_rows(
    engine: AsyncEngine, family: Project
) -> None:
    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    script = """
    with op.autocommit():
        op.alter_column("p", "a", server_default="7")
    """
    family.revision("c3", "b2", upgrade=script)

    await migrator(engine, family).upgrade("b2")
    with pytest.raises(StepFailedError, match=r"foreign.keys"):
        await migrator(engine, family).upgrade("head")

    assert await rows(engine, "SELECT count(*) FROM c") == [(3,)]


async def test_foreign_keys_that_are_switched_on_with_every_transaction_are_named(
    engine: AsyncEngine, family: Project
) -> None:
    await migrator(engine, family).upgrade("a1")

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")

    with pytest.raises(StepFailedError, match="cannot be switched off on this connection"):
        await migrator(engine, family).upgrade("head")

    assert await rows(engine, "SELECT count(*) FROM c") == [(3,)]


@pytest.mark.parametrize("beginning", ["INSERT INTO", "DROP TABLE", "CREATE INDEX", "RELEASE"])
async def test_a_rebuild_that_is_cancelled_leaves_the_table_as_it_was(
    engine: AsyncEngine, family: Project, beginning: str
) -> None:
    m = migrator(engine, family)
    await m.upgrade("a1")
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE INDEX ix ON p (a)")
        await connection.exec_driver_sql(
            "INSERT INTO p (a) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            "WHERE i < 200000) SELECT i FROM n"
        )
    before = await rows(engine, "SELECT sql FROM sqlite_master ORDER BY name")
    running = asyncio.get_running_loop().create_task(m.upgrade("head"))

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def cancel(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith(beginning) and "amigrate_history" not in statement:
            running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    event.remove(engine.sync_engine, "before_cursor_execute", cancel)

    assert await rows(engine, "SELECT sql FROM sqlite_master ORDER BY name") == before
    assert await rows(engine, "SELECT count(*) FROM c") == [(3,)]
    assert await rows(engine, "PRAGMA foreign_keys") == [(1,)]
    assert (await m.upgrade("head")).after == ("b2",)


LOADED = """
import asyncio, sys
from asyncmigrate import Migrator

asyncio.run(Migrator(sys.argv[1], script_location=sys.argv[2]).upgrade())
print(*sorted({".".join(name.split(".")[:3]) for name in sys.modules}))
"""


def test_a_run_on_sqlite_loads_nothing_of_other_databases(sqlite_url: str, family: Project) -> None:
    program = [sys.executable, "-c", LOADED, sqlite_url, str(family.script_location)]

    run = subprocess.run(program, capture_output=True, text=True, check=True, cwd=family.root)

    others = {f"sqlalchemy.dialects.{name}" for name in ("postgresql", "mysql", "mssql", "oracle")}
    assert "sqlalchemy.dialects.sqlite" in run.stdout.split()
    assert {*others, "asyncpg", "typer", "tomllib"} & {*run.stdout.split()} == set()
