"""Random models as plain values.

A value that says what cannot be (a condition on a column that is not there, a key to a table that
went) is simply left out of the metadata: so any edit of a value is a value again.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column that is no part of the key."""

    name: str
    type: str
    nullable: bool = True
    default: int | None = None
    """The place among the defaults of the type's family."""
    computed: tuple[str, int] | None = None
    """Another column, and the place among the expressions of its family."""
    identity: int | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class KeySpec:
    """The primary key with its columns."""

    columns: tuple[tuple[str, str], ...]
    name: str | None = None
    style: str = "auto"
    """auto, identity, sequence or plain: how a whole number gets its value."""


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """A foreign key to another table's key, with its columns."""

    prefix: str
    target: str
    name: str | None = None
    nullable: bool = True
    on_delete: str | None = None
    on_update: str | None = None
    match: str | None = None
    deferrable: str = ""
    validated: bool = True


@dataclass(frozen=True, slots=True)
class PartSpec:
    """A constraint or an index on some columns."""

    kind: str
    name: str | None
    columns: tuple[str, ...]
    template: int = 0
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSpec:
    name: str
    schema: str | None = None
    comment: str | None = None
    key: KeySpec | None = None
    columns: tuple[ColumnSpec, ...] = ()
    links: tuple[LinkSpec, ...] = ()
    parts: tuple[PartSpec, ...] = ()
    storage: str = ""
    """The word for the options that can be changed."""
    inherits: str | None = None
    """The parent, which models say only of PostgreSQL."""


@dataclass(frozen=True, slots=True)
class CompositeSpec:
    name: str
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EnumSpec:
    name: str
    values: tuple[str, ...]
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class DomainSpec:
    name: str
    type: str
    template: int | None = None
    not_null: bool = False
    default: int | None = None


@dataclass(frozen=True, slots=True)
class SequenceSpec:
    name: str
    start: int | None = None
    increment: int | None = None
    cycle: bool = False
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class ViewSpec:
    name: str
    table: str
    columns: int = 1
    materialized: bool = False
    condition: bool = False
    indexed: bool = False
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class ModelsSpec:
    """All that is declared."""

    tables: tuple[TableSpec, ...] = ()
    enums: tuple[EnumSpec, ...] = ()
    domains: tuple[DomainSpec, ...] = ()
    sequences: tuple[SequenceSpec, ...] = ()
    views: tuple[ViewSpec, ...] = ()
    convention: bool = False
    composites: tuple[CompositeSpec, ...] = ()

    @property
    def schemas(self) -> frozenset[str]:
        """The named schemas of everything that is declared: an ENUM is where a column is of it."""
        types = {column.type for table in self.tables for column in table.columns}
        enums = (e for e in self.enums if types & {f"enum {e.name}", f"enum[] {e.name}"})
        named = (*self.tables, *enums, *self.sequences)
        return frozenset(each.schema for each in named if each.schema)
