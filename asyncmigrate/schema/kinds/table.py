"""Tables: their comment and options. Columns, constraints and indexes are objects beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Table:
    """A table without its parts.

    `options` are SQLAlchemy's dialect keywords with their values as text, sorted by name, and only
    those that are not the database's default: `(("postgresql_with", "fillfactor=70"),)`.
    """

    schema: str
    name: str
    comment: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    partition_by: str | None = None
    """The words after PARTITION BY."""
    element: sa.Table | None = field(default=None, compare=False, repr=False)
    """What it was declared as; None if it was read from a database."""

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("table", self.schema, "", self.name)
