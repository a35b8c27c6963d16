"""Loops that are not asyncio's own: uvloop, anyio's; what is no loop of asyncio's at all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator, ensure_current
from asyncmigrate.errors import StepFailedError, UsageError
from asyncmigrate.events import LockWaiting
from tests.chaos.leases import asked, journaled, lease, ran_once
from tests.chaos.leftovers import nothing_on_the_server
from tests.conformance.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.project import Project

    Main: TypeAlias = Callable[[], Awaitable[Any]]
    Run: TypeAlias = Callable[[Main], Any]


def by_uvloop(main: Main) -> Any:
    uvloop = pytest.importorskip("uvloop")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())  # type: ignore[arg-type]


def by_anyio(main: Main) -> Any:
    return anyio.run(main)


def by_anyio_with_uvloop(main: Main) -> Any:
    pytest.importorskip("uvloop")
    return anyio.run(main, backend_options={"use_uvloop": True})


@pytest.fixture(params=[by_uvloop, by_anyio, by_anyio_with_uvloop])
def run(request: pytest.FixtureRequest) -> Run:
    """What runs a coroutine function in a new loop."""
    found: Run = request.param
    return found


@pytest.fixture(params=["asyncpg", "psycopg"])
def url(request: pytest.FixtureRequest, postgres_url: str) -> str:
    return postgres_url.replace("asyncpg", request.param)


def test_a_history_is_run_and_undone(project: Project, database_url: str, run: Run) -> None:
    project.revision(
        "a1",
        upgrade='op.create_table("a", sa.Column("id", sa.Integer, primary_key=True))',
        downgrade='op.drop_table("a")',
    )

    async def main() -> tuple[object, ...]:
        engine = create_async_engine(database_url)
        m = Migrator(engine, script_location=project.script_location)
        done = await m.upgrade()
        standing = await ensure_current(m)
        undone = await m.downgrade("base")
        await engine.dispose()
        return done.after, standing.is_accepted, undone.after

    assert run(main) == (("a1",), True, ())


def test_a_statement_is_ended_on_the_server_when_its_run_is_cancelled(
    project: Project, url: str, run: Run
) -> None:
    project.revision("a1", upgrade='op.execute("SELECT pg_sleep(601)")')

    async def main() -> frozenset[str]:
        engine, watching = create_async_engine(url), Watching()
        m = Migrator(engine, script_location=project.script_location, observer=watching)
        upgrade = asyncio.ensure_future(m.upgrade())
        await watching.until(lambda event: "pg_sleep" in event.statement)
        upgrade.cancel()
        with pytest.raises(asyncio.CancelledError):
            await upgrade
        rows = await m.rows()
        await engine.dispose()
        return rows

    assert run(main) == frozenset()
    nothing_on_the_server(url)


def test_a_statement_that_takes_too_long_is_a_failed_step(
    project: Project, url: str, run: Run
) -> None:
    project.revision("a1", upgrade='op.execute("SELECT pg_sleep(601)")')
    m = Migrator(url, script_location=project.script_location, statement_timeout=0.2)

    with pytest.raises(StepFailedError, match="timeout"):
        run(m.upgrade)
    nothing_on_the_server(url)


def test_migrators_that_start_at_once_wait_for_each_other(
    project: Project, url: str, run: Run
) -> None:
    journaled(project, lock="session")
    seen: list[object] = []

    async def main() -> None:
        several = [
            Migrator(url, script_location=project.script_location, observer=seen.append)
            for _ in range(4)
        ]
        await asyncio.gather(*(each.upgrade() for each in several))
        await ran_once(url)

    run(main)
    assert any(isinstance(each, LockWaiting) for each in seen)
    nothing_on_the_server(url)


def test_a_heartbeat_keeps_the_lease_while_a_statement_takes_longer_than_it(
    project: Project, url: str, run: Run
) -> None:
    project.revision("a1", upgrade='op.execute("SELECT pg_sleep(1.5)")')
    location = project.script_location

    async def main() -> tuple[object, object]:
        await Migrator(url, script_location=location, lock="lease", lease_seconds=1).upgrade()
        row = await lease(url)
        versions = await asked(url, "SELECT version_num FROM alembic_version")
        return row and row.holder, versions

    assert run(main) == (None, [("a1",)])


@pytest.mark.parametrize("command", ["upgrade", "current", "status", "ledger", "lock_holder"])
def test_a_loop_that_is_not_asyncios_is_an_error_in_words(
    project: Project, postgres_url: str, command: str
) -> None:
    m = Migrator(postgres_url, script_location=project.script_location)
    coroutine = getattr(m, command)()

    with pytest.raises(UsageError, match="no event loop of asyncio's") as refused:
        coroutine.send(None)  # as trio drives it, and whoever has no loop at all

    assert "anyio.run" in refused.value.next
