"""One migrator at a time per database and version table.

The lock lives on a connection of its own and is given up by closing that connection: it is free
again even if the migrating connection dies in the middle of a statement, and no lock row stays
behind after `kill -9`. It is polled, never waited for in the server: a session that is blocked in
`pg_advisory_lock()` holds a snapshot, and CREATE INDEX CONCURRENTLY in the holder would wait for it
for ever.

SQLite needs none of this: BEGIN IMMEDIATE on the migrating connection is the lock, and `when_free`
is how to wait for it.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from asyncmigrate.engine.database import across, side_connection
from asyncmigrate.engine.holder import holder, session_name
from asyncmigrate.engine.settle import brief
from asyncmigrate.engine.transaction import BusyError
from asyncmigrate.errors import LockTimeoutError
from asyncmigrate.events import LockWaiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from asyncmigrate.dialects.base import Dialect
    from asyncmigrate.engine.database import Database
    from asyncmigrate.events import Observer
    from asyncmigrate.history.revision import Heads

P = ParamSpec("P")
T = TypeVar("T")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0
_BUSY_PAUSE = 0.05
_SOMEBODY = "another connection to the file"


def lock_key(version_table: str) -> int:
    """Return the number of the lock for a version table: the same in every process.

    >>> lock_key("alembic_version") == lock_key("alembic_version") != lock_key("other.version")
    True
    """
    digest = hashlib.sha256(f"asyncmigrate:{version_table}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@asynccontextmanager
async def migration_lock(
    database: Database,
    key: int,
    *,
    timeout: float,
    observer: Observer,
    heads: Callable[[Connection], Heads] | None = None,
) -> AsyncIterator[None]:
    """Hold the right to migrate this database until the block ends.

    `heads` reads how far the holder has got, to be told while this one waits for it.
    In a joined transaction the lock is the transaction's own, and ends with it.

    Raises:
        LockTimeoutError: another migrator kept it for `timeout` seconds.
    """
    if database.dialect.try_lock(key) is None:
        yield
        return
    if database.joined:
        await _acquire(database.connection, database.dialect, key, timeout, observer, joined=True)
        yield
        return
    async with side_connection(database.connection.engine) as own:
        setup = database.dialect.session_setup(session_name())
        if setup is not None:
            await brief(own.exec_driver_sql(setup))
        await _acquire(own, database.dialect, key, timeout, observer, joined=False, heads=heads)
        yield


async def _acquire(
    connection: AsyncConnection,
    dialect: Dialect,
    key: int,
    timeout: float,
    observer: Observer,
    *,
    joined: bool,
    heads: Callable[[Connection], Heads] | None = None,
) -> None:
    query = dialect.try_lock(key, in_transaction=joined) or ""
    started = reported = time.monotonic()
    pause = _FIRST_PAUSE
    while not (await brief(connection.exec_driver_sql(query))).scalar():
        waited = time.monotonic() - started
        if waited >= timeout:
            raise lock_timeout(waited, await _holder(connection, dialect, key))
        if waited == 0 or time.monotonic() - reported >= 1 or pause == _FIRST_PAUSE:
            reported = time.monotonic()
            at = await brief(across(connection, heads)) if heads is not None else ()
            name = await _holder(connection, dialect, key)
            observer(LockWaiting(name, waited, tuple(sorted(at))))
        # Jitter, so that a fleet of waiters does not knock in step.
        await asyncio.sleep(min(pause * random.uniform(0.5, 1.5), max(timeout - waited, 0)))
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _holder(connection: AsyncConnection, dialect: Dialect, key: int) -> str:
    query = dialect.lock_details(key)
    found = holder(await brief(connection.exec_driver_sql(query))) if query else None
    return str(found or "another migrator")


async def when_free(
    database: Database,
    timeout: float,
    observer: Observer,
    function: Callable[Concatenate[Connection, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run a function that begins a transaction, again and again while SQLite's file is locked.

    Raises:
        LockTimeoutError: another connection kept the write lock for `timeout` seconds.
    """
    started = time.monotonic()
    reported = started - 1
    while True:
        try:
            return await database.run(function, *args, **kwargs)
        except BusyError as busy:
            now = time.monotonic()
            if now - started >= timeout:
                raise lock_timeout(now - started, _SOMEBODY) from busy
        if now - reported >= 1:
            reported = now
            observer(LockWaiting(_SOMEBODY, now - started))
        pause = _BUSY_PAUSE * random.uniform(0.5, 1.5)
        await asyncio.sleep(min(pause, max(started + timeout - now, 0)))


def lock_timeout(waited: float, holder: str) -> LockTimeoutError:
    """Return the error for a lock that did not come free."""
    return LockTimeoutError(
        f"The migration lock was not free within {waited:.0f} s; it is held by {holder}.",
        holder=holder,
        next="Wait for that migrator, or raise lock_timeout (--lock-timeout), then run again.",
    )
