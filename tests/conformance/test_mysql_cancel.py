"""MySQL and MariaDB: a run that is cancelled stops what the server does, and leaves no lock."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.errors import LockTimeoutError
from asyncmigrate.events import LockWaiting
from tests.conformance.test_upgrade import scalars, tables
from tests.servers.mysql import PATIENCE, until_idle, until_running

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

TABLE = 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))'
FILLED = f'{TABLE}\nop.execute("INSERT INTO users VALUES (1), (2)")'
MANY = f"""{TABLE.replace("primary_key", "autoincrement=False, primary_key")}
op.execute(
    "INSERT INTO users WITH RECURSIVE n (i) AS"
    " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i FROM n"
)"""
SLOW_ALTER = "ALTER TABLE users ADD COLUMN slow TEXT AS (SHA2(REPEAT(id, 5000000), 256)) STORED"
"""Computes for much longer than any test waits."""


async def cancelled_while(engine: AsyncEngine, project: Project, text: str) -> list[object]:
    """Cancel an upgrade while the server runs `text`; return the connections that were cut."""
    cut: list[object] = []
    event.listen(engine.sync_engine.pool, "invalidate", lambda *args: cut.append(args))
    m = Migrator(engine, script_location=project.script_location)
    task = asyncio.create_task(m.upgrade("head"))
    await until_running(engine, text)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return cut


async def test_a_statement_that_is_cancelled_ends_on_the_server(
    mysql_engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade=TABLE)
    project.revision(
        "b2",
        "a1",
        upgrade='op.execute("INSERT INTO users VALUES (7)")\nop.execute("SELECT SLEEP(600)")',
    )

    cut = await cancelled_while(mysql_engine, project, "SELECT SLEEP")

    await until_idle(mysql_engine)
    assert await scalars(mysql_engine, "SELECT version_num FROM alembic_version") == ["a1"]
    assert await scalars(mysql_engine, "SELECT id FROM users") == []
    assert cut == []


async def test_a_long_alter_that_is_cancelled_ends_and_has_changed_nothing(
    mysql_engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade=MANY)
    project.revision("b2", "a1", upgrade=f'op.execute("{SLOW_ALTER}")')

    cut = await cancelled_while(mysql_engine, project, "ALTER TABLE users")

    await until_idle(mysql_engine)
    columns = await scalars(mysql_engine, "SHOW COLUMNS FROM users")
    assert columns == ["id"]
    assert await tables(mysql_engine) == {"users", "alembic_version", "amigrate_history"}
    assert cut == []


async def test_an_alter_that_waits_for_another_session_can_be_cancelled(
    mysql_engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade=FILLED)
    await Migrator(mysql_engine, script_location=project.script_location).upgrade()
    project.revision("b2", "a1", upgrade='op.add_column("users", sa.Column("n", sa.Integer))')

    async with mysql_engine.connect() as reader:
        await reader.exec_driver_sql("SELECT * FROM users")  # an open transaction bars the ALTER
        await cancelled_while(mysql_engine, project, "ALTER TABLE users")

    await until_idle(mysql_engine)
    assert await scalars(mysql_engine, "SHOW COLUMNS FROM users") == ["id"]


async def test_a_cancelled_run_gives_the_lock_back_and_the_next_one_comes_to_its_end(
    mysql_engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade='op.execute("SELECT SLEEP(600)")')
    await cancelled_while(mysql_engine, project, "SELECT SLEEP")
    project.revision("a1", upgrade=TABLE)
    m = Migrator(mysql_engine, script_location=project.script_location, lock_timeout=0)

    result = await m.upgrade("head")

    assert result.after == ("a1",)


async def test_the_same_connection_can_be_used_after_a_run_on_it_was_cancelled(
    mysql_engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade='op.execute("SELECT SLEEP(600)")')

    async with mysql_engine.connect() as connection:
        m = Migrator(connection, script_location=project.script_location)
        task = asyncio.create_task(m.upgrade("head"))
        await until_running(mysql_engine, "SELECT SLEEP")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        answers = [(await connection.exec_driver_sql("SELECT 1")).scalar() for _ in range(3)]

    assert answers == [1, 1, 1]


async def test_the_second_of_two_migrators_waits_and_finds_nothing_to_do(
    mysql_engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade=f'{TABLE}\nop.execute("SELECT SLEEP(0.5)")')
    waits: list[object] = []
    first = Migrator(mysql_engine, script_location=project.script_location)
    second = Migrator(mysql_engine, script_location=project.script_location, observer=waits.append)
    task = asyncio.create_task(first.upgrade("head"))
    await until_running(mysql_engine, "SELECT SLEEP")

    result = await second.upgrade("head")

    assert [step.revision for step in (await task).steps] == ["a1"]
    assert result.steps == ()
    named = [wait.holder for wait in waits if isinstance(wait, LockWaiting)]
    assert re.fullmatch(r"\w+@\S+ \(server process \d+\) since .* UTC", named[0])


async def test_a_migrator_that_may_not_wait_says_who_holds_the_lock(
    mysql_engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade='op.execute("SELECT SLEEP(600)")')
    task = asyncio.create_task(
        Migrator(mysql_engine, script_location=project.script_location).upgrade("head")
    )
    await until_running(mysql_engine, "SELECT SLEEP")
    hasty = Migrator(mysql_engine, script_location=project.script_location, lock_timeout=0)

    with pytest.raises(LockTimeoutError, match=r"held by \w+@\S+ \(server process \d+\) since"):
        await hasty.upgrade("head")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_server_that_ends_idle_sessions_soon_does_not_end_the_one_with_the_lock(
    mysql_url: str, project: Project
) -> None:
    project.revision("a1", upgrade='op.execute("SELECT SLEEP(600)")')
    impatient = create_async_engine(
        mysql_url, connect_args={"init_command": "SET SESSION wait_timeout = 1"}
    )
    task = asyncio.create_task(
        Migrator(impatient, script_location=project.script_location).upgrade("head")
    )
    await until_running(impatient, "SELECT SLEEP")
    await asyncio.sleep(1.5)
    hasty = Migrator(mysql_url, script_location=project.script_location, lock_timeout=0)

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(LockTimeoutError):
            await hasty.upgrade("head")

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await impatient.dispose()
