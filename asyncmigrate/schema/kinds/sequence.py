"""Sequences that belong to no column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    import sqlalchemy as sa


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
