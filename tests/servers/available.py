"""Where the tests' databases come from: a server somebody names, or one that is started here.

Both are `asyncmigrate.testing`'s, as other people's suites have them. Each xdist worker has its
own: some tests look at all sessions of a server, and end some of them.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from anyio.from_thread import BlockingPortal, start_blocking_portal
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate.testing import DatabaseServer, ephemeral_mariadb, ephemeral_postgres
from asyncmigrate.testing.process import ServerUnavailableError
from tests.servers.required import missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager

POSTGRES = "ASYNCMIGRATE_TEST_POSTGRES"
MYSQL = "ASYNCMIGRATE_TEST_MYSQL"


@dataclass(frozen=True, slots=True)
class Server:
    """A server for sync fixtures: its databases are made in an event loop in another thread."""

    databases: DatabaseServer
    portal: BlockingPortal
    system: str
    """A database that is always there."""

    def url(self, database: str | None = None, *, driver: str | None = None) -> str:
        """Give SQLAlchemy's URL of one of its databases."""
        url = make_url(self.databases.url(database or self.system))
        if driver is not None:
            url = url.set(drivername=f"{url.get_backend_name()}+{driver}")
        return url.render_as_string(hide_password=False)

    def version(self) -> str:
        """Ask for what it calls its version."""

        async def asked() -> str:
            engine = create_async_engine(self.url(), poolclass=NullPool)
            async with engine.connect() as connection:
                return str(await connection.scalar(sa.text("SELECT version()")))

        return self.portal.call(asked)

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give the URL of an empty database, and drop it even if somebody is still connected."""
        with self.portal.wrap_async_context_manager(self.databases.database()) as url:
            yield url


@contextmanager
def postgres() -> Iterator[Server]:
    """Give PostgreSQL, or skip. The user is a superuser."""
    address = os.environ.get(POSTGRES)
    with _server("postgresql", ephemeral_postgres(address, keep=False), "postgres") as server:
        yield server


@contextmanager
def mysql() -> Iterator[Server]:
    """Give MariaDB or MySQL, or skip."""
    address = os.environ.get(MYSQL)
    with _server("mariadb", ephemeral_mariadb(address), "mysql") as server:
        yield server


@contextmanager
def _server(
    name: str, context: AbstractAsyncContextManager[DatabaseServer], system: str
) -> Iterator[Server]:
    with start_blocking_portal("asyncio") as portal:
        try:
            found = portal.wrap_async_context_manager(context)
            server = found.__enter__()
        except ServerUnavailableError as error:
            missing(name, str(error))
        try:
            yield Server(server, portal, system)
        finally:
            found.__exit__(None, None, None)
