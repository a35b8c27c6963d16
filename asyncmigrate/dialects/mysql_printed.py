"""What the server says about declared tables: each is made as a temporary table and read back.

CREATE TEMPORARY TABLE commits nothing, nobody else sees the table, and it would be gone with the
connection at the latest. It is in no catalog, so it is read by SHOW, whose texts are made those
of the catalog. Indexes stand within CREATE TABLE, because CREATE INDEX commits even here.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, CreateTable

from asyncmigrate.dialects import by_name
from asyncmigrate.dialects.mysql_column import Definition, _items, _words
from asyncmigrate.dialects.mysql_rows import (
    ColumnRow,
    IndexRow,
    Place,
    column_of,
    indexes_of,
)
from asyncmigrate.dialects.mysql_server import charset_of, plain, quoted
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.sql.compiler import DDLCompiler

    from asyncmigrate.dialects.mysql_forms import MySQLForms
    from asyncmigrate.schema.snapshot import Object

SCRATCH = "_amigrate_scratch"
"""The temporary table's name. One of that name would hide a real table, but only for a moment."""

_KEPT_OPTIONS = ("engine", "charset", "character_set", "collate")
"""The options that decide how columns are printed; others may forbid a temporary table."""

_ON_TABLE = re.compile(r"^CREATE (.*?)INDEX (.*?) ON (?:`(?:[^`]|``)+`|\S+) \(", re.DOTALL)
_COLLATE = re.compile(r"\bCOLLATE[= ](\w+)")
_CHARSET = re.compile(r"\b(?:CHARSET|CHARACTER SET)[= ](\w+)")
_ENGINE = re.compile(r"\bENGINE[= ](\w+)")
_CHECK = re.compile(r"CHECK\s*(?P<clause>\(.*\))(?P<not>.*NOT ENFORCED)?", re.DOTALL)


class InlineIndex(sa.schema.Constraint):
    """An index as a part of CREATE TABLE."""

    def __init__(self, index: sa.Index) -> None:
        super().__init__()
        self.index = index


@compiles(InlineIndex, "mysql", "mariadb")
def _inline_index(element: InlineIndex, compiler: DDLCompiler, **_: Any) -> str:
    text = compiler.process(CreateIndex(element.index))
    return _ON_TABLE.sub(r"\1INDEX \2 (", text)


class Scratch:
    """A declared table as a temporary table: its copy, and what the names in it mean."""

    def __init__(self, table: sa.Table, forms: MySQLForms) -> None:
        self.table = table
        self.forms = forms
        self.server = forms.server
        self.names: dict[str, str] = {}
        """Names of checks in the copy, and what they are in the declared table."""
        self.copy = table.to_metadata(
            sa.MetaData(), schema=table.schema or self.server.database, name=SCRATCH
        )
        self.copy._prefixes = ["TEMPORARY"]
        self._fit()
        preparer = forms.dialect.identifier_preparer
        self.name = preparer.format_table(self.copy).replace("%%", "%")

    def _fit(self) -> None:
        """Make the copy one that can be temporary."""
        prefix = self.server.prefix
        for name in list(self.copy.kwargs):
            plain_name = name.removeprefix(prefix).lower().replace(" ", "_")
            if plain_name.removeprefix("default_") not in _KEPT_OPTIONS:
                del self.copy.dialect_options[self.forms.dialect.name]._non_defaults[
                    name.removeprefix(prefix)
                ]
        if self.server.mariadb:
            return
        # On MySQL a check's name is one of the whole database, and the real table has it.
        for number, check in enumerate(_checks(self.copy)):
            if check.name is not None:
                own = f"{SCRATCH}_{number}"
                self.names[own], check.name = str(check.name), own

    @property
    def indexes(self) -> list[sa.Index]:
        """The indexes that a temporary table of InnoDB can have."""
        return [
            each
            for each in sorted(self.copy.indexes, key=lambda index: str(index.name))
            if self.forms.index_method(each) != "fulltext"
        ]

    def objects(self, connection: sa.Connection) -> Iterator[Object]:
        """Make the table, read it, drop it, and give what was read; nothing if it is refused."""
        with_indexes = [InlineIndex(each) for each in self.indexes]
        if not self._create(connection, with_indexes) and not (
            with_indexes and self._create(connection, [])
        ):
            return
        try:
            found = list(self._read(connection))
        finally:
            connection.exec_driver_sql(f"DROP TEMPORARY TABLE {self._driver_name}")
        yield from found

    @property
    def _driver_name(self) -> str:
        return self.name.replace("%", "%%")

    def _create(self, connection: sa.Connection, indexes: Iterable[InlineIndex]) -> bool:
        for each in indexes:
            self.copy.append_constraint(each)
        create = CreateTable(self.copy, include_foreign_key_constraints=[])
        dialect = by_name("mariadb" if self.server.mariadb else "mysql")
        try:
            with dialect.fitted(self.copy):
                connection.execute(create)
        except (sa.exc.DBAPIError, sa.exc.CompileError) as error:
            if getattr(error, "connection_invalidated", False):
                raise
            self.copy.constraints.difference_update(indexes)
            return False
        return True

    def _read(self, connection: sa.Connection) -> Iterator[Object]:
        create = str(
            plain(connection.exec_driver_sql(f"SHOW CREATE TABLE {self._driver_name}").one()[1])
        )
        items = _Items(create)
        place = self._place(items.tail)
        yield self._table(place, items.tail)
        columns = connection.exec_driver_sql(f"SHOW FULL COLUMNS FROM {self._driver_name}")
        for position, shown in enumerate(columns.mappings(), 1):
            yield self._column(place, items, _lower(shown), position)
        shown_indexes = connection.exec_driver_sql(f"SHOW INDEX FROM {self._driver_name}")
        rows = sorted((_lower(each) for each in shown_indexes.mappings()), key=_index_order)
        for found in indexes_of(self.server, place, [_index_row(row) for row in rows]):
            yield self._named(found)
        yield from self._checks(place, items)

    def _place(self, tail: str) -> Place:
        schema = self.forms.schema(self.table.schema)
        collation, charset = _COLLATE.search(tail), _CHARSET.search(tail)
        if collation is not None:
            return Place(schema, self.table.name, collation[1])
        default = self.server.collations.get(charset[1]) if charset else None
        return Place(schema, self.table.name, default)

    def _table(self, place: Place, tail: str) -> Table:
        """Return the table with its declared options, in the server's words where it has them."""
        engine = _ENGINE.search(tail)
        said = {
            "engine": engine and engine[1],
            "charset": charset_of(place.collation),
            "collate": place.collation,
        }
        prefix = self.server.prefix
        options = tuple(
            (name, said.get(name.removeprefix(prefix)) or text)
            for name, text in self.forms.options(self.table)
        )
        return Table(place.schema, place.table, self.table.comment or None, options)

    def _column(self, place: Place, items: _Items, shown: Mapping[str, Any], position: int) -> Any:
        words = items.columns[shown["field"]]
        default = shown["default"]
        if self.server.mariadb:
            # SHOW COLUMNS has a literal without its quotes.
            default = (words.of("default") or "").removeprefix("DEFAULT ") or None
        generated = words.of("generated")
        row = ColumnRow(
            shown["field"],
            position,
            default,
            shown["null"],
            shown["type"],
            shown["collation"],
            shown["extra"],
            shown["comment"],
            generated and generated[generated.index("(") :],
        )
        own_check = words.of("check") == f"CHECK (json_valid({quoted(row.name)}))"
        return column_of(self.server, place, row, checks_json=own_check)

    def _named(self, found: Object) -> Object:
        if not isinstance(found, PrimaryKey):
            return found
        return replace(found, name=str(self.table.primary_key.name or ""))

    def _checks(self, place: Place, items: _Items) -> Iterator[Check]:
        for name, words in items.columns.items():
            own = words.of("check")
            if own is not None and own != f"CHECK (json_valid({quoted(name)}))":
                yield self._check(place, name, own)
        for name, text in items.checks:
            yield self._check(place, self._check_name(name), text)

    def _check_name(self, name: str) -> str:
        """Return what a check is called in the declared table."""
        if name.startswith(f"{SCRATCH}_chk_"):
            return self.table.name + name.removeprefix(SCRATCH)
        return self.names.get(name, name)

    def _check(self, place: Place, name: str, text: str) -> Check:
        match = _CHECK.match(text)
        clause = self.server.expression(match["clause"] if match else text)
        return Check(place.schema, place.table, name, clause, not (match and match["not"]))


class _Items:
    """SHOW CREATE TABLE, taken apart."""

    def __init__(self, create: str) -> None:
        self.columns: dict[str, Definition] = {}
        self.checks: list[tuple[str, str]] = []
        self.tail = create[create.rfind("\n)") :]
        for item in _items(create):
            name, *rest = _words(item)
            if name[0] in '`"':
                self.columns[_unquoted(name)] = Definition.parse(" ".join(rest))
            elif name == "CONSTRAINT" and rest[1] == "CHECK":
                self.checks.append((_unquoted(rest[0]), " ".join(rest[1:])))


def printed_tables(
    connection: sa.Connection, tables: Sequence[sa.Table], forms: MySQLForms
) -> Iterator[Object]:
    """Give the parts of declared tables as the server prints them, without foreign keys."""
    for table in tables:
        with suppress(sa.exc.InvalidRequestError):
            yield from Scratch(table, forms).objects(connection)


def _checks(table: sa.Table) -> list[sa.CheckConstraint]:
    of_columns = (each for column in table.columns for each in column.constraints)
    found = {
        each for each in (*table.constraints, *of_columns) if isinstance(each, sa.CheckConstraint)
    }
    return sorted(found, key=lambda check: str(check.name))


def _lower(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name).lower(): plain(value) for name, value in row.items()}


def _index_order(row: Mapping[str, Any]) -> tuple[str, int]:
    return row["key_name"], row["seq_in_index"]


def _index_row(row: Mapping[str, Any]) -> IndexRow:
    return IndexRow(
        row["key_name"],
        row["non_unique"],
        row["column_name"],
        row["collation"],
        row["sub_part"],
        row["index_type"],
        row.get("expression"),
    )


def _unquoted(name: str) -> str:
    quote = name[0]
    return name[1:-1].replace(quote * 2, quote)
