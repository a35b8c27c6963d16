"""Sequences that belong to no column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.written import in_schema
from asyncmigrate.schema.snapshot import Key
from asyncmigrate.schema.types import RawType

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Alter, Create, Drop, Rename


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence of its own; those of SERIAL and IDENTITY columns are not listed."""

    schema: str
    name: str
    options: tuple[tuple[str, int | bool | str], ...] = ()
    """Of start, increment, minvalue, maxvalue, cycle, cache, type; sorted by name, and only those
    that are not the database's default."""
    element: sa.Sequence | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("sequence", self.schema, "", self.name)


_USUAL: dict[str, Any] = {
    "start": 1,
    "increment": 1,
    "minvalue": None,
    "maxvalue": None,
    "cycle": False,
    "cache": 1,
    "type": "bigint",
}
"""What an option goes back to that is no more."""


class SequenceKind(Kind[Sequence]):
    """Sequences."""

    name: ClassVar[str] = "sequence"
    title: ClassVar[str] = "sequence"

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give CREATE SEQUENCE."""
        sequence = cast("Sequence", change.obj)
        options = _keywords(dict(sequence.options))
        yield Call("create_sequence", (sequence.name,), {**options, **in_schema(sequence.schema)})

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP SEQUENCE."""
        sequence = cast("Sequence", change.obj)
        yield Call("drop_sequence", (sequence.name,), in_schema(sequence.schema))

    def alter(self, change: Alter, around: Around[Any]) -> Iterator[Call]:
        """Give ALTER SEQUENCE."""
        before, after = cast("Sequence", change.before), cast("Sequence", change.after)
        old, new = dict(before.options), dict(after.options)
        names = [each for each in _USUAL if old.get(each) != new.get(each)]
        options = _keywords({name: new.get(name, _USUAL[name]) for name in names})
        existing = _keywords({name: old.get(name, _USUAL[name]) for name in names})
        former = {f"existing_{name}": value for name, value in existing.items()}
        schema = in_schema(after.schema)
        yield Call("alter_sequence", (after.name,), {**options, **former, **schema})

    def rename(self, change: Rename, around: Around[Any]) -> Iterator[Call]:
        """Give ALTER SEQUENCE … RENAME TO."""
        sequence = cast("Sequence", change.obj)
        yield Call("rename_sequence", (sequence.name, change.to), in_schema(sequence.schema))


def _keywords(options: dict[str, Any]) -> dict[str, Any]:
    """Return options under the names of the directives' parameters, in their order."""
    found = {name: options[name] for name in _USUAL if name in options}
    if "type" in found:
        found["data_type"] = RawType(str(found.pop("type")))
    return found
