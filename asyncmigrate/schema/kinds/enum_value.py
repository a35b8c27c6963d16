"""The values of ENUM types that get another name; all else about values is the type's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.operations import Alter, Create, Drop
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Change, Rename
    from asyncmigrate.schema.snapshot import Object, Snapshot


@dataclass(frozen=True, slots=True)
class EnumValue:
    """A value of an ENUM type; `place` counts from 0."""

    schema: str
    enum: str
    name: str
    place: int = 0

    @property
    def key(self) -> Key:
        """What identifies it. The type stands where the table of a column does."""
        return Key("enum_value", self.schema, self.enum, self.name)


class EnumValueKind(Kind[EnumValue]):
    """Values that get another name. Snapshots do not list values: see `EnumType`."""

    name = "enum_value"
    title = "enum value"

    def rename(self, change: Rename, around: Around[Any]) -> Iterator[Call]:
        """Give the call that renames a value."""
        key = change.key
        keywords = {"schema": key.schema} if key.schema else {}
        yield Call("rename_enum_value", (key.table, key.name, change.to), keywords)


def of(snapshot: Snapshot) -> Iterator[EnumValue]:
    """Give the values of all ENUM types of a snapshot."""
    for key, each in snapshot.items():
        if key.kind == "enum":
            yield from _values(each)


def changed(changes: Iterable[Change]) -> Iterator[Drop | Create]:
    """Give the values that ENUM types lose and get, where some come and some go."""
    for change in changes:
        if not isinstance(change, Alter) or change.key.kind != "enum":
            continue
        before, after = list(_values(change.before)), list(_values(change.after))
        names, new_names = {each.name for each in before}, {each.name for each in after}
        gone = [each for each in before if each.name not in new_names]
        come = [each for each in after if each.name not in names]
        if gone and come:
            yield from map(Drop, gone)
            yield from map(Create, come)


def with_value(obj: Object, old: Key, new: str) -> Object:
    """Return an object with a value's new name, if it is the type that has the value."""
    if obj.key != Key("enum", old.schema, "", old.table):
        return obj
    values = tuple(new if each == old.name else each for each in obj.values)  # type: ignore[attr-defined]
    return replace(obj, values=values)  # type: ignore[type-var]


def _values(enum: Any) -> Iterator[EnumValue]:
    for place, value in enumerate(enum.values):
        yield EnumValue(enum.schema, enum.name, value, place)
