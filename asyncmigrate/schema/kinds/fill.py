"""What the rows that are there get, when a column that takes no NULL is added."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.written import in_schema, text
from asyncmigrate.schema.kinds.written import literal as quoted_literal

if TYPE_CHECKING:
    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.kinds.column_values import Column

_PLAIN = (
    (bool, sa.Boolean),
    (int, sa.Integer),
    (int, sa.Numeric),
    (float, sa.Numeric),
    (str, sa.String),
)
"""Python's values that need no help to become SQL, with the types that take them."""

_NOTHING = (
    (sa.Boolean, "false"),
    (sa.Integer, "0"),
    (sa.Numeric, "0"),
    (sa.Date, "CURRENT_DATE"),
    (sa.DateTime, "CURRENT_TIMESTAMP"),
    (sa.Time, "CURRENT_TIME"),
    (sa.JSON, "'{}'"),
    (sa.Uuid, "'00000000-0000-0000-0000-000000000000'"),
    (sa.LargeBinary, "''"),
    (sa.String, "''"),
)
"""What stands for nothing in each kind of type; the first that fits."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A value for rows: a plain one of Python, or SQL."""

    value: Any
    note: str = ""


def fill_of(column: Column, around: Around[Any]) -> Fill | None:
    """Return what rows get: the answer that was given, the model's default, or nothing's stand-in.

    The last is only for columns that were read from a database: they come back in a downgrade, and
    what they held is lost in any case. None: nobody knows.
    """
    answer = around.fills.get(column.key)
    if answer is not None:
        return Fill(text(answer))
    if column.element is not None:
        return _by_default(column, around.forms)
    nothing = _nothing(column)
    if nothing is None:
        return None
    return Fill(text(nothing), note="What the rows held is lost: they get a stand-in.")


def default_fill(column: Column) -> Fill | None:
    """Return the server's own default as the value for rows that are there."""
    return None if column.default is None else Fill(text(column.default))


def filled(column: Column, fill: Fill) -> Call:
    """Return the call that fills the rows that have NULL."""
    return Call("backfill", (column.table, column.name, fill.value), in_schema(column.schema))


def _by_default(column: Column, forms: Forms) -> Fill | None:
    default: Any = getattr(column.element, "default", None)
    if default is None or not default.is_scalar:
        return None
    note = "The rows that are there get the model's default."
    type_ = column.sa_type
    if any(type(default.arg) is kind and type(type_) in _of(takes) for kind, takes in _PLAIN):
        return Fill(default.arg, note)
    if isinstance(type_, sa.JSON):
        return Fill(text(quoted_literal(json.dumps(default.arg))), note)
    try:
        literal = sa.literal(default.arg, type_).compile(
            dialect=forms.dialect, compile_kwargs={"literal_binds": True}
        )
    except (SQLAlchemyError, TypeError, ValueError, NotImplementedError):
        return None  # then a person is asked
    return Fill(text(str(literal)), note)


def _of(kind: Any) -> tuple[type, ...]:
    """Return the classes of SQLAlchemy itself that are of a kind and take its plain values."""
    names = {
        sa.Boolean: ("Boolean",),
        sa.Integer: ("Integer", "SmallInteger", "BigInteger"),
        sa.Numeric: ("Numeric", "Float", "Double"),
        sa.String: ("String", "Text", "Unicode", "UnicodeText"),
    }
    return tuple(getattr(sa, name) for name in names[kind])


def _nothing(column: Column) -> str | None:
    type_ = column.sa_type
    if isinstance(type_, sa.Enum):
        return quoted_literal(type_.enums[0]) if type_.enums else None
    return next((sql for kind, sql in _NOTHING if isinstance(type_, kind)), None)
