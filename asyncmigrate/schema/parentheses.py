"""The parentheses of SQL: which one closes which, and whether a pair is around the whole."""

from __future__ import annotations

import re

_MARK = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|[()]")
_ESCAPING = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|[()]", re.DOTALL)


def closing(sql: str, opening: int = 0, *, escapes: bool = False) -> int:
    r"""Return where the parenthesis closes that opens there, -1 if nowhere; quotes hide others.

    With `escapes`, a backslash in a string takes its meaning from the character after it.

    >>> closing("(a = ')')"), closing("((a)"), closing(r"('\')')", escapes=True)
    (8, -1, 6)
    """
    depth = 0
    for found in (_ESCAPING if escapes else _MARK).finditer(sql, opening):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if not depth:
            return found.start()
    return -1


def is_enclosed(sql: str, *, escapes: bool = False) -> bool:
    """Return whether one pair of parentheses is around all of it.

    >>> is_enclosed("(a + b)"), is_enclosed("(a) + (b)")
    (True, False)
    """
    return sql.startswith("(") and closing(sql, escapes=escapes) == len(sql) - 1


def unwrapped(sql: str, *, escapes: bool = False) -> str:
    r"""Return SQL without blanks and parentheses around the whole of it.

    >>> unwrapped(" ((a) + (b)) ")
    '(a) + (b)'
    >>> unwrapped(r"((`a`) = 'it\'s (')", escapes=True)
    "(`a`) = 'it\\'s ('"
    """
    sql = sql.strip()
    while is_enclosed(sql, escapes=escapes):
        sql = sql[1:-1].strip()
    return sql
