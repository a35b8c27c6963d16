"""Where a migration's statements go: a live connection here, SQL text in `sqltext`.

The two are the only difference between `upgrade` and `upgrade --sql`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import sqlalchemy as sa
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.util import await_only

from asyncmigrate.dialects.statement_kinds import pieces
from asyncmigrate.errors import RunError, UsageError
from asyncmigrate.scripts import as_psycopg, simple_query
from asyncmigrate.scripts.mysql_results import all_results

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Executable
    from sqlalchemy.engine.interfaces import Dialect
    from sqlalchemy.engine.mock import MockConnection

    from asyncmigrate.scripts.shadow import Shadow


class Sink(Protocol):
    """Takes statements, in order."""

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect of the database that the statements are for."""

    @property
    def as_sql(self) -> bool:
        """Whether SQL is only being written."""

    @property
    def shadow(self) -> Shadow:
        """While SQL is only being written: what SQLite would hold by now."""

    def execute(
        self, statement: Executable, *, execution_options: Mapping[str, Any] | None = None
    ) -> None:
        """Send one statement, or a `text()` of several; what it returns is not kept."""

    @property
    def takes_ddl_text(self) -> bool:
        """Whether DDL may come as text, because nobody but the database would see an element."""

    def send_ddl_text(self, sql: str) -> None:
        """Send one DDL statement that is text already; only where `takes_ddl_text`."""

    def insert(self, table: sa.TableClause, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that all have the same keys."""

    def bind(self) -> Connection:
        """Return the connection, for what a script does with SQLAlchemy itself.

        While SQL is only being written it is a stand-in that writes, and answers nothing.
        """

    def event_bind(self) -> Connection | MockConnection:
        """Return what listeners of `before_create` and its like may execute DDL on."""

    @property
    def can_leave_transaction(self) -> bool:
        """True if `autocommit` is not going to be refused."""

    def autocommit(self) -> AbstractContextManager[None]:
        """Commit, run the block outside of any transaction, and begin a transaction again.

        Inside such a block it does nothing more.
        """

    def run_async(self, function: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        """Await `function(connection, …)` with an `AsyncConnection` on the same transaction.

        Raises:
            OfflineError: there is none, SQL is only being written.
        """


class Transaction(Protocol):
    """The migration's transaction, which belongs to whoever runs the script."""

    autocommit_refused: str
    """Why it cannot be suspended; empty if it can."""
    is_lenient: bool
    """The script that runs was written for Alembic."""

    def suspend(self, connection: Connection) -> None:
        """Commit it, and let each statement stand for itself until `resume`."""

    def resume(self, connection: Connection) -> None:
        """Open a transaction again."""

    def leave_foreign_keys(self) -> None:
        """Raise, so that the migration starts again without SQLite's foreign keys."""


class Bridge(Protocol):
    """The async side of the connection, which belongs to whoever runs the script."""

    def call(
        self, function: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any
    ) -> Awaitable[Any]:
        """Call `function` with the `AsyncConnection` first."""


class LiveSink:
    """Sends statements to a database, each when it is given."""

    def __init__(
        self,
        connection: Connection,
        transaction: Transaction | None = None,
        bridge: Bridge | None = None,
    ) -> None:
        self._connection = connection
        self._transaction = transaction
        self._bridge = bridge
        self._outside = False
        self._options = simple_query.options_for(connection)
        if transaction is not None:
            as_psycopg.mark(connection, as_psycopg=transaction.is_lenient)
        self.dialect: Dialect = connection.dialect

    @property
    def as_sql(self) -> bool:
        """False."""
        return False

    @property
    def shadow(self) -> Shadow:
        """Never asked for: the database itself is there."""
        raise NotImplementedError

    def leave_foreign_keys(self) -> NoReturn:
        """Have whoever began the transaction start again with SQLite's foreign keys off.

        Raises:
            RunError: nobody can, because somebody else began it.
        """
        if self._transaction is not None:
            self._transaction.leave_foreign_keys()
        raise RunError(
            "SQLite deletes the rows that refer to a table when that is made anew, unless PRAGMA "
            "foreign_keys is off; and inside a transaction it cannot be switched off.",
            next="Hand the migrator an engine instead of a connection, or run `PRAGMA "
            "foreign_keys = OFF` before the transaction begins.",
        )

    def execute(
        self, statement: Executable, *, execution_options: Mapping[str, Any] | None = None
    ) -> None:
        """Send one statement; a `text()` without parameters may hold several.

        On asyncpg, text and DDL go by the simple query protocol: see `simple_query`.
        """
        if isinstance(statement, sa.TextClause):
            self._execute_text(statement, execution_options or {})
        elif isinstance(statement, ExecutableDDLElement) and not execution_options:
            if not simple_query.sent_bare(self._connection, statement):
                self._connection.execute(statement, execution_options=self._options)
        else:
            self._connection.execute(statement, execution_options=execution_options)

    @property
    def takes_ddl_text(self) -> bool:
        """True on asyncpg and aiosqlite, unless somebody listens or reads the log."""
        return bool(self._options) and not simple_query.is_observed(self._connection)

    def send_ddl_text(self, sql: str) -> None:
        """Send it in one message."""
        simple_query.send(self._connection, sql)

    def _execute_text(self, statement: sa.TextClause, options: Mapping[str, Any]) -> None:
        if any(isinstance(child, sa.BindParameter) for child in statement.get_children()):
            with all_results(self._connection, statement.text):
                self._connection.execute(statement, execution_options=options)
            return
        if not options and simple_query.sent_text(self._connection, statement):
            return
        options = {**self._options, **options} if options else self._options
        split = _splitting(self.dialect)
        if split is None or ";" not in statement.text:
            self._connection.execute(statement, execution_options=options)
            return
        for piece in split(str(statement.compile(dialect=self.dialect))):
            with all_results(self._connection, piece):
                self._connection.exec_driver_sql(piece, execution_options=options)

    def insert(self, table: sa.TableClause, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert the rows in one go, or one by one if a value is an SQL expression."""
        if any(isinstance(value, sa.ClauseElement) for row in rows for value in row.values()):
            for row in rows:
                self._connection.execute(table.insert().inline().values(dict(row)))
        else:
            self._connection.execute(table.insert().inline(), list(rows))

    def bind(self) -> Connection:
        """Return the connection."""
        return self._connection

    def event_bind(self) -> Connection:
        """Return the connection."""
        return self._connection

    @property
    def can_leave_transaction(self) -> bool:
        """True if the transaction is ours to commit."""
        return self._transaction is not None and not self._transaction.autocommit_refused

    @contextmanager
    def autocommit(self) -> Iterator[None]:
        """Commit, run the block outside of any transaction, and begin a transaction again.

        Raises:
            RunError: the transaction is not ours to commit.
        """
        if self._transaction is None:
            raise RunError(
                "op.autocommit() would commit a transaction that somebody else opened.",
                next="Hand the migrator an engine instead of a connection.",
            )
        if self._outside:
            yield
            return
        self._transaction.suspend(self._connection)
        self._outside = True
        try:
            yield
        finally:
            self._outside = False
            self._transaction.resume(self._connection)

    def run_async(self, function: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        """Await `function(connection, …)` with an `AsyncConnection` on the same transaction.

        Raises:
            UsageError: nobody awaits this migration.
        """
        if self._bridge is None:
            raise UsageError(
                "op.run_async() needs an async engine, and this migration runs on a sync "
                "connection.",
                next="Run it with `amigrate upgrade` or Migrator.",
            )
        return await_only(self._bridge.call(function, *args, **kwargs))


def _splitting(dialect: Dialect) -> Callable[[str], Iterable[str]] | None:
    """Return what takes a string of several statements apart; None where it is sent whole.

    Sent one by one, an error is that of one of them.
    """
    if dialect.name == "sqlite":
        from asyncmigrate.dialects.sqlite_syntax import split_sqlite  # for SQLite alone

        return split_sqlite
    return pieces if dialect.name in {"mysql", "mariadb"} else None
