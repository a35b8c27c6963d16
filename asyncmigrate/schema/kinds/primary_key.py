"""Primary keys."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

import sqlalchemy as sa

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.constraints import (
    columns_of,
    dropped,
    renamed_constraint,
)
from asyncmigrate.schema.kinds.written import deferring, in_schema, named
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Alter, Create, Drop


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """A primary key. `name` is "" where the database gives and keeps none (SQLite, MySQL)."""

    schema: str
    table: str
    name: str
    columns: tuple[str, ...]
    deferrable: str = ""
    """"", "DEFERRABLE", or "DEFERRABLE INITIALLY DEFERRED"."""
    include: tuple[str, ...] = ()
    element: sa.PrimaryKeyConstraint | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it: a table has one, so a new name alters it."""
        return Key("primary_key", self.schema, self.table, "")


class PrimaryKeyKind(Kind[PrimaryKey]):
    """Primary keys."""

    name: ClassVar[str] = "primary_key"
    title: ClassVar[str] = "primary key"

    def references(self, obj: PrimaryKey) -> Iterable[Key]:
        """Give the table and the columns."""
        return columns_of(obj, obj.columns)

    def in_place(self, before: PrimaryKey, after: PrimaryKey) -> bool:
        """Return whether only the name is another one."""
        same = replace(after, name=before.name) == before
        return same and bool(before.name) and bool(after.name)

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give ADD PRIMARY KEY."""
        key = cast("PrimaryKey", change.obj)
        keywords = {**_keywords(key), **deferring(key.deferrable), **in_schema(key.schema)}
        # Where the database keeps no name for it (SQLite), one here would not be as it was.
        name = named(key.name) if key.name else None
        yield Call("create_primary_key", (name, key.table, list(key.columns)), keywords)

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP CONSTRAINT."""
        key = cast("PrimaryKey", change.obj)
        yield dropped(key, key.name or f"pk_{key.table}", "primary")

    def alter(self, change: Alter, around: Around[Any]) -> Iterator[Call]:
        """Give the new name."""
        before, after = cast("PrimaryKey", change.before), cast("PrimaryKey", change.after)
        yield renamed_constraint(before, after.name, "primary")


def primary_key(key: PrimaryKey) -> sa.PrimaryKeyConstraint:
    """Return it as a part of CREATE TABLE."""
    return sa.PrimaryKeyConstraint(
        *key.columns,
        name=named(key.name) if key.name else None,
        **deferring(key.deferrable),
        **_keywords(key),
    )


def _keywords(key: PrimaryKey) -> dict[str, Any]:
    return {"postgresql_include": list(key.include)} if key.include else {}
