"""Connections that end while they are in use: how that is known, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from asyncmigrate.engine.bind import shown
from asyncmigrate.engine.failure import cause
from asyncmigrate.errors import DatabaseConnectionError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.ext.asyncio import AsyncEngine


def is_lost(error: BaseException, dialect: Dialect) -> bool:
    """Return whether an error, SQLAlchemy's or a driver's, means that a connection has ended."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error.orig, ConnectionError)
    if not isinstance(error, dialect.loaded_dbapi.Error):
        return isinstance(error, ConnectionError)
    return bool(dialect.is_disconnect(error, None, None))


def lost(engine: AsyncEngine, error: Exception) -> DatabaseConnectionError:
    """Say that a connection has ended between the revisions, and what to do next."""
    return DatabaseConnectionError(
        f"The connection to {shown(engine.url)} was lost: {cause(error)}.",
        state="Revisions that were done are recorded; nothing else has stayed.",
        next="Check the server and the network, then run the same command again.",
    )


def of_another_loop(engine: AsyncEngine) -> UsageError:
    """Say that the pool holds a connection that was opened in another event loop."""
    return UsageError(
        f"A connection of the engine {shown(engine.url)} belongs to another event loop.",
        next="Make the engine in the loop that uses it, dispose of it before that loop ends, or "
        "make it with poolclass=NullPool.",
    )
