"""One command that changes a database, from taking the lock to the result."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from asyncmigrate.dialects import note_on
from asyncmigrate.engine.aside import aside
from asyncmigrate.engine.ddl_commits import refuse_promises
from asyncmigrate.engine.executor import Executor
from asyncmigrate.engine.limits import Limits
from asyncmigrate.engine.lock import migration_lock, when_free
from asyncmigrate.engine.results import RunResult
from asyncmigrate.engine.transaction import Transaction
from asyncmigrate.engine.watch import Watch
from asyncmigrate.errors import LockLostError, LockTimeoutError, NothingRunsError, ScriptError
from asyncmigrate.events import Noted, RunFailed, RunFinished, RunStarted
from asyncmigrate.op import use
from asyncmigrate.scripts import asyncpg_plans
from asyncmigrate.scripts.needs_of_alembic import imports_alembic
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.reversal import load_reversible
from asyncmigrate.scripts.sink import LiveSink
from asyncmigrate.scripts.source import read_bytes
from asyncmigrate.scripts.under_way import UnderWay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from sqlalchemy import Connection, MetaData

    from asyncmigrate.config import Settings
    from asyncmigrate.engine.database import Database
    from asyncmigrate.engine.lease_table import Fence
    from asyncmigrate.engine.store import Store
    from asyncmigrate.events import Observer
    from asyncmigrate.history.revision import Heads, Plan
    from asyncmigrate.scripts.loader import Script


@dataclass(slots=True)
class Run:
    """A command with everything it needs. `planner` makes its plan from a database's heads."""

    command: str
    database: Database
    store: Store
    planner: Callable[[Heads], Plan]
    settings: Settings
    metadata: Callable[[], MetaData | None]
    observer: Observer
    started: float
    x: Mapping[str, str] = field(default_factory=dict)
    statements: Callable[[str], None] | None = None
    imported: MetaData | None = field(default=None, init=False, repr=False)
    """The models, once `import_models` has been awaited."""
    _begun: bool = field(default=False, init=False, repr=False)
    _left: str = field(default="", init=False, repr=False)
    _planned: Plan = field(init=False, repr=False)
    _scripts: dict[str, Script] = field(init=False, repr=False)

    async def under_lock(self, planned: Plan, *, atomic: bool) -> RunResult:
        """Import what `planned` needs, take the lock, read the heads again, run what is to be done.

        Whatever is wrong with a script or the models is found before anything is written.
        """
        refuse_promises(self.database.dialect, atomic=atomic, joined=self.database.joined)
        await self.import_models()
        self._scripts = await self.import_scripts(planned)
        self._planned = planned
        try:
            async with self._lock as fence:
                return await self._locked(fence, atomic=atomic)
        except LockLostError as error:
            error.state = self._left or error.state
            raise
        except LockTimeoutError as error:
            if self._begun or self.settings.when_locked != "skip":
                raise
            return self._skipped(error.holder)

    @property
    def _lock(self) -> AbstractAsyncContextManager[Fence | None]:
        found = (self.database, self.store, self.settings, self.observer)
        return migration_lock(*found, timeout=self._patience)

    def _plans_kept(self, fence: Fence | None) -> AbstractContextManager[None]:
        """Return a block in which queries stay prepared, if the lock is that of a session."""
        connection = self.database.connection.sync_connection
        assert connection is not None, "it was opened by `database`"
        in_session = fence is None and self.settings.lock != "off"
        return asyncpg_plans.kept(connection, in_session=in_session)

    @property
    def _patience(self) -> float:
        return self.settings.lock_timeout if self.settings.when_locked == "wait" else 0.0

    def _skipped(self, holder: str) -> RunResult:
        self.observer(Noted(f"Nothing was run, because {holder} is at work."))
        at = tuple(sorted(self._planned.before))
        return RunResult(self.command, self.database.name, at, at, skipped=holder)

    async def _locked(self, fence: Fence | None, *, atomic: bool) -> RunResult:
        heads = await create_tables(
            self.database, self.store, timeout=self._patience, observer=self.observer
        )
        self._begun = True
        plan = self._planned
        if heads != plan.before:  # another migrator was here before we had the lock
            plan = await aside(self.planner, heads)
            self._scripts = await aside(self._loaded, plan)
        before = tuple(sorted(heads))
        if not plan.steps:
            return RunResult(self.command, self.database.name, before, before)
        watch = Watch(self.database, self.observer, UnderWay(self.statements))
        limits = Limits.of(self.settings, watch)
        executor = Executor(
            database=self.database,
            store=self.store,
            scripts=self._scripts,
            replan=self._replanned,
            observer=watch.observe,
            metadata=self.imported,
            x=self.x,
            lock_timeout=self.settings.lock_timeout,
            limits=limits,
            fence=fence,
        )
        self.observer(RunStarted(self.command, self.database.name, before, len(plan.steps)))
        dialect = self.database.connection.dialect.name
        for note in filter(None, (self.database.note, note_on(dialect))):
            self.observer(Noted(note))
        try:
            with self._plans_kept(fence):
                async with limits.in_use(self._scripts.values()), watch.in_use():
                    await executor.run(plan, atomic=atomic)
        except BaseException as error:
            seconds = time.perf_counter() - self.started
            after = _after(before, executor)
            self._left = executor.lost
            said = str(error) or executor.left or f"The database is at {_names(after)}."
            self.observer(RunFailed(self.command, self.database.name, said, after, seconds))
            raise
        return self._finished(before, executor)

    async def import_models(self) -> None:
        """Import the models, in a thread."""
        self.imported = await aside(self.metadata)

    async def import_scripts(self, plan: Plan) -> dict[str, Script]:
        """Import what a plan needs; with `op` at work if a script asks it something at once.

        Raises:
            ScriptError, IrreversibleError: there is nothing that could run.
        """
        try:
            return await aside(self._loaded, plan)
        except ScriptError as error:
            asks = isinstance(error.__cause__, NothingRunsError)
            if not asks or not imports_alembic(read_bytes(error.path)):
                raise
        return await self.database.run(self._loaded_with_op, plan)

    def _loaded_with_op(self, connection: Connection, plan: Plan) -> dict[str, Script]:
        """Import scripts that call `op` when they are imported, as Alembic lets them."""
        operations = Operations(LiveSink(connection), metadata=self.imported, x=self.x)
        try:
            with use(operations):
                return self._loaded(plan)
        finally:
            if not self.database.joined:
                connection.rollback()

    def _loaded(self, plan: Plan) -> dict[str, Script]:
        dialect = self.database.connection.dialect
        if dialect.name == "sqlite":  # each script asks for it, and much comes with it
            import_module("asyncmigrate.scripts.sqlite_sink")
        cache = self.settings.cache
        return load_reversible(plan, dialect, metadata=self.imported, x=self.x, cache=cache)

    def _replanned(self, heads: Heads) -> Plan:
        """Plan again from other heads, with the scripts that this may need."""
        plan = self.planner(heads)
        self._scripts.update(self._loaded(plan))
        return plan

    def _finished(self, before: tuple[str, ...], executor: Executor) -> RunResult:
        result = RunResult(
            command=self.command,
            database=self.database.name,
            before=before,
            after=_after(before, executor),
            steps=tuple(executor.done),
            seconds=time.perf_counter() - self.started,
            committed=not self.database.joined,
        )
        self.observer(
            RunFinished(
                self.command,
                self.database.name,
                before,
                result.after,
                len(result.steps),
                result.seconds,
            )
        )
        return result


def _names(heads: tuple[str, ...]) -> str:
    return ", ".join(heads) or "base"


def _after(before: tuple[str, ...], executor: Executor) -> tuple[str, ...]:
    if executor.found is not None:
        return tuple(sorted(executor.found))
    return executor.done[-1].after if executor.done else before


async def ensure_tables(
    database: Database, store: Store, settings: Settings, observer: Observer
) -> bool:
    """Create the version and history tables under the lock if missing; True if they were.

    Raises:
        LockTimeoutError: another migrator was at work for too long.
    """
    if await database.run(store.is_there_now):
        return False
    refuse_promises(database.dialect, atomic=False, joined=database.joined)
    async with migration_lock(database, store, settings, observer):
        await create_tables(database, store, timeout=settings.lock_timeout, observer=observer)
    return True


async def create_tables(
    database: Database, store: Store, *, timeout: float, observer: Observer
) -> Heads:
    """Create the version and history tables if missing, and return the heads.

    Raises:
        LockTimeoutError: another connection kept SQLite's file locked for `timeout` seconds.
    """
    await database.set_transactional()
    return await when_free(database, timeout, observer, _create, database, store)


def _create(connection: Connection, database: Database, store: Store) -> Heads:
    try:
        return _created(connection, database, store)
    except DBAPIError as error:
        # A migrator that lost its lease on the way may have made them at this very moment.
        race = isinstance(error, IntegrityError | ProgrammingError)
        if database.joined or not (race or database.dialect.recognised(error) == "already"):
            raise
    return _created(connection, database, store)


def _created(connection: Connection, database: Database, store: Store) -> Heads:
    transaction = Transaction(
        connection, database.dialect, joined=database.joined, patience=database.patience or 0
    )
    transaction.begin()
    try:
        store.create(connection)
        heads = store.heads_in_transaction(connection)
        transaction.commit()
    except BaseException:
        transaction.rollback()
        raise
    return heads
