"""While a statement takes long, a second connection tells what it does, and disturbs nothing."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.asgi import MigrationGate, lifespan
from asyncmigrate.errors import StepFailedError
from asyncmigrate.events import StatementRunning, StepFinished
from tests.asgi_client import Answer, hello, served, until
from tests.chaos.leftovers import no_complaints, nothing_on_the_server
from tests.conformance.watching import PATIENCE, SLOW_INDEX, Watching, session, users

if TYPE_CHECKING:
    from tests.project import Project

READS = ("SET application_name = 'report'", "SELECT * FROM users")


async def test_who_is_in_the_way_is_told_and_how_many_wait_behind_us(
    project: Project, postgresql: AsyncEngine, postgres_url: str
) -> None:
    users(project)
    await Migrator(postgresql, script_location=project.script_location).upgrade("a1")
    watching = Watching()
    migrator = Migrator(postgresql, script_location=project.script_location, observer=watching)

    async with session(postgres_url) as late, session(postgres_url, *READS) as other:
        run = asyncio.create_task(migrator.upgrade())
        await watching.until(lambda event: event.waiting_on)
        reading = asyncio.create_task(late.execute(sa.text("SELECT * FROM users")))
        told = await watching.until(lambda event: event.queued)
        await other.rollback()
        await run
        await reading

    assert (told.revision, told.statement) == ("b2", "ALTER TABLE users ADD COLUMN name text")
    assert told.elapsed >= 1
    assert told.queued == 1
    assert told.waiting_on[0].startswith("report (server process ")
    assert "idle in transaction for " in told.waiting_on[0]
    assert told.waiting_on[0].endswith(" s: SELECT * FROM users)")
    await postgresql.dispose()
    nothing_on_the_server(postgres_url)


async def test_how_far_an_index_is_built_is_told(project: Project, postgres_url: str) -> None:
    users(project, SLOW_INDEX)
    watching = Watching()
    migrator = Migrator(postgres_url, script_location=project.script_location, observer=watching)

    async with session(postgres_url, "SELECT pg_advisory_lock(42)") as gate:
        run = asyncio.create_task(migrator.upgrade())
        told = await watching.until(lambda event: event.percent is not None)
        await gate.execute(sa.text("SELECT pg_advisory_unlock(42)"))
        await run

    assert told.statement == "CREATE INDEX ix_wide ON wide (gated(id))"
    assert told.phase == "building index: scanning table"
    assert told.percent is not None
    assert 45 < told.percent < 55


async def test_a_run_of_short_statements_is_not_watched(
    project: Project, postgresql: AsyncEngine
) -> None:
    users(project)
    opened: list[object] = []
    sa.event.listen(postgresql.sync_engine, "connect", lambda *_: opened.append(1))

    await Migrator(postgresql, script_location=project.script_location).upgrade()

    assert len(opened) == 2  # one that migrates, and the lock's


async def test_a_server_that_lets_nobody_else_in_is_not_asked_and_the_run_goes_on(
    project: Project, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    users(project)
    postgresql = create_async_engine(postgres_url)
    await Migrator(postgresql, script_location=project.script_location).upgrade("a1")
    watching = Watching()
    migrator = Migrator(postgresql, script_location=project.script_location, observer=watching)

    def refuse(*_: object) -> None:
        raise OSError("too many connections")

    with caplog.at_level(logging.DEBUG, logger="asyncmigrate"):
        async with session(postgres_url, *READS) as other:
            run = asyncio.create_task(migrator.upgrade())
            await until_waiting(postgres_url)
            sa.event.listen(postgresql.sync_engine, "do_connect", refuse)
            told = await watching.until(lambda event: event.elapsed > 1.5)
            await other.rollback()
            result = await run

    await postgresql.dispose()
    assert result.after == ("b2",)
    assert (told.waiting_on, told.queued, told.percent) == ((), None, None)
    assert "It is not known what the statement does." in caplog.text


async def until_waiting(url: str) -> None:
    """Wait until a session waits for a lock."""
    look = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    async with session(url) as looking, asyncio.timeout(PATIENCE):
        while not (await looking.execute(sa.text(look))).scalar():  # noqa: ASYNC110 -- a server
            await asyncio.sleep(0.01)


async def test_a_run_that_is_cancelled_while_it_is_watched_leaves_nothing(
    project: Project, postgresql: AsyncEngine, postgres_url: str
) -> None:
    users(project)
    await Migrator(postgresql, script_location=project.script_location).upgrade("a1")
    watching = Watching()
    migrator = Migrator(postgresql, script_location=project.script_location, observer=watching)

    with no_complaints():
        async with session(postgres_url, *READS):
            run = asyncio.create_task(migrator.upgrade())
            await watching.until(lambda event: event.waiting_on)
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(run, PATIENCE)
        await postgresql.dispose()

    nothing_on_the_server(postgres_url)


@pytest.mark.parametrize("url", ["postgres_url", "sqlite_url"])
async def test_nothing_is_told_of_a_statement_that_is_over(
    project: Project, request: pytest.FixtureRequest, url: str
) -> None:
    users(
        project,
        """
        async def wait(connection):
            import asyncio
            await connection.exec_driver_sql("SELECT 1")
            await asyncio.sleep(1.2)  # nothing is under way in the database meanwhile
        op.run_async(wait)
        """,
    )
    watching, bind = Watching(), request.getfixturevalue(url)

    await Migrator(bind, script_location=project.script_location, observer=watching).upgrade()

    assert [event for event in watching.seen if isinstance(event, StatementRunning)] == []


async def test_readiness_tells_on_whom_the_statement_waits(
    project: Project, postgres_url: str
) -> None:
    users(project)
    await Migrator(postgres_url, script_location=project.script_location).upgrade("a1")
    migrator = Migrator(postgres_url, script_location=project.script_location)
    app = lifespan(migrator, mode="background").wrap(MigrationGate(hello, migrator))

    def is_waiting(answer: Answer) -> bool:
        return bool(answer.json["waiting_on"])

    async with session(postgres_url, *READS) as other, served(app):
        ready = await until(app, "/readyz", is_waiting)
        await other.rollback()
        done = await until(app, "/readyz", lambda answer: answer.status == 200)

    assert ready.status == 503
    assert ready.json["state"] == "migrating"
    assert ready.json["statement"] == "ALTER TABLE users ADD COLUMN name text"
    assert ready.json["waiting_on"].startswith("report (server process ")
    assert ready.json["elapsed"] >= 1
    assert ready.json["queued"] == 0
    assert done.json["waiting_on"] is None
    assert "queued" not in done.json


async def test_a_revision_that_gave_up_says_who_was_in_its_way_and_how_to_end_that(
    project: Project, postgres_url: str
) -> None:
    users(project)
    await Migrator(postgres_url, script_location=project.script_location).upgrade("a1")
    migrator = Migrator(
        postgres_url,
        script_location=project.script_location,
        table_lock_timeout=3,
        lock_retries=0,
    )

    async with session(postgres_url, *READS):
        with pytest.raises(StepFailedError, match="it had waited for report") as caught:
            await migrator.upgrade()

    [blocker] = caught.value.blockers
    number = blocker.partition("server process ")[2].partition(",")[0]
    assert f"SELECT pg_terminate_backend({number});" in caught.value.next
    assert await migrator.rows() == {"a1"}


async def test_a_statement_that_timed_out_in_a_queue_says_so_too(
    project: Project, postgres_url: str
) -> None:
    users(project)
    await Migrator(postgres_url, script_location=project.script_location).upgrade("a1")
    migrator = Migrator(
        postgres_url, script_location=project.script_location, statement_timeout=2.5
    )

    async with session(postgres_url, *READS):
        with pytest.raises(StepFailedError, match=r"statement timeout.*it had waited for report"):
            await migrator.upgrade()


# --- MariaDB, MySQL ---------------------------------------------------------------------------


async def test_mariadb_tells_of_a_lock_on_a_table(project: Project, mysql_url: str) -> None:
    users(project)
    await Migrator(mysql_url, script_location=project.script_location).upgrade("a1")
    watching = Watching()
    migrator = Migrator(mysql_url, script_location=project.script_location, observer=watching)

    async with session(mysql_url) as late, session(mysql_url, "SELECT * FROM users") as other:
        number = (await other.execute(sa.text("SELECT CONNECTION_ID()"))).scalar()
        run = asyncio.create_task(migrator.upgrade())
        told = await watching.until(lambda event: event.waiting_on)
        reading = asyncio.create_task(late.execute(sa.text("SELECT * FROM users")))
        queue = await watching.until(lambda event: event.queued)
        await other.rollback()
        await run
        await reading

    assert told.phase == "Waiting for table metadata lock"
    assert f"(server process {number}, idle in transaction for " in told.waiting_on[0]
    assert queue.queued == 1


async def test_mariadb_knows_who_locks_a_table_where_its_plugin_is_loaded(
    project: Project, mysql_url: str
) -> None:
    users(project)
    await Migrator(mysql_url, script_location=project.script_location).upgrade("a1")
    watching = Watching()
    migrator = Migrator(mysql_url, script_location=project.script_location, observer=watching)

    async with session(mysql_url) as admin, session(mysql_url, "SELECT * FROM users") as other:
        try:
            await admin.execute(sa.text("INSTALL SONAME 'metadata_lock_info'"))
        except sa.exc.DBAPIError as error:
            pytest.skip(f"this server has no such plugin: {error.orig}")
        run = asyncio.create_task(migrator.upgrade())
        told = await watching.until(lambda event: event.waiting_on)
        await other.rollback()
        await run
        await admin.execute(sa.text("UNINSTALL SONAME 'metadata_lock_info'"))

    assert not told.waiting_on[0].startswith("perhaps")


async def test_mariadb_tells_of_a_lock_on_a_row(project: Project, mysql_url: str) -> None:
    users(project, 'op.execute("UPDATE users SET id = id + 10")')
    await Migrator(mysql_url, script_location=project.script_location).upgrade("a1")
    watching = Watching()
    migrator = Migrator(mysql_url, script_location=project.script_location, observer=watching)
    holds = ("INSERT INTO users VALUES (1)", "COMMIT", "SELECT * FROM users FOR UPDATE")

    async with session(mysql_url, *holds) as other:
        number = (await other.execute(sa.text("SELECT CONNECTION_ID()"))).scalar()
        run = asyncio.create_task(migrator.upgrade())
        told = await watching.until(lambda event: event.waiting_on)
        await other.rollback()
        await run

    assert f"(server process {number}, idle in transaction for " in told.waiting_on[0]
    assert not told.waiting_on[0].startswith("perhaps")


# --- SQLite -------------------------------------------------------------------------------------


async def test_sqlite_tells_how_long_a_statement_takes(project: Project, sqlite_url: str) -> None:
    users(project, 'op.execute("INSERT INTO users SELECT held()")')
    engine = create_async_engine(sqlite_url)
    gate, watching = threading.Event(), Watching()

    @sa.event.listens_for(engine.sync_engine, "connect")
    def add_function(connection: Any, _: object) -> None:
        connection.create_function("held", 0, lambda: gate.wait(PATIENCE))

    migrator = Migrator(engine, script_location=project.script_location, observer=watching)
    run = asyncio.create_task(migrator.upgrade())
    told = await watching.until(lambda event: event.elapsed > 1.5)
    gate.set()
    await run
    await engine.dispose()

    assert told.statement == "INSERT INTO users SELECT held()"
    assert told.said == "2 s"
    assert isinstance(watching.seen[-2], StepFinished)
