"""A migration's transaction on a sync connection, begun and ended the way its database needs.

Why this is not `connection.begin()` alone: SQLite's drivers do not open a transaction before DDL,
so a rollback would leave half a migration behind. Here the driver's own transactions are switched
off while the connection is ours, and BEGIN IMMEDIATE is sent instead, which also makes SQLite's
write lock the migration lock.

Why BEGIN is sent with a busy timeout of 0: SQLite sleeps that time in C, where nothing can wake
it. Whoever waits for the file waits in the event loop instead (`lock.when_free`), and can be
cancelled at once. The timeout that the application chose stands for every other statement.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.util import await_only

from asyncmigrate.engine.journal import Journal
from asyncmigrate.engine.turn import BusyError
from asyncmigrate.errors import RunError
from asyncmigrate.scripts import simple_query, under_way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection
    from sqlalchemy.engine.interfaces import Dialect as SqlDialect
    from sqlalchemy.engine.interfaces import IsolationLevel

    from asyncmigrate.dialects.base import Dialect
    from asyncmigrate.engine.lease_table import Fence


_LEVELS: Mapping[str, IsolationLevel] = {
    "postgresql": "READ COMMITTED",
    "mysql": "REPEATABLE READ",
    "mariadb": "REPEATABLE READ",
}
"""The level of migrations, where an application may have set another default."""
_PAUSE = 0.05


class ForeignKeysOnError(BaseException):
    """The script must run again, without SQLite's foreign keys. Never leaves the engine.

    No `Exception`, so that no `except` of a script keeps it from the engine.
    """


def busy_timeout(connection: Connection) -> int:
    """Return how long SQLite waits for a lock on this connection, in milliseconds."""
    found = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    connection.rollback()  # ends SQLAlchemy's own bookkeeping
    return int(found or 0)


def set_busy_timeout(connection: Connection, milliseconds: int) -> None:
    """Set it."""
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
    connection.rollback()


def set_driver_transactions(connection: Connection, level: str | None) -> str | None:
    """Set how the SQLite driver opens transactions (None: never), and return how it did."""
    adapter: Any = connection.connection.dbapi_connection
    former: str | None = adapter.isolation_level
    adapter.isolation_level = level
    return former


def transactional_level(dialect: SqlDialect) -> str:
    """Return the isolation level that migrations run in: the server's own one, as a rule."""
    level = _LEVELS.get(dialect.name) or dialect.default_isolation_level
    return level or "READ COMMITTED"


@dataclass(slots=True)
class Transaction:
    """The transaction of one revision (or, with `--atomic`, of all of them)."""

    connection: Connection
    dialect: Dialect
    joined: bool = False
    """The caller's transaction: nothing is begun, committed or rolled back here."""
    autocommit_refused: str = ""
    """Why `op.autocommit()` cannot work in this run; empty if it can."""
    patience: int = 0
    """The busy timeout that the application chose, in milliseconds (SQLite)."""
    lock_timeout: float = 0.0
    """Seconds to wait for SQLite's file in the middle of a revision."""
    unless_cancelled: Callable[[], None] = lambda: None
    """Raises CancelledError once the run is to end."""
    fence: Fence | None = None
    """What a commit in the middle of a revision has to pass, if the right to migrate is a lease."""
    is_lenient: bool = False
    """The script may end it itself: scripts for Alembic do, before what cannot run in one."""
    committed_early: bool = False
    """True once `op.autocommit()` has committed a part of the revision."""
    committed: bool = False
    """True once all of it is committed."""
    journal: Journal = field(init=False)
    """What the revision has done, and what of it has stayed already."""
    in_doubt: bool = False
    """True from when COMMIT is sent until it is known what became of it."""
    _mine: object = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.connection, self.dialect)

    def begin(self, query: str = "") -> list[Any] | None:
        """Open the transaction; return the first column of a query if one hop is enough for both.

        Only SQLite answers the query, and not if it fails: then None. A joined transaction is
        opened there too if the driver has not done so yet: it would only do so before the first
        INSERT, and let DDL slip out of the caller's rollback.

        Raises:
            BusyError: another connection holds SQLite's write lock; nothing was begun.
        """
        if not self.joined:
            self._mine = self.connection.begin()
        if self.dialect.begin is None:
            return None
        driver: Any = self.connection.connection.driver_connection
        open_already = getattr(driver, "in_transaction", False)
        if open_already and not self.joined:
            # A listener of the application, or `autocommit=False`, has begun a deferred one.
            self.connection.exec_driver_sql("ROLLBACK")
        if not self.joined:
            return self._begin_at_once(self.dialect.begin, query)
        if not open_already:
            self.connection.exec_driver_sql(self.dialect.begin)
        return None

    def _begin_at_once(self, begin: str, query: str) -> list[Any] | None:
        script = f"PRAGMA busy_timeout = 0; {begin}; PRAGMA busy_timeout = {self.patience}"
        try:
            return simple_query.begun(self.connection, script, query)
        except sqlite3.OperationalError as error:
            self.rollback()
            if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise BusyError from error
            self._mine = self.connection.begin()
            self.connection.exec_driver_sql(begin)  # again, for the error as SQLAlchemy's own
            return None

    def commit(self) -> None:
        """Make the revision permanent.

        Raises:
            RunError: the script itself ended the transaction, so what it did before cannot be
                vouched for.
        """
        if self.joined:
            return
        self.check()
        with self.being_committed():
            self._commit()
        self.committed = True

    @contextmanager
    def being_committed(self) -> Iterator[None]:
        """Note that it is not known, while the block runs and if it fails, what the server did."""
        self.in_doubt = True
        yield
        self.in_doubt = False

    def _commit(self) -> None:
        under_way.begin(self.connection, "COMMIT")
        if self.dialect.begin is None or not simple_query.options_for(self.connection):
            self.connection.commit()
            return
        with simple_query.nothing_to_commit(self.connection):
            self.connection.commit()

    def check(self) -> None:
        """Make sure that the transaction is still the one that was begun.

        Raises:
            RunError: the script itself ended it.
        """
        current = self.connection.get_transaction()
        if current is not self._mine and self.is_lenient:
            self.committed_early = True
            if current is None:
                self._begin_when_free()
            else:
                self._mine = current
        elif current is not self._mine:
            raise RunError(
                "The script committed or rolled back the migration's transaction itself.",
                state="",
                next="Put what cannot run in a transaction into `with op.autocommit():`.",
            )

    def rollback(self) -> None:
        """Undo the revision, as far as the database can."""
        if not self.joined:
            self.connection.rollback()
            self.journal.have_rolled_back()

    def suspend(self, connection: Connection) -> None:
        """Commit, and let each statement stand for itself until `resume`.

        Raises:
            RunError: this run's transaction is not ours to commit.
        """
        if self.autocommit_refused:
            raise RunError(self.autocommit_refused, state="")
        self.journal.before_commit()
        self.commit()
        self.journal.have_committed()
        self.committed, self.committed_early = False, True
        self.journal.is_outside = True
        if self.dialect.begin is None:
            connection.execution_options(isolation_level="AUTOCOMMIT")

    def resume(self, connection: Connection) -> None:
        """Go back to a transaction.

        Raises:
            BusyError: another connection keeps SQLite's file, or another migrator has gone on with
                the revision meanwhile.
        """
        self.journal.is_outside = False
        if connection.invalidated:
            return  # cut when the run was cancelled; to ask anything would open another one
        connection.rollback()  # ends SQLAlchemy's own bookkeeping; the work is committed
        if self.dialect.begin is None:
            connection.execution_options(isolation_level=transactional_level(connection.dialect))
        self._begin_when_free()
        self.journal.keep_turn()

    def _begin_when_free(self) -> None:
        """Open the transaction, and wait if somebody else is writing to the file."""
        deadline = time.monotonic() + self.lock_timeout
        while True:
            try:
                self.begin()
            except BusyError:
                self.unless_cancelled()
                if time.monotonic() >= deadline:
                    raise
                await_only(asyncio.sleep(_PAUSE))
            else:
                return

    def leave_foreign_keys(self) -> None:
        """Have the script run again, without SQLite's foreign keys.

        Raises:
            RunError: a part of it is committed already, or the transaction is the caller's.
        """
        if self.committed_early:
            raise RunError(
                "A change of a table that other tables refer to stands after op.autocommit(): "
                "SQLite's foreign keys would have to be off, and what is committed cannot be run "
                "again.",
                state="",
                next="Put the change before op.autocommit(), or into a revision of its own.",
            )
        if self.joined:
            raise RunError(
                "SQLite deletes the rows that refer to a table when that is made anew, unless "
                "PRAGMA foreign_keys is off; and inside your transaction it cannot be switched "
                "off.",
                next="Hand the migrator an engine instead of a connection, or run `PRAGMA "
                "foreign_keys = OFF` before the transaction begins.",
            )
        raise ForeignKeysOnError
