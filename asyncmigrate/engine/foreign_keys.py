"""SQLite's foreign keys, switched off around the transaction of a revision that rebuilds a table.

Dropping a table deletes its rows first, and with PRAGMA foreign_keys on, ON DELETE CASCADE takes
other tables' rows along. Inside a transaction the pragma does nothing. So a revision runs as it
is; when it turns out to need a rebuild it is rolled back, and runs again from its start with the
pragma off. Whether a script rebuilds something cannot be known before it has run.

With the pragma off the script's own statements are not held to foreign keys either, and nothing
cascades. So before the transaction commits all foreign keys are checked; what was violated when it
began is not the script's doing.
"""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from asyncmigrate.engine.connection import across
from asyncmigrate.engine.settle import settled
from asyncmigrate.engine.transaction import ForeignKeysOnError
from asyncmigrate.errors import RunError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy import Connection

    from asyncmigrate.engine.database import Database

_CHECK = "SELECT * FROM pragma_foreign_key_check(?)"


@dataclass(slots=True)
class ForeignKeys:
    """Whether they are off for now, and what they were violated by when the transaction began."""

    off: bool = False
    _before: Counter[tuple[Any, ...]] = field(default_factory=Counter)

    def begin(self, connection: Connection) -> None:
        """Note what is violated already."""
        if self.off:
            self._before = Counter(_violations(connection))

    def check(self, connection: Connection) -> None:
        """Raise if the transaction has violated any.

        Raises:
            RunError: it names a table and a row.
        """
        if not self.off:
            return
        new = Counter(_violations(connection)) - self._before
        if new:
            table, rowid, parent = next(iter(new))
            row = "" if rowid is None else f", for example the row of {table!r} with rowid {rowid}"
            raise RunError(
                f"{new.total()} rows would refer to nothing in {parent!r}{row}. While a table is "
                "made anew SQLite's foreign keys are off, for all of the revision: nothing "
                "cascades.",
                state="",
                next="Change those rows in the script as well, or in a revision of their own.",
            )


def _violations(connection: Connection) -> Iterator[tuple[Any, ...]]:
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%REFERENCES%'"
    for table in connection.exec_driver_sql(tables).scalars().all():
        try:
            found = connection.exec_driver_sql(_CHECK, (table,)).all()
        except DBAPIError as error:  # "foreign key mismatch"
            yield (table, None, str(error.orig))
            continue
        yield from ((child, rowid, parent) for child, rowid, parent, _ in found)


@asynccontextmanager
async def without_foreign_keys(database: Database, keys: ForeignKeys) -> AsyncIterator[None]:
    """Switch PRAGMA foreign_keys off, and on again when the block has ended, however it ended.

    No transaction may be open at either end.
    """
    await database.run(_switch, "OFF")
    keys.off = True
    try:
        yield
    except ForeignKeysOnError as still_on:
        raise RunError(
            "PRAGMA foreign_keys cannot be switched off on this connection: something begins a "
            "transaction or switches it on again.",
            state="",
            next="Look for listeners of the engine that run BEGIN or PRAGMA foreign_keys.",
        ) from still_on
    finally:
        keys.off = False
        connection = database.connection
        if not connection.closed and not connection.invalidated:
            await settled(across(connection, _switch, "ON"))


def _switch(connection: Connection, to: str) -> None:
    async def switch(driver: Any) -> None:
        if driver.in_transaction:  # the driver's own, of a connection made with autocommit=False
            await driver.execute("ROLLBACK")
        cursor = await driver.execute(f"PRAGMA foreign_keys = {to}")
        await cursor.close()

    adapter: Any = connection.connection.dbapi_connection
    adapter.run_async(switch)
