"""PostgreSQL's casts: between which types a column changes without being told how.

ALTER COLUMN … TYPE takes a cast that an assignment would take (`pg_cast`, and any type to text);
for all others it needs USING.
"""

from __future__ import annotations

import re

_NUMBERS = frozenset(
    {"smallint", "integer", "bigint", "numeric", "real", "double precision", "money"}
)
_STRINGS = frozenset({"text", "character varying", "character", "name", "citext"})
_ASSIGNED = {
    "date": {"timestamp without time zone", "timestamp with time zone"},
    "timestamp without time zone": {"date", "time without time zone", "timestamp with time zone"},
    "timestamp with time zone": {
        "date",
        "time without time zone",
        "time with time zone",
        "timestamp without time zone",
    },
    "time without time zone": {"interval", "time with time zone"},
    "time with time zone": {"time without time zone"},
    "interval": {"time without time zone"},
    "json": {"jsonb"},
    "jsonb": {"json"},
    "bit": {"bit varying"},
    "bit varying": {"bit"},
    "inet": {"cidr"},
    "cidr": {"inet"},
    "macaddr": {"macaddr8"},
    "macaddr8": {"macaddr"},
    "integer": {"oid"},
    "bigint": {"oid"},
    "smallint": {"oid"},
    "oid": {"integer", "bigint"},
}
"""What the assignment casts lead to, beside those among numbers and those to strings."""

_DIRECT = frozenset(
    {("bit", "integer"), ("bit", "bigint"), ("integer", "bit"), ("bigint", "bit")}
    | {("boolean", "integer"), ("integer", "boolean")}
)
"""The casts that say more than the way through text does."""


def base(type_: str) -> str:
    """Return a type without its parameters.

    >>> base("timestamp(3) with time zone"), base("numeric(10,2)")
    ('timestamp with time zone', 'numeric')
    """
    return re.sub(r"\s*\([^)]*\)", "", type_).strip()


def is_assigned(before: str, after: str) -> bool:
    """Return whether values become the new type without USING.

    >>> is_assigned("integer", "text"), is_assigned("text", "integer")
    (True, False)
    """
    before, after = base(before), base(after)
    if before.endswith("[]") and after.endswith("[]"):
        return is_assigned(before[:-2], after[:-2])
    return (
        before == after
        or after in _STRINGS
        or (before in _NUMBERS and after in _NUMBERS)
        or after in _ASSIGNED.get(before, ())
    )


def using(column: str, before: str, after: str) -> str | None:
    """Return how values of a column (a quoted name) become the new type, or None if by themselves.

    >>> using("n", "text", "integer"), using("n", "integer", "integer[]")
    ('n::integer', 'ARRAY[n]::integer[]')
    >>> using("n", "bigint", "boolean"), using("mood", "mood", "feeling")
    ('n <> 0', 'mood::text::feeling')
    """
    if is_assigned(before, after):
        return None
    old, new = base(before), base(after)
    if new.endswith("[]") and not old.endswith("[]"):
        return f"ARRAY[{_item(column, before, after[:-2])}]::{after}"
    if old.endswith("[]") and not new.endswith("[]"):
        return using(f"{column}[1]", before[:-2], after) or f"{column}[1]::{after}"
    if new == "boolean" and old in _NUMBERS:
        return f"{column} <> 0"
    if old == "boolean" and new in _NUMBERS and new != "integer":
        return f"{column}::integer::{after}"
    if _is_direct(old.removesuffix("[]"), new.removesuffix("[]")):
        return f"{column}::{after}"
    text = "text[]" if new.endswith("[]") else "text"
    return f"{column}::{text}::{after}"


def _item(column: str, before: str, after: str) -> str:
    """Return what stands in ARRAY[…]; a cast that the whole array gets is not said twice."""
    found = using(column, before, after) or column
    return found.removesuffix(f"::{after}")


def _is_direct(old: str, new: str) -> bool:
    """Return whether there is a cast; between all other types the way leads through text."""
    return (
        old in _STRINGS
        or (old, new) in _DIRECT
        or (old == "jsonb" and (new == "boolean" or new in _NUMBERS))
    )
