"""The directives about schemas, in the sense of SQL: the namespaces that tables stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.errors import OfflineError, UnsupportedOperationError
from asyncmigrate.scripts import catalog
from asyncmigrate.scripts.calling import calling_line
from asyncmigrate.scripts.directives import Directives

if TYPE_CHECKING:
    import sqlalchemy as sa


class SchemaDirectives(Directives):
    """Create and drop schemas."""

    def create_schema(self, name: str, *, if_not_exists: bool | None = None) -> None:
        """Create a schema (on MySQL and MariaDB: a database).

        Raises:
            UnsupportedOperationError: this database's schemas are files or users (SQLite, Oracle).
        """
        guard = self._in_words("create_schema", if_not_exists)
        statements = tuple(self._dialect.create_schema(name, if_not_exists=guard))
        if not self._is_done("create_schema", if_not_exists, lambda c: catalog.has_schema(c, name)):
            self._send(statements)

    def drop_schema(
        self, name: str, *, cascade: bool = False, if_exists: bool | None = None
    ) -> None:
        """Drop an empty schema; with `cascade=True` all that is in it goes with it.

        MySQL and MariaDB would drop what is in it without being asked: here they do only with
        `cascade=True`.

        Raises:
            UnsupportedOperationError: it is not empty; or schemas are files or users here.
            OfflineError: with --sql nobody can see whether it is empty (MySQL, MariaDB).
        """
        guard = self._in_words("drop_schema", if_exists)
        statements = tuple(self._dialect.drop_schema(name, cascade=cascade, if_exists=guard))
        if self._is_done("drop_schema", if_exists, lambda c: not catalog.has_schema(c, name)):
            return
        query = None if cascade else self._dialect.names_in_schema(name)
        if query is not None:
            self._refuse_if_filled(name, query)
        self._send(statements)

    def _refuse_if_filled(self, schema: str, query: sa.TextClause) -> None:
        if self._sink.as_sql:
            raise OfflineError(
                f"{calling_line()}: this database drops all that is in schema {schema!r} with it, "
                "and with --sql nobody can see whether it is empty.",
                next="Say cascade=True, or run the migration online.",
            )
        found = self._sink.bind().scalars(query).all()
        if found:
            raise UnsupportedOperationError(
                f"The schema {schema!r} is not empty: {', '.join(found)}.",
                state="Nothing was sent for this operation.",
                next="Drop these first, or say cascade=True.",
            )
