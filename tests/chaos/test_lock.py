"""The lock: its holder is named, waiting ends, and nobody waits for one who waits for him."""

from __future__ import annotations

import asyncio
import os
import platform
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.engine.lock import lock_key
from asyncmigrate.errors import LockTimeoutError
from asyncmigrate.events import Event, LockWaiting
from tests.chaos.dump import dump, sync_url, versions
from tests.chaos.histories import three
from tests.chaos.leftovers import PATIENCE, nothing_on_the_server
from tests.chaos.processes import amigrate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project

OURS = f"amigrate:{platform.node()}:{os.getpid()}"
GATED = """
op.create_index("ix_users_name", "users", ["name"])
with op.autocommit():
    op.execute("CREATE INDEX CONCURRENTLY ix_again ON users (name)")
op.execute("INSERT INTO users (id) VALUES (3)")
"""


def waiting(seen: list[Event], first: asyncio.Event) -> Callable[[Event], None]:
    """Return an observer that keeps what it sees, and tells when the first wait begins."""

    def observe(event: Event) -> None:
        seen.append(event)
        if isinstance(event, LockWaiting):
            first.set()

    return observe


async def test_whoever_waits_is_told_which_migrator_holds_the_lock(
    project: Project, postgres_url: str
) -> None:
    three(project, "op.execute('SELECT pg_advisory_lock(42)')")
    seen: list[Event] = []
    first = asyncio.Event()
    other = create_async_engine(postgres_url)
    with psycopg.connect(sync_url(postgres_url), autocommit=True) as gate:
        gate.execute("SELECT pg_advisory_lock(42)")
        holder = Migrator(postgres_url, script_location=project.script_location)
        waiter = Migrator(
            other, script_location=project.script_location, observer=waiting(seen, first)
        )
        holding = asyncio.create_task(holder.upgrade())
        async with asyncio.timeout(PATIENCE):
            while not await has_table(gate):  # noqa: ASYNC110 -- in the server
                await asyncio.sleep(0.01)
            late = asyncio.create_task(waiter.upgrade())
            await first.wait()
        gate.execute("SELECT pg_advisory_unlock(42)")
        await asyncio.gather(holding, late)
    await other.dispose()

    named = [event.holder for event in seen if isinstance(event, LockWaiting)]
    assert named[0].startswith(f"{OURS} (server process ")
    assert versions(dump(postgres_url)) == ["c3"]


async def has_table(admin: psycopg.Connection[tuple[object]]) -> bool:
    return admin.execute("SELECT to_regclass('users') IS NOT NULL").fetchone() == (True,)


async def test_a_wait_that_is_too_long_is_an_error_that_names_the_holder(
    project: Project, postgres_url: str
) -> None:
    three(project, "pass")
    with psycopg.connect(sync_url(postgres_url), autocommit=True) as holder:
        holder.execute("SET application_name = 'amigrate:elsewhere:7'")
        holder.execute("SELECT pg_advisory_lock(%s)", [lock_key("alembic_version")])
        m = Migrator(postgres_url, script_location=project.script_location, lock_timeout=0.1)

        with pytest.raises(LockTimeoutError, match="amigrate:elsewhere:7") as caught:
            await m.upgrade()

    assert caught.value.holder.startswith("amigrate:elsewhere:7 (server process ")
    assert dump(postgres_url) == {"schema": []}
    nothing_on_the_server(postgres_url)


def test_the_command_line_gives_up_with_4(project: Project, postgres_url: str) -> None:
    three(project, "pass")
    with psycopg.connect(sync_url(postgres_url), autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [lock_key("alembic_version")])
        with amigrate(project, postgres_url, "upgrade", "--lock-timeout", "0.3") as process:
            code, stderr = process.ended()

    assert "error: The migration lock was not free within 0 s" in stderr
    assert code == 4


def test_the_command_line_gives_up_with_4_on_a_file(project: Project, sqlite_url: str) -> None:
    three(project, "pass")
    with closing(sqlite3.connect(sync_url(sqlite_url), isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with amigrate(project, sqlite_url, "upgrade", "--lock-timeout", "0.3") as process:
            code, stderr = process.ended()

    assert "another connection to the file" in stderr
    assert code == 4


async def test_a_file_that_comes_free_is_migrated(project: Project, sqlite_url: str) -> None:
    three(project, "pass")
    seen: list[Event] = []
    first = asyncio.Event()
    m = Migrator(sqlite_url, script_location=project.script_location, observer=waiting(seen, first))
    with closing(sqlite3.connect(sync_url(sqlite_url), isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        upgrade = asyncio.create_task(m.upgrade())
        await asyncio.wait_for(first.wait(), PATIENCE)
        holder.execute("ROLLBACK")
        await upgrade

    assert versions(dump(sqlite_url)) == ["c3"]


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
async def test_a_concurrent_index_does_not_wait_for_those_who_wait_for_the_lock(
    project: Project, postgres_url: str, driver: str
) -> None:
    three(project, GATED)
    url = postgres_url.replace("asyncpg", driver)
    crowd = [Migrator(url, script_location=project.script_location) for _ in range(3)]

    async with asyncio.timeout(60):
        results = await asyncio.gather(*(each.upgrade() for each in crowd))

    assert sorted(len(each.steps) for each in results) == [0, 0, 3]
    assert versions(dump(postgres_url)) == ["c3"]


async def test_the_lock_is_held_inside_and_after_op_autocommit(
    project: Project, postgres_url: str
) -> None:
    count = (
        'held.append(op.get_bind().exec_driver_sql("SELECT count(*) FROM pg_locks WHERE '
        "locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = "
        'current_database())").scalar())'
    )
    three(
        project,
        f"""
        held = []
        {count}
        with op.autocommit():
            {count}
        {count}
        assert held == [1, 1, 1], held
        """,
    )

    await Migrator(postgres_url, script_location=project.script_location).upgrade()

    assert versions(dump(postgres_url)) == ["c3"]
    nothing_on_the_server(postgres_url)
