"""Columns of tables: what changes of them become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from asyncmigrate.schema.kinds.altered_column import altered, dropped, renamed
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.column_values import Column, Computed, Identity
from asyncmigrate.schema.kinds.created_column import added, references

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncmigrate.schema.call import Call
    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Alter, Create, Drop, Rename
    from asyncmigrate.schema.snapshot import Key

__all__ = ["Column", "ColumnKind", "Computed", "Identity"]


class ColumnKind(Kind[Column]):
    """Columns of tables that are there; those of a new table are a part of its creation."""

    name: ClassVar[str] = "column"
    title: ClassVar[str] = "column"

    def references(self, obj: Column) -> Iterable[Key]:
        """Give the table, what may be the named type, and the sequence of the default."""
        return references(obj)

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give ADD COLUMN; with NOT NULL, in steps that rows survive.

        Raises:
            NeedsAnswerError: nobody has said what the rows get.
        """
        return added(cast("Column", change.obj), around)

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP COLUMN."""
        return dropped(cast("Column", change.obj))

    def alter(self, change: Alter, around: Around[Any]) -> Iterator[Call]:
        """Give one ALTER COLUMN, as a rule."""
        return altered(cast("Column", change.before), cast("Column", change.after), around)

    def rename(self, change: Rename, around: Around[Any]) -> Iterator[Call]:
        """Give RENAME COLUMN."""
        return renamed(cast("Column", change.obj), change.to)
