"""Views and materialized views."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from asyncmigrate.schema.snapshot import Key


@dataclass(frozen=True, slots=True)
class View:
    """A view. `definition` is its SELECT as the database prints it."""

    schema: str
    name: str
    definition: str
    materialized: bool = False
    comment: str | None = None
    references: tuple[Key, ...] = field(default=(), compare=False)
    """The tables and views that it reads, as far as they are known."""
    element: Any = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("view", self.schema, "", self.name)
