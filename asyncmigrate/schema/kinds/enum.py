"""Named ENUM types (PostgreSQL)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    import sqlalchemy as sa


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
