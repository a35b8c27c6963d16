"""Carrying out a plan: one transaction per revision, its version row and its history row inside.

What happens inside a transaction is sync, and stands in `step`. Here is what decides and reports:
which step comes next, what is tried again, what an error or a cancellation has left behind.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from asyncmigrate.engine.aside import aside
from asyncmigrate.engine.connection import across
from asyncmigrate.engine.doubt import lost_in_commit
from asyncmigrate.engine.failure import state_after, state_after_loss, step_failed
from asyncmigrate.engine.foreign_keys import without_foreign_keys
from asyncmigrate.engine.journals import Journals
from asyncmigrate.engine.lock import when_free
from asyncmigrate.engine.reported import Reported
from asyncmigrate.engine.settle import within
from asyncmigrate.engine.step import MovedError, StepFunctions, entry_of
from asyncmigrate.engine.transaction import ForeignKeysOnError, Transaction
from asyncmigrate.errors import HalfDoneError, LockLostError, MigrateError
from asyncmigrate.log import logger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from sqlalchemy import Connection, MetaData

    from asyncmigrate.engine.database import Database
    from asyncmigrate.engine.lease_table import Fence
    from asyncmigrate.engine.limits import Limits
    from asyncmigrate.engine.results import StepResult
    from asyncmigrate.engine.store import Entry, Store
    from asyncmigrate.events import Observer
    from asyncmigrate.history.revision import Heads, Plan, Step
    from asyncmigrate.scripts.loader import Script

P = ParamSpec("P")


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
    _journals: Journals = field(init=False)
    _functions: StepFunctions = field(init=False)

    def __post_init__(self) -> None:
        self._journals = Journals(self.database, self.store, self.observer)
        self._functions = StepFunctions(
            self.database,
            self.store,
            self.scripts,
            self._journals,
            self.metadata,
            self.x,
            self.limits,
            self.fence,
        )

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
        with self._journals.in_use(), self._functions.hearing.in_use():
            yield
        await self._journals.close(self._fenced_alone)

    # --- one transaction per revision -------------------------------------------------------

    async def run_each(self, plan: Plan) -> None:
        """Run every step in a transaction of its own, in a run that has `begun`; see `run`."""
        steps = deque(plan.steps)
        while steps:
            try:
                await self._one(steps[0], len(self.done) + 1, len(self.done) + len(steps))
            except MovedError as moved:
                self.found = moved.heads
                steps = deque((await aside(self.replan, moved.heads)).steps)
            else:
                self.found = None
                steps.popleft()

    async def _one(self, step: Step, index: int, total: int) -> None:
        reported = Reported(step, index, total)
        transaction = self._transaction("")
        reported.start(self.observer)
        try:
            await self._journals.resolve(step)
            await self._attempted(step, transaction)
        except MovedError:
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
            await self._when_free(self._functions.alone, step, transaction)
        except ForeignKeysOnError:
            async with without_foreign_keys(self.database, self._functions.keys):
                await self._when_free(self._functions.alone, step, transaction)

    # --- all or nothing ----------------------------------------------------------------------

    async def _run_all(self, plan: Plan) -> None:
        try:
            await self._run_atomic(plan)
        except ForeignKeysOnError:
            self.left = ""
            async with without_foreign_keys(self.database, self._functions.keys):
                await self._run_atomic(plan)

    async def _run_atomic(self, plan: Plan) -> None:
        transaction = self._transaction(
            "op.autocommit() cannot be used in a run with --atomic: it would commit a part of it."
        )
        plan = await self._begun(plan, transaction)
        try:
            for index, step in enumerate(plan.steps, 1):
                await self._one_of_all(step, Reported(step, index, len(plan.steps)), transaction)
            await self.database.run(self._functions.commit, transaction, plan)
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
            await self._when_free(self._functions.begin, transaction, plan)
        except MovedError as moved:
            return await self._begun(await aside(self.replan, moved.heads), transaction)
        return plan

    async def _one_of_all(self, step: Step, reported: Reported, transaction: Transaction) -> None:
        reported.start(self.observer)
        try:
            await self.database.run(self._functions.among_others, step, transaction)
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
            unless_cancelled=self._functions.unless_cancelled,
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
        self._fenced_alone(connection, self._journals.settle)

    async def _log_failure(self, step: Step, reported: Reported, failure: MigrateError) -> None:
        if self.database.joined or not self.store.history_table:
            return
        said = str(failure.message)
        if not self.database.dialect.transactional_ddl:
            said = f"{said} {failure.state}"  # which of its statements stayed: nobody else knows
        entry = entry_of(step, reported.started_at, "failed", None, said)
        try:
            await self.database.run(self._append_alone, entry)
        except Exception:  # noqa: BLE001 -- drivers raise what they like while they reconnect
            logger.debug("The failure could not be written to the history table.", exc_info=True)

    def _append_alone(self, connection: Connection, entry: Entry) -> None:
        self._recorded_alone(connection, partial(self.store.append, entry=entry))

    def _fenced_alone(self, connection: Connection, record: Callable[[Connection], None]) -> None:
        """Record something, unless the lease is another migrator's: then the journal is, too."""

        def fenced(connection: Connection) -> None:
            if self.fence is not None:
                self.fence.hold(connection)  # before it: where DDL commits, afterwards is too late
            record(connection)

        self._recorded_alone(connection, fenced)

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
