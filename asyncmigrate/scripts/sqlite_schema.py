"""What stands around a table of SQLite: its indexes, triggers, views, and who refers to it.

Read from the database's own texts. Reads only.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from asyncmigrate.dialects.sqlite_parser import parse
from asyncmigrate.dialects.sqlite_syntax import folded, literal, mentions, names_in, quoted, tokens
from asyncmigrate.dialects.unheard import unheard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from asyncmigrate.dialects.sqlite_table import Table

    Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Item:
    """An index, a trigger or a view."""

    kind: str
    name: str
    table: str
    sql: str
    schema: str

    @property
    def statement(self) -> str:
        """The statement that makes it again, in its own schema."""
        if self.schema == "main":
            return self.sql
        found, _ = tokens(self.sql)
        place = 3 if found[1].says("UNIQUE") else 2
        at = len("".join(t.gap + t.text for t in found[:place]))
        return f"{self.sql[:at]} {quoted(self.schema)}.{self.sql[at:].lstrip()}"


@dataclass(frozen=True, slots=True)
class Reference:
    """One column of a foreign key of the table `child`; `column` is None for the primary key."""

    child: str
    parent: str
    column: str | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A table as the database has it, and everything that has to do with it."""

    connection: Connection
    schema: str
    table: Table
    items: tuple[Item, ...]
    references: tuple[Reference, ...]
    live: bool
    """False if the rows are elsewhere: SQL is only being written."""

    def ask(self, sql: str) -> Rows:
        """Return the rows of a query."""
        return [tuple(row) for row in self.connection.exec_driver_sql(sql)]

    def full(self, name: str) -> str:
        """Return a name with its schema where it has to be said."""
        return quoted(name) if self.schema == "main" else f"{quoted(self.schema)}.{quoted(name)}"

    def of_table(self, kind: str) -> tuple[Item, ...]:
        """Return the indexes or triggers of the table itself."""
        own = folded(self.table.name)
        return tuple(i for i in self.items if i.kind == kind and folded(i.table) == own)

    @property
    def watchers(self) -> tuple[Item, ...]:
        """The views and triggers that may read or write the table, also by way of other views."""
        waiting = [item for item in self.items if item.kind in {"trigger", "view"}]
        names, found = [self.table.name], []
        while names:
            name = names.pop()
            here = [i for i in waiting if folded(i.table) == folded(name) or mentions(i.sql, name)]
            waiting = [item for item in waiting if item not in here]
            names += [item.name for item in here if item.kind == "view"]
            found += here
        return tuple(found)

    @property
    def children(self) -> tuple[str, ...]:
        """The tables with a foreign key to this one, perhaps itself."""
        own = folded(self.table.name)
        return tuple(dict.fromkeys(r.child for r in self.references if folded(r.parent) == own))

    @property
    def refers(self) -> bool:
        """Whether the table has a foreign key itself."""
        own = folded(self.table.name)
        return any(folded(r.child) == own for r in self.references)

    @property
    def has_rows(self) -> bool:
        """Whether there is a row in it; True where that cannot be known."""
        name = self.full(self.table.name)
        return not self.live or bool(self.ask(f"SELECT 1 FROM {name} LIMIT 1"))

    @property
    def has_drop_column(self) -> bool:
        """Whether this SQLite has DROP COLUMN."""
        driver: Any = self.connection.dialect.dbapi
        return bool(driver.sqlite_version_info >= (3, 35))

    def uses(self, column: str) -> bool:
        """Return whether an index, a trigger, a view or a foreign key may name a column."""
        own = folded(self.table.name)
        read = (*self.of_table("index"), *self.watchers)
        return any(mentions(item.sql, column) for item in read) or any(
            folded(r.parent) == own and r.column is not None and folded(r.column) == folded(column)
            for r in self.references
        )


def read(
    connection: Connection, schema: str | None, name: str, *, live: bool
) -> Surroundings | None:
    """Return a table and what stands around it, or None if there is no such table."""
    for where in (schema,) if schema else ("main", "temp"):
        try:
            with unheard(connection):
                items = tuple(_items(connection, where))
        except DBAPIError:  # no file of this name is attached
            return None
        own = next((i for i in items if i.kind == "table" and folded(i.name) == folded(name)), None)
        if own is not None:
            if where != "temp":
                items += tuple(i for i in _items(connection, "temp") if i.kind != "index")
            table = replace(parse(own.sql), written=quoted(own.name))
            references = tuple(_references(connection, where))
            return Surroundings(connection, where, table, items, references, live)
    return None


def _items(connection: Connection, schema: str) -> Iterator[Item]:
    catalog = f"{quoted(schema)}.sqlite_master"
    query = f"SELECT type, name, tbl_name, sql FROM {catalog} WHERE sql IS NOT NULL"
    for kind, name, table, sql in connection.exec_driver_sql(query):
        yield Item(kind, name, table, sql, schema)


def _references(connection: Connection, schema: str) -> Iterator[Reference]:
    query = (
        'SELECT m.name, f."table", f."to" '
        f"FROM {quoted(schema)}.sqlite_master AS m, "
        f"pragma_foreign_key_list(m.name, '{schema.replace(chr(39), chr(39) * 2)}') AS f "
        "WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL %'"
    )
    for child, parent, column in connection.exec_driver_sql(query):
        yield Reference(child, parent, column)


def statistics(around: Surroundings) -> list[str]:
    """Return what writes again what ANALYZE knows of the table, for the indexes that it has then.

    SQLite forgets it with the table, and would plan its queries differently.
    """
    if not any(i.name == "sqlite_stat1" for i in around.items):
        return []
    catalog, table = f"{quoted(around.schema)}.sqlite_stat1", literal(around.table.name)
    found = around.ask(f"SELECT idx, stat FROM {catalog} WHERE tbl = {table} COLLATE NOCASE")
    return [
        f"INSERT INTO {catalog} SELECT {table}, {literal(index)}, {literal(stat)} FROM "
        f"{quoted(around.schema)}.sqlite_master WHERE type = 'index' AND name = {literal(index)}"
        if index is not None
        else f"INSERT INTO {catalog} VALUES ({table}, NULL, {literal(stat)})"
        for index, stat in found
    ]


def subjects(index: Item, columns: set[str]) -> set[str]:
    """Return which of the columns, folded, an index is about."""
    found, _ = tokens(index.sql)
    start = next(place for place, token in enumerate(found) if token.says("ON"))
    return {*names_in(found[start + 2 :])} & columns


def update_columns(trigger: Item) -> set[str]:
    """Return the columns, folded, of a trigger's `UPDATE OF a, b`."""
    found, _ = tokens(trigger.sql)
    for place, token in enumerate(found):
        if token.says("OF") and found[place - 1].says("UPDATE"):
            end = next(i for i in range(place, len(found)) if found[i].says("ON"))
            return {folded(t.name) for t in found[place + 1 : end] if t.is_name}
        if token.says("ON", "BEGIN"):
            break
    return set()


# --- what has to be the same before and after ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Witness:
    """What can be counted and tried out before a table is rebuilt, and again afterwards."""

    rows: dict[str, int]
    violations: Counter[tuple[Any, ...]]
    broken: dict[str, str]
    """The views and triggers that SQLite cannot compile, and why."""


def witness(around: Surroundings) -> Witness:
    """Count the rows of the table and of those that refer to it, and try what depends on it."""
    tables = dict.fromkeys((around.table.name, *around.children))
    rows: dict[str, int] = {}
    violations: Counter[tuple[Any, ...]] = Counter()
    if around.live:
        for name in tables:
            rows[name] = around.ask(f"SELECT count(*) FROM {around.full(name)}")[0][0]
        for name in tables:
            violations.update(_violations(around, name))
    return Witness(rows, violations, dict(_broken(around)))


def _violations(around: Surroundings, table: str) -> Iterator[tuple[Any, ...]]:
    own = folded(table)
    if not any(folded(r.child) == own for r in around.references):
        return
    check = f"PRAGMA {quoted(around.schema)}.foreign_key_check({quoted(table)})"
    try:
        with unheard(around.connection):
            found = list(around.ask(check))
        yield from ((child, rowid, parent) for child, rowid, parent, _ in found)
    except DBAPIError as error:
        yield (table, None, str(error.orig))


def _broken(around: Surroundings) -> Iterator[tuple[str, str]]:
    for item in around.watchers:
        for trial in _trials(around, item):
            try:
                with unheard(around.connection):
                    around.connection.exec_driver_sql(trial).close()
            except DBAPIError as error:
                yield f"{item.kind} {item.name!r}", str(error.orig)
                break


def _trials(around: Surroundings, item: Item) -> Iterator[str]:
    """Give statements that SQLite compiles, and does not run, to see whether all names exist."""
    schema = quoted(item.schema)
    if item.kind == "view":
        yield f"EXPLAIN SELECT * FROM {schema}.{quoted(item.name)}"
        return
    where = next((i.schema for i in around.items if i.kind == "table" and i.name == item.table), "")
    target = f"{quoted(where)}.{quoted(item.table)}" if where else quoted(item.table)
    columns = [
        row[0]
        for row in around.ask(
            f"SELECT name FROM pragma_table_xinfo('{item.table.replace(chr(39), chr(39) * 2)}') "
            "WHERE hidden = 0"
        )
    ]
    event = _event(item)
    if event == "INSERT" and columns:
        first = quoted(columns[0])
        yield f"EXPLAIN INSERT INTO {target} ({first}) VALUES (NULL)"
    elif event == "DELETE":
        yield f"EXPLAIN DELETE FROM {target}"
    elif columns:
        wanted = update_columns(item)
        named = [c for c in columns if not wanted or folded(c) in wanted] or columns[:1]
        yield f"EXPLAIN UPDATE {target} SET " + ", ".join(
            f"{quoted(c)} = {quoted(c)}" for c in named
        )


def _event(trigger: Item) -> str:
    found, _ = tokens(trigger.sql)
    return next(t.text.upper() for t in found[3:] if t.says("INSERT", "DELETE", "UPDATE"))
