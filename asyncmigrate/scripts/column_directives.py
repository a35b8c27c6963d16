"""The directives about one column of a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.types import to_instance

from asyncmigrate.dialects import ddl
from asyncmigrate.errors import OfflineError, UsageError
from asyncmigrate.scripts import catalog, table_events
from asyncmigrate.scripts.calling import calling_line
from asyncmigrate.scripts.directives import Directives
from asyncmigrate.scripts.elements import real_constraints
from asyncmigrate.scripts.keywords import check_keywords

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.schema import ExecutableDDLElement
    from sqlalchemy.types import TypeEngine

    from asyncmigrate.dialects.ddl import ServerDefault

    Type = TypeEngine[Any] | type[TypeEngine[Any]]


class ColumnDirectives(Directives):
    """Add, drop and change columns."""

    def add_column(
        self,
        table_name: str,
        column: sa.Column[Any],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
    ) -> None:
        """Add a column with its constraints, its index and its comment.

        With `inline_references` a single foreign key is written into the column, with
        `inline_primary_key` PRIMARY KEY is.
        """
        if self._is_done(
            "add_column",
            if_not_exists,
            lambda c: catalog.has_column(c, table_name, schema, column.name),
        ):
            return
        table = self._elements.with_column(table_name, column, schema)
        added = table.c[column.key]
        addition = ddl.ColumnAddition(
            added,
            constraints=real_constraints(table, self._sink.dialect),
            indexes=tuple(sorted(table.indexes, key=lambda index: str(index.name))),
            if_not_exists=self._in_words("add_column", if_not_exists),
            inline_references=bool(inline_references),
            inline_primary_key=bool(inline_primary_key),
        )
        statements = [*self._dialect.add_column(addition)]
        if added.comment is not None and self._has_comment_statements:
            statements.append(ddl.SetComment(table, added.name, added.comment))
        table_events.create_types(table, self._sink)
        self._send(statements)

    def drop_column(
        self,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **dialect_options: Any,
    ) -> None:
        """Drop a column.

        On SQL Server `mssql_drop_default`, `mssql_drop_check` and `mssql_drop_foreign_key` drop
        what is in the way, whatever its name.
        """
        check_keywords("drop_column", dialect_options, ("schema", "if_exists"))
        if self._is_done(
            "drop_column",
            if_exists,
            lambda c: not catalog.has_column(c, table_name, schema, column_name),
        ):
            return
        guard = self._in_words("drop_column", if_exists)
        table = self._elements.bare(table_name, schema, [column_name])
        first = self._dialect.before_drop_column(table, column_name, dialect_options)
        dropped = self._dialect.drop_column(table, column_name, if_exists=guard)
        self._send([*first, *dropped])

    def alter_column(
        self,
        table_name: str,
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
        schema: str | None = None,
        autoincrement: bool | None = None,
        existing_autoincrement: bool | None = None,
        postgresql_using: str | None = None,
    ) -> None:
        """Change a column: what is not given stays.

        For `server_default` and `comment`, None means to drop, and False to leave alone. For
        `existing_server_default` and `existing_comment`, None says that there is none, and False
        says nothing. In SQL text for MySQL and MariaDB, what would be lost because the script
        does not say it (`existing_…`) is an error that names it.

        Raises:
            OfflineError: SQL text cannot keep what the script does not say.
            UnsupportedOperationError: this database cannot; nothing was sent.
        """
        if postgresql_using is not None and type_ is None:
            raise UsageError(
                "postgresql_using says how values become the new type, and no type_ is given.",
                next="Give type_= as well.",
            )
        change = ddl.ColumnChange(
            self._elements.bare(table_name, schema),
            column_name,
            nullable=nullable,
            server_default=server_default,
            comment=comment if self._sink.dialect.supports_comments else False,
            new_name=new_column_name,
            type_=None if type_ is None else to_instance(type_),
            autoincrement=autoincrement,
            using=postgresql_using,
            existing_type=None if existing_type is None else to_instance(existing_type),
            existing_server_default=existing_server_default,
            existing_nullable=existing_nullable,
            existing_comment=existing_comment,
            existing_autoincrement=existing_autoincrement,
        )
        if change.new_name is not None or change.alters_definition:
            change = self._with_existing_text(change)
            altered = self._altered(change)
            statements = [*self._old_checks(change), *altered, *self._new_checks(change)]
            if change.type_ is not None:
                table_events.create_types(self._typed(change, change.type_), self._sink)
            self._send(statements)

    def _altered(self, change: ddl.ColumnChange) -> tuple[ExecutableDDLElement, ...]:
        try:
            return tuple(self._dialect.alter_column(change))
        except OfflineError as error:
            raise OfflineError(f"{calling_line()}: {error.message}", next=error.next) from None

    def _with_existing_text(self, change: ddl.ColumnChange) -> ddl.ColumnChange:
        if self._sink.as_sql or not self._dialect.reads_columns:
            return change
        text = self._dialect.read_column(self._sink.bind(), change)
        return change if text is None else replace(change, existing_text=text)

    def _old_checks(self, change: ddl.ColumnChange) -> Iterable[ExecutableDDLElement]:
        """Give what drops the CHECK that the old type brought along."""
        if change.type_ is None or change.existing_type is None:
            return []
        table = self._typed(change, change.existing_type)
        constraints = real_constraints(table, self._sink.dialect)
        return [self._dialect.drop_constraint(c, if_exists=False) for c in constraints]

    def _new_checks(self, change: ddl.ColumnChange) -> Iterable[ExecutableDDLElement]:
        """Give what adds the CHECK that the new type brings along."""
        if change.type_ is None:
            return []
        table = self._typed(change, change.type_, named=change.new_name)
        constraints = real_constraints(table, self._sink.dialect)
        return [self._dialect.add_constraint(constraint) for constraint in constraints]

    def _typed(
        self, change: ddl.ColumnChange, type_: TypeEngine[Any], *, named: str | None = None
    ) -> sa.Table:
        column = sa.Column(named or change.column, type_)
        return self._elements.table(change.table.name, column, schema=change.table.schema)
