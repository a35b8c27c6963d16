"""How names and SQL of snapshots are handed to the directives of `op`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import conv

from asyncmigrate.schema.parentheses import closing

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import IdentifierPreparer

    from asyncmigrate.schema.forms import Forms

_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w+(?![:\w]))")
_FUNCTION = re.compile(r'(?:[\w$]+\.|"[^"]+"\.)*(?:[\w$]+|"[^"]+")\(')


def named(name: str) -> conv:
    """Return a constraint's or an index's name, which no naming convention may change."""
    return conv(name)


def in_schema(schema: str, keyword: str = "schema") -> dict[str, str]:
    """Return the keyword for a schema that is not the default one.

    >>> in_schema("crm"), in_schema("")
    ({'schema': 'crm'}, {})
    """
    return {keyword: schema} if schema else {}


def escaped(sql: str) -> str:
    r"""Return SQL in which `sa.text` finds no parameter.

    >>> print(escaped("a::text = ':b'"))
    a::text = '\:b'
    """
    return _PARAMETER.sub(r"\\:", re.sub(r"\\(?=:)", r"\\\\", sql))


def text(sql: str) -> sa.TextClause:
    """Return SQL as it is."""
    return sa.text(escaped(sql))


def deferring(words: str) -> dict[str, Any]:
    """Return the keywords for DEFERRABLE and INITIALLY.

    >>> deferring("DEFERRABLE INITIALLY DEFERRED")
    {'deferrable': True, 'initially': 'DEFERRED'}
    """
    found: dict[str, Any] = {"deferrable": True} if words.startswith("DEFERRABLE") else {}
    if words.endswith("DEFERRED"):
        found["initially"] = "DEFERRED"
    return found


def quoted(name: str, forms: Forms) -> str:
    """Return a name as the database needs it in SQL."""
    preparer = forms.dialect.identifier_preparer
    return _single(preparer.quote(name), preparer)


def qualified(schema: str, name: str, forms: Forms) -> str:
    """Return a name with its schema, as the database needs it in SQL."""
    preparer = forms.dialect.identifier_preparer
    return _single(with_schema(schema, name, preparer), preparer)


def with_schema(schema: str | None, name: str, preparer: IdentifierPreparer) -> str:
    """Return a name, quoted, with its schema if it has one."""
    quoted = preparer.quote(name)
    return f"{preparer.quote_schema(schema)}.{quoted}" if schema else quoted


def _single(name: str, preparer: Any) -> str:
    """Return a quoted name without the doubled percent signs of drivers that format."""
    return name.replace("%%", "%") if preparer._double_percents else name


def literal(value: str) -> str:
    """Return a string as a literal of SQL.

    >>> print(literal("it's"))
    'it''s'
    """
    return "'" + value.replace("'", "''") + "'"


def is_call(sql: str) -> bool:
    """Return whether SQL is the call of one function.

    >>> is_call("lower(name)"), is_call("lower(a) || lower(b)")
    (True, False)
    """
    found = _FUNCTION.match(sql)
    return found is not None and closing(sql, found.end() - 1) == len(sql) - 1
