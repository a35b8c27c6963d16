"""SQLAlchemy's types for what SQLite's tables call theirs: the same words come out again."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import CompileError

from asyncmigrate.dialects.sqlite_words import type_words
from asyncmigrate.schema.types import RawType

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

_SHAPE = re.compile(r"([A-Z0-9_]+(?: PRECISION)?)(?:\((\d+)(?:, (\d+))?\))?")
_NAMES = frozenset(
    re.findall(
        r"\w+",
        """BIGINT BINARY BLOB BOOLEAN CHAR CLOB DATE DATETIME DECIMAL DOUBLE DOUBLE_PRECISION FLOAT
    INTEGER JSON NCHAR NUMERIC NVARCHAR REAL SMALLINT TEXT TIME TIMESTAMP UUID VARBINARY
    VARCHAR""",
    )
)


@cache
def sa_type(typed: str) -> TypeEngine[Any]:
    """Return the type that is written as `typed`, up to the case of letters and blanks.

    >>> sa_type("varchar (10)"), sa_type("MONEY(3)")
    (VARCHAR(length=10), RawType('MONEY(3)'))
    """
    wanted = type_words(typed)
    made = _standard(wanted)
    if made is not None:
        try:
            if type_words(made.compile(dialect=sqlite.dialect())) == wanted:
                return made
        except CompileError:
            pass
    return RawType(" ".join(typed.split()))


def _standard(words: str) -> TypeEngine[Any] | None:
    shape = _SHAPE.fullmatch(words)
    if shape is None:
        return None
    name, *given = shape.groups()
    name = name.replace(" ", "_")
    arguments = [int(each) for each in given if each is not None]
    if name == "JSONB" and not arguments:
        made = getattr(sqlite, name, None)  # SQLAlchemy 2.1
        return None if made is None else made()
    if name not in _NAMES:
        return None
    try:
        return getattr(sa, name)(*arguments)  # type: ignore[no-any-return]
    except TypeError:
        return None
