"""A connection to a server that makes databases."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate.engine.connection import opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import URL, CursorResult


class Session:
    """One connection in AUTOCOMMIT; who wants to run something waits for the others."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()

    async def run(self, *statements: str) -> None:
        """Run statements as they are, with nobody else's in between."""
        async with self._turn:
            for statement in statements:
                await self._sent(statement)

    async def rows(self, query: str, **values: object) -> list[Any]:
        """Return what a query gives; with values for the `:names` in it, if there are any."""
        async with self._turn:
            if not values:
                return list((await self._sent(query)).all())
            return list((await self._connection.execute(text(query), values)).all())

    async def row(self, query: str, **values: object) -> Any:
        """Return the first row of it."""
        return (await self.rows(query, **values))[0]

    async def _sent(self, statement: str) -> CursorResult[Any]:
        options = {"no_parameters": True}  # or a `%` in it would mean something
        return await self._connection.exec_driver_sql(statement, execution_options=options)


@asynccontextmanager
async def session(address: URL) -> AsyncIterator[Session]:
    """Connect for the block. Raises DatabaseConnectionError."""
    engine = create_async_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with opened(engine) as connection:
        yield Session(connection)
