"""The journal's own statements, on the connection and in the transaction of the script."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.engine.journal_table import BEGUN, DONE
from asyncmigrate.scripts import simple_query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from asyncmigrate.engine.journal_item import Item
    from asyncmigrate.engine.journal_table import JournalTable, Key


@dataclass(slots=True, eq=False)
class Writer:
    """Writes the rows of one revision. Without a table nothing is written."""

    connection: Connection
    table: JournalTable | None
    key: Key | None
    checksum: str
    positions: set[int]
    """The rows that the table has of the revision, for all that is known."""
    has_rows: bool = field(init=False)
    """True if there are, or were, any."""
    _unsure: list[tuple[Item, str]] = field(default_factory=list, init=False)
    """What the open transaction has written, and what the table said before."""
    at_work: bool = field(default=False, init=False)
    """True while a statement is the journal's own."""

    def __post_init__(self) -> None:
        self.has_rows = bool(self.positions)

    @property
    def writes(self) -> bool:
        """True if there is a table to write to."""
        return self.table is not None

    @contextmanager
    def own_work(self) -> Iterator[None]:
        """Send statements of our own in the block."""
        former, self.at_work = self.at_work, True
        try:
            yield
        finally:
            self.at_work = former

    def say(self, text: str) -> None:
        """Send a statement without values."""
        with self.own_work():
            options = simple_query.options_for(self.connection)
            self.connection.exec_driver_sql(text, execution_options=options)

    def make_table(self) -> None:
        """Create the table if it is missing."""
        if self.table is not None:
            with self.own_work():
                self.table.make_once(self.connection)

    def have_committed(self) -> None:
        """Take note that what was written is there for good."""
        self._unsure.clear()

    def have_rolled_back(self) -> None:
        """Take note that what was written since the last commit is not there any more."""
        for item, state in reversed(self._unsure):
            item.state = state
            if not state:
                self.positions.discard(item.position)
        self._unsure.clear()

    def write(self, items: Iterable[Item], begun: Item | None = None) -> None:
        """Write rows for those that have none: what is done, and what is about to begin."""
        if self.table is None:
            return
        added = [(item, DONE) for item in items if not item.state]
        if begun is not None:
            added.append((begun, BEGUN))
        rows = [item.row(state, self.checksum) for item, state in added]
        with self.own_work():
            self._table.add(self.connection, self._key, rows)
        for item, state in added:
            self._note(item, state)
        self.has_rows = self.has_rows or bool(rows)

    def _note(self, item: Item, state: str) -> None:
        self._unsure.append((item, item.state))
        self.positions.add(item.position)
        item.state = state

    def finish(self, item: Item) -> None:
        """Say of a statement that was begun that it is done."""
        with self.own_work():
            self._table.finish(self.connection, self._key, item.position)
        self._note(item, DONE)

    def has(self, item: Item) -> bool:
        """Return whether the table has the row of a statement. Reads only."""
        with self.own_work():
            return item.position in self._table.positions(self.connection, self._key)

    def remove(self, position: int | None = None) -> None:
        """Remove a row, or all of the revision."""
        with self.own_work():
            self._table.remove(self.connection, self._key, position)
        self.forget(position)

    def forget(self, position: int | None) -> None:
        """Take note that a row, or all of them, are gone."""
        if position is None:
            self.positions.clear()
        else:
            self.positions.discard(position)

    def clear(self, *, with_table: bool) -> None:
        """Remove all rows of the revision, or the whole table."""
        if not with_table:
            self.remove()
            return
        with self.own_work():
            self._table.drop(self.connection)

    @property
    def _table(self) -> JournalTable:
        assert self.table is not None, "only a journal with a table has rows"
        return self.table

    @property
    def _key(self) -> Key:
        assert self.key is not None, "only a journal with a table has rows"
        return self.key
