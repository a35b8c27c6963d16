"""What the server says about declared tables: each is made as a temporary table and read back.

CREATE TEMPORARY TABLE commits nothing, nobody else sees the table, and it would be gone with the
connection at the latest. It is in no catalog, so it is read by SHOW, whose texts are made those
of the catalog.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from asyncmigrate.dialects.mysql_column import Definition, _items, _unquoted, _words, checks_of
from asyncmigrate.dialects.mysql_reconcile import as_declared
from asyncmigrate.dialects.mysql_rows import ColumnRow, IndexRow, Place, column_of, indexes_of
from asyncmigrate.dialects.mysql_scratch import PRIVATE, Scratch
from asyncmigrate.dialects.mysql_server import charset_of, plain, quoted
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import sqlalchemy as sa

    from asyncmigrate.dialects.mysql_forms import MySQLForms
    from asyncmigrate.schema.kinds.column import Column
    from asyncmigrate.schema.kinds.table import Table
    from asyncmigrate.schema.snapshot import Object

_COLLATE = re.compile(r"\bCOLLATE[= ](\w+)")
_CHARSET = re.compile(r"\b(?:CHARSET|CHARACTER SET)[= ](\w+)")
_ENGINE = re.compile(r"\bENGINE[= ](\w+)")
_CHECK = re.compile(r"CHECK\s*(?P<clause>\(.*\))(?P<not>.*NOT ENFORCED)?", re.DOTALL)


def printed_table(
    connection: sa.Connection, table: sa.Table, forms: MySQLForms
) -> Mapping[Key, Object]:
    """Return a declared table and its parts as the server prints them, without foreign keys.

    Empty if the server refuses the table.
    """
    # Where a CHECK calls the table by its name, nothing but that name will do: the temporary
    # table hides the real one until it is dropped. What no table can have may be an index.
    for name, indexes in ((PRIVATE, True), (table.name, True), (PRIVATE, False)):
        scratch = Scratch(table, forms, name)
        if scratch.create(connection, indexes=indexes):
            try:
                found = list(_Shown(connection, table, scratch).objects())
            finally:
                scratch.drop(connection)
            return as_declared({each.key: each for each in found}, scratch.declared)
    return {}


class _Shown:
    """A temporary table as SHOW describes it."""

    def __init__(self, connection: sa.Connection, table: sa.Table, scratch: Scratch) -> None:
        self.connection = connection
        self.table = table
        self.scratch = scratch
        self.forms = scratch.forms
        self.server = scratch.forms.server

    def rows(self, what: str) -> list[dict[str, Any]]:
        """Run SHOW, and return its rows by the lower-case names of the columns."""
        result = self.connection.exec_driver_sql(f"SHOW {what} {self.scratch.name}")
        return [{str(k).lower(): plain(v) for k, v in row.items()} for row in result.mappings()]

    def objects(self) -> Iterator[Object]:
        """Give the table and its parts."""
        (shown,) = self.rows("CREATE TABLE")
        items = _Items(str(shown["create table"]))
        place = self.place(items.tail)
        yield self.shown_table(place, items.tail)
        # MySQL shows the hidden columns of a temporary table's indexes as well.
        rows = [r for r in self.rows("FULL COLUMNS FROM") if r["field"] in items.columns]
        for position, row in enumerate(rows, 1):
            yield self.column(place, items, row, position)
        indexes = sorted(self.rows("INDEX FROM"), key=lambda r: (r["key_name"], r["seq_in_index"]))
        yield from indexes_of(self.server, place, [self.index_row(row) for row in indexes])
        yield from self.checks(place, items)

    def place(self, tail: str) -> Place:
        """Return where the parts belong: to the declared table."""
        schema, name = self.forms.schema(self.table.schema), self.forms.name(self.table.name)
        collation, charset = _COLLATE.search(tail), _CHARSET.search(tail)
        if collation is not None:
            return Place(schema, name, collation[1])
        default = self.server.collations.get(charset[1]) if charset else None
        return Place(schema, name, default)

    def shown_table(self, place: Place, tail: str) -> Table:
        """Return the table with its declared options, in the server's words where it has them."""
        engine = _ENGINE.search(tail)
        said = {
            "engine": engine and engine[1],
            "charset": charset_of(place.collation),
            "collate": place.collation,
        }
        prefix = self.server.prefix
        declared = cast("Table", self.scratch.declared[Key("table", place.schema, "", place.table)])
        options = [(n, said.get(n.removeprefix(prefix)) or text) for n, text in declared.options]
        return replace(declared, options=tuple(options), element=None)

    def column(self, place: Place, items: _Items, row: Mapping[str, Any], position: int) -> Column:
        """Return a column; what SHOW COLUMNS leaves out is in SHOW CREATE TABLE."""
        words = items.columns[row["field"]]
        default, extra = self.default(words, row)
        generated = words.of("generated")
        found = ColumnRow(
            row["field"],
            position,
            default,
            row["null"],
            row["type"],
            row["collation"],
            extra,
            row["comment"],
            generated and self.server.in_catalog(generated[generated.index("(") :]),
        )
        return column_of(self.server, place, found, checks_json=_is_json(words, found.name))

    def default(self, words: Definition, row: Mapping[str, Any]) -> tuple[str | None, str]:
        """Return COLUMN_DEFAULT and EXTRA as the catalog would have them."""
        text = (words.of("default") or "").removeprefix("DEFAULT ")
        extra = row["extra"] or ""
        if self.server.mariadb:
            return text or None, extra  # SHOW COLUMNS has a literal without its quotes
        if text.startswith("("):
            # SHOW COLUMNS does not say that it is none, if the table is temporary.
            return self.server.in_catalog(text[1:-1]), f"{extra} DEFAULT_GENERATED"
        if row["default"] and "binary" in row["type"]:
            return _hexadecimal(row["default"]), extra
        return row["default"], extra

    def index_row(self, row: Mapping[str, Any]) -> IndexRow:
        """Return one part of an index; MariaDB has no expressions in them."""
        expression = row.get("expression")
        return IndexRow(
            row["key_name"],
            row["non_unique"],
            row["column_name"],
            row["collation"],
            row["sub_part"],
            row["index_type"],
            expression and self.server.in_catalog(expression),
        )

    def checks(self, place: Place, items: _Items) -> Iterator[Check]:
        """Give the checks, but those that make a column JSON."""
        for name, words in items.columns.items():
            own = words.of("check")
            if own is not None and not _is_json(words, name):
                yield self.check(place, name, own)
        for name, text in items.checks:
            yield self.check(place, self.scratch.names.get(name, name), text)

    def check(self, place: Place, name: str, text: str) -> Check:
        """Return one check of its words."""
        match = _CHECK.match(text)
        clause = self.server.expression(match["clause"] if match else text)
        return Check(place.schema, place.table, name, clause, not (match and match["not"]))


class _Items:
    """SHOW CREATE TABLE, taken apart."""

    def __init__(self, create: str) -> None:
        self.columns: dict[str, Definition] = {}
        self.checks = checks_of(create)
        self.tail = create[create.rfind("\n)") :]
        for item in _items(create):
            name, *rest = _words(item)
            if name[0] in '`"':
                self.columns[_unquoted(name)] = Definition.parse(" ".join(rest))


def _hexadecimal(text: str) -> str:
    r"""Return bytes as MySQL's catalog has them, which ends where one is zero.

    >>> _hexadecimal("ab\0"), _hexadecimal("0x61FF")
    ('0x6162', '0x61FF')
    """
    content = bytes.fromhex(text[2:]) if text.startswith("0x") else text.encode()
    return f"0x{content.partition(bytes(1))[0].hex().upper()}"


def _is_json(words: Definition, column: str) -> bool:
    return words.of("check") == f"CHECK (json_valid({quoted(column)}))"
