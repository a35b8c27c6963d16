"""What the statements of one revision have done for good, so that a rerun goes on behind them.

Where it is needed: a database that commits at every CREATE, ALTER and DROP (MySQL, MariaDB), and
what stands outside of a transaction anywhere (`op.autocommit()`, CONCURRENTLY), with what stands
before that. There a revision can stop half-way, and the version table does not say where.

How a statement becomes a row of the journal:

- What a transaction can hold (rows, and on PostgreSQL and SQLite schemas, too) is written in the
  very transaction that it is a part of, right before that ends: the one is never without the
  other, whenever the process dies. Nothing is written if the revision ends first: its rows of the
  journal would go with its version row.
- What commits by itself (MySQL's DDL) is written as *begun* before it is sent; its own commit makes
  that permanent, and all that came before it. Whether it took effect is known when a later row is
  there, or when we lived to see it. Else the next run asks the catalog (`outcome_probe`): a
  DDL statement takes effect whole or not at all; of CREATE INDEX CONCURRENTLY an invalid index may
  be left, which is dropped first. What the catalog cannot tell (MODIFY, a call of a procedure) is
  sent again; if the database then says that it is there already, so does the error.
- The first statement of a revision, if it commits by itself, is not written: one row for the whole
  run says that some first statement may have been begun, and the next run asks the catalog for it.
  So histories of one statement per revision cost nothing more.

What a rerun does with a statement of the script that a row stands for: it is not sent. The script
is told what it was told then: the number of rows, the id, the rows of RETURNING. Queries are sent;
but those about the catalog on the way to a statement that is done get the answers of then, so that
a directive (or a script) that looks first writes the same statement again.

What if they differ (text or values, `Row.digest`)? A script that was edited (its checksum) must
begin with the statements that are done; otherwise the run is refused. One that was not edited has
looked at rows or at the catalog, and found something done: what is new is sent, what does not come
again is passed over. Only an INSERT of other values (uuid4(), now()) is refused: it might be one
that is done.

No flag says "dirty", and nothing has to be forced.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from asyncmigrate.dialects.ddl_outcome import outcomes
from asyncmigrate.dialects.statement_kinds import (
    Kind,
    changes,
    commits,
    fits_transaction,
    kinds_of,
    reads_catalog,
)
from asyncmigrate.engine import outcome_probe
from asyncmigrate.engine.journal_book import Book
from asyncmigrate.engine.journal_digest import first_words
from asyncmigrate.engine.journal_item import Item
from asyncmigrate.engine.journal_looks import Looks
from asyncmigrate.engine.journal_results import UnknownResultError, captured, replay
from asyncmigrate.engine.journal_session import was_taken_back, was_unread
from asyncmigrate.engine.journal_table import DONE
from asyncmigrate.engine.journal_words import refused_result

if TYPE_CHECKING:
    from asyncmigrate.engine.journal_table import Row
    from asyncmigrate.scripts.interception import Sending


@dataclass(slots=True, eq=False)
class Journal(Book):
    """The journal of one revision in one run. Stands between its script and the driver.

    Without a `table` it only takes note, for the error that tells what has stayed.
    """

    is_suspect: bool = False
    """The first statement may have been begun by an earlier run, and has no row."""
    _looks: Looks = field(init=False)
    _last: int = field(init=False)

    def __post_init__(self) -> None:
        Book.__post_init__(self)  # super() does not know the class that slots=True makes
        self._looks = Looks.of(self.earlier.left)
        self._last = max(self._writer.positions, default=0)

    # --- each statement --------------------------------------------------------------------------

    def was_sent(self, text: str) -> None:
        """Take note of a statement without values that went past SQLAlchemy."""
        if not (self.is_over or self._writer.at_work) and changes(text):
            self.pending.append(self._item(text, None))

    def intercept(self, sending: Sending) -> None:
        """Send a statement of the script, or pass it over.

        Raises:
            HalfDoneError: it does not go together with what is done.
        """
        text = sending.text
        if self.is_over or self._writer.at_work:
            sending.send()
        elif not changes(text):
            self._ask(sending)
        elif self._session.has_temporary(text):
            self._change_temporary(sending)
        else:
            try:
                self._change(sending)
            except Exception as error:
                if was_taken_back(self.dialect, error):
                    self.have_rolled_back()
                raise

    def _change(self, sending: Sending) -> None:
        row = self.earlier.take(sending.text, sending.parameters, self.stayed)
        item = self._item(sending.text, sending.parameters)
        if row is not None:
            self._pass_over(sending, item, row)
        else:
            self._give_up_what_is_unsure()
            self._carry_out(sending, item)

    def _item(self, text: str, parameters: Any) -> Item:
        self._last += 1
        return Item(text, parameters, self._last, looks=self._looks.taken())

    def _give_up_what_is_unsure(self) -> None:
        row = self.earlier.give_up()
        if row is not None:
            self._writer.remove(row.position)

    def _pass_over(self, sending: Sending, item: Item, row: Row) -> None:
        self._looks.pass_over(row)
        try:
            made = replay(sending, row.result)
        except UnknownResultError:
            names = self.earlier.names
            raise refused_result(names, row.statement, self.kept()) from None
        remember = self.dialect.remember_id(made) if made is not None else None
        if remember is not None:
            with self._writer.own_work():
                self.connection.exec_driver_sql(remember)
        item.state, item.position = DONE, row.position
        self.stayed.append(item)

    # --- what changes something ------------------------------------------------------------------

    def _carry_out(self, sending: Sending, item: Item) -> None:
        if self.dialect.transactional_ddl:
            if not self.is_outside or self._session.savepoints:
                self._in_transaction(sending, item)
            elif fits_transaction(item.text):
                self._in_own_transaction(sending, item)
            else:
                self._begun_first(sending, item)
        elif Kind.UNSURE in kinds_of(item.text) and self._writer.writes:
            self._begun_first(sending, item)
        elif commits(item.text):
            self._committing(sending, item)
        elif self.is_outside:
            self._in_own_transaction(sending, item)
        else:
            self._in_transaction(sending, item)

    def _send(self, sending: Sending, item: Item) -> None:
        sending.send()
        item.result = captured(sending) if Kind.ROWS in kinds_of(item.text) else None

    def _in_transaction(self, sending: Sending, item: Item) -> None:
        self._send(sending, item)
        self.pending.append(item)

    def _in_own_transaction(self, sending: Sending, item: Item) -> None:
        """Put it and its row into one transaction, where it would have been one of its own."""
        if not self._writer.writes:
            self._send(sending, item)
            self.stayed.append(item)
            return
        self._writer.make_table()
        self._writer.say(self.dialect.begin or "BEGIN")
        try:
            self.keep_turn()
            self._send(sending, item)
            self._write([item])
            self._pass_fence()
            self._writer.say("COMMIT")
        except BaseException:
            self._writer.have_rolled_back()
            with suppress(BaseException):
                self._writer.say("ROLLBACK")
            raise
        self._writer.have_committed()
        self.stayed.append(item)

    def _begun_first(self, sending: Sending, item: Item) -> None:
        """Say that it is begun, send it, say that it is done."""
        self.keep_turn()
        self._writer.make_table()
        self._write(self.pending, begun=item)
        self._pass_fence()
        self._commit_own()
        self.have_committed()
        try:
            sending.send()
        except Exception as error:
            # An index is left invalid, and a procedure may have committed: then it stays begun.
            if not outcomes(item.text) and first_words(item.text)[0] not in _MAY_COMMIT:
                self._take_back(sending, item, error)
            raise
        self.stayed.append(item)
        if item.state:
            self._writer.finish(item)
            self._commit_own()
            self._writer.have_committed()

    def _committing(self, sending: Sending, item: Item) -> None:
        """Send what commits by itself, and with itself all that is pending."""
        is_first = not (self.stayed or self.pending or self._writer.has_rows)
        if is_first and self.is_suspect and self._is_done_already(item):
            replay(sending, None)
            self.stayed.append(item)
            return
        if not is_first:
            self._write(self.pending, begun=item)
        self._pass_fence()  # the statement's own commit frees the row, not before
        try:
            sending.send()
        except Exception as error:
            if not was_unread(self.dialect, error):
                self._follow_refusal(sending, item, error)
            self._take_back(sending, item, error)
            raise
        self.have_committed()
        self.stayed.append(item)

    def _follow_refusal(self, sending: Sending, item: Item, error: Exception) -> None:
        """Find out what became of all that came before a statement that was refused.

        It was committed first, as a rule. But that can fail, too: a node of a cluster finds out
        only then that another one has changed the same rows. The row that was to be committed with
        it tells.
        """
        has_row = True
        if item.state and not self._is_lost(sending, error):
            with suppress(Exception):  # then nobody can tell, and the error is the statement's own
                has_row = self._writer.has(item)
        if has_row:
            self.have_committed()
        else:
            self.have_rolled_back()

    def _is_done_already(self, item: Item) -> bool:
        with self._writer.own_work():
            outcome_probe.until_over(self.connection, self.dialect, item.text)
            return outcome_probe.verdict(self.connection, self.dialect, item.text) == "done"

    def _take_back(self, sending: Sending, item: Item, error: Exception) -> None:
        """Remove the row of a statement that the server has refused."""
        if not item.state or self._is_lost(sending, error):
            return
        self._void.append(item.position)
        with suppress(BaseException):
            self._writer.remove(item.position)

    def _is_lost(self, sending: Sending, error: Exception) -> bool:
        driver = self.connection.connection.dbapi_connection
        return bool(sending.context.dialect.is_disconnect(error, driver, sending.cursor))

    def _ask(self, sending: Sending) -> None:
        """Send what changes nothing; see what it means for the transaction."""
        text = sending.text
        if reads_catalog(text) and not self.dialect.transactional_ddl and self.table is not None:
            self._looks.ask(sending)
            return
        is_commit = self._session.is_committed_by(
            text, ddl_commits=not self.dialect.transactional_ddl, outside=self.is_outside
        )
        if is_commit:
            self.before_commit()
        sending.send()
        if is_commit:
            self.have_committed()
        self._follow(text)

    def _change_temporary(self, sending: Sending) -> None:
        """Send what is about a temporary table: the next run has to do it again."""
        is_gone = first_words(sending.text)[0] == "DROP"
        if commits(sending.text):
            self.before_commit()
        sending.send()
        if is_gone:
            self.have_committed()
            self._follow(sending.text)

    def _follow(self, text: str) -> None:
        self._session.follow(text, self.pending, locks=not self.dialect.transactional_ddl)


_MAY_COMMIT = frozenset({"CALL", "DO", "EXECUTE"})
