"""The journals of one run: read at its beginning, one for each revision, and gone at its end.

Without a history table (`history_table = ""`, and Alembic's own settings) the project wants no
table of ours: its scripts may look at all tables there are. Then what a revision does is kept in
memory, and the journal is made only when a revision has failed half-way. It is dropped when the
next run has come to its end. What a process that is killed has done is not known.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from asyncmigrate.engine import outcome_probe
from asyncmigrate.engine.journal import Journal
from asyncmigrate.engine.journal_earlier import Earlier
from asyncmigrate.engine.journal_table import BEGUN, DONE, RUN, JournalTable, Key, Row, journal_of
from asyncmigrate.engine.transaction import transactional_level
from asyncmigrate.engine.turn import BusyError, Turn
from asyncmigrate.errors import LockLostError
from asyncmigrate.events import Noted
from asyncmigrate.scripts.interception import intercepted

_log = logging.getLogger("asyncmigrate")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from asyncmigrate.engine.database import Database
    from asyncmigrate.engine.store import Store
    from asyncmigrate.engine.transaction import Transaction
    from asyncmigrate.events import Observer
    from asyncmigrate.history.revision import Heads, Plan, Step
    from asyncmigrate.scripts.interception import Sending
    from asyncmigrate.scripts.loader import Script


@dataclass(slots=True)
class Journals:
    """Hands each revision of a run its journal, and takes the statements for it."""

    database: Database
    store: Store
    observer: Observer
    _table: JournalTable | None = field(default=None, init=False)
    _rows: dict[Key, list[Row]] = field(default_factory=dict, init=False)
    _is_suspect: bool = field(default=False, init=False)
    _is_marked: bool = field(default=False, init=False)
    _current: Journal | None = field(default=None, init=False)

    # --- the run ---------------------------------------------------------------------------------

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Stand between scripts and driver while the block runs."""
        connection = self.database.connection.sync_connection
        assert connection is not None, "it was opened by `database`"
        with intercepted(connection, self):
            yield

    async def open(self, plan: Plan) -> None:
        """Read what is half done; and, where DDL commits, say that a run has begun.

        To be called under the lock. Where DDL rolls back nothing is written, and one query asks
        whether there is a journal at all. Where each transaction is the lock, `read` does it.
        """
        self._table = JournalTable(self.store, self.database.dialect)
        if self.database.joined or self.database.dialect.begin is None:
            await self.database.run(self._open, self._table, plan)

    def _open(self, connection: Connection, table: JournalTable, plan: Plan) -> None:
        try:
            is_there = table.is_there(connection)
            self._rows = table.rows(connection) if is_there else {}
            for run in self._rows.pop(RUN, []):  # it was killed, perhaps when all was done
                self._is_suspect = run.statement != _names(plan.before)
            if self._is_late:
                return
            if not self.database.dialect.transactional_ddl:
                self._mark(connection, table, plan, is_there=is_there)
        finally:
            if not self.database.joined:
                connection.rollback()

    @property
    def _is_late(self) -> bool:
        """True if nothing may be written as long as all goes well."""
        known = self._table is not None and self._table.is_known
        return not (self.store.history_table or known)

    def asked_with(self, heads: str) -> str:
        """Return a query for the heads that gives a number more if there is a journal (SQLite)."""
        assert self._table is not None, "it was opened"
        return f"{heads} UNION ALL {self._table.one_if_there}" if heads else ""

    def read(self, connection: Connection, answer: list[Any] | None) -> list[Any] | None:
        """Read what is half done as soon as the lock is ours (SQLite), and return the heads' rows.

        `answer` is that of `asked_with`, if there is one.
        """
        table = self._table
        assert table is not None, "it was opened"
        if self.database.joined:
            return answer
        if answer is not None and answer[-1:] != [1]:
            table.forget()
            self._rows = {}
            return answer
        self._rows = table.rows(connection) if table.is_there(connection) else {}
        return None if answer is None else answer[:-1]

    def _mark(
        self, connection: Connection, table: JournalTable, plan: Plan, *, is_there: bool
    ) -> None:
        self._is_marked = True
        table.make_once(connection)
        try:
            if is_there:
                table.remove(connection, RUN)
            table.add(connection, RUN, [Row(0, "", _names(plan.after), BEGUN, "")])
            connection.commit()
        except DBAPIError:  # another run, without a lock, has just said the same
            connection.rollback()

    async def close(
        self, alone: Callable[[Connection, Callable[[Connection], None]], None]
    ) -> None:
        """Say that the run has come to its end, and drop the table if nothing is half done.

        `alone` calls a function in a transaction of its own.
        """
        if self._table is not None and self._table.is_known and not self.database.joined:
            try:
                await self.database.run(alone, self._tidy)
            except (BusyError, DBAPIError, LockLostError):
                # The run has done its work; the next one tidies up.
                _log.debug("The journal could not be closed.", exc_info=True)

    def _tidy(self, connection: Connection) -> None:
        assert self._table is not None
        if not self._table.is_known:
            return
        if not set(self._table.rows(connection)) - {RUN}:
            self._table.drop(connection)
        elif self._is_marked:
            self._table.remove(connection, RUN)
        self._is_marked = False

    # --- one revision ----------------------------------------------------------------------------

    async def resolve(self, step: Step) -> None:
        """Find out about the statement of a revision that was begun, and of which nobody knows."""
        rows = self._rows.get(_key(step), [])
        if rows and rows[-1].state == BEGUN and not self.database.joined:
            await self.database.run(self._resolve, step)

    def _resolve(self, connection: Connection, step: Step) -> None:
        """Ask the catalog, outside of any transaction, and write down what it says."""
        dialect, key = self.database.dialect, _key(step)
        row = self._rows[key][-1]
        assert self._table is not None
        with _outside(connection, self.database):
            outcome_probe.until_over(connection, dialect, row.statement)
            verdict = outcome_probe.verdict(connection, dialect, row.statement)
            if verdict == "half":
                outcome_probe.clear(connection, dialect, row.statement)
            if verdict == "done":
                self._table.finish(connection, key, row.position)
            elif verdict != "unknown":
                self._table.remove(connection, key, row.position)
        self._rows[key] = [*self._rows[key][:-1], *_resolved(row, verdict)]

    def begin(self, step: Step, script: Script | None, transaction: Transaction) -> Journal:
        """Return the journal of a revision whose transaction has just begun."""
        rows = list(self._rows.get(_key(step), []))
        unsure = rows.pop() if rows and rows[-1].state == BEGUN else None
        key, checksum = _key(step), script.checksum if script else ""
        earlier = Earlier((*key, journal_of(self.store.version_table)), checksum, rows, unsure)
        journal = Journal(
            transaction.connection,
            transaction.dialect,
            self._table,
            key,
            checksum,
            earlier,
            is_suspect=self._is_suspect,
            is_alone=not (set(self._rows) - {key}),
            turn=self._turn(step),
            fence=transaction.fence,
            is_late=self._is_late,
        )
        transaction.journal = self._current = journal
        if rows:
            many = f"{len(rows)} statements that are" if len(rows) > 1 else "a statement that is"
            self.observer(Noted(f"Revision {key.revision} goes on behind {many} done."))
        return journal

    def _turn(self, step: Step) -> Turn | None:
        if self._table is None or self.database.dialect.begin is None or self.database.joined:
            return None
        return Turn(self.store, self._table, _key(step), step.before)

    def end(self, step: Step) -> None:
        """Forget a revision that is recorded."""
        self._current = None
        self._is_suspect = False
        self._rows.pop(_key(step), None)

    def forget(self, connection: Connection) -> None:
        """Forget all that is half done: a stamp says where the database is, whatever was there."""
        if self._table is not None:
            for key in self._rows:
                self._table.remove(connection, key)
        self._rows.clear()

    def settle(self, connection: Connection) -> None:
        """Write what is known of the revision that failed, in a transaction of the caller's."""
        journal, self._current = self._current, None
        if journal is not None:
            journal.settle()
        self._tidy(connection)

    @property
    def needs_settling(self) -> bool:
        """True if the database does not say what is known."""
        current = self._current
        known = self._table is not None and self._table.is_known
        return self._is_marked or (current is not None and (known or current.needs_settling))

    # --- each statement --------------------------------------------------------------------------

    @property
    def wants_all(self) -> bool:
        """True while statements must not go past SQLAlchemy."""
        return self._current is not None and self._current.wants_all

    def was_sent(self, text: str) -> None:
        """Take note of a statement that went past SQLAlchemy."""
        if self._current is not None:
            self._current.was_sent(text)

    def intercept(self, sending: Sending) -> None:
        """Hand a statement to the journal of the revision that runs."""
        if self._current is None:
            sending.send()
        else:
            self._current.intercept(sending)


def _names(heads: Heads) -> str:
    return " ".join(sorted(heads))


def _key(step: Step) -> Key:
    return Key(step.revision.id if step.revision else "base", step.direction.value)


def _resolved(row: Row, verdict: outcome_probe.Verdict) -> list[Row]:
    if verdict == "done":
        return [
            Row(row.position, row.digest, row.statement, DONE, row.checksum, row.result, row.looks)
        ]
    return [row] if verdict == "unknown" else []


@contextmanager
def _outside(connection: Connection, database: Database) -> Iterator[None]:
    """Let each statement stand for itself in the block."""
    if database.dialect.begin is None:
        connection.execution_options(isolation_level="AUTOCOMMIT")
    try:
        yield
    finally:
        connection.rollback()  # ends SQLAlchemy's own bookkeeping
        if database.dialect.begin is None:
            level = transactional_level(connection.dialect)
            connection.execution_options(isolation_level=level)
