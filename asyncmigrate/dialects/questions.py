"""Questions to PostgreSQL that have one answer, a JSON value, however many rows are in it.

Many queries are then one statement: they see one moment of the database without a transaction
around them, and a client waits once. JSON keeps what a driver would: text, integers, booleans, NULL
and arrays of these.

A statement carries an execution option with a place for the answer. Whoever knows a shorter way
than SQLAlchemy's (asyncpg's adapter prepares every statement, which is a round trip more) may fill
that place; nobody need do so: see `scripts.simple_query`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.schema.collector import uncollected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ANSWER = "asyncmigrate_answer"
"""The execution option: a list for the pieces of the answer, as bytes."""
SIMPLE = "asyncmigrate_simple_query"
"""The execution option of a statement that gives no rows and has no parameters."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A query, and how many columns it gives."""

    sql: str
    width: int

    @property
    def as_json(self) -> str:
        """The query as an expression: an array of arrays, NULL if there are no rows."""
        names = ", ".join(f"c{number}" for number in range(self.width))
        return (
            f"(SELECT pg_catalog.json_agg(pg_catalog.json_build_array({names}))\n"
            f"FROM ({self.sql}) q ({names}))"
        )


def answers(
    connection: sa.Connection, groups: Mapping[str, Rows], *, given: str = ""
) -> dict[str, list[list[Any]]]:
    """Return the rows of several queries, by name, from one statement.

    `given` is what stands before it: a WITH that all of them can use.
    """
    together = ",\n".join(each.as_json for each in groups.values())
    found = answer(connection, f"{given}SELECT pg_catalog.json_build_array({together})::text")
    return {name: rows or [] for name, rows in zip(groups, found, strict=True)}


def answer(connection: sa.Connection, select: str) -> Any:
    """Return the one JSON value that a SELECT gives as text; parameters it has none."""
    pieces: list[bytes] = []
    statement = sa.text(select.replace(":", r"\:"))
    options = {ANSWER: pieces, "compiled_cache": None}
    result = connection.execute(statement, execution_options=options)
    text = b"".join(pieces) if pieces else result.scalar_one()
    with uncollected():
        return json.loads(text)


def literal(text: str) -> str:
    r"""Return a text as PostgreSQL reads it, whatever its settings are.

    >>> print(literal("it's"), literal("a\\b"))
    'it''s' E'a\\b'
    """
    quoted = text.replace("'", "''")
    return f"E'{quoted.replace(chr(92), chr(92) * 2)}'" if "\\" in text else f"'{quoted}'"


def array(values: Sequence[object]) -> str:
    """Return an array of texts as SQL.

    >>> array(["a", "b"]), array([])
    ("ARRAY['a', 'b']::text[]", 'ARRAY[]::text[]')
    """
    return f"ARRAY[{', '.join(literal(str(each)) for each in values)}]::text[]"
