"""A table of SQLite made anew: the twelve steps of sqlite.org/lang_altertable.html.

The new table is made under another name, filled, and takes the old one's place, in a savepoint of
the migration's transaction: whatever goes wrong, nothing of it stays. Indexes and triggers are
made again from their own texts; views and other tables' triggers are never touched, because
`legacy_alter_table` keeps the last RENAME from looking at them. Before the savepoint is released
the rows are counted again (of this table and of every table that refers to it), foreign keys are
checked (what was wrong before is not ours), and every view and trigger is tried.

A value goes into the new column as it is, and the column's affinity makes of it what it can: '12'
becomes 12, and 'abc' stays. Alembic writes CAST, which makes 0 of 'abc' and 2026 of '2026-01-01'
in a column that becomes DATETIME. Only a fraction in a column that becomes INTEGER, and a BLOB in
one that becomes TEXT, are cast: affinity leaves those alone.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from asyncmigrate.dialects.sqlite_edits import check
from asyncmigrate.dialects.sqlite_syntax import folded, literal, quoted
from asyncmigrate.errors import RunError, UnsupportedOperationError
from asyncmigrate.scripts.sqlite_schema import (
    read,
    statistics,
    subjects,
    update_columns,
    witness,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection

    from asyncmigrate.dialects.sqlite_table import Column, Table
    from asyncmigrate.scripts.sqlite_schema import Surroundings, Witness

_SAVEPOINT = "asyncmigrate_rebuild"
_MANY_ROWS = 100_000
"""From here on, sorting an index takes longer than starting a thread for it."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A table, and what it is to be."""

    around: Surroundings
    new: Table
    new_indexes: tuple[str, ...] = ()
    fills: Mapping[str, str] = field(default_factory=dict)
    """What the rows get in a new column whose default has changed since, by its folded name."""
    may_misfit: bool = False
    """Whether foreign keys may refer, for a while, to columns that are not unique."""

    @property
    def temporary(self) -> str:
        """A name that nothing in the schema has."""
        taken = {folded(item.name) for item in self.around.items}
        name = f"asyncmigrate_new_{self.new.name}"
        while folded(name) in taken:
            name += "_"
        return name

    @property
    def dropped(self) -> list[str]:
        """The columns that are no longer there."""
        return [c.name for c in self.around.table.columns if self.new.find(c.name) is None]

    @property
    def _lost_columns(self) -> set[str]:
        """The columns, folded, that are no longer there, or are others by the same name."""
        kept = {folded(c.name) for c in self.new.columns if not c.is_new}
        return {folded(c.name) for c in self.around.table.columns} - kept

    def refuse_losses(self) -> None:
        """Raise if something that was not asked for would be lost.

        Raises:
            UnsupportedOperationError: it names what.
        """
        if not self.new.columns or not self._pairs():
            raise UnsupportedOperationError(
                f"No column of table {self.new.name!r} would remain.",
                next="Use op.drop_table and op.create_table.",
            )
        check(self.new, self.dropped)
        gone = {folded(name) for name in self.dropped}
        columns = {folded(column.name) for column in self.around.table.columns}
        for index in self.around.of_table("index"):
            about = subjects(index, columns)
            if about & gone and about - gone:
                raise self._lost(f"the index {index.name!r}", "op.drop_index")
        for trigger in self.around.of_table("trigger"):
            if update_columns(trigger) & gone:
                raise self._lost(f"the trigger {trigger.name!r}", "op.execute")

    def _lost(self, what: str, directive: str) -> UnsupportedOperationError:
        names = " and ".join(repr(name) for name in self.dropped)
        return UnsupportedOperationError(
            f"{names} of table {self.new.name!r} cannot be dropped: {what} needs it.",
            next=f"Drop that first, with {directive}.",
        )

    def statements(self) -> Iterator[str]:
        """Give the steps, up to the last RENAME."""
        around, new, old = self.around, self.new, self.around.table
        schema = None if around.schema == "main" else around.schema
        temporary = around.full(self.temporary)
        yield new.called(self.temporary, schema).text
        yield self._copy(temporary)
        if new.increments and old.increments:
            sequence = f"{quoted(around.schema)}.sqlite_sequence"
            yield f"DELETE FROM {sequence} WHERE name = {literal(self.temporary)}"
            yield (
                f"INSERT INTO {sequence} (name, seq) SELECT {literal(self.temporary)}, seq "
                f"FROM {sequence} WHERE name = {literal(old.name)}"
            )
        yield f"DROP TABLE {around.full(old.name)}"

    def rename(self) -> str:
        """Return the last RENAME."""
        temporary = self.around.full(self.temporary)
        return f"ALTER TABLE {temporary} RENAME TO {quoted(self.new.name)}"

    def _pairs(self) -> list[tuple[str, str]]:
        """Return each column that gets values, and what it gets."""
        old, new = self.around.table, self.new
        pairs = [
            (quoted(column.name), converted(former, column))
            for column in new.stored
            if not column.is_new and (former := old.find(column.name)) is not None
        ]
        pairs += [
            (quoted(column.name), self.fills[folded(column.name)])
            for column in new.stored
            if column.is_new and folded(column.name) in self.fills
        ]
        own = new.rowid_column
        if old.rowid and new.rowid and (own is None or own.is_new):
            pairs.insert(0, (new.rowid, old.rowid))
        return pairs

    def _copy(self, temporary: str) -> str:
        pairs = self._pairs()
        targets = ", ".join(target for target, _ in pairs)
        values = ", ".join(value for _, value in pairs)
        former = self.around.full(self.around.table.name)
        return f"INSERT INTO {temporary} ({targets}) SELECT {values} FROM {former}"

    def again(self) -> Iterator[str]:
        """Give what makes the indexes and triggers again, and the new indexes."""
        columns = {folded(column.name) for column in self.around.table.columns}
        for index in self.around.of_table("index"):
            about = subjects(index, columns)
            if not about or about - self._lost_columns:
                yield index.statement
        for trigger in self.around.of_table("trigger"):
            yield trigger.statement
        yield from self.new_indexes


def converted(old: Column, new: Column) -> str:
    r"""Return the expression that fills a column from the one that it was.

    >>> from asyncmigrate.dialects.sqlite_parser import parse_column
    >>> converted(parse_column("a REAL"), parse_column("a INTEGER"))
    'CASE typeof("a") WHEN \'real\' THEN CAST("a" AS INTEGER) ELSE "a" END'
    >>> converted(parse_column("a TEXT"), parse_column("a DATETIME"))
    '"a"'
    """
    name = quoted(old.name)
    if old.affinity in {"REAL", "NUMERIC"} and new.affinity == "INTEGER":
        return f"CASE typeof({name}) WHEN 'real' THEN CAST({name} AS INTEGER) ELSE {name} END"
    if old.affinity == "BLOB" and new.affinity == "TEXT":
        return f"CAST({name} AS TEXT)"
    return name


def run(rebuild: Rebuild, send: Callable[[str], object]) -> None:
    """Rebuild a table by sending each step: in a savepoint, foreign keys off unless there are none.

    Raises:
        UnsupportedOperationError: something would be lost; it is named.
        RunError: rows would be lost, or a foreign key be violated that was not before.
    """
    around = rebuild.around
    rebuild.refuse_losses()
    before = witness(around)
    plans = statistics(around)
    for statement in rebuild.statements():
        send(statement)
    with _legacy(around, send):
        send(rebuild.rename())
    with _second_sorter(around, before.rows.get(around.table.name, 0)):
        for statement in (*rebuild.again(), *plans):
            send(statement)
    after = read(around.connection, around.schema, rebuild.new.name, live=around.live)
    assert after is not None, "it has just been made"
    found = witness(after)
    if rebuild.may_misfit:
        fits = Counter({v: n for v, n in found.violations.items() if "mismatch" not in str(v[-1])})
        found = replace(found, violations=fits)
    compare(before, found, rebuild.new.name)
    if not around.live:
        for name in dict.fromkeys((rebuild.new.name, *after.children)):
            if after.refers or after.children:
                send(f"PRAGMA {quoted(around.schema)}.foreign_key_check({quoted(name)})")


def compare(before: Witness, after: Witness, table: str) -> None:
    """Raise if a rebuild has changed anything that it must not."""
    for name, count in before.rows.items():
        if after.rows.get(name) != count:
            raise RunError(
                f"Table {name!r} had {_rows(count)} before {table!r} was rebuilt, and "
                f"{after.rows.get(name)} after it.",
                next="This must not happen: please report it, with the table's CREATE TABLE.",
            )
    violated = after.violations - before.violations
    if violated:
        child, rowid, parent = next(iter(violated))
        row = "" if rowid is None else f" (for example the row with rowid {rowid})"
        raise RunError(
            f"{_rows(violated.total())} of {child!r} would refer to nothing in {parent!r}{row}."
            if "mismatch" not in parent
            else f"The foreign keys of {child!r} would no longer fit: {parent}.",
            next="Mend the rows first, or keep what the foreign key refers to.",
        )
    for name, why in after.broken.items():
        if name not in before.broken:
            raise UnsupportedOperationError(
                f"the {name} would no longer work ({why}).",
                next="Drop it first with op.execute, and create it again afterwards.",
            )


def _rows(count: int) -> str:
    """Return how many rows, in words.

    >>> _rows(1), _rows(2)
    ('1 row', '2 rows')
    """
    return "1 row" if count == 1 else f"{count} rows"


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """Undo the block if it fails, inside or outside of a transaction, also when interrupted."""
    connection.exec_driver_sql(f"SAVEPOINT {_SAVEPOINT}")
    try:
        yield
    except BaseException:
        # An interrupted statement takes the whole transaction with it, and the savepoint too.
        with suppress(Exception):
            connection.exec_driver_sql(f"ROLLBACK TO {_SAVEPOINT}")
            connection.exec_driver_sql(f"RELEASE {_SAVEPOINT}")
        raise
    connection.exec_driver_sql(f"RELEASE {_SAVEPOINT}")


@contextmanager
def _second_sorter(around: Surroundings, rows: int) -> Iterator[None]:
    """Let a second thread sort the indexes of a large table, unless threads are set already."""
    if rows < _MANY_ROWS or around.ask("PRAGMA threads")[0][0]:
        yield
        return
    around.ask("PRAGMA threads = 1")
    try:
        yield
    finally:
        with suppress(Exception):
            around.ask("PRAGMA threads = 0")


@contextmanager
def _legacy(around: Surroundings, send: Callable[[str], object]) -> Iterator[None]:
    """Let RENAME change the name of the table and nothing else."""
    if around.ask("PRAGMA legacy_alter_table")[0][0]:
        yield
        return
    send("PRAGMA legacy_alter_table = ON")
    try:
        yield
    finally:
        with suppress(Exception):
            send("PRAGMA legacy_alter_table = OFF")
