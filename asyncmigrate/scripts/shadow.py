"""What SQLite would hold if the SQL text that is being written had run: its structure, no rows.

A rebuild needs the table's own statement. While SQL is only being written there is no database to
read it from, so every statement about structure is also run in a database in memory, which is
made when the first rebuild asks for it.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from asyncmigrate.dialects.sqlite_syntax import mentions, split_sqlite, tokens
from asyncmigrate.dialects.unheard import unheard
from asyncmigrate.errors import OfflineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

_STRUCTURE = ("CREATE", "ALTER", "DROP")


class Shadow:
    """A database in memory that follows what is written."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._connection: Connection | None = None
        self._end: Callable[[], object] = lambda: None
        self._failed: list[str] = []
        self.history: Callable[[Shadow], str] | None = None
        """Runs the history before what is written in it, and returns why that failed, or ""."""
        self.gap = ""
        """Why the history before what is written is not in it; empty if it is, or there is none."""

    def follow(self, sql: str) -> None:
        """Take a statement (or several) over if it is about structure."""
        found, _ = tokens(sql)
        if not found or not found[0].says(*_STRUCTURE):
            return
        if self._connection is None:
            self._waiting.append(sql)
        else:
            self._run(sql)

    def obey(self, sql: str) -> None:
        """Run a step of a rebuild.

        Raises:
            DBAPIError: it is not possible.
        """
        if not tokens(sql)[0][0].says("INSERT", "DELETE"):
            self.connection.exec_driver_sql(sql)

    @property
    def connection(self) -> Connection:
        """A connection to it."""
        if self._connection is None:
            # Whichever thread collects garbage closes it.
            anywhere = {"check_same_thread": False}
            engine = sa.create_engine("sqlite://", poolclass=StaticPool, connect_args=anywhere)
            self._connection = engine.connect()
            self._end = weakref.finalize(self, _close, self._connection)
            if self.history is not None:
                self.gap = self.history(self)
            for sql in self._waiting:
                self._run(sql)
            self._waiting.clear()
        return self._connection

    def _run(self, sql: str) -> None:
        for statement in split_sqlite(sql):
            try:
                with unheard(self.connection):
                    self.connection.exec_driver_sql(statement)
            except DBAPIError:  # it may well run where the rows and the older tables are
                self._failed.append(statement)

    def close(self) -> None:
        """Let go of the database."""
        self._end()

    def check(self, table: str) -> None:
        """Raise if what is known about a table may not be what the database has.

        Raises:
            OfflineError: the earlier history could not be followed, or a statement about it.
        """
        doubtful = next((sql for sql in self._failed if mentions(sql, table)), None)
        if self.gap or doubtful is not None:
            why = self.gap or f"this could not be followed: {' '.join((doubtful or '').split())}"
            raise unknown_structure(table, why)


def unknown_structure(table: str, why: str) -> OfflineError:
    """Return the error for a rebuild without a table to read."""
    return OfflineError(
        f"To change table {table!r}, SQLite needs all of it written again, and with --sql its "
        f"structure is not known: {why}.",
        next="Write the SQL from base (`amigrate upgrade head --sql`), give the table as it is "
        "with op.batch_alter_table(…, copy_from=Table(…)), or run the migration online.",
    )


def _close(connection: Connection) -> None:
    connection.close()
    connection.engine.dispose()
