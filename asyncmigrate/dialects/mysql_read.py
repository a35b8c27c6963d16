"""A whole MySQL or MariaDB database, read in a fixed number of queries of information_schema."""

from __future__ import annotations

import re
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import sqlalchemy as sa

from asyncmigrate.dialects.mysql_forms import MySQLForms
from asyncmigrate.dialects.mysql_rows import (
    ColumnRow,
    IndexRow,
    Place,
    TableRow,
    column_of,
    indexes_of,
    table_of,
)
from asyncmigrate.dialects.mysql_server import plain, quoted
from asyncmigrate.dialects.mysql_views import views_of
from asyncmigrate.schema.elsewhere import elsewhere
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.sequence import Sequence as NamedSequence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from asyncmigrate.dialects.mysql_server import MySQLServer
    from asyncmigrate.schema.scope import Scope
    from asyncmigrate.schema.snapshot import Key, Object, Snapshot

Name = tuple[str, str]
"""A database and a table in it."""

Row: TypeAlias = tuple[Any, ...]

_JSON_VALID = re.compile(r"json_valid\(`((?:[^`]|``)+)`\)")

_TABLES = """
SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION, TABLE_COMMENT, CREATE_OPTIONS
  FROM information_schema.TABLES WHERE TABLE_SCHEMA {scope}
 ORDER BY TABLE_SCHEMA, TABLE_NAME
"""
_COLUMNS = """
SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, COLUMN_DEFAULT, IS_NULLABLE,
       COLUMN_TYPE, COLLATION_NAME, EXTRA, COLUMN_COMMENT, GENERATION_EXPRESSION
  FROM information_schema.COLUMNS WHERE TABLE_SCHEMA {scope}
 ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION
"""
_INDEXES = """
SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, COLLATION, SUB_PART,
       INDEX_TYPE, {expression}
  FROM information_schema.STATISTICS WHERE TABLE_SCHEMA {scope}
 ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
"""
_KEYS = """
SELECT TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA,
       REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
  FROM information_schema.KEY_COLUMN_USAGE
 WHERE TABLE_SCHEMA {scope} AND REFERENCED_TABLE_NAME IS NOT NULL
 ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION
"""
_ACTIONS = """
SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, DELETE_RULE, UPDATE_RULE
  FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA {scope}
"""
_CHECKS_OF_MARIADB = """
SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE, 'YES', LEVEL
  FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA {scope}
"""
_CHECKS_OF_MYSQL = """
SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.CONSTRAINT_NAME, c.CHECK_CLAUSE, t.ENFORCED, 'Table'
  FROM information_schema.TABLE_CONSTRAINTS t
  JOIN information_schema.CHECK_CONSTRAINTS c
    ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME
 WHERE t.TABLE_SCHEMA {scope} AND t.CONSTRAINT_TYPE = 'CHECK'
"""
_VIEWS = """
SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION
  FROM information_schema.VIEWS WHERE TABLE_SCHEMA {scope}
 ORDER BY TABLE_SCHEMA, TABLE_NAME
"""
_PARTITIONS = """
SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME, PARTITION_METHOD, PARTITION_EXPRESSION
  FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA {scope} AND PARTITION_METHOD IS NOT NULL
"""
_NUMBERS = ("minvalue", "maxvalue", "start", "increment", "cache", "cycle")
_BASE_TABLES = ("BASE TABLE", "SYSTEM VERSIONED")
_DEFAULT_ACTIONS = ("RESTRICT", "NO ACTION")


class Reading:
    """One reading of a database: what the queries gave, and the objects made of it."""

    def __init__(self, connection: sa.Connection, server: MySQLServer, scope: Scope) -> None:
        self.connection = connection
        self.server = server
        self.scope = scope
        self.databases = sorted(filter(None, (each or server.database for each in scope.schemas)))
        self.relations: dict[Name, TableRow] = {}
        self.tables: dict[Name, Place] = {}
        self.answers: dict[str, Sequence[Row]] = {}

    def snapshot(self) -> Snapshot:
        """Return everything that the scope takes: first asked for, then made of the answers."""
        if not self.databases:
            return {}
        self.ask(_TABLES)
        for row in self.rows(_TABLES):
            if self.takes(row[0], row[1]):
                self.relations[row[0], row[1]] = TableRow(*row[2:])
        self.ask(_COLUMNS, _INDEXES, self.of_checks, _KEYS, _ACTIONS, _VIEWS)
        if any("partitioned" in (row.options or "") for row in self.relations.values()):
            self.ask(_PARTITIONS)
        sequences = list(self.sequences())
        made = elsewhere(len(self.answers[_COLUMNS]), self.made)
        return made | {each.key: each for each in sequences}

    def made(self) -> dict[Key, Object]:
        """Return what is made of the answers, tables first."""
        kinds = {name: row.kind for name, row in self.relations.items()}
        views = (row for row in self.rows(_VIEWS) if (row[0], row[1]) in kinds)
        objects = chain(
            self.base_tables(),
            self.columns(),
            self.indexes(),
            self.checks(),
            self.foreign_keys(),
            views_of(self.server, views, kinds),
        )
        return {each.key: each for each in objects}

    # --- what is asked ---------------------------------------------------------------------------

    @property
    def of_checks(self) -> str:
        """The query for CHECK constraints."""
        return _CHECKS_OF_MARIADB if self.server.mariadb else _CHECKS_OF_MYSQL

    def ask(self, *queries: str) -> None:
        """Run queries on the databases of the scope."""
        # MariaDB opens only the one database if it is told so by `=`.
        names = ", ".join(f":name{number}" for number in range(len(self.databases)))
        scope = f"IN ({names})" if len(self.databases) > 1 else f"= {names}"
        expression = "NULL" if self.server.mariadb else "EXPRESSION"
        values = {f"name{number}": name for number, name in enumerate(self.databases)}
        for query in queries:
            text = query.replace("{scope}", scope).replace("{expression}", expression)
            found = self.connection.execute(sa.text(text), values).all()
            self.answers[query] = cast("Sequence[Row]", found)

    def takes(self, database: str, name: str) -> bool:
        """Return whether a table is looked at."""
        return self.scope.takes(self.server.schema(database), name)

    def sequences(self) -> Iterator[Object]:
        """Give MariaDB's sequences; what is in them stands in no catalog, but one query has it."""
        found = [name for name, row in self.relations.items() if row.kind == "SEQUENCE"]
        selects = [
            f"SELECT {number}, minimum_value, maximum_value, start_value, increment, cache_size,"
            f" cycle_option FROM {quoted(database)}.{quoted(name)}"
            for number, (database, name) in enumerate(found)
        ]
        if not selects:
            return
        for number, *values in self.connection.exec_driver_sql(
            " UNION ALL ".join(selects).replace("%", "%%")
        ):
            database, name = found[number]
            numbers = dict(zip(_NUMBERS, values, strict=True))
            numbers["cycle"] = bool(numbers["cycle"])
            yield NamedSequence(self.server.schema(database), name, unusual(numbers))

    # --- what is made of it ----------------------------------------------------------------------

    def rows(self, query: str) -> Sequence[Row]:
        """Return what a query gave."""
        found = self.answers.get(query, ())
        if self.server.mariadb:  # where text is text
            return found
        return [tuple([plain(each) for each in row]) for row in found]

    def base_tables(self) -> Iterator[Object]:
        """Give the tables that are neither views nor sequences nor temporary."""
        partitions = {(row[0], row[1]): f"{row[2]} ({row[3]})" for row in self.rows(_PARTITIONS)}
        for name, row in self.relations.items():
            if row.kind in _BASE_TABLES:
                place = Place(self.server.schema(name[0]), name[1], row.collation)
                self.tables[name] = place
                yield table_of(self.server, place, row, partitions.get(name))

    def columns(self) -> Iterator[Object]:
        """Give the columns of all tables."""
        json = {
            (*row[:2], column)
            for row in self.rows(self.of_checks)
            if row[5] == "Column" and (column := _column_of_json(row[3])) is not None
        }
        for database, table, name, *rest in self.rows(_COLUMNS):
            place = self.tables.get((database, table))
            if place is not None:
                row = ColumnRow(name, *rest)
                of_json = (database, table, name) in json
                yield column_of(self.server, place, row, checks_json=of_json)

    def indexes(self) -> Iterator[Object]:
        """Give primary keys, UNIQUE constraints and indexes of all tables."""
        for table, group in groupby(self.rows(_INDEXES), key=lambda row: row[:2]):
            place = self.tables.get((table[0], table[1]))
            if place is not None:
                parts = [IndexRow(*row[2:]) for row in group]
                yield from indexes_of(self.server, place, parts)

    def checks(self) -> Iterator[Object]:
        """Give the checks of all tables, but those that make a column JSON."""
        rows = self.rows(self.of_checks)
        for database, table, name, text, enforced, level in sorted(rows, key=lambda row: row[:3]):
            place = self.tables.get((database, table))
            if place is None or (level == "Column" and _column_of_json(text)):
                continue
            clause = self.server.expression(text, escaped=True)
            yield Check(place.schema, place.table, name, clause, enforced == "YES")

    def foreign_keys(self) -> Iterator[Object]:
        """Give the foreign keys of all tables."""
        actions = {row[:3]: row[3:] for row in self.rows(_ACTIONS)}
        for key, group in groupby(self.rows(_KEYS), key=lambda row: row[:3]):
            place = self.tables.get((key[0], key[1]))
            if place is None:
                continue
            rows = list(group)
            on_delete, on_update = (_action(each) for each in actions.get(key, ("", "")))
            yield ForeignKey(
                place.schema,
                place.table,
                key[2],
                tuple(row[3] for row in rows),
                self.server.schema(rows[0][4]),
                rows[0][5],
                tuple(row[6] for row in rows),
                on_delete,
                on_update,
            )


def unusual(numbers: dict[str, int | bool]) -> tuple[tuple[str, int | bool | str], ...]:
    """Return how a sequence counts, where that is not as MariaDB has it by itself."""
    usual = MySQLForms.usual_numbers
    return tuple(sorted((k, v) for k, v in numbers.items() if usual[k] != v))


def _column_of_json(clause: str) -> str | None:
    """Return the column that a check makes JSON; its name is that of the column, or was once."""
    found = _JSON_VALID.fullmatch(clause)
    return None if found is None else found[1].replace("``", "`")


def _action(words: str) -> str:
    return "" if words in _DEFAULT_ACTIONS else words
