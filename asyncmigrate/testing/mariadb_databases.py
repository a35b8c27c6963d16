"""Databases on a MariaDB or MySQL server: each is migrated by itself.

These servers cannot copy a database, and cannot take a migration back with a transaction.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate.engine.connection import opened
from asyncmigrate.testing.databases import Made

if TYPE_CHECKING:
    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncConnection

    from asyncmigrate.testing.recipe import Recipe

PATIENCE = 2.0
"""Seconds in which a connection that was closed disappears from the server's list."""

_CONNECTED = """
SELECT id, command, coalesce(left(info, 80), '') FROM information_schema.processlist
 WHERE db = '{}' ORDER BY id
"""


class MariaDBDatabases:
    """Makes and drops databases with a connection of its own."""

    def __init__(self, address: URL, source: str) -> None:
        self.source = source
        self._address = address
        self._run = secrets.token_hex(4)
        self._number = 0
        self._exit = AsyncExitStack()
        self._connection: AsyncConnection

    async def open(self) -> Self:
        """Connect. Raises DatabaseConnectionError."""
        engine = create_async_engine(
            self._address, poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        self._connection = await self._exit.enter_async_context(opened(engine))
        return self

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of one of its databases."""
        return self._address.set(database=database).render_as_string(hide_password=False)

    async def make(self, wanted: Recipe | None) -> Made:
        """Make a database, migrate it and fill it."""
        self._number += 1
        name = f"amigrate_{self._run}_{self._number}"
        await self._run_statement(f"CREATE DATABASE `{name}`")
        made = Made(name, self.url(name))
        if wanted is not None:
            try:
                await wanted.run(made.url)
                if wanted.seed is not None:
                    await wanted.fill(made.url)
            except BaseException:
                await self.drop(made)
                raise
        return made

    async def drop(self, made: Made) -> tuple[str, ...]:
        """Return what is connected, in words; end it and drop the database."""
        found = await self._rows(_CONNECTED.format(made.name))
        waited = 0.0
        while found and waited < PATIENCE:
            await asyncio.sleep(0.01)
            waited += 0.01
            found = await self._rows(_CONNECTED.format(made.name))
        for number, *_ in found:
            with suppress(DBAPIError):  # it has ended by itself
                await self._run_statement(f"KILL {number}")
        await self._run_statement(f"DROP DATABASE IF EXISTS `{made.name}`")
        return tuple(f"{number}, {command}: {info}" for number, command, info in found)

    async def close(self) -> None:
        """Disconnect."""
        await self._exit.aclose()

    async def _run_statement(self, statement: str) -> None:
        await self._connection.exec_driver_sql(statement)

    async def _rows(self, query: str) -> list[Any]:
        return list((await self._connection.exec_driver_sql(query)).all())
