"""A connection that is lost while a commit is under way: whether it came through.

The server may have committed, and only its answer was lost. To say that the revision was rolled
back would be a guess, and so would the opposite; so the version table is asked, on a connection of
its own, once nobody writes to it any more.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from asyncmigrate.engine.bind import shown
from asyncmigrate.engine.connection import across, side_connection
from asyncmigrate.engine.failure import cause
from asyncmigrate.engine.lost import is_lost
from asyncmigrate.engine.settle import brief
from asyncmigrate.errors import DatabaseConnectionError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from asyncmigrate.engine.database import Database
    from asyncmigrate.engine.store import Store
    from asyncmigrate.engine.transaction import Transaction
    from asyncmigrate.history.revision import Heads, Step

_log = logging.getLogger("asyncmigrate")

_PATIENCE = 5.0
"""Seconds to wait for the server, and for a session that it has not given up yet."""


async def lost_in_commit(
    database: Database, store: Store, step: Step, error: BaseException, transaction: Transaction
) -> DatabaseConnectionError | None:
    """Return what to raise if a commit came through, or may have, whose answer never came.

    `transaction.committed` then says which of the two. None if that was not the trouble, or nothing
    was committed. Waits a few seconds at most. Reads only.
    """
    dialect = database.connection.dialect
    if not (transaction.in_doubt and isinstance(error, Exception) and is_lost(error, dialect)):
        return None
    heads = await _heads(database, store)
    if heads is not None and heads != step.after:
        return None
    transaction.committed = heads == step.after
    return _told(database, step, error, transaction)


async def _heads(database: Database, store: Store) -> Heads | None:
    try:
        async with (
            asyncio.timeout(_PATIENCE),
            side_connection(database.connection.engine) as beside,
        ):
            return await brief(across(beside, _settled_heads, database, store))
    except Exception:  # noqa: BLE001 -- the server is away: then it cannot be told
        _log.debug("Whether it was committed could not be asked.", exc_info=True)
        return None


def _settled_heads(connection: Connection, database: Database, store: Store) -> Heads:
    """Return the heads once the session that was lost has ended its transaction."""
    table = connection.dialect.identifier_preparer.format_table(store.versions)
    wait = database.dialect.wait_for_writers(table)
    if wait is None:
        return store.heads(connection)
    connection.exec_driver_sql("BEGIN")
    try:
        connection.exec_driver_sql(wait)
        return store.heads_in_transaction(connection)
    finally:
        connection.exec_driver_sql("ROLLBACK")


def _told(
    database: Database, step: Step, error: Exception, transaction: Transaction
) -> DatabaseConnectionError:
    heads = ", ".join(sorted(step.after)) or "base"
    revision = step.revision.id if step.revision else "base"
    told = DatabaseConnectionError(
        f"The connection to {shown(database.connection.engine.url)} was lost while revision "
        f"{revision} was being committed: {cause(error)}.",
        state=f"The database is at {heads}: it was committed.",
        next="Run the same command again.",
    )
    if not transaction.committed:
        told.state = "It may have been committed, or not: the server cannot be asked."
        told.next = "When the server answers again, run the same command again."
    return told
