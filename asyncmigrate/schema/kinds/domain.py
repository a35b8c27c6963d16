"""Domains: a type with a default and conditions (PostgreSQL)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain. Texts are as the database prints them."""

    schema: str
    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    collation: str | None = None
    checks: tuple[tuple[str, str], ...] = ()
    """Name and condition of each, sorted by name."""
    sa_type: TypeEngine[Any] = field(default_factory=sa.types.NullType, compare=False, repr=False)
    """The type that it is made of."""
    element: Any = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("domain", self.schema, "", self.name)
