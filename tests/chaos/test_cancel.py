"""A task that is cancelled, anywhere: nothing is left behind and nothing is half done."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import anyio
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate import Migrator
from asyncmigrate.events import StepStarted
from tests.chaos.dump import Dump, dump, upgraded, versions
from tests.chaos.emptying import emptied
from tests.chaos.histories import three
from tests.chaos.leftovers import PATIENCE, no_complaints, no_tasks, nothing_on_the_server
from tests.chaos.ticking import Ended, TickingLoop, cancelled_at

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

CONCURRENT_INDEX = """
with op.autocommit():
    op.execute("DROP INDEX IF EXISTS ix_users_name")
    op.execute("CREATE INDEX {concurrently} ix_users_name ON users (name)")
op.execute("INSERT INTO users (id, name) VALUES (3, 'c')")
"""
ENDLESS = {
    "postgresql": "SELECT pg_sleep(600)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT count(*) FROM n",
}
"""A statement that does not end within any patience."""
PATHS = {(): None, ("a1",): "a1", ("a1", "b2"): "b2", ("a1", "b2", "c3"): "c3"}
"""Which version row goes with what the history table says."""


@pytest.fixture
def history(project: Project, database_url: str) -> Project:
    concurrently = "" if database_url.startswith("sqlite") else "CONCURRENTLY"
    return three(project, CONCURRENT_INDEX.format(concurrently=concurrently))


class Sweep:
    """Runs one command again and again, cancelled a turn later each time."""

    def __init__(self, url: str, project: Project, *, atomic: bool = False, times: int = 1) -> None:
        self.url, self.project, self.atomic, self.times = url, project, atomic, times
        self.undisturbed = self._undisturbed()

    def migrator(self, engine: AsyncEngine) -> Migrator:
        return Migrator(engine, script_location=self.project.script_location)

    def _undisturbed(self) -> Dump:
        async def run() -> None:
            engine = create_async_engine(self.url)
            await self.migrator(engine).upgrade("head", atomic=self.atomic)
            await engine.dispose()

        asyncio.run(run())
        return dump(self.url)

    def one(self, turn: int) -> bool:
        """Cancel at one turn, and assert all that must hold; False if the run was over first."""
        emptied(self.url)
        with no_complaints() as complaints, asyncio.Runner(loop_factory=TickingLoop) as runner:
            runner.get_loop().set_exception_handler(complaints.on_loop)
            engine = create_async_engine(self.url)
            ended = runner.run(self._cancelled(engine, turn))
            no_tasks(runner.get_loop())
            assert ended.error is None
            assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
            nothing_on_the_server(self.url, backends=False)
            self._recorded_what_was_done()
            runner.run(self._again(engine))
            nothing_on_the_server(self.url)
        assert dump(self.url) == self.undisturbed
        return ended.in_time

    async def _cancelled(self, engine: AsyncEngine, turn: int) -> Ended:
        return await cancelled_at(
            turn,
            lambda: self.migrator(engine).upgrade("head", atomic=self.atomic),
            times=self.times,
        )

    def _recorded_what_was_done(self) -> None:
        found = dump(self.url)
        assert versions(found) == [each for each in [PATHS[tuple(upgraded(found))]] if each]

    async def _again(self, engine: AsyncEngine) -> None:
        await self.migrator(engine).upgrade("head", atomic=self.atomic)
        await engine.dispose()


def swept(sweep: Sweep) -> int:
    """Cancel at every turn, one run each; return how many turns there were."""
    turn = 1
    while sweep.one(turn):
        turn += 1
    return turn


@pytest.mark.usefixtures("quick_collections")
def test_a_run_can_be_cancelled_at_every_await_point(history: Project, database_url: str) -> None:
    assert swept(Sweep(database_url, history)) > 40


@pytest.mark.usefixtures("quick_collections")
def test_an_atomic_run_can_be_cancelled_again_and_again_from_every_await_point_on(
    project: Project, database_url: str
) -> None:
    in_one = three(project, "op.execute(\"INSERT INTO users (id, name) VALUES (3, 'c')\")")

    assert swept(Sweep(database_url, in_one, atomic=True, times=4)) > 40


# --- the ways in which an application cancels -----------------------------------------------------


@pytest.fixture
def endless(project: Project, database_url: str) -> Project:
    """Three revisions; the last runs a statement that does not end."""
    return three(project, f'op.execute("{ENDLESS[database_url.partition("+")[0]]}")')


class Watched:
    """A migrator that lets a test wait until its last revision is at work."""

    def __init__(
        self, engine: AsyncEngine, project: Project, *, grace: float = 10 * PATIENCE
    ) -> None:
        self.started = asyncio.Event()
        self.cut: list[object] = []
        self.migrator = Migrator(
            engine,
            script_location=project.script_location,
            shutdown_grace=grace,
            observer=self._observe,
        )
        event.listen(engine.sync_engine.pool, "invalidate", lambda *_: self.cut.append(_))

    def _observe(self, happened: object) -> None:
        if isinstance(happened, StepStarted) and happened.revision == "c3":
            asyncio.get_running_loop().call_later(0.02, self.started.set)

    async def at_work(self) -> None:
        await asyncio.wait_for(self.started.wait(), PATIENCE)

    async def upgrade(self) -> None:
        await self.migrator.upgrade("head")


async def left_at(watched: Watched, url: str, heads: tuple[str, ...]) -> None:
    """Assert that nothing is left, the engine is usable and the database is where it should be."""
    nothing_on_the_server(url, backends=False)
    assert (await watched.migrator.status()).current == heads
    assert watched.cut == [], "the statement was to be ended, not its connection cut"


async def test_a_statement_that_is_cancelled_ends_on_the_server(
    engine: AsyncEngine, endless: Project, database_url: str
) -> None:
    watched = Watched(engine, endless)
    task = asyncio.create_task(watched.upgrade())
    await watched.at_work()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await left_at(watched, database_url, ("b2",))


async def test_a_run_that_is_cancelled_three_times_at_once_ends_once(
    engine: AsyncEngine, endless: Project, database_url: str
) -> None:
    watched = Watched(engine, endless)
    task = asyncio.create_task(watched.upgrade())
    await watched.at_work()
    task.cancel()
    asyncio.get_running_loop().call_soon(task.cancel)
    asyncio.get_running_loop().call_later(0.001, task.cancel)

    with pytest.raises(asyncio.CancelledError):
        await task
    await left_at(watched, database_url, ("b2",))


async def test_a_timeout_of_the_application_ends_the_run(
    engine: AsyncEngine, endless: Project, database_url: str
) -> None:
    watched = Watched(engine, endless)

    async def limited() -> None:
        async with asyncio.timeout(None) as limit:
            running = asyncio.ensure_future(watched.at_work())
            now = asyncio.get_running_loop().time
            running.add_done_callback(lambda _: limit.reschedule(now()))
            await watched.upgrade()

    with pytest.raises(TimeoutError):
        await limited()
    await left_at(watched, database_url, ("b2",))


def test_a_program_whose_loop_ends_while_a_run_is_under_way_ends_the_run(
    endless: Project, database_url: str
) -> None:
    async def main() -> asyncio.Task[None]:
        watched = Watched(create_async_engine(database_url, poolclass=NullPool), endless)
        task = asyncio.create_task(watched.upgrade())
        await watched.at_work()
        return task

    with no_complaints():
        task = asyncio.run(main())  # it cancels every task that is left, those inside of ours, too

    assert task.cancelled()
    nothing_on_the_server(database_url)
    assert versions(dump(database_url)) == ["b2"]


async def test_a_cancel_scope_of_anyio_ends_the_run(
    engine: AsyncEngine, endless: Project, database_url: str
) -> None:
    watched = Watched(engine, endless)

    with anyio.CancelScope() as scope:
        running = asyncio.ensure_future(watched.at_work())
        running.add_done_callback(lambda _: scope.cancel())
        await watched.upgrade()

    assert scope.cancelled_caught
    await left_at(watched, database_url, ("b2",))


async def test_a_sibling_that_fails_in_a_task_group_ends_the_run(
    engine: AsyncEngine, endless: Project, database_url: str
) -> None:
    watched = Watched(engine, endless)

    async def sibling() -> None:
        await watched.at_work()
        raise RuntimeError("the sibling")

    async def together() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(watched.upgrade())
            group.create_task(sibling())

    with pytest.raises(ExceptionGroup) as caught:
        await together()

    assert [str(each) for each in caught.value.exceptions] == ["the sibling"]
    await left_at(watched, database_url, ("b2",))


async def test_a_transaction_of_the_callers_can_still_be_rolled_back(
    engine: AsyncEngine, endless: Project, database_url: str
) -> None:
    async with engine.connect() as connection:
        transaction = await connection.begin()
        m = Migrator(connection, script_location=endless.script_location)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await m.upgrade("head")
        await transaction.rollback()

    nothing_on_the_server(database_url, backends=False)
    assert versions(dump(database_url)) == []


# --- scripts that do not want to stop -------------------------------------------------------------


async def test_a_script_that_swallows_every_error_is_stopped_at_its_next_statement(
    engine: AsyncEngine, project: Project, database_url: str
) -> None:
    stubborn = three(
        project,
        """
        while True:
            try:
                op.execute("SELECT 1")
            except Exception:
                pass
        """,
    )
    watched = Watched(engine, stubborn)
    task = asyncio.create_task(watched.upgrade())
    await watched.at_work()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await left_at(watched, database_url, ("b2",))


async def test_a_script_that_goes_on_past_the_grace_has_its_connection_cut(
    engine: AsyncEngine, project: Project, database_url: str
) -> None:
    stubborn = three(
        project,
        """
        connection = op.get_bind()
        while True:
            try:
                connection.exec_driver_sql("SELECT 1")
            except Exception:
                pass
        """,
    )
    watched = Watched(engine, stubborn, grace=0.2)
    task = asyncio.create_task(watched.upgrade())
    await watched.at_work()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    nothing_on_the_server(database_url, backends=False)
    assert (await watched.migrator.status()).current == ("b2",)
    assert len(watched.cut) == 1


async def test_a_script_that_blocked_the_loop_when_it_was_cancelled_is_not_committed(
    engine: AsyncEngine, project: Project, database_url: str
) -> None:
    blocking = three(project, "import time; time.sleep(0.3)")
    watched = Watched(engine, blocking)
    task = asyncio.create_task(watched.upgrade())
    loop = asyncio.get_running_loop()
    on_time = threading.Timer(0.1, lambda: loop.call_soon_threadsafe(task.cancel))
    watched.migrator.observer = lambda happened: (
        on_time.start() if isinstance(happened, StepStarted) and happened.revision == "c3" else None
    )

    with pytest.raises(asyncio.CancelledError):
        await task
    on_time.join()
    await left_at(watched, database_url, ("b2",))
