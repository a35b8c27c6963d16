"""Schemas, in the sense of SQL: called namespaces here, because a snapshot is the schema."""

from __future__ import annotations

from dataclasses import dataclass

from asyncmigrate.schema.snapshot import Key


@dataclass(frozen=True, slots=True)
class Namespace:
    """A schema of the database. The default one is never listed."""

    name: str

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("namespace", self.name, "", "")
