"""What one database really holds, read into a snapshot: one file for each database.

Sync: each method runs its queries on the connection that it is handed, inside the caller's
transaction, and leaves nothing behind.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.kinds.view import View
    from asyncmigrate.schema.scope import Scope
    from asyncmigrate.schema.snapshot import Snapshot


class Catalog(Protocol):
    """Reads one kind of database, for one comparison."""

    def forms(self, connection: sa.Connection) -> Forms:
        """Return how this server prints what models declare. Asks it what only it knows."""

    def ahead(self, connection: sa.Connection, scope: Scope) -> None:
        """Ask for all that `read` and `uncompared` will tell of this scope, and keep it.

        A catalog whose questions are one statement, and so one moment of the database, has this
        method, and needs no transaction to read in. Others leave it out.
        """

    def read(self, connection: sa.Connection, scope: Scope) -> Snapshot:
        """Return what the database holds, in a fixed number of queries.

        Never listed: partitions and inherited children, members of extensions, temporary
        objects, the tool's own tables, the sequences of SERIAL and IDENTITY columns, indexes
        that belong to a constraint.
        """

    def printed(
        self, connection: sa.Connection, tables: Sequence[sa.Table], views: Sequence[View]
    ) -> Snapshot:
        """Return declared tables and views as the server prints them.

        They are made as scratch objects and read back by the queries of `read`; afterwards
        nothing of them is left. Foreign keys are not part of it. What the server refuses to make
        is missing from the result. The keys are those of the declared objects.
        """

    def reconcile(self, live: Snapshot, declared: Snapshot) -> Snapshot:
        """Return the live snapshot in the terms that models chose, where a database has but one.

        Models can say in two ways what some databases keep as one thing (a unique index and a
        UNIQUE constraint), and cannot say at all what others make by themselves. Called with
        what `read` gave and what models declare, before the two are compared; pure.
        """
        return live

    def uncompared(self, connection: sa.Connection, scope: Scope) -> tuple[str, ...]:
        """Return what `read` passes over although it is in the scope, in words; one query.

        For example `2 triggers: tags.t, users.audit`. A catalog may leave this method out.
        """
        return ()


_FILES = {
    "postgresql": "postgresql_catalog:PostgreSQLCatalog",
    "sqlite": "sqlite_catalog:SQLiteCatalog",
    "mysql": "mysql_catalog:MySQLCatalog",
    "mariadb": "mysql_catalog:MySQLCatalog",
}


def catalog_of(dialect: str) -> Catalog:
    """Return what reads the database that SQLAlchemy calls `dialect`.

    A database without a file here is read by SQLAlchemy's inspector.
    """
    module, _, attribute = _FILES.get(dialect, "inspected_catalog:InspectedCatalog").partition(":")
    found = getattr(import_module(f"asyncmigrate.dialects.{module}"), attribute)
    return cast("Catalog", found())
