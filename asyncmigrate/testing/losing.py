"""Rows that are no longer what they were when an upgrade has been undone.

Only what is there all the time is compared: a column that the upgrade drops cannot come back with
what was in it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from asyncmigrate.testing.stored import Held

    Columns: TypeAlias = Mapping[str, Set[str]]
    """The names of the columns, by table."""


def shared(one: Columns, other: Columns) -> Columns:
    """Return what is in both.

    >>> shared({"users": {"id", "name"}, "old": {"id"}}, {"users": {"id"}, "new": {"id"}})
    {'users': {'id'}}
    """
    return {table: columns & other[table] for table, columns in one.items() if table in other}


def changed(before: Sequence[Held], after: Sequence[Held], columns: Columns) -> tuple[str, ...]:
    """Return the rows that are gone (`-`) and those that have come (`+`), as people read them."""
    was, now = _cut(before, columns), _cut(after, columns)
    old, new = (Counter({key: len(rows) for key, rows in side.items()}) for side in (was, now))
    return (
        *(f"- {was[key][0]}" for key in (old - new).elements()),
        *(f"+ {now[key][0]}" for key in (new - old).elements()),
    )


def _cut(rows: Sequence[Held], columns: Columns) -> dict[str, list[Held]]:
    """Return the rows with these columns only, equal ones together."""
    found: dict[str, list[Held]] = {}
    for each in rows:
        if each.table in columns:
            row = {name: each.row[name] for name in each.row if name in columns[each.table]}
            found.setdefault(f"{each.table} {row!r}", []).append(replace(each, row=row))
    return found
