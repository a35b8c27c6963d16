"""The way back: the inverse of each change, the last one first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from asyncmigrate.schema.kinds.index import Index
from asyncmigrate.schema.operations import Create, Drop

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from asyncmigrate.schema.operations import Operation
    from asyncmigrate.schema.snapshot import Key


def undone(operations: Sequence[Operation]) -> list[Operation]:
    """Return what takes operations back, in no order that a database could use.

    An index that was INVALID and has been made anew stays: nobody wants it as it was.
    """
    mended = _mended(operations)
    return [
        each.inverse()
        for each in reversed(operations)
        if not (isinstance(each, Create | Drop) and each.key in mended)
    ]


def _mended(operations: Iterable[Operation]) -> set[Key]:
    dropped: dict[Key, Index] = {}
    made: dict[Key, Index] = {}
    for each in operations:
        if isinstance(each, Create | Drop) and isinstance(each.obj, Index):
            (made if isinstance(each, Create) else dropped)[each.key] = each.obj
    return {
        key
        for key, index in dropped.items()
        if key in made and not index.valid and replace(made[key], valid=False) == index
    }
