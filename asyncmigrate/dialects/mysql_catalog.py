"""The catalog of MySQL and MariaDB: information_schema, read whole; scratch is temporary tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.dialects.mysql_forms import MySQLForms
from asyncmigrate.dialects.mysql_printed import printed_table
from asyncmigrate.dialects.mysql_read import Reading
from asyncmigrate.dialects.mysql_reconcile import as_declared
from asyncmigrate.dialects.mysql_server import server_of
from asyncmigrate.dialects.mysql_uncompared import uncompared
from asyncmigrate.dialects.mysql_views import printed_views

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from asyncmigrate.schema.kinds.view import View
    from asyncmigrate.schema.scope import Scope
    from asyncmigrate.schema.snapshot import Key, Object, Snapshot


class MySQLCatalog:
    """Reads MySQL 8 and MariaDB 10.6, and later ones."""

    def __init__(self) -> None:
        self._asked: tuple[sa.Connection, MySQLForms] | None = None

    def forms(self, connection: sa.Connection) -> MySQLForms:
        """Return how this server prints what models declare; two queries, sent once."""
        if self._asked is None or self._asked[0] is not connection:
            self._asked = connection, MySQLForms(server_of(connection), connection.dialect)
        return self._asked[1]

    def read(self, connection: sa.Connection, scope: Scope) -> Snapshot:
        """Return what the database holds: eight queries, one more where there are sequences.

        Those of `forms` come before, if it was not called yet.

        Partitions are no part of it, nor are the parsers and comments of indexes: models cannot
        declare them.
        """
        server = self.forms(connection).server
        return Reading(connection, server, scope).snapshot()

    def uncompared(self, connection: sa.Connection, scope: Scope) -> tuple[str, ...]:
        """Return what is of no kind that is compared, in words; one query."""
        return uncompared(connection, scope)

    def printed(
        self, connection: sa.Connection, tables: Sequence[sa.Table], views: Sequence[View]
    ) -> Snapshot:
        """Return declared tables and views as the server prints them.

        Tables are made as temporary tables, one by one, and dropped: five statements each, none
        of which commits. Constraints without a name have the one that `match` gives them.
        FULLTEXT indexes are left out, because temporary tables cannot have them. Views are not
        made; see `mysql_views`.
        """
        forms = self.forms(connection)
        found: dict[Key, Object] = {}
        for table in tables:
            found.update(printed_table(connection, table, forms))
        of_views = printed_views(connection, forms.server, views)
        return found | {each.key: each for each in of_views}

    def reconcile(self, live: Snapshot, declared: Snapshot) -> Snapshot:
        """Return the live snapshot in the terms that models chose; see `mysql_reconcile`."""
        return as_declared(live, declared)
