"""Named ENUM types (PostgreSQL)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.column_values import Column
from asyncmigrate.schema.kinds.named_types import type_keys
from asyncmigrate.schema.kinds.written import in_schema, literal, text
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Alter, Create, Drop, Rename


@dataclass(frozen=True, slots=True)
class EnumType:
    """An ENUM type and its values, in their order."""

    schema: str
    name: str
    values: tuple[str, ...]
    element: sa.Enum | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("enum", self.schema, "", self.name)


class EnumKind(Kind[EnumType]):
    """Named ENUM types."""

    name: ClassVar[str] = "enum"
    title: ClassVar[str] = "enum type"

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give CREATE TYPE."""
        enum = cast("EnumType", change.obj)
        yield Call("create_enum", (enum.name, *enum.values), in_schema(enum.schema))

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP TYPE."""
        enum = cast("EnumType", change.obj)
        yield Call("drop_enum", (enum.name,), in_schema(enum.schema))

    def alter(self, change: Alter, around: Around[Any]) -> Iterator[Call]:
        """Give what adds values; the type is made anew only if values go or change their order."""
        before, after = cast("EnumType", change.before), cast("EnumType", change.after)
        schema = in_schema(after.schema)
        if not adds_only(before, after):
            yield from _without_defaults(before, after, around)
            gone = ", ".join(map(repr, sorted({*before.values} - {*after.values})))
            note = f"Rows that hold {gone} stand in the way; mapping= says what they become."
            keywords = {**schema, "existing_values": list(before.values)}
            yield Call(
                "replace_enum", (after.name, *after.values), keywords, note=note if gone else ""
            )
            return
        for place, value in enumerate(after.values):
            if value not in before.values:
                beside = _beside(before.values, after.values, place)
                yield Call("add_enum_value", (after.name, value), {**beside, **schema})

    def rename(self, change: Rename, around: Around[Any]) -> Iterator[Call]:
        """Give ALTER TYPE … RENAME TO."""
        enum = cast("EnumType", change.obj)
        yield Call("rename_enum", (enum.name, change.to), in_schema(enum.schema))


def _without_defaults(before: EnumType, after: EnumType, around: Around[Any]) -> Iterator[Call]:
    """Give what takes away the defaults that no value stands for any more.

    Those of the columns change as well, or models would not have made such a change; they come
    after the types.
    """
    gone = [literal(value) for value in before.values if value not in after.values]
    for column in around.before.values():
        if not isinstance(column, Column) or before.key not in type_keys(column.type):
            continue
        default = column.default or ""
        if any(each in default for each in gone):
            keywords = {
                "server_default": None,
                "existing_server_default": text(default),
                **in_schema(column.schema),
            }
            yield Call("alter_column", (column.table, column.name), keywords)


def adds_only(before: Any, after: Any) -> bool:
    """Return whether the old values are all there, in the same order; else the type is made anew.

    >>> first = EnumType("", "mood", ("a", "c"))
    >>> adds_only(first, EnumType("", "mood", ("a", "b", "c")))
    True
    >>> adds_only(first, EnumType("", "mood", ("c", "a")))
    False
    """
    return bool(tuple(value for value in after.values if value in before.values) == before.values)


def _beside(before: tuple[str, ...], after: tuple[str, ...], place: int) -> dict[str, str]:
    """Return which value the new one stands beside; nothing for the end."""
    following = [value for value in after[place + 1 :] if value in before]
    if not following:
        return {}
    return {"after": after[place - 1]} if place else {"before": following[0]}
