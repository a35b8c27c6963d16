"""Composite types (PostgreSQL)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from asyncmigrate.schema.snapshot import Key


@dataclass(frozen=True, slots=True)
class Composite:
    """A composite type: the names and types of its attributes."""

    schema: str
    name: str
    attributes: tuple[tuple[str, str], ...]
    element: Any = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("composite", self.schema, "", self.name)
