"""Carrying out a plan: one transaction per revision, its version row and its history row inside.

The unit is a *step function*: sync, called once per revision across the adapter, so that a whole
revision costs one crossing. It begins, runs the script, records, commits, and hands back what
happened. Everything that reports or decides stays on the async side.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from sqlalchemy.util import await_only

from asyncmigrate.alembic.runtime.applied import announce, is_awaited
from asyncmigrate.alembic.runtime.migration import MigrationContext
from asyncmigrate.engine.aside import aside
from asyncmigrate.engine.bridge import Bridge
from asyncmigrate.engine.connection import across
from asyncmigrate.engine.doubt import lost_in_commit
from asyncmigrate.engine.failure import state_after, state_after_loss, step_failed
from asyncmigrate.engine.foreign_keys import ForeignKeys, without_foreign_keys
from asyncmigrate.engine.hearing import Hearing
from asyncmigrate.engine.journals import Journals
from asyncmigrate.engine.lock import when_free
from asyncmigrate.engine.results import StepResult
from asyncmigrate.engine.settle import turned, within
from asyncmigrate.engine.store import OUTCOMES, Entry
from asyncmigrate.engine.transaction import ForeignKeysOnError, Transaction
from asyncmigrate.errors import HalfDoneError, LockLostError, MigrateError
from asyncmigrate.events import StepFailed, StepFinished, StepStarted
from asyncmigrate.history.revision import Direction
from asyncmigrate.log import logger
from asyncmigrate.op import use
from asyncmigrate.scripts.directives import to_the_end
from asyncmigrate.scripts.loader import call
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from sqlalchemy import Connection, MetaData

    from asyncmigrate.engine.database import Database
    from asyncmigrate.engine.lease_table import Fence
    from asyncmigrate.engine.limits import Limits
    from asyncmigrate.engine.store import Store
    from asyncmigrate.events import Observer
    from asyncmigrate.history.revision import Heads, Plan, Step
    from asyncmigrate.scripts.loader import Script

P = ParamSpec("P")

_NOTICEABLE = timedelta(milliseconds=20)
"""How long a script may run before it may have kept a cancellation from being known.

One that comes during a shorter script is as good as one that comes just after it: too late.
"""


class _MovedError(Exception):
    """Another migrator got in first: the database is at other heads than the step starts from."""

    def __init__(self, heads: Heads) -> None:
        self.heads = heads


@dataclass(slots=True)
class Executor:
    """Runs the steps of one plan on one database and reports each of them.

    `replan` makes the plan anew from other heads. It is used where the lock is taken step by
    step (SQLite), and another migrator may have got in between two of them.
    """

    database: Database
    store: Store
    scripts: Mapping[str, Script]
    replan: Callable[[Heads], Plan]
    observer: Observer
    metadata: MetaData | None = None
    x: Mapping[str, str] = field(default_factory=dict)
    lock_timeout: float = 900.0
    limits: Limits | None = None
    fence: Fence | None = None
    """What each commit has to pass, if the right to migrate is a lease."""
    done: list[StepResult] = field(default_factory=list, init=False)
    found: Heads | None = field(default=None, init=False)
    """Where another migrator has left the database, if nothing was run since."""
    left: str = field(default="", init=False)
    """In what state a step that was cancelled left the database; empty if none was."""
    lost: str = field(default="", init=False)
    """What became of it, if others go on meanwhile."""
    _keys: ForeignKeys = field(default_factory=ForeignKeys, init=False)
    _journals: Journals = field(init=False)
    _hearing: Hearing = field(default_factory=Hearing, init=False)

    def __post_init__(self) -> None:
        self._journals = Journals(self.database, self.store, self.observer)

    async def run(self, plan: Plan, *, atomic: bool = False) -> None:
        """Run every step; `done` holds those that ran, also after an error.

        Raises:
            StepFailedError: a step failed and was rolled back.
            VersionTableError: the version table was changed by somebody else.
        """
        async with self.begun(plan):
            if atomic and not self.database.joined:
                await self._run_all(plan)
            else:
                await self.run_each(plan)

    @asynccontextmanager
    async def begun(self, plan: Plan) -> AsyncIterator[None]:
        """Read what is half done, and keep a journal while the block runs."""
        await self._journals.open(plan)
        with self._journals.in_use(), self._hearing.in_use():
            yield
        await self._journals.close(self._recorded_alone)

    # --- one transaction per revision -------------------------------------------------------

    async def run_each(self, plan: Plan) -> None:
        """Run every step in a transaction of its own, in a run that has `begun`; see `run`."""
        steps = deque(plan.steps)
        while steps:
            try:
                await self._one(steps[0], len(self.done) + 1, len(self.done) + len(steps))
            except _MovedError as moved:
                self.found = moved.heads
                steps = deque((await aside(self.replan, moved.heads)).steps)
            else:
                self.found = None
                steps.popleft()

    async def _one(self, step: Step, index: int, total: int) -> None:
        reported = _Reported(step, index, total)
        transaction = self._transaction("")
        reported.start(self.observer)
        try:
            await self._journals.resolve(step)
            await self._attempted(step, transaction)
        except _MovedError:
            raise
        except asyncio.CancelledError:
            if transaction.committed:  # it came too late to stop this one
                self.done.append(reported.finish(self.observer, joined=False))
            else:
                self.left = self._left(step, transaction)
                self.lost = state_after_loss(transaction)
                await self._settle()
            raise
        except Exception as error:
            in_commit = await lost_in_commit(self.database, self.store, step, error, transaction)
            failure = in_commit or self._failed(step, error, transaction)
            if transaction.committed:
                self._journals.end(step)
                self.done.append(reported.finish(self.observer, joined=False))
            else:
                reported.fail(self.observer, failure)
            if in_commit is None:
                await self._settle()
                await self._log_failure(step, reported, failure)
            raise failure from error
        self._journals.end(step)
        self.done.append(reported.finish(self.observer, joined=self.database.joined))

    async def _attempted(self, step: Step, transaction: Transaction) -> None:
        if self.limits is None:
            await self._run_when_free(step, transaction)
        else:
            attempt = partial(self._run_when_free, step, transaction)
            await self.limits.retried(attempt, step, transaction)

    async def _run_when_free(self, step: Step, transaction: Transaction) -> None:
        try:
            await self._when_free(self._run_alone, step, transaction)
        except ForeignKeysOnError:
            async with without_foreign_keys(self.database, self._keys):
                await self._when_free(self._run_alone, step, transaction)

    def _run_alone(self, connection: Connection, step: Step, transaction: Transaction) -> None:
        rows = transaction.begin(self._journals.asked_with(self.store.heads_query(connection)))
        try:
            if self.database.dialect.begin is not None:
                rows = self._journals.read(connection, rows)
                self._check_heads(connection, step, rows)
            self._keys.begin(connection)
            entry = self._run_step(connection, step, transaction)
            self._pass_fence(connection, step.after)
            if not self._is_recorded_and_committed(connection, step, transaction, entry):
                self._record(connection, step, transaction, entry)
                self._unless_cancelled()
                self._keys.check(connection)
            transaction.commit()
        except BaseException:
            transaction.rollback()
            raise

    def _pass_fence(self, connection: Connection, after: Heads) -> None:
        if self.fence is not None:
            self.fence.hold(connection, after)

    def _unless_cancelled(self) -> None:
        if self.database.stopping:
            raise asyncio.CancelledError

    def _check_heads(
        self, connection: Connection, step: Step, rows: Sequence[Any] | None = None
    ) -> None:
        heads = self.store.heads_in_transaction(connection, rows)
        if heads != step.before:
            raise _MovedError(heads)

    def _is_recorded_and_committed(
        self, connection: Connection, step: Step, transaction: Transaction, entry: Entry
    ) -> bool:
        """Record the step and commit in one message, where the driver takes one."""
        if transaction.joined or self._keys.off or is_awaited():
            return False
        transaction.check()
        if entry.finished_at - entry.started_at > _NOTICEABLE:
            await_only(turned())
        self._unless_cancelled()
        with transaction.being_committed():
            return self.store.record_and_commit(connection, step.before, step.after, entry)

    def _run_step(self, connection: Connection, step: Step, transaction: Transaction) -> Entry:
        """Run the script; return what is to be recorded."""
        started = datetime.now(UTC)
        script = self._run_script(connection, step, transaction)
        self._unless_cancelled()
        return _entry(step, started, OUTCOMES[step.direction], script)

    def _run_and_record(self, connection: Connection, step: Step, transaction: Transaction) -> None:
        entry = self._run_step(connection, step, transaction)
        self._record(connection, step, transaction, entry)

    def _record(
        self, connection: Connection, step: Step, transaction: Transaction, entry: Entry
    ) -> None:
        self.store.record_entry(connection, step.before, step.after, entry)
        announce(LiveSink(connection, transaction, Bridge(self.database)), step, self.metadata)

    def _run_script(
        self, connection: Connection, step: Step, transaction: Transaction
    ) -> Script | None:
        if step.revision is None or step.direction is Direction.STAMP:
            self._journals.forget(connection)
            return None
        script = self.scripts[step.revision.id]
        function = script.upgrade if step.direction is Direction.UP else script.downgrade
        assert function is not None, "load_reversible gives every script its way back"
        transaction.is_lenient = script.is_alembics
        sink = LiveSink(connection, transaction, Bridge(self.database))
        context = MigrationContext.of_run(sink, self.metadata)
        operations = Operations(context, metadata=self.metadata, x=self.x)
        held = self.limits.held(connection, script) if self.limits is not None else nullcontext()
        journal = self._journals.begin(step, script, transaction)
        heard = self._hearing.of(journal, lenient=script.is_alembics)
        with held, use(operations), to_the_end(operations), heard:
            call(function, operations)
        journal.finish()
        return script

    # --- all or nothing ----------------------------------------------------------------------

    async def _run_all(self, plan: Plan) -> None:
        try:
            await self._run_atomic(plan)
        except ForeignKeysOnError:
            self.left = ""
            async with without_foreign_keys(self.database, self._keys):
                await self._run_atomic(plan)

    async def _run_atomic(self, plan: Plan) -> None:
        transaction = self._transaction(
            "op.autocommit() cannot be used in a run with --atomic: it would commit a part of it."
        )
        plan = await self._begun(plan, transaction)
        try:
            for index, step in enumerate(plan.steps, 1):
                await self._one_of_all(step, _Reported(step, index, len(plan.steps)), transaction)
            await self.database.run(self._commit, transaction, plan)
        except BaseException as error:
            in_commit = await lost_in_commit(
                self.database, self.store, plan.steps[-1], error, transaction
            )
            if in_commit is not None:
                self.left = in_commit.state
                raise in_commit from error
            if not transaction.committed:
                self.done.clear()
                self.left = "All of this run was rolled back."
                await self.database.run(_rollback, transaction)
            raise

    async def _begun(self, plan: Plan, transaction: Transaction) -> Plan:
        """Open the transaction of all steps, and return the plan as it is then."""
        try:
            await self._when_free(self._begin_all, transaction, plan)
        except _MovedError as moved:
            return await self._begun(await aside(self.replan, moved.heads), transaction)
        return plan

    def _begin_all(self, connection: Connection, transaction: Transaction, plan: Plan) -> None:
        transaction.begin()
        try:
            if self.database.dialect.begin is not None and plan.steps:
                self._journals.read(connection, None)
                self._check_heads(connection, plan.steps[0])
            self._keys.begin(connection)
        except BaseException:
            transaction.rollback()
            raise

    def _commit(self, connection: Connection, transaction: Transaction, plan: Plan) -> None:
        self._keys.check(connection)
        if plan.steps:
            self._pass_fence(connection, plan.steps[-1].after)
        transaction.commit()

    async def _one_of_all(self, step: Step, reported: _Reported, transaction: Transaction) -> None:
        reported.start(self.observer)
        try:
            await self.database.run(self._run_and_record, step, transaction)
        except Exception as error:
            self.done.clear()
            failure = self._failed(step, error, transaction)
            reported.fail(self.observer, failure)
            raise failure from error
        self.done.append(reported.finish(self.observer, joined=False))

    # --- shared ------------------------------------------------------------------------------

    def _transaction(self, autocommit_refused: str) -> Transaction:
        if self.database.joined:
            autocommit_refused = (
                "op.autocommit() cannot be used on a connection whose transaction is the "
                "caller's: hand the migrator an engine instead."
            )
        return Transaction(
            self.database.connection.sync_connection,  # type: ignore[arg-type]  # it is started
            self.database.dialect,
            joined=self.database.joined,
            autocommit_refused=autocommit_refused,
            fence=self.fence,
            patience=self.database.patience or 0,
            lock_timeout=self.lock_timeout,
            unless_cancelled=self._unless_cancelled,
        )

    async def _when_free(
        self,
        function: Callable[Concatenate[Connection, P], None],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        timeout, observer = self.lock_timeout, self.observer
        await when_free(self.database, timeout, observer, function, *args, **kwargs)

    def _failed(self, step: Step, error: Exception, transaction: Transaction) -> MigrateError:
        if isinstance(error, LockLostError):
            error.state = state_after_loss(transaction)
        if isinstance(error, HalfDoneError) or (
            isinstance(error, MigrateError) and error.exit_code == 4
        ):
            return error
        in_the_way = self.limits.in_the_way_of(error) if self.limits is not None else ()
        return step_failed(step, error, self._applied(), transaction, in_the_way)

    def _left(self, step: Step, transaction: Transaction) -> str:
        running = "the revision that was running"
        if transaction.in_doubt and self.database.connection.invalidated:
            return f"The connection was cut while {running} was being committed: it may be applied."
        return state_after(step, transaction, self._applied(), None, running)

    def _applied(self) -> list[str]:
        return [each.revision or "base" for each in self.done]

    async def _settle(self) -> None:
        """Write down what a revision that failed has done, whatever else goes wrong."""
        connection = self.database.connection
        if not self._journals.needs_settling or connection.closed or connection.invalidated:
            return
        try:
            await within(self.database.grace, across(connection, self._settle_alone))
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 -- the next run asks the catalog instead
            logger.debug("What the revision has done could not be written.", exc_info=True)

    def _settle_alone(self, connection: Connection) -> None:
        self._recorded_alone(connection, self._settled)

    def _settled(self, connection: Connection) -> None:
        self._journals.settle(connection)
        if self.fence is not None:
            self.fence.hold(connection)  # else what is known is another migrator's by now

    async def _log_failure(self, step: Step, reported: _Reported, failure: MigrateError) -> None:
        if self.database.joined or not self.store.history_table:
            return
        said = str(failure.message)
        if not self.database.dialect.transactional_ddl:
            said = f"{said} {failure.state}"  # which of its statements stayed: nobody else knows
        entry = _entry(step, reported.started_at, "failed", None, said)
        try:
            await self.database.run(self._append_alone, entry)
        except Exception:  # noqa: BLE001 -- drivers raise what they like while they reconnect
            logger.debug("The failure could not be written to the history table.", exc_info=True)

    def _append_alone(self, connection: Connection, entry: Entry) -> None:
        self._recorded_alone(connection, partial(self.store.append, entry=entry))

    def _recorded_alone(self, connection: Connection, record: Callable[[Connection], None]) -> None:
        """Record something in a transaction of its own."""
        transaction = self._transaction("")
        transaction.begin()
        try:
            record(connection)
            transaction.commit()
        except BaseException:
            transaction.rollback()
            raise


def _rollback(_: Connection, transaction: Transaction) -> None:
    transaction.rollback()


@dataclass(slots=True)
class _Reported:
    """A step on its way through the observer."""

    step: Step
    index: int
    total: int
    clock: float = field(default_factory=time.perf_counter)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    _common: tuple[str, str, str, int, int] = field(init=False)
    """How every event of a step begins."""

    def __post_init__(self) -> None:
        revision, direction = self.step.revision, self.step.direction.value
        id, message = (revision.id, revision.message) if revision else ("base", "")
        self._common = (id, direction, message, self.index, self.total)

    def start(self, observer: Observer) -> None:
        observer(StepStarted(*self._common))

    def finish(self, observer: Observer, *, joined: bool) -> StepResult:
        seconds = time.perf_counter() - self.clock
        result = StepResult.of(self.step, "uncommitted" if joined else "done", seconds)
        observer(StepFinished(*self._common, seconds, result.before, result.after))
        return result

    def fail(self, observer: Observer, failure: MigrateError) -> None:
        seconds = time.perf_counter() - self.clock
        observer(StepFailed(*self._common, seconds, str(failure)))


def _entry(
    step: Step,
    started: datetime,
    outcome: str,
    script: Script | None,
    error: str | None = None,
) -> Entry:
    return Entry(
        revision=step.revision.id if step.revision else "base",
        direction=step.direction.value,
        started_at=started,
        finished_at=datetime.now(UTC),
        outcome=outcome,
        checksum=script.checksum if script else "",
        error=error,
        message=step.revision.message if step.revision else None,
    )
