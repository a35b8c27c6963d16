"""Operation objects about columns, with Alembic's constructors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.alembic.operations.migrate import given
from asyncmigrate.alembic.operations.table_ops import AlterTableOp

if TYPE_CHECKING:
    from asyncmigrate.alembic.operations.migrate import Call


_PARTS = (("type", None), ("nullable", None), ("server_default", False), ("comment", False))


class AlterColumnOp(AlterTableOp):
    """Change a column."""

    def __init__(
        self,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        existing_type: Any = None,
        existing_server_default: Any = False,
        existing_nullable: bool | None = None,
        existing_comment: str | None = None,
        modify_nullable: bool | None = None,
        modify_comment: Any = False,
        modify_server_default: Any = False,
        modify_name: str | None = None,
        modify_type: Any = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column_name = column_name
        self.existing_type = existing_type
        self.existing_server_default = existing_server_default
        self.existing_nullable = existing_nullable
        self.existing_comment = existing_comment
        self.modify_nullable = modify_nullable
        self.modify_comment = modify_comment
        self.modify_server_default = modify_server_default
        self.modify_name = modify_name
        self.modify_type = modify_type
        self.kw = kw

    def has_changes(self) -> bool:
        """Return whether anything but the name changes."""
        return (
            self.modify_nullable is not None
            or self.modify_type is not None
            or self.modify_server_default is not False
            or self.modify_comment is not False
            or any(name.startswith("modify_") for name in self.kw)
        )

    def reverse(self) -> AlterColumnOp:
        """Return the operation with what was and what is exchanged."""
        made = type(self)(self.table_name, self.column_name, schema=self.schema, **self.kw)
        for part, unchanged in _PARTS:
            new, old = getattr(self, f"modify_{part}"), getattr(self, f"existing_{part}")
            changes = new is not unchanged
            setattr(made, f"existing_{part}", new if changes else old)
            setattr(made, f"modify_{part}", old if changes else unchanged)
        if self.modify_name is not None:
            made.column_name, made.modify_name = self.modify_name, self.column_name
        return made

    def to_diff_tuple(self) -> Any:
        """Return what Alembic lists: one tuple for each part that changes."""
        existing = {
            f"existing_{name}": getattr(self, f"existing_{name}")
            for name in ("type", "nullable", "server_default", "comment")
        }
        column = (self.schema, self.table_name, self.column_name)
        made = []
        for part, unchanged in _PARTS:
            new = getattr(self, f"modify_{part}")
            if new is not unchanged:
                old = existing[f"existing_{part}"]
                rest = {key: value for key, value in existing.items() if key[9:] != part}
                word = "default" if part == "server_default" else part
                made.append((f"modify_{word}", *column, rest, old, new))
        return made

    def call(self) -> Call:
        """Return the directive and its arguments."""
        options = given(
            schema=self.schema,
            nullable=self.modify_nullable,
            type_=self.modify_type,
            new_column_name=self.modify_name,
            existing_type=self.existing_type,
            existing_nullable=self.existing_nullable,
            existing_comment=self.existing_comment,
        )
        told = {
            "comment": self.modify_comment,
            "server_default": self.modify_server_default,
            "existing_server_default": self.existing_server_default,
        }
        options |= {name: value for name, value in told.items() if value is not False}
        return "alter_column", (self.table_name, self.column_name), options | self.kw


class AddColumnOp(AlterTableOp):
    """Add a column."""

    def __init__(
        self,
        table_name: str,
        column: sa.Column[Any],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column = column
        self.if_not_exists = if_not_exists
        self.inline_references = inline_references
        self.inline_primary_key = inline_primary_key
        self.kw = kw

    @classmethod
    def from_column(cls, col: sa.Column[Any]) -> AddColumnOp:
        """Return the operation that adds a column of a table."""
        return cls(col.table.name, col, schema=col.table.schema)

    @classmethod
    def from_column_and_tablename(
        cls, schema: str | None, tname: str, col: sa.Column[Any]
    ) -> AddColumnOp:
        """Return the operation that adds a column to a table."""
        return cls(tname, col, schema=schema)

    def to_column(self) -> sa.Column[Any]:
        """Return the column."""
        return self.column

    def reverse(self) -> DropColumnOp:
        """Return what drops it."""
        made = DropColumnOp.from_column_and_tablename(self.schema, self.table_name, self.column)
        made.if_exists = self.if_not_exists
        return made

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what Alembic lists."""
        return ("add_column", self.schema, self.table_name, self.column)

    def call(self) -> Call:
        """Return the directive and its arguments."""
        options = given(
            schema=self.schema,
            if_not_exists=self.if_not_exists,
            inline_references=self.inline_references,
            inline_primary_key=self.inline_primary_key,
        )
        return "add_column", (self.table_name, self.column), options | self.kw


class DropColumnOp(AlterTableOp):
    """Drop a column."""

    def __init__(
        self,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: AddColumnOp | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column_name = column_name
        self.if_exists = if_exists
        self._reverse = _reverse
        self.kw = kw

    @classmethod
    def from_column_and_tablename(
        cls, schema: str | None, tname: str, col: sa.Column[Any]
    ) -> DropColumnOp:
        """Return the operation that drops a column of which all is known."""
        added = AddColumnOp.from_column_and_tablename(schema, tname, col)
        return cls(tname, col.name, schema=schema, _reverse=added)

    def to_column(self, migration_context: object = None) -> sa.Column[Any]:
        """Return the column that goes; of one that is only named, the name is known."""
        if self._reverse is not None:
            return self._reverse.column
        return sa.Column(self.column_name, sa.types.NULLTYPE)

    def reverse(self) -> AddColumnOp:
        """Return what adds it again.

        Raises:
            ValueError: only its name is known.
        """
        if self._reverse is None:
            raise ValueError(f"Of the column {self.column_name!r} only the name is known.")
        made = AddColumnOp(self.table_name, self._reverse.column, schema=self.schema)
        made.if_not_exists = self.if_exists
        return made

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what Alembic lists."""
        return ("remove_column", self.schema, self.table_name, self.to_column())

    def call(self) -> Call:
        """Return the directive and its arguments."""
        options = given(schema=self.schema, if_exists=self.if_exists)
        return "drop_column", (self.table_name, self.column_name), options | self.kw
