"""The directives that give an index, a constraint, a sequence or a view another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.dialects.object_ddl import RenameConstraint, RenameIndex, RenameObject, View
from asyncmigrate.errors import OfflineError, UnsupportedOperationError, UsageError
from asyncmigrate.scripts.calling import calling_line
from asyncmigrate.scripts.directives import Directives

if TYPE_CHECKING:
    import sqlalchemy as sa


class RenameDirectives(Directives):
    """Rename what belongs to tables, and what stands beside them."""

    def rename_index(
        self,
        old_index_name: str,
        new_index_name: str,
        *,
        table_name: str | None = None,
        schema: str | None = None,
    ) -> None:
        """Give an index another name; MySQL, MariaDB and SQL Server need the table's as well.

        SQLite cannot, so there the index is made anew.

        Raises:
            UsageError: the table's name is needed and missing; or SQLite has no such index.
        """
        if table_name is None and self._dialect.index_needs_table:
            raise UsageError(
                f"op.rename_index({old_index_name!r}, …): this database finds an index by its "
                "table only.",
                next="Give table_name= as well.",
            )
        if self._sink.dialect.name == "sqlite":
            from asyncmigrate.scripts import sqlite_objects

            self._send(sqlite_objects.renamed_index(
                self._sink, old_index_name, new_index_name, schema
            ))  # fmt: skip
            return
        table = self._elements.bare(table_name or "no_table", schema)
        self._sink.execute(RenameIndex(table, old_index_name, new_index_name))

    def rename_constraint(
        self,
        table_name: str,
        old_constraint_name: str,
        new_constraint_name: str,
        *,
        type_: str | None = None,
        schema: str | None = None,
    ) -> None:
        """Give a constraint another name; `type_` is foreignkey, primary, unique or check.

        Both names are as the database has them: the naming convention adds nothing.
        SQLite writes the table anew. MySQL and MariaDB have no words for it: a UNIQUE is renamed
        as the index that it is, a CHECK or a foreign key is dropped and added in one statement.

        Raises:
            UnsupportedOperationError: MySQL's primary key has no name.
            OfflineError: with --sql nobody can see what the constraint says (MySQL, MariaDB).
        """
        table = self._elements.bare(table_name, schema)
        if not self._dialect.renames_constraints:
            self._rename_by_definition(table, old_constraint_name, new_constraint_name, type_)
            return
        self._sink.execute(RenameConstraint(table, old_constraint_name, new_constraint_name))

    def _rename_by_definition(self, table: sa.Table, old: str, new: str, type_: str | None) -> None:
        if self._sink.as_sql and type_ not in ("unique", "primary"):
            raise OfflineError(
                f"{calling_line()}: this database renames a constraint by adding it again, and "
                "with --sql nobody can see what it says.",
                next="Use op.drop_constraint and op.create_…, or run the migration online.",
            )
        if type_ is None:
            type_ = self._dialect.kind_of_constraint(self._sink.bind(), table, old)
        if type_ == "unique":
            self._sink.execute(RenameIndex(table, old, new))
        elif type_ == "primary":
            raise UnsupportedOperationError(
                f"The primary key of a table has no name here, so that of {table.fullname!r} "
                "cannot get another.",
                state="Nothing was sent for this operation.",
                next="Leave it out on this database.",
            )
        else:
            self._send(self._dialect.rename_constraint(self._sink.bind(), table, old, new))

    def rename_sequence(self, old_name: str, new_name: str, *, schema: str | None = None) -> None:
        """Give a sequence another name; nothing happens where a database has none."""
        if self._dialect.sequences:
            old = self._elements.bare(old_name, schema)
            self._sink.execute(RenameObject("SEQUENCE", old, new_name))

    def rename_view(
        self,
        old_name: str,
        new_name: str,
        *,
        schema: str | None = None,
        materialized: bool = False,
    ) -> None:
        """Give a view another name; SQLite cannot, so there the view is made anew.

        Raises:
            UsageError: SQLite has no such view.
            UnsupportedOperationError: on SQLite, triggers belong to it; or it is materialized, and
                this is not PostgreSQL.
        """
        view = View(self._elements.bare(old_name, schema), "", materialized=materialized)
        self._dialect.check_view(view)
        if self._sink.dialect.name == "sqlite":
            from asyncmigrate.scripts import sqlite_objects

            self._send(sqlite_objects.renamed_view(self._sink, old_name, new_name, schema))
            return
        self._sink.execute(RenameObject(view.kind, view.name, new_name))
