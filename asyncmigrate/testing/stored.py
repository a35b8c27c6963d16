"""Putting rows into tables and reading them, in the form that a database takes back unchanged.

PostgreSQL takes and gives rows as JSON, which its own input functions read: one form for every
type there is, whatever driver is used and whatever that can express (`infinity`, ranges, domains).
Elsewhere a row is what SQLAlchemy makes of it.

A row that the database refuses is left out. That is how made-up rows come to satisfy CHECKs.
"""

from __future__ import annotations

import json
import re
from base64 import b16encode
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from sqlalchemy import Table, insert, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import SQLAlchemyError

from asyncmigrate.engine.failure import cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from asyncmigrate.testing.making import Row


@dataclass(frozen=True, slots=True)
class Held:
    """A row of a table: for people (`row`), and as the database takes it (`form`)."""

    table: str
    row: Row
    form: Any

    def __str__(self) -> str:
        """Return it on one line, long values shortened."""
        shown = {name: _short(value) for name, value in self.row.items()}
        return f"{self.table}: {json.dumps(shown, ensure_ascii=False, default=str)}"


def _short(value: Any) -> Any:
    """Return a value as it is shown.

    >>> _short("x" * 2000)
    'xxxxxxxxxxxxxxxxxxxx… (2000 characters)'
    """
    if isinstance(value, str) and len(value) > 60:
        return f"{value[:20]}… ({len(value)} characters)"
    if isinstance(value, bytes):
        return _short(f"\\x{value.hex()}")
    return value


@dataclass(frozen=True, slots=True)
class Put:
    """What came of putting rows in: those that are there, and why the last one was refused."""

    held: tuple[Held, ...]
    refusal: str = ""


class Shelf(Protocol):
    """How one kind of database takes and gives rows."""

    def held(self, table: Table, row: Row) -> Held:
        """Return a row in the form that the database takes."""

    def put(self, connection: Connection, table: Table, rows: Sequence[Held]) -> Put:
        """Insert what is not refused."""

    def read(self, connection: Connection, table: Table, limit: int) -> list[Held]:
        """Return rows of a table, no more than `limit`."""

    def count_on(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Let counters go on after the rows that were put in with their numbers."""


def shelf(dialect: str) -> Shelf:
    """Return how a database takes rows."""
    return _PostgresShelf() if dialect == "postgresql" else _PlainShelf()


class _PlainShelf:
    """Rows as SQLAlchemy takes and gives them; a statement that fails leaves the others alone."""

    def held(self, table: Table, row: Row) -> Held:
        return Held(table.key, row, dict(row))

    def put(self, connection: Connection, table: Table, rows: Sequence[Held]) -> Put:
        done, refusal = [], ""
        for each in rows:
            known = {name: value for name, value in each.form.items() if name in table.columns}
            try:
                connection.execute(insert(table), [known])
            except (SQLAlchemyError, ValueError, TypeError, OverflowError) as error:
                refusal = cause(error)
            else:
                done.append(each)
        return Put(tuple(done), refusal)

    def read(self, connection: Connection, table: Table, limit: int) -> list[Held]:
        columns = [each for each in table.columns if each.computed is None]
        query = select(*columns).order_by(*table.primary_key.columns).limit(limit)
        rows = connection.execute(query).mappings()
        return [self.held(table, dict(each)) for each in rows]

    def count_on(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Nothing to do: they look at the rows themselves."""


class _PostgresShelf:
    """Rows as JSON. An error ends a transaction there, so each attempt has a savepoint."""

    def held(self, table: Table, row: Row) -> Held:
        form = json.dumps(dict(row), default=_json, ensure_ascii=False)
        return Held(table.key, json.loads(form), form)

    def put(self, connection: Connection, table: Table, rows: Sequence[Held]) -> Put:
        if not rows:
            return Put(())
        try:
            self._insert(connection, table, rows)
        except SQLAlchemyError as error:
            if len(rows) == 1:
                return Put((), cause(error))
        else:
            return Put(tuple(rows))
        parts = [self.put(connection, table, [each]) for each in rows]
        refusals = [each.refusal for each in parts if each.refusal]
        return Put(tuple(held for each in parts for held in each.held), "".join(refusals[-1:]))

    def _insert(self, connection: Connection, table: Table, rows: Sequence[Held]) -> None:
        names = {name for each in rows for name in each.row}
        columns = [each for each in table.columns if each.name in names and each.computed is None]
        quote = connection.dialect.identifier_preparer
        listed = ", ".join(quote.quote(each.name) for each in columns)
        name = quote.format_table(table)
        if not columns:  # there is but a key that counts by itself
            with connection.begin_nested():
                for _ in rows:
                    connection.execute(text(_escaped(f"INSERT INTO {name} DEFAULT VALUES")))
            return
        into = f"INSERT INTO {name} ({listed}) OVERRIDING SYSTEM VALUE SELECT {listed} FROM"
        source = f"json_populate_recordset(NULL::{name}, CAST("
        statement = text(f"{_escaped(into)} {_escaped(source)}:rows AS json))")
        with connection.begin_nested():
            connection.execute(statement, {"rows": f"[{','.join(each.form for each in rows)}]"})

    def read(self, connection: Connection, table: Table, limit: int) -> list[Held]:
        quote = connection.dialect.identifier_preparer
        order = ", ".join(quote.quote(each.name) for each in table.primary_key.columns)
        query = (
            f"SELECT CAST(to_json(found) AS text) FROM {quote.format_table(table)} AS found "
            f"{f'ORDER BY {order} ' if order else ''}LIMIT {limit}"
        )
        forms = connection.execute(text(_escaped(query))).scalars()
        return [Held(table.key, json.loads(each), each) for each in forms]

    def count_on(self, connection: Connection, tables: Iterable[Table]) -> None:
        quote = connection.dialect.identifier_preparer
        for table in tables:
            name = quote.format_table(table)
            for column in table.primary_key.columns:
                sequence = "SELECT pg_get_serial_sequence(:table, :column)"
                said = {"table": name, "column": column.name}
                if connection.execute(text(sequence), said).scalar() is not None:
                    highest = _escaped(f"coalesce(max({quote.quote(column.name)}), 0)")
                    connection.execute(
                        text(
                            f"SELECT setval(pg_get_serial_sequence(:table, :column), {highest} + 1,"
                            f" false) FROM {_escaped(name)}"
                        ),
                        said,
                    )


def _escaped(statement: str) -> str:
    """Return SQL in which a colon is only a colon."""
    return re.sub(r"(?<!:):(?=\w)", r"\\:", statement)


def _json(value: Any) -> Any:
    """Return what PostgreSQL reads a Python value from."""
    match value:
        case datetime() | date():
            return _moment(value)
        case timedelta():
            return f"{value.days} days {value.seconds} seconds"
        case bytes():
            return f"\\x{b16encode(value).decode()}"
        case time():
            return value.isoformat()
        case Decimal() | UUID() | Range():
            return str(value)
    raise TypeError(f"{value!r} is not a value of a row")


def _moment(value: date) -> str:
    """Return a date or a time of a date; Python's first and last day are PostgreSQL's infinity."""
    day = value.date() if isinstance(value, datetime) else value
    return {date.min: "-infinity", date.max: "infinity"}.get(day) or value.isoformat()
