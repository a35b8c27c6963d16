"""What a column is: type, nullability, default, identity, computed value, comment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine


@dataclass(frozen=True, slots=True)
class Identity:
    """GENERATED … AS IDENTITY with the options that are not the database's default."""

    always: bool
    options: tuple[tuple[str, int | bool], ...] = ()
    """Of start, increment, minvalue, maxvalue, cycle, cache; sorted by name."""


@dataclass(frozen=True, slots=True)
class Computed:
    """GENERATED ALWAYS AS (text); `persisted` means STORED."""

    text: str
    persisted: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A column. All texts are as the database prints them, or would."""

    schema: str
    table: str
    name: str
    type: str
    """With its parameters: `character varying(10)`, `timestamp(3) with time zone`."""
    nullable: bool = True
    default: str | None = None
    """The server's default as SQL; None for none, and for that of `autoincrement`."""
    autoincrement: bool = False
    """SERIAL on PostgreSQL, AUTO_INCREMENT on MySQL, AUTOINCREMENT on SQLite."""
    identity: Identity | None = None
    computed: Computed | None = None
    collation: str | None = None
    """None for the database's or table's default."""
    comment: str | None = None
    sa_type: TypeEngine[Any] = field(default_factory=sa.types.NullType, compare=False, repr=False)
    """The type to write in a script: as declared, or made from the text that was read."""
    position: int = field(default=0, compare=False)
    element: sa.Column[Any] | None = field(default=None, compare=False, repr=False)
    """What it was declared as; None if it was read from a database."""

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("column", self.schema, self.table, self.name)
