"""CHECK constraints: compared by what they say, not only by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK constraint. `text` is the condition as the database prints it."""

    schema: str
    table: str
    name: str
    """"" where nobody named it and the database did not either (SQLite)."""
    text: str
    validated: bool = True
    """False: NOT VALID."""
    no_inherit: bool = False
    element: sa.CheckConstraint | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it: the name, or the condition where there is none."""
        return Key("check", self.schema, self.table, self.name or f"({self.text})")
