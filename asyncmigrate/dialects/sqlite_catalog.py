"""Reads SQLite: the texts in its `sqlite_master` say all there is to know, in one query.

What the pragmas give is less (no CHECK, no collation, no name of a constraint) and dearer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from asyncmigrate.dialects.sqlite_forms import SQLiteForms
from asyncmigrate.dialects.sqlite_objects import Found, index_object, table_objects, view_object
from asyncmigrate.dialects.sqlite_reconcile import as_declared
from asyncmigrate.dialects.sqlite_statements import table_statement
from asyncmigrate.dialects.sqlite_syntax import folded, literal, quoted, tokens
from asyncmigrate.dialects.sqlite_uncompared import uncompared
from asyncmigrate.dialects.sqlite_words import view_definition
from asyncmigrate.errors import UnsupportedOperationError
from asyncmigrate.schema.elsewhere import elsewhere
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import sqlalchemy as sa

    from asyncmigrate.schema.kinds.view import View
    from asyncmigrate.schema.scope import Scope
    from asyncmigrate.schema.snapshot import Object, Snapshot

_SHADOWS = {
    "fts3": ("content", "segments", "segdir", "docsize", "stat"),
    "fts4": ("content", "segments", "segdir", "docsize", "stat"),
    "fts5": ("data", "idx", "content", "docsize", "config"),
    "rtree": ("node", "parent", "rowid"),
    "rtree_i32": ("node", "parent", "rowid"),
    "geopoly": ("node", "parent", "rowid"),
}
"""How the tables are called in which SQLite's own modules keep what is in a virtual table. SQLite
knows that of every module, but only of those that are loaded, and only since 3.37."""


class Row(NamedTuple):
    """A row of `sqlite_master`."""

    schema: str
    kind: str
    name: str
    table: str
    sql: str


class SQLiteCatalog:
    """Reads a database of SQLite and the files that are attached to it."""

    def forms(self, connection: sa.Connection) -> SQLiteForms:
        """Return how SQLite prints what models declare: as it is typed, in our spelling."""
        return SQLiteForms(connection.dialect, "main")

    def read(self, connection: sa.Connection, scope: Scope) -> Snapshot:
        """Return what the database holds, in one query; two more with files or virtual tables.

        Not listed: SQLite's own tables, virtual tables and those that they are made of.

        Raises:
            UnsupportedOperationError: a CREATE TABLE cannot be taken apart.
        """
        rows = list(_rows(connection, _attached(connection, scope)))
        hidden = _hidden(connection, rows)
        listed = (
            row
            for row in rows
            if not row.name.lower().startswith("sqlite_")
            and (row.schema, folded(row.table)) not in hidden
            and scope.takes(row.schema, row.table)
        )
        return elsewhere(len(rows), _snapshot, listed)

    def uncompared(self, connection: sa.Connection, scope: Scope) -> tuple[str, ...]:
        """Return what is of no kind that is compared, in words; one query."""
        return uncompared(connection, scope, _attached(connection, scope))

    def printed(
        self, connection: sa.Connection, tables: Sequence[sa.Table], views: Sequence[View]
    ) -> Snapshot:
        """Return declared tables and views as they would be read if they were made.

        SQLite keeps what is typed, so what SQLAlchemy would type is read. Nothing is sent.
        """
        forms = self.forms(connection)
        typed = (row for table in tables for row in _typed(table, forms))
        found = elsewhere(10 * len(tables), _snapshot, typed)
        return {**found, **{view.key: _plain(view) for view in views}}

    def reconcile(self, live: Snapshot, declared: Snapshot) -> Snapshot:
        """Return the live snapshot in the terms that models chose; see `sqlite_reconcile`."""
        return as_declared(live, declared)


def _attached(connection: sa.Connection, scope: Scope) -> list[str]:
    """Return the schemas of the scope that there are, "" first."""
    wanted = sorted(scope.schemas)
    if not any(wanted):
        return wanted
    there = {folded(row[1]) for row in connection.exec_driver_sql("PRAGMA database_list")}
    return [schema for schema in wanted if not schema or folded(schema) in there | {"temp"}]


def _rows(connection: sa.Connection, schemas: Sequence[str]) -> Iterator[Row]:
    if not schemas:
        return
    selects = [
        f"SELECT {literal(schema)} AS place, type, name, tbl_name, sql "
        f"FROM {quoted(schema or 'main')}.sqlite_master WHERE sql IS NOT NULL"
        for schema in schemas
    ]
    query = " UNION ALL ".join(selects)
    yield from map(Row._make, connection.exec_driver_sql(query))


def _hidden(connection: sa.Connection, rows: Sequence[Row]) -> set[tuple[str, str]]:
    """Return schema and folded name of the virtual tables and of those that they are made of."""
    hidden: set[tuple[str, str]] = set()
    virtual = [row for row in rows if row.kind == "table" and _is_virtual(row)]
    for row in virtual:
        own = folded(row.name)
        hidden.add((row.schema, own))
        hidden |= {(row.schema, f"{own}_{end}") for end in _SHADOWS.get(_module(row), ())}
    driver: Any = connection.dialect.dbapi
    if virtual and driver.sqlite_version_info >= (3, 37):
        query = "SELECT schema, name FROM pragma_table_list WHERE type = 'shadow'"
        for schema, name in connection.exec_driver_sql(query):
            hidden.add(("" if schema == "main" else schema, folded(name)))
    return hidden


def _is_virtual(row: Row) -> bool:
    return row.sql[:16].upper().startswith("CREATE VIRTUAL")


def _module(row: Row) -> str:
    found, _ = tokens(row.sql)
    place = next((i for i, token in enumerate(found) if token.says("USING")), -1)
    return folded(found[place + 1].name) if 0 <= place < len(found) - 1 else ""


def _snapshot(rows: Iterable[Row]) -> dict[Key, Object]:
    """Return the objects that statements make, sorted by table."""
    known = sorted(row for row in rows if row.kind in {"table", "index", "view"})
    tables: dict[str, dict[str, Found]] = {}
    for row in known:
        if row.kind == "table":
            tables.setdefault(row.schema, {})[folded(row.name)] = _found(row)
    found: dict[Key, Object] = {}
    for others in tables.values():
        for table in others.values():
            for each in table_objects(table, others):
                _add(found, each)
    for row in known:
        if row.kind == "index":
            index = index_object(tables[row.schema][folded(row.table)], row.name, row.sql)
            found[index.key] = index
    found.update((view.key, view) for view in _views(known))
    return found


def _add(found: dict[Key, Object], each: Any) -> None:
    """Add an object; of constraints with one name, which SQLite allows, the first keeps it."""
    if found.setdefault(each.key, each) is not each:
        nameless = replace(each, name="")
        found.setdefault(nameless.key, nameless)


def _views(rows: Sequence[Row]) -> Iterator[View]:
    relations: dict[str, dict[str, Key]] = {}
    for row in rows:
        if row.kind != "index":
            key = Key(row.kind, row.schema, "", row.name)
            relations.setdefault(row.schema, {})[folded(row.name)] = key
    for row in rows:
        if row.kind == "view":
            yield view_object(row.schema, row.name, row.sql, relations[row.schema])


def _found(row: Row) -> Found:
    try:
        return Found.of(row.schema, row.name, table_statement(row.sql))
    except UnsupportedOperationError as error:
        raise UnsupportedOperationError(
            f"The table {row.name!r} cannot be compared. {error.message}",
            next=f"Leave it out: exclude = [{row.name!r}] in the settings. {error.next}",
        ) from error


def _typed(table: sa.Table, forms: SQLiteForms) -> list[Row]:
    """Return the statements that SQLAlchemy makes of a table, as they would be kept.

    None at all if it cannot make one. Foreign keys are left out: models may refer to tables that
    are not there.
    """
    schema, name = forms.schema(table.schema), str(table.name)
    create = CreateTable(table, include_foreign_key_constraints=[])
    try:
        made = [Row(schema, "table", name, name, str(create.compile(dialect=forms.dialect)))]
        for index in table.indexes:
            sql = str(CreateIndex(index).compile(dialect=forms.dialect))
            made.append(Row(schema, "index", str(index.name), name, sql))
    except SQLAlchemyError:
        return []
    return made


def _plain(view: View) -> View:
    return replace(view, definition=view_definition(view.definition))
