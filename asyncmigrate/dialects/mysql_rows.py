"""Rows of MySQL's catalog as objects of a snapshot: the same for tables and for scratch tables."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from asyncmigrate.dialects.mysql_server import charset_of
from asyncmigrate.dialects.mysql_types import type_of
from asyncmigrate.schema.kinds.column import Column, Computed
from asyncmigrate.schema.kinds.index import Index, Indexed
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.kinds.unique import Unique

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncmigrate.dialects.mysql_server import MySQLServer

_OPTION = re.compile(r"""(\w+)=("[^"]*"|'[^']*'|\S+)""")
_ORDINARY = ("BTREE", "HASH")
"""The kinds of indexes that a UNIQUE constraint may have. Which of the two: the engine decides."""


class Place(NamedTuple):
    """The table that rows belong to."""

    schema: str
    table: str
    collation: str | None
    """The default of its columns."""


class ColumnRow(NamedTuple):
    """A column as information_schema.COLUMNS has it."""

    name: str
    position: int
    default: str | None
    nullable: str
    type: str
    collation: str | None
    extra: str
    comment: str | None
    generation: str | None


class IndexRow(NamedTuple):
    """One part of an index as information_schema.STATISTICS has it."""

    key: str
    non_unique: int
    column: str | None
    collation: str | None
    length: int | None
    method: str
    expression: str | None


class TableRow(NamedTuple):
    """A table as information_schema.TABLES has it, but for its name."""

    kind: str
    engine: str | None
    collation: str | None
    comment: str | None
    options: str | None


def table_of(
    server: MySQLServer, place: Place, row: TableRow, partition_by: str | None = None
) -> Table:
    """Return a table with every option that it has; `reconcile` takes those that count."""
    found = {
        "engine": row.engine,
        "charset": charset_of(place.collation),
        "collate": place.collation,
    }
    for name, text in _OPTION.findall(row.options or ""):
        value = text.strip("\"'")
        found[name.lower()] = value.upper() if name.lower() == "row_format" else value
    named = {name: (server.prefix + name, text) for name, text in found.items() if text}
    kept = (each for name, each in named.items() if each[1] != server.usual.get(name))
    return Table(
        place.schema,
        place.table,
        row.comment or None,
        tuple(sorted(named.values())),
        partition_by,
        tuple(sorted(kept)),
    )


def column_of(server: MySQLServer, place: Place, row: ColumnRow, *, checks_json: bool) -> Column:
    """Return a column. `checks_json`: MariaDB's JSON is a LONGTEXT with such a check."""
    type_ = "json" if checks_json and row.type == "longtext" else row.type
    collation = None if type_ == "json" or row.collation == place.collation else row.collation
    extra = row.extra or ""
    computed = _computed(server, row, extra)
    default = None if computed else server.default(type_, row.default, extra)
    counts = "auto_increment" in extra.lower()
    return Column(
        place.schema,
        place.table,
        row.name,
        type_,
        row.nullable == "YES",
        default,
        counts,
        None,
        computed,
        collation,
        row.comment or None,
        type_of(type_, collation),
        row.position,
    )


def _computed(server: MySQLServer, row: ColumnRow, extra: str) -> Computed | None:
    if not row.generation:
        return None
    stored = "STORED" in extra.upper() or "PERSISTENT" in extra.upper()
    return Computed(server.expression(row.generation, escaped=True), stored)


def indexes_of(
    server: MySQLServer, place: Place, rows: Iterable[IndexRow]
) -> Iterator[PrimaryKey | Unique | Index]:
    """Give the keys and indexes of one table; the rows are sorted by index and position.

    A unique index of plain columns is given as a UNIQUE constraint: the server has one thing for
    both. `reconcile` makes an index of it where models declare one.
    """
    for name, group in groupby(rows, key=lambda row: row.key):
        parts = list(group)
        if name == "PRIMARY":
            columns = tuple(str(each.column) for each in parts)
            yield PrimaryKey(place.schema, place.table, "", columns)
        else:
            yield _index(server, place, name, parts)


def _index(server: MySQLServer, place: Place, name: str, parts: list[IndexRow]) -> Unique | Index:
    method = parts[0].method
    columns = tuple(_indexed(server, each) for each in parts)
    unique = not parts[0].non_unique
    if unique and method in _ORDINARY and all(each == Indexed(each.text) for each in columns):
        return Unique(place.schema, place.table, name, tuple(each.text for each in columns))
    special = "" if method in ("BTREE", "HASH") else _METHODS.get(method, method.lower())
    return Index(place.schema, place.table, name, columns, unique, special)


_METHODS = {"RTREE": "spatial"}


def _indexed(server: MySQLServer, row: IndexRow) -> Indexed:
    order = "DESC" if row.collation == "D" else ""
    if row.column is None:
        text = server.expression(row.expression or "", escaped=True)
        return Indexed(text, is_expression=True, order=order)
    # The server counts a prefix of 32 bytes of whatever is in a SPATIAL index.
    length = row.length if row.method in _ORDINARY else None
    return Indexed(row.column, order=order, length=length)
