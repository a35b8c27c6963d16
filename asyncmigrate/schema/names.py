"""The names in SQL: which columns a text may be about."""

from __future__ import annotations

import re

_STRING = re.compile(r"'(?:[^']|'')*'")
_NAME = re.compile(r'"((?:[^"]|"")+)"|`((?:[^`]|``)+)`|(\w+)')


def names_in(sql: str) -> set[str]:
    """Return all words of SQL that may be names, without their quotes; strings hold none.

    >>> sorted(names_in('lower("Na""me") <> 1 AND `b` > 1'))
    ['1', 'AND', 'Na"me', 'b', 'lower']
    """
    return {_plain(found) for found in _NAME.finditer(_STRING.sub("", sql))}


def _plain(found: re.Match[str]) -> str:
    double, back, plain = found.groups()
    return plain or (double or "").replace('""', '"') or back.replace("``", "`")
