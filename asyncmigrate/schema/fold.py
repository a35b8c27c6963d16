"""Changes as calls of `op`, with what belongs together in one call.

A new table's columns and constraints are a part of its `create_table`, and nothing is said of the
parts of a table that goes. What cannot be a part of it yet (a foreign key to a table that comes
later) or no more (one to a table that has gone before) keeps its own call, in its own place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds import kind_of
from asyncmigrate.schema.kinds.base import Around, calls
from asyncmigrate.schema.kinds.column_values import Column
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.table import Table, created, fits
from asyncmigrate.schema.names import RELATIONS
from asyncmigrate.schema.needs import NeedsAnswerError
from asyncmigrate.schema.operations import Alter, Create, Drop, Execute, Rename
from asyncmigrate.schema.snapshot import Key
from asyncmigrate.schema.unlogged import changes_logging

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from asyncmigrate.schema.needs import NeedsHand, NeedsValue
    from asyncmigrate.schema.operations import Change, Operation
    from asyncmigrate.schema.snapshot import Object

_RESTED_ON = frozenset({"table", "column", "primary_key", "unique", "index"})


def fold(
    operations: Sequence[Operation], around: Around[Any], *, fills: Mapping[Key, str] | None = None
) -> list[Call]:
    """Return the calls that make changes; these stand in an order that a database can follow.

    `fills` has SQL for the rows of columns that take no NULL. For a downgrade, hand in the inverse
    operations, and the snapshots of `around` the other way round.

    Raises:
        NeedsAnswerError: for some changes a person has to say something first; it holds all.
    """
    if fills is not None:
        around = Around(around.before, around.after, around.forms, fills=fills)
    parts = Parts.of(operations)
    made: list[Call] = []
    values: list[NeedsValue] = []
    hands: list[NeedsHand] = []
    for each in operations:
        try:
            made += _calls(each, parts, around)
        except NeedsAnswerError as error:
            values += error.values
            hands += error.hands
    if values or hands:
        raise NeedsAnswerError(tuple(values), tuple(hands))
    return made


@dataclass(frozen=True, slots=True)
class Parts:
    """What is a part of its table's creation, or of its going."""

    created: Mapping[Key, list[Object]]
    """By the new table."""
    keys: frozenset[tuple[type, Key]]
    """The verbs and keys of the changes that need no call of their own."""

    @classmethod
    def of(cls, operations: Sequence[Operation]) -> Parts:
        """Find them among operations that are in order."""
        belongs = _Belongs(operations)
        created: dict[Key, list[Object]] = {key: [] for key in belongs.made if key.kind == "table"}
        keys: set[tuple[type, Key]] = set()
        for each in operations:
            owner = None if isinstance(each, Execute) else each.key.owner
            if owner is None or not isinstance(each, Create | Drop):
                continue
            if isinstance(each, Drop) and belongs.to_going(each, owner):
                keys.add((Drop, each.key))
            if isinstance(each, Create) and belongs.to_creation(each, owner):
                keys.add((Create, each.key))
                created[owner].append(each.obj)
        return cls(created, frozenset(keys))


class _Belongs:
    """Whether a change can be a part of its table's."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.made = _places(operations, Create)
        self._gone = _places(operations, Drop)
        self._ready, self._touched = _readiness(operations)
        self._named = {
            (key.kind in RELATIONS, key.schema, key.name): place
            for key, place in self.made.items()
            if key.owner is not None and key.name
        }

    def to_creation(self, change: Create, owner: Key) -> bool:
        """Return whether CREATE TABLE can hold it, and what it refers to is there by then."""
        if owner not in self.made or not fits(change.obj):
            return False
        own = self.made[owner]
        return all(self._ready.get(key, -1) <= own for key in _referred(change.obj))

    def to_going(self, change: Drop, owner: Key) -> bool:
        """Return whether it can wait until its table goes."""
        if owner not in self._gone:
            return False
        place = self._gone[owner]
        name = (change.key.kind in RELATIONS, change.key.schema, change.key.name)
        if self._gone[change.key] < self._named.get(name, -1) < place:
            return False  # another table gets one by this name before
        return all(self._touched.get(key, place) >= place for key in _referred(change.obj))


def _places(operations: Sequence[Operation], verb: type[Any]) -> dict[Key, int]:
    return {each.key: place for place, each in enumerate(operations) if isinstance(each, verb)}


def _readiness(operations: Sequence[Operation]) -> tuple[dict[Key, int], dict[Key, int]]:
    """Return where what foreign keys rest on comes, and where it goes or changes.

    By the keys of tables and columns, and by `_uniqueness` for what makes columns unique.
    """
    ready: dict[Key, int] = {}
    touched: dict[Key, int] = {}
    for place, each in enumerate(operations):
        if isinstance(each, Execute | Rename) or each.key.kind not in _RESTED_ON:
            continue
        key = each.key
        if key.kind not in {"table", "column"}:
            key = _uniqueness(key, _column_names(each))
        stored = changes_logging(each)
        if isinstance(each, Create) or _is_retyped(each) or stored:
            ready[key] = place
        if isinstance(each, Drop) or (isinstance(each, Alter) and key.kind == "column") or stored:
            touched.setdefault(key, place)
    return ready, touched


def _is_retyped(change: Change) -> bool:
    """Return whether a column gets another type: a foreign key has to wait for it."""
    if not isinstance(change, Alter) or not isinstance(change.before, Column):
        return False
    return change.before.type != getattr(change.after, "type", "")


def _referred(obj: Object) -> Iterable[Key]:
    """Return the keys of the other table, and its columns, that a foreign key rests on."""
    if isinstance(obj, ForeignKey) and obj.referred != obj.key.owner:
        table = obj.referred
        yield table
        for name in obj.referred_columns:
            yield Key("column", table.schema, table.name, name)
        own = table._replace(table=table.name)
        yield _uniqueness(own, obj.referred_columns)


def _uniqueness(key: Key, columns: Iterable[str]) -> Key:
    """Return what stands for "these columns of the table are unique", however that is done."""
    return Key("unique", key.schema, key.table, f"({', '.join(sorted(columns))})")


def _column_names(change: Create | Drop | Alter) -> list[str]:
    obj: Any = change.before if isinstance(change, Alter) else change.obj
    return [str(getattr(each, "text", each)) for each in obj.columns]


def _calls(operation: Operation, parts: Parts, around: Around[Any]) -> Iterable[Call]:
    match operation:
        case Execute(sql, undo):
            return (Call("execute", (sql,), {} if undo is None else {"undo": undo}),)
        case Create(Table() as table):
            return (created(table, parts.created[table.key], around),)
        case Create() | Drop() if (type(operation), operation.key) in parts.keys:
            return ()
    return calls(kind_of(operation.key.kind), operation, around)
