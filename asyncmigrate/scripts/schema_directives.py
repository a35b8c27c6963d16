"""The directives about schemas, in the sense of SQL: the namespaces that tables stand in."""

from __future__ import annotations

import sqlalchemy as sa

from asyncmigrate.errors import OfflineError, UnsupportedOperationError
from asyncmigrate.scripts import catalog
from asyncmigrate.scripts.calling import calling_line
from asyncmigrate.scripts.directives import Directives


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
        if self._dialect.empties_schemas and not cascade:
            self._refuse_if_filled(name)
        self._send(statements)

    def _refuse_if_filled(self, schema: str) -> None:
        if self._sink.as_sql:
            raise OfflineError(
                f"{calling_line()}: this database drops all that is in schema {schema!r} with it, "
                "and with --sql nobody can see whether it is empty.",
                next="Say cascade=True, or run the migration online.",
            )
        inspector = sa.inspect(self._sink.bind())
        if schema not in inspector.get_schema_names():
            return
        found = [*inspector.get_table_names(schema=schema), *inspector.get_view_names(schema)]
        if found:
            raise UnsupportedOperationError(
                f"The schema {schema!r} is not empty: {', '.join(sorted(found))}.",
                next="Drop these first, or say cascade=True.",
            )
