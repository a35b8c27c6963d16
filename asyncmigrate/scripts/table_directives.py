"""The directives about whole tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.schema import (
    CreateIndex,
    CreateTable,
    DropTable,
    DropTableComment,
    SetTableComment,
)

from asyncmigrate.dialects import ddl
from asyncmigrate.scripts import catalog, table_events
from asyncmigrate.scripts.enum_directives import EnumDirectives
from asyncmigrate.scripts.keywords import check_keywords
from asyncmigrate.scripts.plain_table import later_table, plain_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.schema import SchemaItem

_TABLE_KEYWORDS = ("schema", "if_not_exists", "comment", "info", "prefixes")


class TableDirectives(EnumDirectives):
    """Create, drop, rename and describe tables."""

    def create_table(
        self,
        table_name: str,
        *columns: SchemaItem,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        comment: str | None = None,
        info: dict[Any, Any] | None = None,
        prefixes: Sequence[str] | None = None,
        **dialect_options: Any,
    ) -> sa.Table:
        """Create a table with its constraints, indexes and comments, and return it.

        The returned table can be handed to `bulk_insert`. Listeners of `before_create` and
        `after_create` run; types such as PostgreSQL's ENUM are created if they do not exist.
        """
        given = (schema, if_not_exists, info, prefixes, dialect_options)
        is_bare = comment is None and not any(given)
        if is_bare and self._is_created_plain(table_name, columns):
            return later_table(self._elements, table_name, columns)
        if dialect_options:
            check_keywords("create_table", dialect_options, _TABLE_KEYWORDS, takes=sa.Table)
        table = self._elements.table(
            table_name,
            *columns,
            schema=schema,
            comment=comment,
            info=info or {},
            prefixes=list(prefixes or ()),
            **dialect_options,
        )
        if self._is_done(
            "create_table", if_not_exists, lambda c: catalog.has_table(c, table_name, schema)
        ):
            return table
        guard = self._in_words("create_table", if_not_exists)
        with self._dialect.fitted(table), table_events.creating(table, self._sink):
            self._sink.execute(CreateTable(table, if_not_exists=guard))
            self._create_parts(table, if_not_exists=guard)
        return table

    def _is_created_plain(self, name: str, columns: Sequence[SchemaItem]) -> bool:
        """Create a table that nothing is special about; return whether it was one."""
        if not self._sink.takes_ddl_text:
            return False
        conventions = self._elements.has_conventions
        sql = plain_table(self._sink.dialect, name, columns, conventions=conventions)
        if sql is None:
            return False
        self._sink.send_ddl_text(sql)
        return True

    def _create_parts(self, table: sa.Table, *, if_not_exists: bool) -> None:
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            # Alembic would say CREATE INDEX again on a table that was there, and fail.
            if not self._is_there(index, if_not_exists=if_not_exists):
                guard = self._in_words("create_index", if_not_exists)
                self._sink.execute(CreateIndex(index, if_not_exists=guard))
        if self._has_comment_statements:
            if table.comment is not None:
                self._sink.execute(SetTableComment(table))
            for column in table.columns:
                if column.comment is not None:
                    self._sink.execute(ddl.SetComment(table, column.name, column.comment))

    def _is_there(self, index: sa.Index, *, if_not_exists: bool) -> bool:
        """Return whether a server that knows no CREATE INDEX IF NOT EXISTS has this index."""
        table, name = index.table, str(index.name)
        return (
            table is not None
            and not self._sink.as_sql
            and self._is_done(
                "create_index",
                if_not_exists,
                lambda c: catalog.has_index(c, table.name, table.schema, name),
            )
        )

    def drop_table(
        self,
        table_name: str,
        *columns: sa.Column[Any],
        schema: str | None = None,
        if_exists: bool | None = None,
        **dialect_options: Any,
    ) -> None:
        """Drop a table; listeners of `before_drop` and `after_drop` run.

        The named types of the `columns` that are given (PostgreSQL's ENUM) are dropped with it,
        but those that something else still uses.
        """
        check_keywords("drop_table", dialect_options, ("schema", "if_exists"), takes=sa.Table)
        if self._is_done(
            "drop_table", if_exists, lambda c: not catalog.has_table(c, table_name, schema)
        ):
            return
        table = self._elements.table(table_name, schema=schema, **dialect_options)
        with table_events.dropping(table, self._sink):
            self._sink.execute(DropTable(table, if_exists=self._in_words("drop_table", if_exists)))
        self._drop_unused_enums(columns)

    def rename_table(
        self, old_table_name: str, new_table_name: str, *, schema: str | None = None
    ) -> None:
        """Give a table another name in the same schema."""
        old = self._elements.bare(old_table_name, schema)
        self._sink.execute(ddl.RenameTable(old, self._elements.bare(new_table_name, schema)))

    def create_table_comment(
        self,
        table_name: str,
        comment: str | None,
        *,
        existing_comment: str | None = None,
        schema: str | None = None,
    ) -> None:
        """Set a table's comment; nothing happens where the database has none (SQLite)."""
        del existing_comment
        table = self._elements.table(table_name, schema=schema, comment=comment)
        if self._sink.dialect.supports_comments:
            self._sink.execute(
                DropTableComment(table) if comment is None else SetTableComment(table)
            )

    def drop_table_comment(
        self,
        table_name: str,
        *,
        existing_comment: str | None = None,
        schema: str | None = None,
    ) -> None:
        """Take a table's comment away."""
        self.create_table_comment(
            table_name, None, existing_comment=existing_comment, schema=schema
        )
