"""UNIQUE constraints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

import sqlalchemy as sa

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.constraints import (
    columns_of,
    dropped,
    name_of,
    renamed_constraint,
)
from asyncmigrate.schema.kinds.written import deferring, in_schema, named
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Create, Drop, Rename


@dataclass(frozen=True, slots=True)
class Unique:
    """A UNIQUE constraint."""

    schema: str
    table: str
    name: str
    """"" where nobody named it and the database did not either (SQLite)."""
    columns: tuple[str, ...]
    deferrable: str = ""
    """"", "DEFERRABLE", or "DEFERRABLE INITIALLY DEFERRED"."""
    nulls_not_distinct: bool = False
    include: tuple[str, ...] = ()
    element: sa.UniqueConstraint | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it: the name, or the columns where there is none."""
        name = self.name or f"({', '.join(self.columns)})"
        return Key("unique", self.schema, self.table, name)


class UniqueKind(Kind[Unique]):
    """UNIQUE constraints."""

    name: ClassVar[str] = "unique"
    title: ClassVar[str] = "unique constraint"

    def references(self, obj: Unique) -> Iterable[Key]:
        """Give the table and the columns."""
        return columns_of(obj, obj.columns)

    def in_place(self, before: Unique, after: Unique) -> bool:
        """Return False: another one takes its place."""
        return False

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give ADD UNIQUE."""
        unique = cast("Unique", change.obj)
        keywords = {**deferring(unique.deferrable), **_keywords(unique)}
        name = name_of(unique)
        arguments = (name, unique.table, list(unique.columns))
        yield Call("create_unique_constraint", arguments, {**keywords, **in_schema(unique.schema)})

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP CONSTRAINT."""
        unique = cast("Unique", change.obj)
        yield dropped(unique, unique.name, "unique")

    def rename(self, change: Rename, around: Around[Any]) -> Iterator[Call]:
        """Give RENAME CONSTRAINT."""
        yield renamed_constraint(cast("Unique", change.obj), change.to, "unique")


def unique_constraint(unique: Unique) -> sa.UniqueConstraint:
    """Return it as a part of CREATE TABLE."""
    return sa.UniqueConstraint(
        *unique.columns,
        name=named(unique.name) if unique.name else None,
        **deferring(unique.deferrable),
        **_keywords(unique),
    )


def _keywords(unique: Unique) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if unique.nulls_not_distinct:
        found["postgresql_nulls_not_distinct"] = True
    if unique.include:
        found["postgresql_include"] = list(unique.include)
    return found
