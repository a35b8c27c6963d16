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
from tests.conformance.watching import session, users

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


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


async def test_a_script_for_alembic_that_rolls_back_itself_has_its_limits_again(
    project: Project, postgresql: AsyncEngine
) -> None:
    look = f'found.append(bind.exec_driver_sql("{LIMITS}").scalar())'
    users(
        project,
        f"""
        bind, found = op.get_bind(), []
        {look}
        bind.begin_nested().rollback()
        {look}
        bind.rollback()
        {look}
        assert found == ["5s 2s"] * 3, found
        """,
    )
    script = project.versions / "b2.py"
    script.write_text(script.read_text().replace("from asyncmigrate", "from alembic"))
    migrator = Migrator(
        postgresql,
        script_location=project.script_location,
        statement_timeout=5,
        table_lock_timeout=2,
    )

    assert (await migrator.upgrade()).after == ("b2",)


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


async def test_the_pauses_between_tries_grow_and_are_not_all_the_same(
    project: Project, postgres_url: str
) -> None:
    users(project, 'op.add_column("users", sa.Column("name", sa.Text))')
    await Migrator(postgres_url, script_location=project.script_location).upgrade("a1")
    seen: list[Event] = []
    migrator = Migrator(
        postgres_url,
        script_location=project.script_location,
        observer=seen.append,
        table_lock_timeout=0.05,
        lock_retries=2,
    )

    with psycopg.connect(sync_url(postgres_url)) as other:
        other.execute("SELECT * FROM users")
        with pytest.raises(StepFailedError, match="lock timeout"):
            await migrator.upgrade()

    pauses = [event.pause for event in seen if isinstance(event, Blocked)]
    relative = [pause / 0.25 / 2**number for number, pause in enumerate(pauses)]
    assert len(pauses) == 2
    assert all(0.5 <= each <= 1.5 for each in relative)
    assert len(set(relative)) > 1, "a fleet of migrators must not knock in step"


# --- each try has the limits again -------------------------------------------------------------

TRIES = """
import pathlib
found = op.get_bind().exec_driver_sql("{limits}").scalar()
with pathlib.Path({file!r}).open("a") as file:
    file.write(f"{{found}}\\n")
op.execute("ALTER TABLE users ADD COLUMN name text")
"""


@pytest.mark.parametrize(
    ("url", "limits", "expected"),
    [
        ("postgres_url", LIMITS, "7s 1s"),
        ("mysql_url", "SELECT @@lock_wait_timeout", "1"),
    ],
)
async def test_a_try_after_a_rollback_has_the_limits_again(
    project: Project, request: pytest.FixtureRequest, url: str, limits: str, expected: str
) -> None:
    bind, file = request.getfixturevalue(url), project.root / "tries"
    users(project, TRIES.format(limits=limits, file=str(file)))
    await Migrator(bind, script_location=project.script_location).upgrade("a1")
    blocked = asyncio.Event()
    migrator = Migrator(
        bind,
        script_location=project.script_location,
        observer=lambda event: blocked.set() if isinstance(event, Blocked) else None,
        statement_timeout=7,
        table_lock_timeout=1,
        lock_retries=30,
    )

    async with session(bind, "SELECT * FROM users") as other:
        run = asyncio.create_task(migrator.upgrade())
        await asyncio.wait_for(blocked.wait(), 60)
        await other.rollback()
        await run

    tries = file.read_text().splitlines()
    assert len(tries) >= 2
    assert set(tries) == {expected}


# --- MariaDB, MySQL ----------------------------------------------------------------------------


async def test_a_statement_outside_of_a_transaction_is_limited_on_mariadb_too(
    project: Project, mysql_url: str
) -> None:
    users(project, 'with op.autocommit():\n    op.execute("SELECT SLEEP(600)")')
    migrator = Migrator(mysql_url, script_location=project.script_location, statement_timeout=0.1)

    async with asyncio.timeout(60):
        with pytest.raises(StepFailedError, match="max_statement_time"):
            await migrator.upgrade()


async def test_a_script_may_have_limits_of_its_own_on_mariadb_too(
    project: Project, mysql_url: str
) -> None:
    look = "SELECT CONCAT(@@max_statement_time, ' ', @@lock_wait_timeout)"
    users(
        project,
        f"""
        found = op.get_bind().exec_driver_sql("{look}").scalar()
        assert found == "0.000000 3", found
        """,
    )
    script = project.versions / "b2.py"
    script.write_text(script.read_text() + "\nstatement_timeout = 0\ntable_lock_timeout = 3\n")
    migrator = Migrator(mysql_url, script_location=project.script_location, statement_timeout=5)

    assert (await migrator.upgrade()).after == ("b2",)


async def test_mariadb_tries_again_what_was_blocked_and_keeps_its_session_as_it_was(
    project: Project, mysql_url: str
) -> None:
    users(project, 'op.execute("ALTER TABLE users ADD COLUMN name text")')
    engine = create_async_engine(mysql_url, pool_size=1, max_overflow=1)
    before = sa.text("SELECT @@lock_wait_timeout, @@innodb_lock_wait_timeout")
    await Migrator(engine, script_location=project.script_location).upgrade("a1")
    async with engine.connect() as connection:
        limits = (await connection.execute(before)).one()
    seen: list[Blocked] = []
    named = asyncio.Event()

    def observe(event: Event) -> None:
        if isinstance(event, Blocked):
            seen.append(event)
            if event.blockers:
                named.set()

    migrator = Migrator(
        engine,
        script_location=project.script_location,
        observer=observe,
        table_lock_timeout=1,
        lock_retries=30,
    )
    async with session(mysql_url, "SELECT * FROM users") as reader:
        number = (await reader.execute(sa.text("SELECT CONNECTION_ID()"))).scalar()
        task = asyncio.create_task(migrator.upgrade())
        await asyncio.wait_for(named.wait(), 60)
        await reader.rollback()
        result = await task
    async with engine.connect() as connection:
        after = (await connection.execute(before)).one()

    await engine.dispose()
    assert result.after == ("b2",)
    assert f" (server process {number}, idle in transaction for " in seen[-1].blockers[0]
    assert tuple(after) == tuple(limits)


async def test_a_revision_that_gave_up_on_mariadb_says_whom_to_kill(
    project: Project, mysql_url: str
) -> None:
    users(project, 'op.execute("ALTER TABLE users ADD COLUMN name text")')
    await Migrator(mysql_url, script_location=project.script_location).upgrade("a1")
    migrator = Migrator(
        mysql_url, script_location=project.script_location, table_lock_timeout=3, lock_retries=0
    )

    async with session(mysql_url, "SELECT * FROM users") as reader:
        number = (await reader.execute(sa.text("SELECT CONNECTION_ID()"))).scalar()
        with pytest.raises(StepFailedError, match="it had waited for ") as caught:
            await migrator.upgrade()

    assert f"(server process {number}, " in caught.value.blockers[0]
    assert f"or end it: KILL {number};" in caught.value.next
