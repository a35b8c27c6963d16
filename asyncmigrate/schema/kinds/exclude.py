"""PostgreSQL's EXCLUDE constraints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from asyncmigrate.schema.snapshot import Key


@dataclass(frozen=True, slots=True)
class Exclude:
    """An EXCLUDE constraint."""

    schema: str
    table: str
    name: str
    elements: tuple[tuple[str, str], ...]
    """Each with its operator: `(("room", "="), ("during", "&&"))`. An expression is in parens,
    an operator class stands after a space."""
    method: str = "gist"
    where: str | None = None
    deferrable: str = ""
    """"", "DEFERRABLE", or "DEFERRABLE INITIALLY DEFERRED"."""
    element: Any = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("exclude", self.schema, self.table, self.name)
