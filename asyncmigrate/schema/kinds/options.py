"""Options of tables and indexes: texts in a snapshot, keywords with values in a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy.sql.elements import quoted_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncmigrate.schema.forms import Forms

_MAPPINGS = ("_with",)
_OUTSIDE_QUOTES = r'(?=(?:[^"]*"[^"]*")*[^"]*$)'
COMMA = re.compile(rf", {_OUTSIDE_QUOTES}")
DOT = re.compile(rf"\.{_OUTSIDE_QUOTES}")
"""What stands between names as SQL has them, and in none."""
_FLAGS = ("_strict", "_with_rowid", "_with_oids", "_ignore_search_path", "_autoincrement")


def keywords_of(options: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return options as SQLAlchemy's keywords.

    >>> keywords_of([("postgresql_with", "fillfactor=70"), ("sqlite_strict", "True")])
    {'postgresql_with': {'fillfactor': 70}, 'sqlite_strict': True}
    >>> keywords_of([("postgresql_inherits", '"a, b", c')])
    {'postgresql_inherits': ['a, b', 'c']}
    """
    return {name: _value(name, text) for name, text in options}


def passed_on(element: Any, forms: Forms) -> dict[str, Any]:
    """Return the keywords of a declared element that nobody compares."""
    if element is None or not forms.passed_on:
        return {}
    names = {f"{forms.dialect.name}_{name}" for name in forms.passed_on}
    found = {name: element.dialect_kwargs.get(name) for name in sorted(names)}
    return {name: value for name, value in found.items() if value is not None}


def parameters_of(text: str) -> dict[str, Any]:
    """Return storage parameters.

    >>> parameters_of("fillfactor=70, fastupdate=off")
    {'fillfactor': 70, 'fastupdate': 'off'}
    """
    pairs = (each.partition("=") for each in text.split(",") if each.strip())
    return {name.strip(): _number(value.strip()) for name, _, value in pairs}


def _value(name: str, text: str) -> Any:
    if name.endswith(_MAPPINGS):
        return parameters_of(text)
    if name == "prefixes":
        return [text]
    if name.endswith("_inherits"):
        parents = [_table(each) for each in COMMA.split(text)]
        return parents if len(parents) > 1 else parents[0]
    if name.endswith(_FLAGS):
        return text.lower() not in {"false", "0", "off", ""}
    return text


def _table(name: str) -> str:
    """Return a table's name as SQLAlchemy takes it: quoted by it, unless it has a schema."""
    if len(DOT.split(name)) > 1:
        return quoted_name(name, quote=False)
    return unquoted(name)


def unquoted(name: str) -> str:
    """Return the name that SQL means.

    >>> unquoted('"a""b"'), unquoted("users")
    ('a"b', 'users')
    """
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text
