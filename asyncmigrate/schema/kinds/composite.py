"""Composite types (PostgreSQL)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

import sqlalchemy as sa

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.column_values import Column
from asyncmigrate.schema.kinds.named_types import type_keys
from asyncmigrate.schema.kinds.written import in_schema
from asyncmigrate.schema.needs import NeedsAnswerError, NeedsHand
from asyncmigrate.schema.snapshot import Key
from asyncmigrate.schema.types import RawType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Alter, Create, Drop
    from asyncmigrate.schema.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Composite:
    """A composite type: the names and types of its attributes."""

    schema: str
    name: str
    attributes: tuple[tuple[str, str], ...]
    element: Any = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("composite", self.schema, "", self.name)


class CompositeKind(Kind[Composite]):
    """Composite types."""

    name: ClassVar[str] = "composite"
    title: ClassVar[str] = "composite type"

    def references(self, obj: Composite) -> Iterable[Key]:
        """Give the types that its attributes may have."""
        return [key for _, type_ in obj.attributes for key in type_keys(type_)]

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give CREATE TYPE … AS."""
        composite = cast("Composite", change.obj)
        attributes = map(_attribute, composite.attributes)
        yield Call(
            "create_composite_type", (composite.name, *attributes), in_schema(composite.schema)
        )

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP TYPE."""
        composite = cast("Composite", change.obj)
        yield Call("drop_composite_type", (composite.name,), in_schema(composite.schema))

    def alter(self, change: Alter, around: Around[Any]) -> Iterator[Call]:
        """Give ALTER TYPE … ADD, DROP and ALTER ATTRIBUTE.

        Raises:
            NeedsAnswerError: attributes would have to change places, or types while in use.
        """
        before, after = cast("Composite", change.before), cast("Composite", change.after)
        if not _keeps_order(before, after):
            raise NeedsAnswerError(hands=(NeedsHand(after.key, _REORDERED.format(after.key.path)),))
        old, new = dict(before.attributes), dict(after.attributes)
        other = [name for name in new if name in old and old[name] != new[name]]
        if other and (users := _columns_of(after.key, around.before)):
            reason = _IN_USE.format(", ".join(other), after.key.path, ", ".join(users))
            raise NeedsAnswerError(hands=(NeedsHand(after.key, reason),))
        lists = {
            "add": [(name, new[name]) for name in new if name not in old],
            "drop": [(name, old[name]) for name in old if name not in new],
            "alter": [(name, new[name]) for name in other],
            "existing": [(name, old[name]) for name in other],
        }
        keywords: dict[str, Any] = {
            word: [_attribute(each) for each in found] for word, found in lists.items() if found
        }
        yield Call("alter_composite_type", (after.name,), {**keywords, **in_schema(after.schema)})


_REORDERED = (
    "The attributes of the composite type {} stand in another order in the models: that cannot be "
    "changed in place. Declare new attributes last and keep the others where they are, or make "
    "another type."
)


_IN_USE = (
    "{} of the composite type {} cannot be given another type while columns are of it: {}. Make "
    "another type, move the columns to it, and drop this one."
)


def _columns_of(type_: Key, snapshot: Snapshot) -> list[str]:
    """Return the columns that are of a type, by their paths."""
    columns = (each for each in snapshot.values() if isinstance(each, Column))
    return sorted(each.key.path for each in columns if type_ in type_keys(each.type))


def _keeps_order(before: Composite, after: Composite) -> bool:
    """Return whether what stays keeps its order, and what is new comes last."""
    names = [name for name, _ in after.attributes]
    kept = [name for name, _ in before.attributes if name in names]
    return names[: len(kept)] == kept


def _attribute(attribute: tuple[str, str]) -> sa.Column[Any]:
    name, type_ = attribute
    return sa.Column(name, RawType(type_))
