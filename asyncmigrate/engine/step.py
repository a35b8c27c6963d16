"""What happens inside the transaction of a revision.

A *step function* is sync and is called once per revision across the adapter, so that a whole
revision costs one crossing: it begins, runs the script, records, commits. Everything that reports
or decides stays on the async side (`executor`).
"""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.util import await_only

from asyncmigrate.alembic.runtime.applied import announce, is_awaited
from asyncmigrate.alembic.runtime.migration import MigrationContext
from asyncmigrate.engine.bridge import Bridge
from asyncmigrate.engine.foreign_keys import ForeignKeys
from asyncmigrate.engine.hearing import Hearing
from asyncmigrate.engine.settle import turned
from asyncmigrate.engine.store import OUTCOMES, Entry
from asyncmigrate.history.revision import Direction
from asyncmigrate.op import use
from asyncmigrate.scripts.directives import to_the_end
from asyncmigrate.scripts.loader import call
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, MetaData

    from asyncmigrate.engine.database import Database
    from asyncmigrate.engine.journals import Journals
    from asyncmigrate.engine.lease_table import Fence
    from asyncmigrate.engine.limits import Limits
    from asyncmigrate.engine.store import Store
    from asyncmigrate.engine.transaction import Transaction
    from asyncmigrate.history.revision import Heads, Plan, Step
    from asyncmigrate.scripts.loader import Script

_NOTICEABLE = timedelta(milliseconds=20)
"""How long a script may run before it may have kept a cancellation from being known.

One that comes during a shorter script is as good as one that comes just after it: too late.
"""


class MovedError(Exception):
    """Another migrator got in first: the database is at other heads than the step starts from.

    Never leaves the engine.
    """

    def __init__(self, heads: Heads) -> None:
        self.heads = heads


@dataclass(slots=True)
class StepFunctions:
    """What runs on the far side of the adapter, for all steps of one plan."""

    database: Database
    store: Store
    scripts: Mapping[str, Script]
    journals: Journals
    metadata: MetaData | None
    x: Mapping[str, str]
    limits: Limits | None
    fence: Fence | None
    keys: ForeignKeys = field(default_factory=ForeignKeys, init=False)
    hearing: Hearing = field(default_factory=Hearing, init=False)

    # --- one transaction per revision -------------------------------------------------------

    def alone(self, connection: Connection, step: Step, transaction: Transaction) -> None:
        """Run a step in a transaction of its own.

        Raises:
            MovedError: the database is not where the step starts from (where the lock is the
                transaction's).
            ForeignKeysOnError: it has to run again without SQLite's foreign keys.
            CancelledError: the run is to end; as after every error, all was rolled back.
        """
        rows = transaction.begin(self.journals.asked_with(self.store.heads_query(connection)))
        try:
            if self.database.dialect.begin is not None:
                rows = self.journals.read(connection, rows)
                self._check_heads(connection, step, rows)
            self.keys.begin(connection)
            entry = self._run(connection, step, transaction)
            self._pass_fence(connection, step.after)
            if not self._is_recorded_and_committed(connection, step, transaction, entry):
                self._record(connection, step, transaction, entry)
                self.unless_cancelled()
                self.keys.check(connection)
            transaction.commit()
        except BaseException:
            transaction.rollback()
            raise

    def _is_recorded_and_committed(
        self, connection: Connection, step: Step, transaction: Transaction, entry: Entry
    ) -> bool:
        """Record the step and commit in one message, where the driver takes one."""
        if transaction.joined or self.keys.off or is_awaited():
            return False
        transaction.check()
        if entry.finished_at - entry.started_at > _NOTICEABLE:
            await_only(turned())
        self.unless_cancelled()
        with transaction.being_committed():
            return self.store.record_and_commit(connection, step.before, step.after, entry)

    # --- all in one transaction -------------------------------------------------------------

    def begin(self, connection: Connection, transaction: Transaction, plan: Plan) -> None:
        """Begin the transaction of all steps. Raises MovedError as `alone` does."""
        transaction.begin()
        try:
            if self.database.dialect.begin is not None and plan.steps:
                self.journals.read(connection, None)
                self._check_heads(connection, plan.steps[0])
            self.keys.begin(connection)
        except BaseException:
            transaction.rollback()
            raise

    def among_others(self, connection: Connection, step: Step, transaction: Transaction) -> None:
        """Run and record one of them."""
        entry = self._run(connection, step, transaction)
        self._record(connection, step, transaction, entry)

    def commit(self, connection: Connection, transaction: Transaction, plan: Plan) -> None:
        """Make all of them permanent."""
        self.keys.check(connection)
        if plan.steps:
            self._pass_fence(connection, plan.steps[-1].after)
        transaction.commit()

    # --- shared -----------------------------------------------------------------------------

    def unless_cancelled(self) -> None:
        """Raise CancelledError once the run is to end."""
        if self.database.stopping:
            raise asyncio.CancelledError

    def _pass_fence(self, connection: Connection, after: Heads) -> None:
        if self.fence is not None:
            self.fence.hold(connection, after)

    def _check_heads(
        self, connection: Connection, step: Step, rows: Sequence[Any] | None = None
    ) -> None:
        heads = self.store.heads_in_transaction(connection, rows)
        if heads != step.before:
            raise MovedError(heads)

    def _run(self, connection: Connection, step: Step, transaction: Transaction) -> Entry:
        """Run the script; return what is to be recorded."""
        started = datetime.now(UTC)
        script = self._run_script(connection, step, transaction)
        self.unless_cancelled()
        return entry_of(step, started, OUTCOMES[step.direction], script)

    def _run_script(
        self, connection: Connection, step: Step, transaction: Transaction
    ) -> Script | None:
        if step.revision is None or step.direction is Direction.STAMP:
            self.journals.forget(connection)
            return None
        script = self.scripts[step.revision.id]
        function = script.upgrade if step.direction is Direction.UP else script.downgrade
        assert function is not None, "load_reversible gives every script its way back"
        transaction.is_lenient = script.is_alembics
        sink = LiveSink(connection, transaction, Bridge(self.database))
        context = MigrationContext.of_run(sink, self.metadata)
        operations = Operations(context, metadata=self.metadata, x=self.x)
        held = self.limits.held(connection, script) if self.limits is not None else nullcontext()
        journal = self.journals.begin(step, script, transaction)
        heard = self.hearing.of(journal, lenient=script.is_alembics)
        with held, use(operations), to_the_end(operations), heard:
            call(function, operations)
        journal.finish()
        return script

    def _record(
        self, connection: Connection, step: Step, transaction: Transaction, entry: Entry
    ) -> None:
        self.store.record_entry(connection, step.before, step.after, entry)
        announce(LiveSink(connection, transaction, Bridge(self.database)), step, self.metadata)


def entry_of(
    step: Step,
    started: datetime,
    outcome: str,
    script: Script | None,
    error: str | None = None,
) -> Entry:
    """Return the row of the history table for a step that ends now."""
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
