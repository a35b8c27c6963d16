"""A database of its own on both drivers, and what a catalog reads there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.schema.scope import Scope
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from asyncmigrate.schema.snapshot import Object, Snapshot

EVERYTHING = Scope(schemas=frozenset({"", "app", "other"}))


@dataclass(frozen=True, slots=True)
class Database:
    """What the tests ask of a database."""

    engine: AsyncEngine

    async def run(self, *statements: str) -> None:
        """Run statements, each in its own message, in one transaction."""
        async with self.engine.begin() as connection:
            for statement in statements:
                await connection.execute(sa.text(statement.replace(":", r"\:")))

    async def create_all(self, metadata: sa.MetaData) -> None:
        async with self.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)

    async def sync(self, function: Callable[[sa.Connection], Any]) -> Any:
        """Call a function with a sync connection."""
        async with self.engine.connect() as connection:
            return await connection.run_sync(function)

    async def read(self, scope: Scope = EVERYTHING, *, path: str = "") -> Snapshot:
        """Read the catalog; `path` is the session's search path."""

        def read(connection: sa.Connection) -> Snapshot:
            if path:
                connection.exec_driver_sql(f"SET search_path = {path}")
            return catalog_of("postgresql").read(connection, scope)

        found: Snapshot = await self.sync(read)
        return found

    async def one(self, kind: str, name: str, table: str = "t", schema: str = "") -> Any:
        """Return one object that the catalog reads."""
        return (await self.read())[Key(kind, schema, table, name)]


def of_kind(snapshot: Snapshot, kind: str) -> list[Object]:
    """Return the objects of a kind, sorted."""
    return [each for key, each in sorted(snapshot.items()) if key.kind == kind]


@pytest.fixture(params=["postgresql+asyncpg", "postgresql+psycopg"])
async def database(request: pytest.FixtureRequest, postgres_url: str) -> AsyncIterator[Database]:
    """An empty database, once for each driver."""
    engine = create_async_engine(make_url(postgres_url).set(drivername=request.param))
    yield Database(engine)
    await engine.dispose()
