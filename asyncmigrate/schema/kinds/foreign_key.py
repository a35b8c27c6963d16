"""Foreign keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key. Actions are upper case; "" is the database's default (NO ACTION)."""

    schema: str
    table: str
    name: str
    """"" where nobody named it and the database did not either (SQLite)."""
    columns: tuple[str, ...]
    referred_schema: str
    referred_table: str
    referred_columns: tuple[str, ...]
    on_delete: str = ""
    on_update: str = ""
    match: str = ""
    deferrable: str = ""
    """"", "DEFERRABLE", or "DEFERRABLE INITIALLY DEFERRED"."""
    validated: bool = True
    """False: NOT VALID."""
    element: sa.ForeignKeyConstraint | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it: the name, or the columns where there is none."""
        name = self.name or f"({', '.join(self.columns)}) → {self.referred_table}"
        return Key("foreign_key", self.schema, self.table, name)

    @property
    def referred(self) -> Key:
        """The key of the table that it refers to."""
        return Key("table", self.referred_schema, "", self.referred_table)
