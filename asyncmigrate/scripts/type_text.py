"""Which named types a statement in words makes and takes away (PostgreSQL).

While SQL is only being written no catalog can be asked whether a type is there, so what scripts do
to types by `op.execute` has to be read from their text.
"""

from __future__ import annotations

import re
from typing import TypeAlias

Key: TypeAlias = tuple[str | None, str]
"""Schema and name."""

_PART = r'(?:[\w$]+|"[^"]+")'
_NAME = rf"{_PART}(?:\.{_PART})?"
_CHANGE = re.compile(
    rf"\b(?:CREATE\s+TYPE\s+(?P<made>{_NAME})"
    rf"|DROP\s+TYPE\s+(?:IF\s+EXISTS\s+)?(?P<gone>{_NAME})"
    rf"|ALTER\s+TYPE\s+(?P<old>{_NAME})\s+RENAME\s+TO\s+(?P<new>{_NAME}))",
    re.IGNORECASE,
)


def types_after(sql: str, known: frozenset[Key]) -> frozenset[Key]:
    """Return the types that are known to be there after a statement.

    >>> sorted(types_after('ALTER TYPE app.a RENAME TO "B"', frozenset({("app", "a")})))
    [('app', 'B')]
    >>> sorted(types_after("CREATE TYPE a AS ENUM (); DROP TYPE IF EXISTS A", frozenset()))
    []
    """
    for change in _CHANGE.finditer(sql):
        if change["made"]:
            known |= {_key(change["made"])}
        elif change["gone"]:
            known -= {_key(change["gone"])}
        else:
            schema, old = _key(change["old"])
            known = (known - {(schema, old)}) | {(schema, _key(change["new"])[1])}
    return known


def _key(written: str) -> Key:
    parts = re.findall(r'"([^"]+)"|([\w$]+)', written)
    names = [quoted or plain.lower() for quoted, plain in parts]
    return (names[0] if len(names) > 1 else None), names[-1]
