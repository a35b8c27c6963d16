"""What `with op.batch_alter_table(…) as batch_op` gives: the directives about one table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from asyncmigrate.errors import UnsupportedOperationError, UsageError
from asyncmigrate.scripts.batch_block import BatchBlock
from asyncmigrate.scripts.column_directives import ColumnDirectives
from asyncmigrate.scripts.constraint_directives import ConstraintDirectives
from asyncmigrate.scripts.table_directives import TableDirectives

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from asyncmigrate.dialects.ddl import ServerDefault
    from asyncmigrate.scripts.column_directives import Type


class PlainDirectives(TableDirectives, ColumnDirectives, ConstraintDirectives):
    """The directives that a block is made of."""


@dataclass(slots=True)
class BatchOperations(BatchBlock):
    """The directives about one table, without the table's name."""

    _operations: PlainDirectives
    _place: Callable[[str, str | None, str | None], None]
    _calls: list[Callable[[], object]] = field(default_factory=list)

    def _check_place(self, before: str | None, after: str | None) -> None:
        if before is not None and after is not None:
            raise UsageError(
                "insert_before and insert_after contradict each other.", next="Give one of them."
            )
        database = self._now.get_context().dialect.name
        if (before is not None or after is not None) and database != "sqlite":
            raise UnsupportedOperationError(
                f"{database} cannot put a column of table {self.table_name!r} before or after "
                "another one.",
                next="Leave insert_before and insert_after out: a new column comes last.",
            )

    def _later(self, call: Callable[[], object]) -> None:
        self._calls.append(call)

    # --- columns -------------------------------------------------------------------------------

    def add_column(
        self,
        column: sa.Column[Any],
        *,
        insert_before: str | None = None,
        insert_after: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
    ) -> None:
        """Add a column; `insert_before` and `insert_after` (SQLite) say where."""
        self._check_place(insert_before, insert_after)
        self._later(
            lambda: self._operations.add_column(
                self.table_name,
                column,
                schema=self.schema,
                if_not_exists=if_not_exists,
                inline_references=inline_references,
                inline_primary_key=inline_primary_key,
            )
        )
        self._later(lambda: self._place(column.name, insert_before, insert_after))

    def alter_column(
        self,
        column_name: str,
        *,
        nullable: bool | None = None,
        comment: str | Literal[False] | None = False,
        server_default: ServerDefault | Literal[False] | None = False,
        new_column_name: str | None = None,
        type_: Type | None = None,
        existing_type: Type | None = None,
        existing_server_default: ServerDefault | Literal[False] | None = False,
        existing_nullable: bool | None = None,
        existing_comment: str | Literal[False] | None = False,
        autoincrement: bool | None = None,
        existing_autoincrement: bool | None = None,
        postgresql_using: str | None = None,
        insert_before: str | None = None,
        insert_after: str | None = None,
        **dialect_options: Any,
    ) -> None:
        """Change a column; `insert_before` and `insert_after` (SQLite) move it."""
        self._check_place(insert_before, insert_after)
        self._later(
            lambda: self._operations.alter_column(
                self.table_name,
                column_name,
                nullable=nullable,
                comment=comment,
                server_default=server_default,
                new_column_name=new_column_name,
                type_=type_,
                existing_type=existing_type,
                existing_server_default=existing_server_default,
                existing_nullable=existing_nullable,
                existing_comment=existing_comment,
                schema=self.schema,
                autoincrement=autoincrement,
                existing_autoincrement=existing_autoincrement,
                postgresql_using=postgresql_using,
                **dialect_options,
            )
        )
        self._later(
            lambda: self._place(new_column_name or column_name, insert_before, insert_after)
        )

    def drop_column(
        self,
        column_name: str,
        *,
        if_exists: bool | None = None,
        existing_type: Type | None = None,
        existing_server_default: ServerDefault | Literal[False] | None = False,
        existing_nullable: bool | None = None,
        existing_comment: str | None = None,
        **dialect_options: Any,
    ) -> None:
        """Drop a column, and with it the constraints that are about nothing else."""
        del existing_type, existing_server_default, existing_nullable, existing_comment
        self._later(
            lambda: self._operations.drop_column(
                self.table_name,
                column_name,
                schema=self.schema,
                if_exists=if_exists,
                **dialect_options,
            )
        )

    # --- constraints and indexes -----------------------------------------------------------------

    def create_primary_key(self, constraint_name: str | None, columns: Sequence[str]) -> None:
        """Add a primary key."""
        self._later(
            lambda: self._operations.create_primary_key(
                constraint_name, self.table_name, columns, schema=self.schema
            )
        )

    def create_unique_constraint(
        self,
        constraint_name: str | None,
        columns: Sequence[str],
        *,
        deferrable: bool | None = None,
        initially: str | None = None,
        **dialect_options: Any,
    ) -> None:
        """Add a UNIQUE constraint."""
        self._later(
            lambda: self._operations.create_unique_constraint(
                constraint_name,
                self.table_name,
                columns,
                schema=self.schema,
                deferrable=deferrable,
                initially=initially,
                **dialect_options,
            )
        )

    def create_check_constraint(
        self,
        constraint_name: str | None,
        condition: str | sa.ColumnElement[bool] | sa.TextClause,
        *,
        deferrable: bool | None = None,
        initially: str | None = None,
        **dialect_options: Any,
    ) -> None:
        """Add a CHECK constraint."""
        self._later(
            lambda: self._operations.create_check_constraint(
                constraint_name,
                self.table_name,
                condition,
                schema=self.schema,
                deferrable=deferrable,
                initially=initially,
                **dialect_options,
            )
        )

    def create_foreign_key(
        self,
        constraint_name: str | None,
        referent_table: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        *,
        referent_schema: str | None = None,
        onupdate: str | None = None,
        ondelete: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        match: str | None = None,
        **dialect_options: Any,
    ) -> None:
        """Add a foreign key of this table."""
        self._later(
            lambda: self._operations.create_foreign_key(
                constraint_name,
                self.table_name,
                referent_table,
                local_cols,
                remote_cols,
                onupdate=onupdate,
                ondelete=ondelete,
                deferrable=deferrable,
                initially=initially,
                match=match,
                source_schema=self.schema,
                referent_schema=referent_schema,
                **dialect_options,
            )
        )

    def create_exclude_constraint(
        self, constraint_name: str | None, *elements: Any, **options: Any
    ) -> None:
        """Add an EXCLUDE constraint (PostgreSQL)."""
        self._later(
            lambda: self._operations.create_exclude_constraint(
                constraint_name, self.table_name, *elements, schema=self.schema, **options
            )
        )

    def drop_constraint(
        self, constraint_name: str, type_: str | None = None, *, if_exists: bool | None = None
    ) -> None:
        """Drop a constraint."""
        self._later(
            lambda: self._operations.drop_constraint(
                constraint_name, self.table_name, type_, schema=self.schema, if_exists=if_exists
            )
        )

    def create_index(
        self,
        index_name: str | None,
        columns: Sequence[str | sa.TextClause | sa.ColumnElement[Any]],
        *,
        unique: bool = False,
        if_not_exists: bool | None = None,
        **dialect_options: Any,
    ) -> None:
        """Create an index."""
        self._later(
            lambda: self._operations.create_index(
                index_name,
                self.table_name,
                columns,
                schema=self.schema,
                unique=unique,
                if_not_exists=if_not_exists,
                **dialect_options,
            )
        )

    def drop_index(
        self, index_name: str, *, if_exists: bool | None = None, **dialect_options: Any
    ) -> None:
        """Drop an index."""
        self._later(
            lambda: self._operations.drop_index(
                index_name,
                self.table_name,
                schema=self.schema,
                if_exists=if_exists,
                **dialect_options,
            )
        )

    # --- the table's comment ---------------------------------------------------------------------

    def create_table_comment(
        self, comment: str | None, *, existing_comment: str | None = None
    ) -> None:
        """Set the table's comment."""
        self._later(
            lambda: self._operations.create_table_comment(
                self.table_name, comment, existing_comment=existing_comment, schema=self.schema
            )
        )

    def drop_table_comment(self, *, existing_comment: str | None = None) -> None:
        """Take the table's comment away."""
        self.create_table_comment(None, existing_comment=existing_comment)
