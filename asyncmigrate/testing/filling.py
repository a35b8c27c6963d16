"""Filling the tables of a database with made-up rows, and with rows that were read before.

What a row may be is read from the database as it is: no models are needed, and none are believed.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import MetaData, Table, inspect, text
from sqlalchemy.exc import NoSuchTableError, SAWarning

from asyncmigrate.testing.making import FIRST, Around, Maker
from asyncmigrate.testing.snapshots import schemas
from asyncmigrate.testing.stored import Held, shelf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from asyncmigrate.testing.making import Row, Values
    from asyncmigrate.testing.stored import Shelf

ATTEMPTS = 6
"""How often rows are made anew for those that the database refused."""
PARENTS = 50
"""How many rows of a table others may refer to."""
ALL = 5000
"""How many rows are read of a table: more than were ever put there."""

_BOUNDS = """
SELECT n.nspname, c.relname, CASE WHEN c.relispartition
       THEN pg_get_expr(c.relpartbound, c.oid) ELSE '' END,
       (SELECT p.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
         WHERE i.inhrelid = c.oid LIMIT 1),
       (SELECT string_agg(a.attname, ',') FROM pg_inherits i
          JOIN pg_partitioned_table k ON k.partrelid = i.inhparent
          JOIN pg_attribute a ON a.attrelid = k.partrelid AND a.attnum = ANY (k.partattrs)
         WHERE i.inhrelid = c.oid)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND (c.relispartition OR EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid
        AND d.classid = 'pg_class'::regclass AND d.deptype = 'e'))
"""

_COLUMN_CHECKS = """
SELECT table_name, check_clause FROM information_schema.check_constraints
 WHERE constraint_schema = DATABASE() AND level = 'Column'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What is to be filled, and how."""

    rows: int = 10
    """How many rows a table gets."""
    seed: str = "0"
    """The same seed makes the same rows."""
    exclude: tuple[str, ...] = ()
    """Patterns of tables that are left alone: `name` or `schema.name`."""
    values: Values = field(default_factory=dict)
    """See `making.Values`."""
    own: frozenset[tuple[str, str]] = frozenset()
    """The tables of the tool itself, by schema and name: see `snapshots.own_tables`."""

    def leaves_out(self, table: Table) -> bool:
        """Return whether a table is left alone."""
        names = (table.name, f"{table.schema}.{table.name}")
        return (table.schema or "", table.name) in self.own or any(
            fnmatchcase(name, pattern) for name in names for pattern in self.exclude
        )


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of it."""

    rows: Mapping[str, tuple[Row, ...]]
    """The rows that each table got."""
    empty: Mapping[str, str]
    """The tables that got none, each with what the database said to the last attempt."""
    shapes: Mapping[str, str]
    """What each table looked like: to fill only those that have changed next time."""


def fill(
    connection: Connection, wanted: Filling, *, known: Mapping[str, str], only: Sequence[str] = ()
) -> Filled:
    """Put made-up rows into the tables; into those of `known` that look the same, none.

    In the caller's transaction. Tables come after those that they refer to.

    Raises:
        NoSuchTableError: `only` names a table that is not there.
    """
    into = shelf(connection.dialect.name)
    _begin(connection)
    there: dict[str, list[Row]] = {}
    rows: dict[str, tuple[Row, ...]] = {}
    empty: dict[str, str] = {}
    shapes: dict[str, str] = {}
    for table, around in _tables(connection):
        shapes[table.key] = shape = _shape(table)
        chosen = table.key in only if only else not wanted.leaves_out(table)
        if chosen and known.get(table.key) != shape:
            count = wanted.rows if table.key not in known else max(len(FIRST), wanted.rows // 3)
            told = replace(around, parents=there, values=wanted.values)
            here = _Place(connection, into, table, told)
            made, refusal = here.filled(Random(f"{wanted.seed}/{table.key}"), count)
            rows[table.key] = made
            if not made:
                empty[table.key] = refusal
        there[table.key] = [each.row for each in into.read(connection, table, PARENTS)]
    for name in only:
        if name not in shapes:
            raise NoSuchTableError(name)
    return Filled(rows, empty, shapes)


@dataclass(frozen=True, slots=True)
class _Place:
    """One table on its way to be filled."""

    connection: Connection
    into: Shelf
    table: Table
    around: Around

    def filled(self, random: Random, count: int) -> tuple[tuple[Row, ...], str]:
        """Put rows in; return those that were taken, and why the last of the others was not.

        A table that refers to itself gets its rows in two goes: the second refers to the first.
        """
        done: list[Row] = []
        refusal = ""
        shapes = [*FIRST, *["drawn"] * count][:count]
        goes = [shapes[:2], shapes[2:]] if self._refers_to_itself() else [shapes]
        for go in goes:
            refusal = self._put(random, go, done) or refusal
        again = [*FIRST[2:], *["drawn"] * count]
        for _ in range(ATTEMPTS):
            if len(done) >= count:
                break
            refusal = self._put(random, again[: count - len(done)], done) or refusal
            again = ["drawn"] * count
        return tuple(done), refusal

    def _put(self, random: Random, shapes: Sequence[str], done: list[Row]) -> str:
        parents = dict(self.around.parents)
        if self._refers_to_itself():
            there = self.into.read(self.connection, self.table, PARENTS)
            parents[self.table.key] = [each.row for each in there]
        maker = Maker(self.table, replace(self.around, parents=parents))
        rows = [self.into.held(self.table, each) for each in maker.rows(random, shapes)]
        came = self.into.put(self.connection, self.table, rows)
        done.extend(each.row for each in came.held)
        return came.refusal

    def _refers_to_itself(self) -> bool:
        return any(
            each.target_fullname.rpartition(".")[0] == self.table.key
            for each in self.table.foreign_keys
        )


def read(connection: Connection, wanted: Filling) -> list[Held]:
    """Return all rows of all tables, in an order in which they can be put in again."""
    out = shelf(connection.dialect.name)
    chosen = [table for table in tables(connection).values() if not wanted.leaves_out(table)]
    return [each for table in chosen for each in out.read(connection, table, ALL)]


def put(connection: Connection, rows: Sequence[Held]) -> list[Held]:
    """Put rows in that were read before; return those that were taken.

    Rows that are there already are refused, and so are those whose tables are not there.
    """
    into = shelf(connection.dialect.name)
    _begin(connection)
    there = tables(connection)
    taken: list[Held] = []
    for key, table in there.items():
        left = [each for each in rows if each.table == key]
        while left:  # a row may refer to one of its own table that comes later
            came = into.put(connection, table, left)
            taken.extend(came.held)
            now = [each for each in left if each not in came.held]
            left = now if came.held else []
    into.count_on(connection, there.values())
    return taken


def tables(connection: Connection) -> dict[str, Table]:
    """Return all tables that rows are put into, by their keys."""
    return {table.key: table for table, _ in _tables(connection)}


def columns(connection: Connection, wanted: Filling) -> dict[str, frozenset[str]]:
    """Return the names of the columns of each table that is not left out."""
    return {
        key: frozenset(table.columns.keys())
        for key, table in tables(connection).items()
        if not wanted.leaves_out(table)
    }


def _begin(connection: Connection) -> None:
    """Let every row be judged when it is put in."""
    judge = {
        "postgresql": "SET CONSTRAINTS ALL IMMEDIATE",
        "sqlite": "PRAGMA foreign_keys = ON",  # before the first row: in a transaction it is idle
    }.get(connection.dialect.name)
    if judge is not None:
        connection.exec_driver_sql(judge)


def _tables(connection: Connection) -> list[tuple[Table, Around]]:
    """Return the tables, parents first, with what is known beside them."""
    metadata = MetaData()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # types that SQLAlchemy does not know
        for schema in (None, *schemas(connection)):
            metadata.reflect(connection, schema=schema)
        ordered = metadata.sorted_tables
    apart, words = _apart(connection)
    checks = _column_checks(connection)
    return [
        (table, Around(words=words.get(table.name, {}), checks=checks.get(table.name, ())))
        for table in ordered
        if table.key not in apart
    ]


def _apart(connection: Connection) -> tuple[set[str], dict[str, dict[str, list[str]]]]:
    """Return the tables that are filled through others, or belong to extensions; and bounds."""
    if connection.dialect.name != "postgresql":
        return set(), {}
    default = inspect(connection).default_schema_name
    apart: set[str] = set()
    words: dict[str, dict[str, list[str]]] = {}
    for schema, name, bound, parent, columns in connection.execute(text(_BOUNDS)):
        apart.add(name if schema == default else f"{schema}.{name}")
        for column in (columns or "").split(","):
            words.setdefault(parent, {}).setdefault(column, []).extend(_bounds(bound))
    return apart, words


def _column_checks(connection: Connection) -> dict[str, list[str]]:
    """Return the CHECKs of columns in MariaDB, JSON's among them: SQLAlchemy does not see them."""
    found: dict[str, list[str]] = {}
    if getattr(connection.dialect, "is_mariadb", False):
        for table, clause in connection.exec_driver_sql(_COLUMN_CHECKS):
            found.setdefault(table, []).append(clause)
    return found


def _bounds(bound: str) -> Iterator[str]:
    """Give the values that a partition's bound names, but for the end of a range.

    >>> list(_bounds("FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')"))
    ['2020-01-01']
    >>> list(_bounds("FOR VALUES IN ('a', 'b')"))
    ['a', 'b']
    """
    yield from bound.partition(" TO ")[0].split("'")[1::2]


def _shape(table: Table) -> str:
    columns = [
        (each.name, repr(each.type), each.nullable, each.primary_key) for each in table.columns
    ]
    constraints = sorted(_said(each) for each in (*table.constraints, *table.indexes))
    return repr((columns, constraints))


def _said(each: object) -> str:
    columns = [column.name for column in getattr(each, "columns", ())]
    return f"{type(each).__name__} {columns} {getattr(each, 'sqltext', '')}"
