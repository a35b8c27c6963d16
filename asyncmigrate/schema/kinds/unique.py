"""UNIQUE constraints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Unique:
    """A UNIQUE constraint."""

    schema: str
    table: str
    name: str
    """"" where nobody named it and the database did not either (SQLite)."""
    columns: tuple[str, ...]
    deferrable: str = ""
    """"", "DEFERRABLE", or "DEFERRABLE INITIALLY DEFERRED"."""
    nulls_not_distinct: bool = False
    include: tuple[str, ...] = ()
    element: sa.UniqueConstraint | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it: the name, or the columns where there is none."""
        name = self.name or f"({', '.join(self.columns)})"
        return Key("unique", self.schema, self.table, name)
