"""Primary keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """A primary key. `name` is "" where the database gives and keeps none (SQLite, MySQL)."""

    schema: str
    table: str
    name: str
    columns: tuple[str, ...]
    deferrable: str = ""
    """"", "DEFERRABLE", or "DEFERRABLE INITIALLY DEFERRED"."""
    include: tuple[str, ...] = ()
    element: sa.PrimaryKeyConstraint | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it: a table has one, so a new name alters it."""
        return Key("primary_key", self.schema, self.table, "")
