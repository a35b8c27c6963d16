"""Operation objects about indexes, with Alembic's constructors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.alembic.operations.migrate import Directed, given, table_like
from asyncmigrate.scripts.elements import Elements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncmigrate.alembic.operations.migrate import Call


class CreateIndexOp(Directed):
    """Create an index."""

    def __init__(
        self,
        index_name: str | None,
        table_name: str,
        columns: Sequence[Any],
        *,
        schema: str | None = None,
        unique: bool = False,
        if_not_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        self.index_name = index_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.unique = unique
        self.if_not_exists = if_not_exists
        self.kw = kw

    @classmethod
    def from_index(cls, index: Any) -> CreateIndexOp:
        """Return the operation that creates an index of a table."""
        return cls(
            index.name,
            index.table.name,
            list(index.expressions),
            schema=index.table.schema,
            unique=index.unique,
            **index.kwargs,
        )

    def to_index(self, migration_context: object = None) -> sa.Index:
        """Return the index, of a table that has what it needs."""
        elements = Elements()
        if self.columns and all(isinstance(each, sa.Column) for each in self.columns):
            typed = table_like(self.table_name, self.schema, *self.columns)
            parts = [typed.c[each.name] for each in self.columns]
            return sa.Index(self.index_name, *parts, unique=self.unique, **self.kw)
        columns = [each.name if isinstance(each, sa.Column) else each for each in self.columns]
        table = elements.bare(self.table_name, self.schema)
        return elements.index(self.index_name, table, columns, unique=self.unique, **self.kw)

    def reverse(self) -> DropIndexOp:
        """Return what drops it."""
        return DropIndexOp.from_index(self.to_index())

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what Alembic lists."""
        return ("add_index", self.to_index())

    def call(self) -> Call:
        """Return the directive and its arguments."""
        columns = [each.name if isinstance(each, sa.Column) else each for each in self.columns]
        options = given(schema=self.schema, if_not_exists=self.if_not_exists)
        return (
            "create_index",
            (self.index_name, self.table_name, columns),
            {"unique": self.unique} | options | self.kw,
        )


class DropIndexOp(Directed):
    """Drop an index."""

    def __init__(
        self,
        index_name: str,
        table_name: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: CreateIndexOp | None = None,
        **kw: Any,
    ) -> None:
        self.index_name = index_name
        self.table_name = table_name
        self.schema = schema
        self.if_exists = if_exists
        self._reverse = _reverse
        self.kw = kw

    @classmethod
    def from_index(cls, index: Any) -> DropIndexOp:
        """Return the operation that drops an index of a table."""
        made = CreateIndexOp.from_index(index)
        return cls(
            index.name,
            index.table.name,
            schema=index.table.schema,
            _reverse=made,
            **index.kwargs,
        )

    def to_index(self, migration_context: object = None) -> sa.Index:
        """Return the index that goes; of one that is only named, the name is known."""
        if self._reverse is not None:
            return self._reverse.to_index()
        elements = Elements()
        table = elements.bare(self.table_name or "no_table", self.schema)
        return elements.index(self.index_name, table, ["x"])

    def reverse(self) -> CreateIndexOp:
        """Return what creates it again."""
        return CreateIndexOp.from_index(self.to_index())

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what Alembic lists."""
        return ("remove_index", self.to_index())

    def call(self) -> Call:
        """Return the directive and its arguments."""
        options = given(schema=self.schema, if_exists=self.if_exists)
        return "drop_index", (self.index_name, self.table_name), options | self.kw
