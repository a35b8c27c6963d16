"""Values on asyncpg as psycopg sends them: for scripts that were written for another driver.

psycopg2 writes values into the statement, and the server finds out their types: '5' is a number
where one is wanted, a time with a zone goes into a column without one, several statements stand in
one string. asyncpg has the server say the types first, and refuses what is of another type; and it
makes of the float 0.1 the NUMERIC 0.1000000000000000055511151231257827021181583404541015625.

So, in scripts that say `from alembic import op`, on asyncpg:

- a statement that gives no rows, and every `text()`, is sent with its values inside;
- any other is sent as asyncpg does, and again with its values inside if asyncpg refuses one before
  anything was sent.

In every script a float stays the number that was written.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import TextClause
from sqlalchemy.util import await_only

from asyncmigrate.scripts import interception, under_way
from asyncmigrate.scripts.asyncpg_messages import ask_asyncpg, begin
from asyncmigrate.scripts.asyncpg_plans import announce, pass_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

_ON = "asyncmigrate_as_psycopg"
_TOKENS = re.compile(
    r"""(?P<skipped>
        \b[eE]'(?:[^'\\]|''|\\.)*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/
        | \$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?\$(?P=tag)\$ | \b[A-Za-z_]\w*\$\d+ )
      | \$(?P<number>\d+)(?P<cast>::(?:VARCHAR|INTEGER|BIGINT|SMALLINT)\b)?""",
    re.VERBOSE | re.DOTALL,
)
_ROWLESS = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|TRUNCATE|COMMENT"
    r"|GRANT|REVOKE|DO|LOCK|REINDEX|REFRESH|ANALYZE)\b(?!.*\bRETURNING\b)",
    re.IGNORECASE | re.DOTALL,
)
_COUNTED = re.compile(r"(?:UPDATE|DELETE|INSERT \d+|MERGE) (\d+)$")
_AT_ONCE = 100_000
"""asyncpg encodes four buffers of 32 KB of an executemany before it sends any of them."""


def mark(connection: Connection, *, as_psycopg: bool) -> None:
    """Say how values go to the database from now on, if that is reached by asyncpg."""
    if connection.dialect.driver == "asyncpg":
        connection.info[_ON] = as_psycopg


def do_execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:
    """Stand in for `cursor.execute()`; see SQLAlchemy's event of that name."""
    if context.dialect.driver != "asyncpg" or interception.comes_first(context, do_execute):
        return None
    connection = context.root_connection
    announce(connection, statement, context.compiled)
    if not connection.info.get(_ON):
        return _with_exact_floats(cursor.execute, statement, parameters)
    if _ROWLESS.match(statement):
        text = with_values(statement, parameters, keeps_casts=_is_text(context))
        if text is not None:
            under_way.begin(connection, statement)
            status = await_only(ask_asyncpg(connection.connection.dbapi_connection, text))
            counted = _COUNTED.match(status)
            held = "_rowcount" if hasattr(cursor, "_rowcount") else "rowcount"  # 2.1, and 2.0
            setattr(cursor, held, int(counted[1]) if counted else -1)
            return True
    await_only(begin(connection.connection.dbapi_connection))
    return parameters and _asked(cursor, statement, parameters, context)


def do_executemany(cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:
    """Stand in for `cursor.executemany()`; see SQLAlchemy's event of that name."""
    if context.dialect.driver != "asyncpg" or interception.comes_first(context, do_executemany):
        return None
    connection = context.root_connection
    if not connection.info.get(_ON):
        return _with_exact_floats(cursor.executemany, statement, parameters)
    rows = [exact(row) for row in parameters]
    try:
        cursor.executemany(statement, rows)
    except context.dialect.loaded_dbapi.Error as error:
        if not _is_refused(error) or _size(rows) > _AT_ONCE:
            raise
        texts = [with_values(statement, row, keeps_casts=False) for row in rows]
        if None in texts:
            raise
        adapter = connection.connection.dbapi_connection
        await_only(ask_asyncpg(adapter, ";\n".join(filter(None, texts))))
    return True


def _asked(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    text = with_values(statement, parameters, keeps_casts=True) if _is_text(context) else None
    if text is not None:
        pass_by(context.root_connection)
        cursor.execute(text, ())
        return True
    try:
        cursor.execute(statement, exact(parameters))
    except context.dialect.loaded_dbapi.Error as error:
        text = with_values(statement, parameters, keeps_casts=False)
        if text is None or not _is_refused(error):
            raise
        pass_by(context.root_connection)
        cursor.execute(text, ())
    return True


def _with_exact_floats(
    execute: Callable[..., None], statement: str, parameters: Any
) -> bool | None:
    many = bool(parameters) and isinstance(parameters[0], tuple | list)
    rows = parameters if many else [parameters or ()]
    if not any(type(value) is float for row in rows for value in row):
        return None
    exactly = [exact(row) for row in rows]
    execute(statement, exactly if many else exactly[0])
    return True


def _is_text(context: Any) -> bool:
    compiled = context.compiled
    return compiled is None or isinstance(compiled.statement, TextClause)


def _is_refused(error: BaseException) -> bool:
    """Whether asyncpg did not take a value; the server has not seen the statement run."""
    return "invalid input for query argument" in str(error)


def _size(rows: Sequence[Sequence[Any]]) -> int:
    return sum(64 + sum(len(str(value)) + 16 for value in row) for row in rows)


def exact(parameters: Sequence[Any]) -> tuple[Any, ...]:
    """Return values with every float as the number that Python writes.

    >>> exact((0.1, "x", float("inf")))
    (Decimal('0.1'), 'x', inf)
    """
    return tuple(
        Decimal(repr(value)) if type(value) is float and math.isfinite(value) else value
        for value in parameters
    )


def with_values(statement: str, parameters: Sequence[Any], *, keeps_casts: bool) -> str | None:
    r"""Return a statement with its values inside; None if one of them has no literal.

    Casts that SQLAlchemy has added are left out unless `keeps_casts`.

    >>> with_values("UPDATE t SET x = $1::VARCHAR WHERE y = '$1'", ("it's",), keeps_casts=False)
    "UPDATE t SET x = 'it''s' WHERE y = '$1'"
    """
    if not parameters:
        return statement
    literals: list[str] = []
    for value in parameters:
        literal = _literal(value)
        if literal is None:
            return None
        literals.append(literal)

    def written(found: re.Match[str]) -> str:
        if found["number"] is None:
            return found[0]
        number = int(found["number"])
        cast = (found["cast"] or "") if keeps_casts else ""
        return literals[number - 1] + cast if 0 < number <= len(literals) else found[0]

    return _TOKENS.sub(written, statement)


def _literal(value: Any) -> str | None:
    if value is None:
        return "NULL"
    for kind, write in _LITERALS.items():
        if isinstance(value, kind):
            return write(value)
    return None


def _of_text(value: str) -> str | None:
    text = str.__str__(value).replace("'", "''")
    return None if "\0" in text else f"'{text}'"


def _of_float(value: float) -> str:
    return _signed(float.__repr__(value)) if math.isfinite(value) else f"'{value}'::float8"


def _of_decimal(value: Decimal) -> str:
    return _signed(str(value)) if value.is_finite() else f"'{value}'::numeric"


def _of_time(value: datetime | time) -> str:
    name = "timestamp" if isinstance(value, datetime) else "time"
    return f"'{value.isoformat()}'::{name}{'' if value.tzinfo is None else 'tz'}"


def _of_span(value: timedelta) -> str:
    return f"'{value.days} days {value.seconds}.{value.microseconds:06} seconds'::interval"


def _of_tuple(value: tuple[Any, ...]) -> str | None:
    parts = [_literal(each) for each in value]
    return None if None in parts or not parts else f"({', '.join(filter(None, parts))})"


def _signed(number: str) -> str:
    return f"({number})" if number.startswith("-") else number


_LITERALS: Mapping[type, Callable[[Any], str | None]] = {
    bool: lambda value: "true" if value else "false",
    int: lambda value: _signed(int.__repr__(value)),
    float: _of_float,
    Decimal: _of_decimal,
    str: _of_text,
    bytes: lambda value: rf"'\x{value.hex()}'::bytea",
    datetime: _of_time,
    date: lambda value: f"'{value.isoformat()}'::date",
    time: _of_time,
    timedelta: _of_span,
    UUID: lambda value: f"'{value}'::uuid",
    tuple: _of_tuple,
}
"""Kinds before those they derive from: a bool is an int, a datetime a date."""
LISTENERS: Mapping[str, Callable[..., bool | None]] = {
    "do_execute": do_execute,
    "do_executemany": do_executemany,
}
