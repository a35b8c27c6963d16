"""What one revision has done, as far as is known, and when it is written down.

A statement is *pending* while the open transaction holds it, and has *stayed* when a commit has
made it permanent. Both are kept in memory; the rows of the journal are written right before a
commit, in the transaction that they tell of.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.dialects.statement_kinds import changes, pieces
from asyncmigrate.engine.journal_earlier import Earlier
from asyncmigrate.engine.journal_session import Session
from asyncmigrate.engine.journal_table import BEGUN, DONE
from asyncmigrate.engine.journal_words import listed
from asyncmigrate.engine.journal_writer import Writer

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from asyncmigrate.dialects.base import Dialect
    from asyncmigrate.engine.journal_item import Item
    from asyncmigrate.engine.journal_table import JournalTable, Key
    from asyncmigrate.engine.lease_table import Fence
    from asyncmigrate.engine.turn import Turn


@dataclass(slots=True, eq=False)
class Book:
    """The book-keeping of one revision in one run; `Journal` sends the statements."""

    connection: Connection
    dialect: Dialect
    table: JournalTable | None = None
    key: Key | None = None
    checksum: str = ""
    earlier: Earlier = field(default_factory=Earlier)
    """What earlier runs have done."""
    is_alone: bool = True
    """No other revision is half done."""
    turn: Turn | None = None
    """What has to hold as long as nobody else has gone on with it, if the lock is given up."""
    fence: Fence | None = None
    """What each commit but the last has to pass here, if the right to migrate is a lease."""
    is_late: bool = False
    """Nothing is written before the revision has failed."""
    stayed: list[Item] = field(default_factory=list, init=False)
    """What has taken effect for good."""
    pending: list[Item] = field(default_factory=list, init=False)
    """What the open transaction holds: a rollback takes it back."""
    is_outside: bool = field(default=False, init=False)
    """True in `op.autocommit()`."""
    is_over: bool = field(default=False, init=False)
    _void: list[int] = field(default_factory=list, init=False)
    """Positions of statements that the server has refused: their rows are wrong."""
    _writer: Writer = field(init=False)
    _session: Session = field(default_factory=Session, init=False)

    def __post_init__(self) -> None:
        positions = {row.position for row in self.earlier.known}
        table = None if self.is_late else self.table
        self._writer = Writer(self.connection, table, self.key, self.checksum, positions)

    @property
    def wants_all(self) -> bool:
        """True while statements must not go past SQLAlchemy."""
        return self._writer.has_rows or self.is_outside or not self.dialect.transactional_ddl

    # --- the transaction -------------------------------------------------------------------------

    def before_commit(self) -> None:
        """Write what the transaction holds, in it; to be called right before it is committed.

        Raises:
            LockLostError: another migrator has the lease by now.
        """
        if self.is_over:
            return
        self._pass_fence()
        if self.is_outside:
            self.keep_turn()
        if self.pending:
            self._writer.make_table()
            self._write(self.pending)

    def keep_turn(self) -> None:
        """Make sure that nobody else has gone on with the revision, where somebody could have.

        Raises:
            BusyError: somebody has.
        """
        if self.turn is not None:
            with self._writer.own_work():
                self.turn.keep(self.connection, self._writer.positions)

    def _pass_fence(self) -> None:
        if self.fence is not None:
            with self._writer.own_work():
                self.fence.hold(self.connection)

    def have_committed(self) -> None:
        """Take note that the transaction was committed before the revision has come to its end."""
        self.stayed += self.pending
        self._writer.have_committed()
        self._have_ended()

    def have_rolled_back(self) -> None:
        """Take note that nothing is pending any more."""
        self._writer.have_rolled_back()
        self._have_ended()

    def _have_ended(self) -> None:
        self.pending.clear()
        self._session.end_transaction()

    def finish(self) -> None:
        """Remove the rows, or the table: in the transaction that records the revision.

        Raises:
            HalfDoneError: the script was edited, and what is done is not in it any more.
        """
        self.earlier.check(self.stayed)
        self.is_over = True
        if self._writer.has_rows:
            self._writer.clear(with_table=self.is_alone and self.dialect.transactional_ddl)

    def settle(self) -> None:
        """Write what is known after a revision failed, in a transaction of the caller's."""
        if self.table is None:
            return
        self._writer.table = self.table
        if any(not item.state for item in self.stayed):
            self._writer.make_table()
        for item in self.stayed:
            if item.state == BEGUN:
                self._writer.finish(item)
        for position in self._void:
            self._writer.remove(position)
        self._writer.write(self.stayed)

    @property
    def needs_settling(self) -> bool:
        """True if the table does not say what is known."""
        return self.table is not None and (
            bool(self._void) or any(item.state != DONE for item in self.stayed)
        )

    def _write(self, items: list[Item], begun: Item | None = None) -> None:
        """Write rows for what has none: what has stayed, what is given, what is about to begin."""
        if not self._session.is_locked:
            self._writer.write([*self.stayed, *items], begun)

    def _commit_own(self) -> None:
        """Commit what was written, where DDL commits and the transaction has nothing else."""
        if self._writer.writes and not self.dialect.transactional_ddl and not self.is_outside:
            self._writer.say("COMMIT")

    def kept(self) -> list[str]:
        """Return the statements that have taken effect for good, of this run and before it."""
        return [*(item.text for item in self.stayed), *self.earlier.texts()]

    def told(self, error: BaseException | None) -> str:
        """Return, as the second half of a sentence, what stayed of a revision that failed.

        Empty if nothing did.
        """
        failed = str(getattr(error, "statement", None) or "")
        partly = not self.dialect.transactional_ddl and len(pieces(failed)) > 1 and changes(failed)
        return listed(self.kept(), partly=partly)
