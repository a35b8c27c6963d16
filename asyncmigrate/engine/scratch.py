"""A database for a moment: empty, on the configured server or in memory, and gone afterwards.

For replaying a history without touching the database that it is for.
"""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool, StaticPool

from asyncmigrate.engine.bind import shown
from asyncmigrate.engine.connection import side_connection
from asyncmigrate.engine.failure import cause
from asyncmigrate.engine.settle import settled
from asyncmigrate.engine.urls import async_url
from asyncmigrate.errors import RunError, UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

PREFIX = "amigrate_scratch_"
"""What the names of such databases begin with."""

_DROP = {
    "postgresql": "DROP DATABASE IF EXISTS {} WITH (FORCE)",
    "mysql": "DROP DATABASE IF EXISTS {}",
    "mariadb": "DROP DATABASE IF EXISTS {}",
}


async def make_schema(engine: AsyncEngine, schema: str) -> None:
    """Make the schema of the version table in a new database: a migrator expects it to be there."""
    quoted = engine.dialect.identifier_preparer.quote(schema)
    async with engine.begin() as connection:
        await connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {quoted}")


@asynccontextmanager
async def scratch(url: URL | str) -> AsyncIterator[AsyncEngine]:
    """Make an empty database beside the one that `url` names, and drop it at the end.

    SQLite: in memory. PostgreSQL, MySQL, MariaDB: on the same server, as the same user, who must be
    allowed to create databases.

    Raises:
        UsageError: there is no way to make one on such a database.
        DatabaseConnectionError: the server cannot be reached.
        RunError: the server refuses to make a database.
    """
    target = async_url(url).url
    if target.get_backend_name() == "sqlite":
        engine = create_async_engine(URL.create(target.drivername), poolclass=StaticPool)
        try:
            yield engine
        finally:
            await settled(engine.dispose())
        return
    if target.get_backend_name() not in _DROP:
        raise UsageError(
            f"No scratch database can be made on {target.get_backend_name()}.",
            next="Compare with a database of its own: --from database.",
        )
    async with _on_the_server(target) as engine:
        yield engine


@asynccontextmanager
async def _on_the_server(target: URL) -> AsyncIterator[AsyncEngine]:
    name = f"{PREFIX}{secrets.token_hex(6)}"
    server = create_async_engine(target, poolclass=NullPool)
    try:
        async with side_connection(server) as control:
            try:
                await control.exec_driver_sql(f"CREATE DATABASE {name}")
            except DBAPIError as error:
                raise RunError(
                    f"{shown(target)}: no scratch database could be made ({cause(error)}).",
                    next="Give the role the right to create databases, or name another server "
                    "with --scratch.",
                ) from error
        engine = create_async_engine(target.set(database=name), poolclass=NullPool)
        try:
            yield engine
        finally:
            await settled(engine.dispose())
            await settled(_dropped(server, name))
    finally:
        await settled(server.dispose())


async def _dropped(server: AsyncEngine, name: str) -> None:
    async with side_connection(server) as control:
        await control.exec_driver_sql(_DROP[server.dialect.name].format(name))
