"""Tables that become UNLOGGED or LOGGED, and the foreign keys between them (PostgreSQL).

No logged table may refer to an unlogged one, at no time: who refers becomes UNLOGGED first, who is
referred to becomes LOGGED first. Where tables refer to each other in a circle, their foreign keys
go meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.operations import Alter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from asyncmigrate.schema.operations import Change
    from asyncmigrate.schema.snapshot import Key, Snapshot

Needs: TypeAlias = "dict[Key, set[Key]]"


def changes_logging(change: object) -> bool:
    """Return whether a table becomes UNLOGGED or LOGGED."""
    if not isinstance(change, Alter):
        return False
    before, after = change.before, change.after
    if not isinstance(before, Table) or not isinstance(after, Table):
        return False
    return before.is_unlogged != after.is_unlogged


def first_of(changes: Iterable[Change], before: Snapshot, gone: Collection[Key]) -> Needs:
    """Return, for each table that changes so, the tables that have to change before it.

    `gone` are the foreign keys that are dropped before any table changes.
    """
    altered = (each for each in changes if isinstance(each, Alter) and changes_logging(each))
    becoming: dict[Any, Any] = {each.key: each.after for each in altered}
    needs: Needs = {key: set() for key in becoming}
    for key, obj in before.items() if becoming else ():
        if key.kind == "foreign_key" and key not in gone:
            own: Any = key.owner
            other: Key = obj.referred  # type: ignore[attr-defined]  # a ForeignKey
            if own in needs and other in needs and own != other:
                if becoming[own].is_unlogged:
                    own, other = other, own
                needs[own].add(other)
    return needs


def in_circles(changes: Iterable[Change], before: Snapshot, gone: Collection[Key]) -> set[Key]:
    """Return the foreign keys that leave no table that could be the first to change."""
    needs = first_of(changes, before, gone)
    ready = {key for key, others in needs.items() if not others}
    while ready:
        needs = {key: others - ready for key, others in needs.items() if key not in ready}
        ready = {key for key, others in needs.items() if not others}
    keys: Any = (each for each in before.items() if needs and each[0].kind == "foreign_key")
    return {
        key
        for key, obj in keys
        if key not in gone and key.owner != obj.referred and {key.owner, obj.referred} <= {*needs}
    }
