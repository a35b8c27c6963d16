"""Indexes: what they are on, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Indexed:
    """One column or expression of an index."""

    text: str
    """The column's plain name (not quoted), or the expression as the database prints it."""
    is_expression: bool = False
    order: str = ""
    """"", "DESC", "NULLS FIRST" or "DESC NULLS LAST": only what is not the default."""
    opclass: str = ""
    """Only if it is not the default one."""
    collation: str = ""
    """Only if it is not that of the column."""
    length: int | None = None
    """MySQL: the prefix that is indexed."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index that belongs to no constraint."""

    schema: str
    table: str
    name: str
    columns: tuple[Indexed, ...]
    unique: bool = False
    method: str = ""
    """"" is the database's default (btree)."""
    where: str | None = None
    include: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    """Storage parameters (WITH) and their like, sorted by name."""
    nulls_not_distinct: bool = False
    valid: bool = True
    comment: str | None = None
    element: sa.Index | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("index", self.schema, self.table, self.name)
