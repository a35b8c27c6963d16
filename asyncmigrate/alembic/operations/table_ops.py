"""Operation objects about tables and rows, with Alembic's constructors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.alembic.operations.migrate import Directed, given, table_like

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncmigrate.alembic.operations.migrate import Call


class CreateTableOp(Directed):
    """Create a table."""

    def __init__(
        self,
        table_name: str,
        columns: Sequence[Any],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        _namespace_metadata: sa.MetaData | None = None,
        _constraints_included: bool = False,
        **kw: Any,
    ) -> None:
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.if_not_exists = if_not_exists
        self.info = kw.pop("info", {})
        self.comment = kw.pop("comment", None)
        self.prefixes = kw.pop("prefixes", None)
        self.kw = kw
        self._constraints_included = _constraints_included
        self._namespace_metadata = _namespace_metadata

    info: dict[Any, Any] = {}

    @classmethod
    def from_table(
        cls, table: sa.Table, *, _namespace_metadata: sa.MetaData | None = None
    ) -> CreateTableOp:
        """Return the operation that creates a table."""
        return cls(
            table.name,
            [*table.c, *table.constraints],
            schema=table.schema,
            _constraints_included=True,
            comment=table.comment,
            info=dict(table.info),
            prefixes=list(table._prefixes),
            **table.kwargs,
        )

    def to_table(self, migration_context: object = None) -> sa.Table:
        """Return the table."""
        options = given(comment=self.comment, info=self.info or None, prefixes=self.prefixes)
        return table_like(self.table_name, self.schema, *self._items(), **options, **self.kw)

    def _items(self) -> list[Any]:
        if not self._constraints_included:
            return list(self.columns)
        return [_named(each) for each in self.columns if not _is_from_column(each)]

    def reverse(self) -> DropTableOp:
        """Return what drops it."""
        return DropTableOp.from_table(self.to_table())

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what Alembic lists."""
        return ("add_table", self.to_table())

    def call(self) -> Call:
        """Return the directive and its arguments."""
        options = given(
            schema=self.schema,
            if_not_exists=self.if_not_exists,
            comment=self.comment,
            info=self.info or None,
            prefixes=self.prefixes,
        )
        return "create_table", (self.table_name, *self._items()), options | self.kw


def _named(constraint: Any) -> Any:
    """Return a primary key by the names of its columns: a copy would look for the old ones."""
    if not isinstance(constraint, sa.PrimaryKeyConstraint):
        return constraint
    name: Any = constraint.name
    return sa.PrimaryKeyConstraint(*(each.name for each in constraint), name=name)


def _is_from_column(item: Any) -> bool:
    """Return whether a column brings the constraint along: then it would be made twice."""
    if not isinstance(item, sa.UniqueConstraint):
        return False
    columns = list(item.columns)
    return len(columns) == 1 and bool(columns[0].unique) and item.name is None


class DropTableOp(Directed):
    """Drop a table."""

    def __init__(
        self,
        table_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        table_kw: dict[str, Any] | None = None,
        _reverse: CreateTableOp | None = None,
    ) -> None:
        self.table_name = table_name
        self.schema = schema
        self.if_exists = if_exists
        self.table_kw = table_kw or {}
        self._reverse = _reverse

    @classmethod
    def from_table(
        cls, table: sa.Table, *, _namespace_metadata: sa.MetaData | None = None
    ) -> DropTableOp:
        """Return the operation that drops a table."""
        return cls(table.name, schema=table.schema, _reverse=CreateTableOp.from_table(table))

    def to_table(self, migration_context: object = None) -> sa.Table:
        """Return the table that goes; of one that is only named, the name is known."""
        if self._reverse is not None:
            return self._reverse.to_table()
        return table_like(self.table_name, self.schema)

    def reverse(self) -> CreateTableOp:
        """Return what creates it again."""
        return CreateTableOp.from_table(self.to_table())

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what Alembic lists."""
        return ("remove_table", self.to_table())

    def call(self) -> Call:
        """Return the directive and its arguments."""
        options = given(schema=self.schema, if_exists=self.if_exists)
        return "drop_table", (self.table_name,), options


class AlterTableOp(Directed):
    """Change a table that exists."""

    def __init__(self, table_name: str, *, schema: str | None = None) -> None:
        self.table_name = table_name
        self.schema = schema


class RenameTableOp(AlterTableOp):
    """Give a table another name."""

    def __init__(
        self, old_table_name: str, new_table_name: str, *, schema: str | None = None
    ) -> None:
        super().__init__(old_table_name, schema=schema)
        self.new_table_name = new_table_name

    def call(self) -> Call:
        """Return the directive and its arguments."""
        return "rename_table", (self.table_name, self.new_table_name), given(schema=self.schema)


class CreateTableCommentOp(AlterTableOp):
    """Set a table's comment."""

    def __init__(
        self,
        table_name: str,
        comment: str | None,
        *,
        schema: str | None = None,
        existing_comment: str | None = None,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.comment = comment
        self.existing_comment = existing_comment

    def reverse(self) -> CreateTableCommentOp | DropTableCommentOp:
        """Return what sets the comment that was there before."""
        if self.existing_comment is None:
            return DropTableCommentOp(
                self.table_name, existing_comment=self.comment, schema=self.schema
            )
        return CreateTableCommentOp(
            self.table_name,
            self.existing_comment,
            existing_comment=self.comment,
            schema=self.schema,
        )

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what Alembic lists."""
        table = table_like(self.table_name, self.schema, comment=self.comment)
        return ("add_table_comment", table, self.existing_comment)

    def call(self) -> Call:
        """Return the directive and its arguments."""
        options = given(schema=self.schema, existing_comment=self.existing_comment)
        return "create_table_comment", (self.table_name, self.comment), options


class DropTableCommentOp(AlterTableOp):
    """Take a table's comment away."""

    def __init__(
        self, table_name: str, *, schema: str | None = None, existing_comment: str | None = None
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.existing_comment = existing_comment

    def reverse(self) -> CreateTableCommentOp:
        """Return what sets it again."""
        return CreateTableCommentOp(self.table_name, self.existing_comment, schema=self.schema)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what Alembic lists."""
        return ("remove_table_comment", table_like(self.table_name, self.schema))

    def call(self) -> Call:
        """Return the directive and its arguments."""
        options = given(schema=self.schema, existing_comment=self.existing_comment)
        return "drop_table_comment", (self.table_name,), options


class BulkInsertOp(Directed):
    """Insert rows."""

    def __init__(self, table: Any, rows: list[dict[str, Any]], *, multiinsert: bool = True) -> None:
        self.table = table
        self.rows = rows
        self.multiinsert = multiinsert

    def call(self) -> Call:
        """Return the directive and its arguments."""
        return "bulk_insert", (self.table, self.rows), {"multiinsert": self.multiinsert}


class ExecuteSQLOp(Directed):
    """Run a statement."""

    def __init__(self, sqltext: Any, *, execution_options: dict[str, Any] | None = None) -> None:
        self.sqltext = sqltext
        self.execution_options = execution_options

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what Alembic lists."""
        return ("execute", self.sqltext)

    def call(self) -> Call:
        """Return the directive and its arguments."""
        return "execute", (self.sqltext,), given(execution_options=self.execution_options)
