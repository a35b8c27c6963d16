"""What leads from one snapshot to another: comparing is `==`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.schema.operations import Alter, Create, Drop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncmigrate.schema.operations import Change
    from asyncmigrate.schema.snapshot import Key, Snapshot


def diff(live: Snapshot, declared: Snapshot) -> list[Change]:
    """Return what has to change, in the order of the names; equal snapshots give an empty list."""
    return list(_diff(live, declared))


def _diff(live: Snapshot, declared: Snapshot) -> Iterator[Change]:
    for key, obj in declared.items():
        before = live.get(key)
        if before is None:
            yield Create(obj)
        elif before != obj:
            yield Alter(before, obj)
    for key, obj in live.items():
        if key not in declared:
            yield Drop(obj)


def tables_of(changes: Iterable[Change], kind: type[Create] | type[Drop]) -> set[Key]:
    """Return the tables that are created, or dropped."""
    return {each.key for each in changes if isinstance(each, kind) and each.key.kind == "table"}


def whole(changes: Iterable[Change]) -> list[Change]:
    """Return the changes without the parts of tables that are created or dropped as a whole."""
    changes = list(changes)
    created, dropped = tables_of(changes, Create), tables_of(changes, Drop)
    return [
        each
        for each in changes
        if not (isinstance(each, Create) and each.key.owner in created)
        and not (isinstance(each, Drop) and each.key.owner in dropped)
    ]


def differing_tables(changes: Iterable[Change], live: Snapshot, declared: Snapshot) -> set[Key]:
    """Return the tables on both sides of which anything changes."""
    found = {each.key if each.key.kind == "table" else each.key.owner for each in changes}
    return {key for key in found if key is not None and key in live and key in declared}
