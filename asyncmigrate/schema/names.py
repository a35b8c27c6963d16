"""Names: those in SQL, which say what columns a text may be about, and those that are taken."""

from __future__ import annotations

import re

_NAME = re.compile(r"""'(?:[^']|'')*'|"((?:[^"]|"")+)"|`((?:[^`]|``)+)`|(\w+)""")

RELATIONS = frozenset({"index", "unique", "exclude"})
"""The parts of tables that share one space of names, where a schema has one."""


def names_in(sql: str) -> set[str]:
    """Return all words of SQL that may be names, without their quotes; strings hold none.

    >>> sorted(names_in("lower(name) <> 'x' AND `it's` > 1"))
    ['1', 'AND', "it's", 'lower', 'name']
    """
    return {_plain(found) for found in _NAME.finditer(sql)} - {""}


def _plain(found: re.Match[str]) -> str:
    double, back, plain = found.groups("")
    return str(plain or double.replace('""', '"') or back.replace("``", "`"))
