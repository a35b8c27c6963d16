"""SQLAlchemy's types, made from the words of MySQL and MariaDB: `int(10) unsigned`, `enum('a')`.

What an ordinary type says is given as the ordinary type (`sa.Integer`), so that scripts read as
models do; whatever it cannot say is given as the database's own (`mysql.INTEGER(unsigned=True)`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from asyncmigrate.schema.types import RawType

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.types import TypeEngine

_WORDS = re.compile(r"(\w+)(?:\((.*)\))?((?: unsigned| zerofill)*)", re.DOTALL)
_VALUE = re.compile(r"'((?:[^']|'')*)'")

_PLAIN: dict[str, Callable[[], TypeEngine[Any]]] = {
    "tinyint(1)": sa.Boolean,
    "smallint": sa.SmallInteger,
    "smallint(6)": sa.SmallInteger,
    "int": sa.Integer,
    "int(11)": sa.Integer,
    "bigint": sa.BigInteger,
    "bigint(20)": sa.BigInteger,
    "float": sa.Float,
    "double": sa.Double,
    "date": sa.Date,
    "time": sa.Time,
    "datetime": sa.DateTime,
    "timestamp": sa.TIMESTAMP,
    "json": sa.JSON,
    "blob": sa.LargeBinary,
    "uuid": sa.UUID,
}
"""What needs no parameter. All have the width that the server gives them by itself."""

_WIDTHS = {"tinyint": 4, "smallint": 6, "mediumint": 9, "int": 11, "bigint": 20}
"""What MariaDB prints where nothing was asked for; one less for unsigned ones but `bigint`."""

_TEXTS: dict[str, Callable[..., TypeEngine[Any]]] = {
    "char": sa.CHAR,
    "varchar": sa.String,
    "tinytext": mysql.TINYTEXT,
    "text": sa.Text,
    "mediumtext": mysql.MEDIUMTEXT,
    "longtext": mysql.LONGTEXT,
}

_BYTES: dict[str, Callable[..., TypeEngine[Any]]] = {
    "binary": sa.BINARY,
    "varbinary": sa.VARBINARY,
    "tinyblob": mysql.TINYBLOB,
    "mediumblob": mysql.MEDIUMBLOB,
    "longblob": mysql.LONGBLOB,
}

_INTEGERS: dict[str, Callable[..., TypeEngine[Any]]] = {
    "tinyint": mysql.TINYINT,
    "smallint": mysql.SMALLINT,
    "mediumint": mysql.MEDIUMINT,
    "int": mysql.INTEGER,
    "bigint": mysql.BIGINT,
}

_ORDINARY: dict[str, Callable[..., TypeEngine[Any]]] = {
    "decimal": sa.Numeric,
    "bit": mysql.BIT,
    "year": mysql.YEAR,
}

_DECIMALS: dict[str, Callable[..., TypeEngine[Any]]] = {
    "decimal": mysql.DECIMAL,
    "float": mysql.FLOAT,
    "double": mysql.DOUBLE,
}

_MOMENTS: dict[str, Callable[..., TypeEngine[Any]]] = {
    "time": mysql.TIME,
    "datetime": mysql.DATETIME,
    "timestamp": mysql.TIMESTAMP,
}


@lru_cache(maxsize=4096)
def type_of(text: str, collation: str | None = None) -> TypeEngine[Any]:
    """Return the type that the database prints so. Types are shared: change none.

    >>> type_of("varchar(20)", "utf8mb4_bin")
    String(length=20, collation='utf8mb4_bin')
    >>> type_of("int(11)")
    Integer()
    >>> type_of("geometry")
    RawType('geometry')
    """
    if text in _PLAIN:
        return _PLAIN[text]()
    match = _WORDS.fullmatch(text)
    found = match and _parsed(match[1], match[2], set(match[3].split()), collation)
    return found or RawType(text if collation is None else f"{text} COLLATE {collation}")


def values_of(words: str) -> tuple[str, ...]:
    r"""Return the values of ENUM or SET as the database prints them in the parentheses.

    >>> values_of("'a','it''s','b,c'")
    ('a', "it's", 'b,c')
    """
    return tuple(each.replace("''", "'") for each in _VALUE.findall(words))


def _parsed(
    name: str, words: str | None, flags: set[str], collation: str | None
) -> TypeEngine[Any] | None:
    """Return the type, or None if it is not known."""
    if name in ("enum", "set"):
        return _enumerated(name, values_of(words or ""), collation)
    numbers = [int(each) for each in (words or "").split(",") if each.isdigit()]
    if name in _TEXTS:
        said = {} if collation is None else {"collation": collation}
        return _TEXTS[name](*numbers, **said)
    if name in _BYTES:
        return _BYTES[name](*numbers)
    if name in _MOMENTS:
        return _MOMENTS[name](fsp=numbers[0])
    return _number(name, numbers, dict.fromkeys(flags, True))


def _number(name: str, numbers: list[int], flags: dict[str, bool]) -> TypeEngine[Any] | None:
    if name in _INTEGERS:
        usual = _WIDTHS[name] - ("unsigned" in flags and name != "bigint")
        width = {"display_width": numbers[0]} if numbers and numbers != [usual] else {}
        return _INTEGERS[name](**width, **flags)
    if name in _ORDINARY and not flags:
        return _ORDINARY[name](*(each for each in numbers if name != "year"))
    return _DECIMALS[name](*numbers, **flags) if name in _DECIMALS else None


def _enumerated(name: str, values: tuple[str, ...], collation: str | None) -> TypeEngine[Any]:
    if name == "enum" and collation is None:
        return sa.Enum(*values)
    said = {} if collation is None else {"collation": collation}
    made = mysql.ENUM if name == "enum" else mysql.SET
    found: TypeEngine[Any] = made(*values, **said)
    return found
