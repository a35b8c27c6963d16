"""Whether a DDL statement that was interrupted has taken effect, asked of the catalog.

Reads only, but for one thing: an index whose build was broken off is dropped by `clear`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.util import await_only

from asyncmigrate.dialects.ddl_outcome import Outcome, outcomes
from asyncmigrate.scripts import catalog

if TYPE_CHECKING:
    from sqlalchemy import Connection, Inspector

    from asyncmigrate.dialects.base import Dialect

Verdict: TypeAlias = Literal["done", "undone", "half", "unknown"]
_PAUSE = 0.2


def verdict(connection: Connection, dialect: Dialect, text: str) -> Verdict:
    """Return whether a statement, known to have been begun, has taken effect.

    "half": its index is there, but invalid. "unknown": its form is not known, or a part of what it
    makes is there and a part is not. The statement must not be running any more: see `until_over`.
    """
    expected = outcomes(text)
    if not expected:
        return "unknown"
    if any(_is_invalid(connection, dialect, each) for each in expected):
        return "half"
    found = {_has(connection, dialect, each) is each.exists for each in expected}
    if len(found) > 1:
        return "unknown"
    return "done" if found.pop() else "undone"


def clear(connection: Connection, dialect: Dialect, text: str) -> None:
    """Drop the invalid index that a statement has left; outside of a transaction."""
    quote = connection.dialect.identifier_preparer.quote
    for each in outcomes(text):
        if _is_invalid(connection, dialect, each):
            name = ".".join(quote(part) for part in (each.schema, each.name) if part)
            connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def until_over(connection: Connection, dialect: Dialect, text: str) -> None:
    """Wait until no other session runs a statement: a server goes on when its client was killed.

    On PostgreSQL to be called outside of a transaction, which would see the sessions only once.
    """
    query = dialect.sessions_running()
    if query is None:
        return
    statement = sa.text(query).bindparams(text=text.replace("%%", "%").strip()[:_SEEN])
    while connection.execute(statement).scalar():
        await_only(asyncio.sleep(_PAUSE))


_SEEN = 900
"""Characters of a statement that every server shows of its sessions."""


def _has(connection: Connection, dialect: Dialect, outcome: Outcome) -> bool:
    inspector = sa.inspect(connection)
    if outcome.sort == "schema":
        return catalog.has_schema(connection, outcome.name)
    if outcome.sort == "sequence":
        return catalog.has_sequence(connection, outcome.name, outcome.schema)
    if outcome.sort == "view":
        return catalog.has_view(connection, outcome.name, outcome.schema)
    if outcome.sort == "table":
        return _has_table(inspector, outcome)
    if outcome.table is None:
        return catalog.has_index(connection, None, outcome.schema, outcome.name)
    table = _found(inspector, outcome.table, outcome.schema)
    return table is not None and _has_part(connection, dialect, table, outcome)


def _found(inspector: Inspector, table: str, schema: str | None) -> str | None:
    """Return a table's name as the database has it: without quotes, case does not matter."""
    names = (table, table.lower())
    return next((each for each in names if inspector.has_table(each, schema=schema)), None)


def _has_table(inspector: Inspector, outcome: Outcome) -> bool:
    table = _found(inspector, outcome.name, outcome.schema)
    if table is None or outcome.columns is None or not outcome.exists:
        return table is not None
    columns = inspector.get_columns(table, schema=outcome.schema)
    return _folded(column["name"] for column in columns) == _folded(outcome.columns)


def _has_part(connection: Connection, dialect: Dialect, table: str, outcome: Outcome) -> bool:
    inspector = sa.inspect(connection)
    if outcome.sort == "column":
        return _folded([outcome.name]) <= _folded(
            column["name"] for column in inspector.get_columns(table, schema=outcome.schema)
        )
    if outcome.sort == "index":
        return catalog.has_index(connection, table, outcome.schema, outcome.name) or (
            catalog.has_index(connection, table, outcome.schema, outcome.name.lower())
        )
    made = sa.Table(table, sa.MetaData(), schema=outcome.schema)
    if outcome.sort == "primary key":
        return catalog.has_constraint(connection, dialect, sa.PrimaryKeyConstraint(table=made))
    constraint = sa.CheckConstraint("", name=outcome.name, table=made)
    return catalog.has_constraint(connection, dialect, constraint)


def _folded(names: object) -> frozenset[str]:
    return frozenset(str(name).lower() for name in names)  # type: ignore[attr-defined]


def _is_invalid(connection: Connection, dialect: Dialect, outcome: Outcome) -> bool:
    if outcome.sort != "index" or outcome.table is None:
        return False
    quote = connection.dialect.identifier_preparer.quote
    table, index = (
        ".".join(quote(part) for part in (outcome.schema, name) if part)
        for name in (outcome.table, outcome.name)
    )
    query = dialect.invalid_index(table, index)
    return query is not None and catalog.is_true(connection, query)
