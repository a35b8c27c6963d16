"""The connection is cut, or the server stops, in the middle of a revision."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.errors import StepFailedError
from asyncmigrate.testing import postgresql
from tests.chaos.dump import dump, sync_url, versions
from tests.chaos.histories import three
from tests.chaos.leftovers import PATIENCE, nothing_on_the_server
from tests.chaos.processes import amigrate

if TYPE_CHECKING:
    from tests.project import Project

SLEEPING = (
    "SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
)
ONCE = """
op.execute("INSERT INTO users (id) VALUES (3)")
if not op.get_bind().exec_driver_sql("SELECT 1 FROM pg_tables WHERE tablename = 'go'").scalar():
    op.execute("SELECT pg_sleep(600)")
"""


async def sleeper(admin: psycopg.Connection[Any]) -> int:
    """Wait until a migration sleeps in the server; return the process that does."""
    async with asyncio.timeout(PATIENCE):
        while not (found := admin.execute(SLEEPING).fetchone()):  # noqa: ASYNC110 -- in the server
            await asyncio.sleep(0.01)
        return int(found[0])


@pytest.fixture(params=["asyncpg", "psycopg"])
def url(request: pytest.FixtureRequest, postgres_url: str) -> str:
    return postgres_url.replace("asyncpg", request.param)


async def test_a_connection_that_is_cut_is_a_failed_step_and_the_next_run_goes_on(
    project: Project, url: str
) -> None:
    three(project, ONCE)
    engine = create_async_engine(url)
    m = Migrator(engine, script_location=project.script_location)
    with psycopg.connect(sync_url(url), autocommit=True) as admin:
        upgrade = asyncio.create_task(m.upgrade())
        admin.execute("SELECT pg_terminate_backend(%s)", [await sleeper(admin)])
        with pytest.raises(StepFailedError) as caught:
            await upgrade
        admin.execute("CREATE TABLE go (x int)")

    assert caught.value.revision == "c3"
    assert "The database is at b2" in caught.value.state
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert versions(dump(url)) == ["b2"]
    nothing_on_the_server(url, backends=False)
    assert [step.revision for step in (await m.upgrade()).steps] == ["c3"]
    await engine.dispose()
    nothing_on_the_server(url)


async def test_a_lock_connection_that_is_cut_does_not_hurt_a_run(
    project: Project, url: str
) -> None:
    three(
        project,
        """
        op.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                   " AND database = (SELECT oid FROM pg_database"
                   " WHERE datname = current_database())")
        """,
    )

    result = await Migrator(url, script_location=project.script_location).upgrade()

    assert result.after == ("c3",)
    nothing_on_the_server(url)


def test_the_command_line_says_that_the_connection_was_cut_and_exits_1(
    project: Project, url: str
) -> None:
    three(project, ONCE)
    with (
        psycopg.connect(sync_url(url), autocommit=True) as admin,
        amigrate(project, url, "upgrade") as process,
    ):
        admin.execute("SELECT pg_terminate_backend(%s)", [asyncio.run(sleeper(admin))])
        code, stderr = process.ended_soon()

    assert code == 1
    assert stderr.count("error:") == 1
    assert "The database is at b2" in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
async def test_a_server_that_stops_at_once_is_a_failed_step(project: Project, driver: str) -> None:
    three(project, ONCE)
    with postgresql.start() as server:
        url = server.url(driver=driver)
        engine = create_async_engine(url)
        m = Migrator(engine, script_location=project.script_location)
        upgrade = asyncio.create_task(m.upgrade())
        with psycopg.connect(sync_url(url), autocommit=True) as admin:
            await sleeper(admin)
        stop_immediately(server)

        with pytest.raises(StepFailedError) as caught:
            await upgrade

        assert caught.value.revision == "c3"
        assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        await engine.dispose()


def stop_immediately(server: postgresql.PostgresServer) -> None:
    """Stop a server as `pg_ctl stop -m immediate` does."""
    pid = int((server.directory / "data" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGQUIT)
