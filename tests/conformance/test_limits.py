"""How long statements may take and wait, and what happens when they do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.errors import StepFailedError
from asyncmigrate.events import Blocked, Event
from tests.chaos.dump import sync_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

DRIVERS = ["asyncpg", "psycopg"]


@pytest.fixture(params=DRIVERS)
async def postgresql(
    request: pytest.FixtureRequest, postgres_url: str
) -> AsyncIterator[AsyncEngine]:
    """An engine with a pool of one, so that every user of it gets the same session."""
    url = postgres_url.replace("asyncpg", request.param)
    engine = create_async_engine(url, pool_size=1, max_overflow=0)
    yield engine
    await engine.dispose()


def users(project: Project, then: str) -> None:
    create = 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))'
    project.revision("a1", upgrade=create)
    project.revision("b2", "a1", upgrade=then)


async def test_a_revision_that_is_blocked_names_who_is_in_its_way_and_tries_again(
    project: Project, postgresql: AsyncEngine, postgres_url: str
) -> None:
    users(project, 'op.execute("ALTER TABLE users ADD COLUMN name text")')
    seen: list[Blocked] = []
    plain = Migrator(postgresql, script_location=project.script_location)
    await plain.upgrade("a1")

    with psycopg.connect(sync_url(postgres_url)) as other:
        other.execute("SET application_name = 'report'")
        other.execute("SELECT * FROM users")

        def let_go_when_named(event: Event) -> None:
            if isinstance(event, Blocked):
                seen.append(event)
                if event.blockers:
                    other.rollback()

        migrator = Migrator(
            postgresql,
            script_location=project.script_location,
            observer=let_go_when_named,
            table_lock_timeout=0.5,
            lock_retries=30,
        )
        result = await migrator.upgrade()

    assert result.after == ("b2",)
    assert seen[-1].revision == "b2"
    assert seen[-1].blockers[0].startswith("report (server process ")
    assert "idle in transaction for" in seen[-1].blockers[0]
    assert "SELECT * FROM users" in seen[-1].blockers[0]


async def test_a_revision_that_is_blocked_too_often_fails_and_leaves_nothing(
    project: Project, postgresql: AsyncEngine, postgres_url: str
) -> None:
    users(project, 'op.add_column("users", sa.Column("name", sa.Text))')
    await Migrator(postgresql, script_location=project.script_location).upgrade("a1")
    seen: list[Event] = []

    with psycopg.connect(sync_url(postgres_url)) as other:
        other.execute("SELECT * FROM users")
        migrator = Migrator(
            postgresql,
            script_location=project.script_location,
            observer=seen.append,
            table_lock_timeout=0.05,
            lock_retries=1,
        )
        with pytest.raises(StepFailedError, match="lock timeout"):
            await migrator.upgrade()

    assert len([event for event in seen if isinstance(event, Blocked)]) == 1
    assert await migrator.rows() == {"a1"}


LIMITS = "SELECT current_setting('statement_timeout') || ' ' || current_setting('lock_timeout')"


async def test_limits_hold_for_raw_sql_and_outside_of_a_transaction_and_end_with_the_run(
    project: Project, postgresql: AsyncEngine
) -> None:
    look = f'found.append(op.get_bind().exec_driver_sql("{LIMITS}").scalar())'
    users(
        project,
        f"""
        found = []
        {look}
        with op.autocommit():
            {look}
        {look}
        assert found == ["5s 2s"] * 3, found
        """,
    )
    async with postgresql.connect() as connection:
        await connection.execute(sa.text("SET statement_timeout = '77s'"))
        await connection.commit()
    migrator = Migrator(
        postgresql,
        script_location=project.script_location,
        statement_timeout=5,
        table_lock_timeout=2,
        lock_retries=0,
    )

    await migrator.upgrade()

    async with postgresql.connect() as connection:
        assert (await connection.execute(sa.text(LIMITS))).scalar() == "77s 0"


async def test_a_script_may_have_limits_of_its_own(
    project: Project, postgresql: AsyncEngine
) -> None:
    users(
        project,
        f"""
        found = op.get_bind().exec_driver_sql("{LIMITS}").scalar()
        assert found == "0 3s", found
        """,
    )
    script = project.versions / "b2.py"
    script.write_text(script.read_text() + "\nstatement_timeout = 0\ntable_lock_timeout = 3\n")
    migrator = Migrator(
        postgresql, script_location=project.script_location, statement_timeout=5, lock_retries=0
    )

    assert (await migrator.upgrade()).after == ("b2",)


async def test_a_statement_that_takes_too_long_ends_the_run(
    project: Project, postgresql: AsyncEngine
) -> None:
    users(project, 'op.execute("SELECT pg_sleep(600)")')
    migrator = Migrator(postgresql, script_location=project.script_location, statement_timeout=0.1)

    async with asyncio.timeout(60):
        with pytest.raises(StepFailedError, match="statement timeout"):
            await migrator.upgrade()

    assert await migrator.rows() == {"a1"}


async def test_mariadb_tries_again_what_was_blocked_and_keeps_its_session_as_it_was(
    project: Project, mysql_url: str
) -> None:
    users(project, 'op.execute("ALTER TABLE users ADD COLUMN name text")')
    engine = create_async_engine(mysql_url, pool_size=1, max_overflow=1)
    before = sa.text("SELECT @@lock_wait_timeout, @@innodb_lock_wait_timeout")
    await Migrator(engine, script_location=project.script_location).upgrade("a1")
    async with engine.connect() as connection:
        limits = (await connection.execute(before)).one()
    other = create_async_engine(mysql_url)
    blocked = asyncio.Event()

    def observe(event: Event) -> None:
        if isinstance(event, Blocked):
            blocked.set()

    migrator = Migrator(
        engine,
        script_location=project.script_location,
        observer=observe,
        table_lock_timeout=1,
        lock_retries=30,
    )
    async with other.connect() as reader:
        await reader.execute(sa.text("SELECT * FROM users"))
        task = asyncio.create_task(migrator.upgrade())
        await asyncio.wait_for(blocked.wait(), 60)
        await reader.rollback()
        result = await task
    async with engine.connect() as connection:
        after = (await connection.execute(before)).one()

    await engine.dispose()
    await other.dispose()
    assert result.after == ("b2",)
    assert tuple(after) == tuple(limits)
