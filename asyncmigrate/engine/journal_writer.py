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
    from asyncmigrate.engine.journal_table import JournalTable, Key, Row


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

    def write(self, items: Iterable[Item], begun: Item | None = None) -> None:
        """Write rows for those that have none: what is done, and what is about to begin."""
        if self.table is None:
            return
        rows = [item.row(DONE, self.checksum) for item in items if not item.state]
        if begun is not None:
            rows.append(begun.row(BEGUN, self.checksum))
        self._add(rows)

    def _add(self, rows: list[Row]) -> None:
        with self.own_work():
            self._table.add(self.connection, self._key, rows)
        self.positions.update(row.position for row in rows)
        self.has_rows = self.has_rows or bool(rows)

    def finish(self, item: Item) -> None:
        """Say of a statement that was begun that it is done."""
        with self.own_work():
            self._table.finish(self.connection, self._key, item.position)
        item.state = DONE

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
