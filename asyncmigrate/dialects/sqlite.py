"""SQLite: DDL rolls back once a transaction is really open, and ALTER TABLE can do little.

What it cannot do is asked for in the same words as of any other database; whoever sends them
(`scripts.sqlite_sink`) makes the table anew. Everything that may be written into an added column
itself (REFERENCES, CHECK) is, so that adding it needs no more than ALTER TABLE.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint, DropConstraint

from asyncmigrate.dialects import ddl
from asyncmigrate.dialects.base import GUARDED, Dialect
from asyncmigrate.dialects.object_ddl import CreateView, DropView
from asyncmigrate.errors import UnsupportedOperationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.schema import ExecutableDDLElement

    from asyncmigrate.dialects.ddl import ColumnAddition, ColumnChange
    from asyncmigrate.dialects.object_ddl import View


class SQLite(Dialect):
    """SQLite 3.26 and later (`legacy_alter_table`)."""

    name: ClassVar[str] = "sqlite"
    transactional_ddl: ClassVar[bool] = True
    begin: ClassVar[str | None] = "BEGIN IMMEDIATE"
    guards: ClassVar[frozenset[str]] = GUARDED - {"add_column"}
    reads_columns: ClassVar[bool] = False
    schemas: ClassVar[str] = "files"
    sequences: ClassVar[bool] = False

    def add_column(self, addition: ColumnAddition) -> Iterator[ExecutableDDLElement]:
        """Give what adds a column with its indexes; its constraints stand inside the column."""
        yield from super().add_column(replace(addition, inline_primary_key=True))

    def inline_constraints(self, addition: ColumnAddition) -> tuple[sa.Constraint, ...]:
        """Return CHECKs, and foreign keys that stay within the file."""
        return tuple(
            constraint
            for constraint in addition.constraints
            if isinstance(constraint, sa.CheckConstraint)
            or (
                isinstance(constraint, sa.ForeignKeyConstraint)
                and len(constraint.elements) == 1
                and constraint.referred_table.schema == addition.column.table.schema
            )
        )

    def alter_column(self, change: ColumnChange) -> Iterator[ExecutableDDLElement]:
        """Give what changes a column; comments do not exist here and are passed over."""
        yield from super().alter_column(replace(change, comment=False))

    def set_default(self, change: ColumnChange) -> ExecutableDDLElement:
        """Give what sets or drops a default; a generated column may come and go the same way."""
        assert change.server_default is not False, "asked for only when a default was given"
        return ddl.SetDefault(change.table, change.column, change.server_default)

    def add_constraint(self, constraint: sa.Constraint) -> ExecutableDDLElement:
        """Give what adds a constraint.

        Raises:
            UnsupportedOperationError: it refers to a table in another file.
        """
        if (
            isinstance(constraint, sa.ForeignKeyConstraint)
            and constraint.referred_table.schema != constraint.table.schema
        ):
            raise UnsupportedOperationError(
                f"A foreign key of SQLite cannot refer to "
                f"{constraint.referred_table.fullname!r}, which is in another file.",
                state="Nothing was sent for this operation.",
                next="Leave the foreign key out on SQLite.",
            )
        return AddConstraint(constraint)

    def drop_constraint(
        self, constraint: sa.Constraint, *, if_exists: bool
    ) -> ExecutableDDLElement:
        """Give what drops a constraint; it may have no name if a type brought it along."""
        return DropConstraint(constraint, if_exists=if_exists)

    def create_or_replace_view(self, view: View) -> Iterator[ExecutableDDLElement]:
        """Give DROP VIEW IF EXISTS and CREATE VIEW."""
        self.check_view(view)
        yield DropView(view, if_exists=True)
        yield CreateView(view)

    def replace_view(self, view: View) -> Iterator[ExecutableDDLElement]:
        """Give DROP VIEW and CREATE VIEW."""
        self.check_view(view)
        yield DropView(view)
        yield CreateView(view)
