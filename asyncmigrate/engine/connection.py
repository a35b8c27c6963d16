"""One connection: opened, crossed from async to sync code, and closed whatever happens."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asyncmigrate.engine.failure import unreachable
from asyncmigrate.engine.settle import brief, closed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import Connection

_OPENING = 2.0
"""Seconds that opening may go on after the caller was cancelled.

SQLAlchemy 2.0 forgets a connection on which its own first questions were cancelled, and does not
close it: it is not to happen where they are only slow, to a server far away.
"""
_WORKER = "_connection_worker_thread"
"""In the name of each of aiosqlite's threads."""

P = ParamSpec("P")
T = TypeVar("T")


async def across(
    connection: AsyncConnection,
    function: Callable[Concatenate[Connection, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Call a sync function with the sync side of a connection: the one crossing."""
    return await connection.run_sync(function, *args, **kwargs)


@asynccontextmanager
async def side_connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a connection beside the pool, in AUTOCOMMIT, and really close it at the end.

    It is made by the pool's own creator (same arguments, same events), but is not one of the
    pool's connections: a pool of one does not wait for itself.
    """
    sync = engine.sync_engine
    aside = AsyncEngine(Engine(sync.pool.recreate(), sync.dialect, sync.url))
    try:
        async with opened(aside) as connection:
            await brief(connection.execution_options(isolation_level="AUTOCOMMIT"))
            yield connection
    finally:
        await closed(aside.dispose())


@asynccontextmanager
async def opened(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Check a connection out, and in again, whatever happens in between.

    Raises:
        DatabaseConnectionError: the server cannot be reached, or refuses us.
    """
    connection = engine.connect()
    try:
        await _start(connection)
        yield connection
    finally:
        if connection.sync_connection is not None:
            await closed(_checked_in(connection))


async def _checked_in(connection: AsyncConnection) -> None:
    """Give a connection back to its pool, or its place there if it has died.

    SQLAlchemy does the same in `close()`; but an error while it sets back the isolation level, or a
    cancellation (before 2.1.9), would keep the place for ever.
    """
    try:
        if not (connection.closed or connection.invalidated):
            await across(connection, _set_back)
        await connection.close()
    except BaseException:  # whatever it was: the connection must not be used again
        if not (connection.closed or connection.invalidated):
            await connection.invalidate()
        await connection.close()
        raise


def _set_back(connection: Connection) -> None:
    entry: Any = connection.connection
    undo = getattr(entry._connection_record, "finalize_callback", ())
    while undo:
        undo.pop()(entry.dbapi_connection)


async def _start(connection: AsyncConnection) -> None:
    before = set(threading.enumerate())
    try:
        await brief(_started(connection), moment=_OPENING)
    except Exception as error:  # drivers raise what they like here: OSError, TypeError, their own
        await _workers_ended(before)
        raise unreachable(connection.engine.url, error) from error


async def _started(connection: AsyncConnection) -> None:
    await connection.start()


async def _workers_ended(before: set[threading.Thread]) -> None:
    """Wait for the thread of a SQLite connection that could not be opened.

    aiosqlite does not; the thread then speaks to a loop that may be closed, and dies with a
    traceback on the terminal.
    """
    for thread in set(threading.enumerate()) - before:
        if _WORKER in thread.name:
            await asyncio.to_thread(thread.join, 1.0)
