"""Making the changes of one table of SQLite: by its own ALTER TABLE, or in one rebuild."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, cast

from sqlalchemy.schema import CreateIndex as SqlCreateIndex

from asyncmigrate.dialects.sqlite_as_alembic import DropShared, MergeForeignKeys
from asyncmigrate.dialects.sqlite_constraints import AddConstraint, CreateIndex, DropIndex
from asyncmigrate.dialects.sqlite_edits import (
    AddColumn,
    ChangeColumn,
    DropColumn,
    Edit,
    RenameColumn,
)
from asyncmigrate.dialects.sqlite_naming import NameConstraints
from asyncmigrate.dialects.sqlite_parser import parse
from asyncmigrate.dialects.sqlite_syntax import folded
from asyncmigrate.dialects.sqlite_table import Table
from asyncmigrate.errors import RunError, UnsupportedOperationError
from asyncmigrate.scripts import sqlite_changes, sqlite_rebuild
from asyncmigrate.scripts.elements import add_referents
from asyncmigrate.scripts.shadow import unknown_structure
from asyncmigrate.scripts.sqlite_reflected import retyped_columns
from asyncmigrate.scripts.sqlite_schema import Item, Surroundings, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import sqlalchemy as sa
    from sqlalchemy import Connection
    from sqlalchemy.schema import SchemaItem

    from asyncmigrate.dialects.sqlite_constraints import Naming
    from asyncmigrate.scripts.sink import LiveSink, Sink
    from asyncmigrate.scripts.sqlite_changes import Target
    from asyncmigrate.scripts.sqltext import SqlSink

Send = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Options:
    """What `op.batch_alter_table` can say about the way in which a table is changed."""

    recreate: Literal["auto", "always", "never"] = "auto"
    partial_reordering: Sequence[Sequence[str]] = ()
    copy_from: sa.Table | None = None
    table_args: Sequence[SchemaItem] = ()
    table_kwargs: Mapping[str, Any] = field(default_factory=dict)
    reflect_args: Sequence[SchemaItem] = ()
    reflect_kwargs: Mapping[str, Any] = field(default_factory=dict)
    naming: Naming | None = None
    as_alembic: bool = False
    """What has no name gets that of `naming` where Alembic would have made the table anew; a
    foreign key or UNIQUE goes with any of its columns; of foreign keys that are equal one is
    left; and they need not fit until the revision's end."""

    def demands_rebuild(self, edits: Sequence[Edit]) -> bool:
        """Whether the table is to be made anew even if SQLite could do the changes itself."""
        names = self.as_alembic and self.naming is not None
        return self.recreate == "always" or (
            names and any(not isinstance(e, AddColumn | CreateIndex | DropIndex) for e in edits)
        )

    def together(self, edits: Sequence[Edit], table: Table, place: _Place) -> list[Edit]:
        """Return the changes with those that only a rebuild brings along."""
        dialect = place.sink.dialect
        reflects = {} if self.copy_from is not None else self.reflect_kwargs
        heard = retyped_columns(place.connection, place.target, reflects)
        named = (
            [NameConstraints(self.naming)] if self.as_alembic and self.naming is not None else []
        )
        return [
            *named,
            *sqlite_changes.from_reflect_args([*heard, *self.reflect_args], dialect),
            *(_as_alembics(edits) if self.as_alembic else edits),
            *_required_by_keys(edits, self.copy_from),
            *sqlite_changes.from_table_args(self.table_args, table, dialect),
            *sqlite_changes.from_table_kwargs(self.table_kwargs),
        ]


def _as_alembics(edits: Sequence[Edit]) -> Iterator[Edit]:
    """Give the changes, with what becomes of a table that Alembic makes anew."""
    for edit in edits:
        if isinstance(edit, DropColumn):
            yield DropShared(edit.name)
        yield edit
    yield MergeForeignKeys()


def _required_by_keys(edits: Sequence[Edit], given: sa.Table | None) -> Iterator[Edit]:
    """Give NOT NULL for the columns of a new primary key, unless `given` says what they are."""
    for edit in edits:
        if given is None or not isinstance(edit, AddConstraint):
            continue
        for name in edit.clause.columns if edit.clause.kind == "primary key" else ():
            column = given.columns.get(name)
            if column is not None and not isinstance(column._user_defined_nullable, bool):
                yield ChangeColumn(name, nullable=False)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the changes are made: a database, or SQL text with a shadow beside it."""

    sink: Sink
    target: Target
    options: Options

    @property
    def connection(self) -> Connection:
        """Where structure can be read."""
        return self._written.shadow.connection if self.sink.as_sql else self.sink.bind()

    @property
    def _written(self) -> SqlSink:
        return cast("SqlSink", self.sink)

    def send(self, sql: str) -> None:
        """Send a step of a rebuild, or write it."""
        if self.sink.as_sql:
            self._written.write_step(sql)
        else:
            self.connection.exec_driver_sql(sql)

    def send_native(self, sql: str) -> None:
        """Send a statement that SQLite carries out alone, or write it."""
        if self.sink.as_sql:
            self._written.write_sql(sql)
        else:
            self.connection.exec_driver_sql(sql)

    def read(self) -> Surroundings | None:
        """Return the table as it is, or as `copy_from` says."""
        live = not self.sink.as_sql
        found = read(self.connection, self.target.schema, self.target.name, live=live)
        if self.options.copy_from is None or (found is None and live):
            return found
        return _copied(self.options.copy_from, found, self)


def apply(sink: Sink, target: Target, edits: Sequence[Edit], options: Options | None) -> None:
    """Make changes of one table, all of them or none.

    Raises:
        UnsupportedOperationError: something would be lost; or a rebuild is needed and forbidden.
        OfflineError: with --sql the table's structure is not known.
        RunError: what is to be changed does not exist.
    """
    options = options or Options()
    place = _Place(sink, target, options)
    edits = [*edits, *sqlite_changes.from_reordering(options.partial_reordering)]
    around = place.read()
    if around is None and (edits or options.recreate != "always"):
        _blindly(place, edits)
        return
    if around is None:
        raise _no_table(target)
    native = None if options.demands_rebuild(edits) else _native(around, edits)
    if native is not None:
        with _savepoint(place) if len(native) > 1 else nullcontext():
            for sql in native:
                place.send_native(sql)
        return
    if options.recreate == "never":
        raise UnsupportedOperationError(
            f'SQLite can only do this by making table {target.name!r} anew, and recreate="never" '
            "forbids it.",
            next='Leave recreate="never" out.',
        )
    _rebuild(place, around, options.together(edits, around.table, place))


def at_once(sink: Sink, target: Target, edit: Edit) -> bool:
    """Make a change by SQLite's own ALTER TABLE, and return whether that was possible.

    Nothing is asked about the table unless it has to be known.

    Raises:
        RunError: what is to be changed does not exist.
        OfflineError: with --sql the table's structure is not known.
        DBAPIError: SQLite refuses.
    """
    place = _Place(sink, target, Options())
    if isinstance(edit, AddColumn | RenameColumn) and edit.is_native(_NONE, _Unknown()):
        place.send_native(edit.sql)
        return True
    if not isinstance(edit, AddColumn | DropColumn):
        return False
    around = place.read()
    if around is None:
        _blindly(place, [edit])
        return True
    native = _native(around, [edit])
    for sql in native or ():
        place.send_native(sql)
    return native is not None


def _native(around: Surroundings, edits: Sequence[Edit]) -> list[str] | None:
    """Return SQLite's own statements for the changes, or None if it needs a rebuild."""
    table, statements = around.table, []
    for edit in edits:
        if not edit.is_native(table, around):
            return None
        missing = isinstance(edit, DropColumn) and table.find(edit.name) is None
        if edit.sql and not missing:
            statements.append(edit.sql)
        table = edit.apply(table)
    return statements


def _blindly(place: _Place, edits: Sequence[Edit]) -> None:
    """Send changes of a table that is not there, or of which nothing is known."""
    if place.sink.as_sql:
        for edit in edits:
            plain = edit.sql and not getattr(edit, "if_exists", False)
            if not plain or (isinstance(edit, AddColumn) and not edit.is_native(_NONE, _Unknown())):
                why = "the statements before this one do not create it"
                raise unknown_structure(place.target.name, place.sink.shadow.gap or why)
    for edit in edits:
        if getattr(edit, "if_exists", False):
            continue
        if not edit.sql:
            raise _no_table(place.target)
        place.send_native(edit.sql)


def _no_table(target: Target) -> RunError:
    return RunError(f"There is no table {target.name!r}.", next="Mend its name in the script.")


_NONE = Table("", "", "", (), (), "")


@dataclass(frozen=True, slots=True)
class _Unknown:
    """What stands around a table of which nothing is known."""

    has_rows: bool = True
    has_drop_column: bool = False

    def uses(self, column: str) -> bool:
        return True


def _rebuild(place: _Place, around: Surroundings, edits: Sequence[Edit]) -> None:
    if place.sink.as_sql and place.options.copy_from is None:
        place.sink.shadow.check(place.target.name)
    tied = bool(around.children) or around.refers or any(_adds_reference(e) for e in edits)
    with _foreign_keys_off(place) if tied else nullcontext(), _savepoint(place):
        for renames, rest in _segments(edits):
            for rename in renames:
                place.send(rename.sql)
            _one_rebuild(place, rest, renames)


def _adds_reference(edit: Edit) -> bool:
    if isinstance(edit, AddColumn):
        return edit.column.clause("foreign key") is not None
    return isinstance(edit, AddConstraint) and edit.clause.kind == "foreign key"


def _segments(edits: Sequence[Edit]) -> Iterator[tuple[list[RenameColumn], list[Edit]]]:
    """Give the changes in parts, the renames of each, which SQLite does itself, before the rest.

    There is more than one part only if a rename cannot be moved before what stands before it.
    """
    renames: list[RenameColumn] = []
    rest: list[Edit] = []
    for edit in edits:
        if not isinstance(edit, RenameColumn):
            rest.append(edit)
            continue
        moved = [each.after_rename(edit.name, edit.new) for each in rest]
        if None in moved:
            yield renames, rest
            renames, rest = [edit], []
        else:
            renames.append(edit)
            rest = [each for each in moved if each is not None]
    yield renames, rest


def _one_rebuild(place: _Place, edits: Sequence[Edit], renames: Sequence[RenameColumn]) -> None:
    for edit in edits:
        if isinstance(edit, DropIndex):
            place.send(edit.sql)
    around = place.read()
    assert around is not None, "it was there a moment ago"
    if place.options.copy_from is not None:
        for rename in renames:
            around = replace(around, table=rename.apply(around.table))
    new = around.table
    for edit in edits:
        new = edit.apply(new)
    if not edits and place.options.recreate != "always":
        return
    indexes = tuple(edit.sql for edit in edits if isinstance(edit, CreateIndex))
    rebuild = sqlite_rebuild.Rebuild(
        around,
        new,
        new_indexes=indexes,
        fills=_fills(edits),
        may_misfit=place.options.as_alembic,
    )
    sqlite_rebuild.run(rebuild, place.send)


def _fills(edits: Sequence[Edit]) -> dict[str, str]:
    """Return the defaults of columns that are added here and then get another default, or none.

    The rows get the default that the column was added with, as if it had been added alone.
    """
    changed = {folded(e.name) for e in edits if isinstance(e, ChangeColumn) and e.value is not None}
    added = [
        e.column for e in edits if isinstance(e, AddColumn) and folded(e.column.name) in changed
    ]
    defaults = {folded(column.name): column.clause("default") for column in added}
    return {
        name: default.text.removeprefix("DEFAULT").strip()
        for name, default in defaults.items()
        if default is not None
    }


@contextmanager
def _savepoint(place: _Place) -> Iterator[None]:
    if place.sink.as_sql:
        place._written.foreign_keys_off = True
        yield
    else:
        with sqlite_rebuild.savepoint(place.connection):
            yield


@contextmanager
def _foreign_keys_off(place: _Place) -> Iterator[None]:
    """Let the block run without foreign keys: dropping a table would delete its children's rows.

    Inside of a transaction the pragma does nothing, and whoever opened it must start again.
    """
    connection = place.connection
    if place.sink.as_sql or not connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
        yield
        return
    driver: Any = connection.connection.driver_connection
    if driver.in_transaction:
        cast("LiveSink", place.sink).leave_foreign_keys()
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    if connection.exec_driver_sql("PRAGMA foreign_keys").scalar():  # something else has begun one
        cast("LiveSink", place.sink).leave_foreign_keys()
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def _copied(given: sa.Table, found: Surroundings | None, place: _Place) -> Surroundings:
    """Return the table as `copy_from` says; triggers and views are still the database's."""
    dialect = place.sink.dialect
    bare = given.to_metadata(
        type(given.metadata)(), name=place.target.name, schema=cast("str", None)
    )
    add_referents(bare.metadata, bare)
    table = parse(sqlite_changes.table_text(bare, dialect))
    schema = place.target.schema or "main"
    known = {} if found is None else {folded(i.name) for i in found.items}
    indexes = tuple(
        Item(
            "index",
            str(i.name),
            table.name,
            str(SqlCreateIndex(i).compile(dialect=dialect)),
            schema,
        )
        for i in sorted(bare.indexes, key=lambda index: str(index.name))
        if folded(str(i.name)) not in known
    )
    if found is None:
        place.connection.exec_driver_sql(table.text)  # the shadow's, so that it can be followed
        own = Item("table", table.name, table.name, table.text, schema)
        return Surroundings(place.connection, schema, table, (own, *indexes), (), live=False)
    lost = [c.name for c in found.table.columns if table.find(c.name) is None]
    if lost:
        raise UnsupportedOperationError(
            f"copy_from does not name {', '.join(map(repr, lost))} of table {table.name!r}, which "
            "would be lost with all values.",
            next="Add it to the Table, or drop it with batch_op.drop_column.",
        )
    return replace(found, table=table, items=(*found.items, *indexes))
