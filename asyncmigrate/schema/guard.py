"""What is refused before a script is written: drops that nobody can have meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.schema.diff import tables_of
from asyncmigrate.schema.operations import Drop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncmigrate.schema.operations import Change
    from asyncmigrate.schema.snapshot import Key, Snapshot


def suspicious_drops(changes: Iterable[Change], live: Snapshot, declared: Snapshot) -> list[Key]:
    """Return the tables that would go, if it looks as if the models had not been imported.

    That is so if no table is declared at all, or if two or more tables would go and they are more
    than half of those in the database.
    """
    dropped = tables_of(changes, Drop)
    tables = sum(key.kind == "table" for key in live)
    none_declared = not any(key.kind == "table" for key in declared)
    if dropped and (none_declared or (len(dropped) > 1 and 2 * len(dropped) > tables)):
        return sorted(dropped)
    return []
