"""A PostgreSQL of our own for the length of a benchmark, and a way to make databases in it."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from asyncmigrate.testing.mariadb import MariaDBServer
    from asyncmigrate.testing.postgresql import PostgresServer
    from tests.servers.proxy import CountingProxy

VERSION_TABLE = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


class Postgres:
    """The server, started when it is first asked for."""

    def __init__(self) -> None:
        self._server: PostgresServer | None = None

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of a database."""
        return self._running().url(database)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._running().port

    def fresh(self, database: str, statements: Sequence[str] = ()) -> str:
        """Make the database anew, run the statements in it, and return its URL."""
        asyncio.run(self._fresh(database, statements))
        return self.url(database)

    def query(self, database: str, query: str) -> list[tuple[object, ...]]:
        """Return what a query gives."""
        return asyncio.run(self._query(database, query))

    def cpu(self) -> float:
        """Return the seconds that the server and its processes that have ended took (Linux)."""
        pid = (self._running().directory / "data" / "postmaster.pid").read_text().split()[0]
        stat = Path("/proc") / pid / "stat"
        if not stat.exists():
            return 0.0
        ticks = stat.read_text().rpartition(")")[2].split()[11:15]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """Stop the server, if it runs."""
        if self._server is not None:
            self._server.stop()

    def _running(self) -> PostgresServer:
        from asyncmigrate.testing.postgresql import start

        if self._server is None:
            self._server = start()
        return self._server

    def _plain(self, database: str) -> str:
        return self.url(database).replace("+asyncpg", "")

    async def _fresh(self, database: str, statements: Sequence[str]) -> None:
        import asyncpg

        control = await asyncpg.connect(self._plain("postgres"))
        await control.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        await control.execute(f"CREATE DATABASE {database}")
        await control.close()
        if statements:
            connection = await asyncpg.connect(self._plain(database))
            for statement in statements:
                await connection.execute(statement)
            await connection.close()

    async def _query(self, database: str, query: str) -> list[tuple[object, ...]]:
        import asyncpg

        connection = await asyncpg.connect(self._plain(database))
        found = [tuple(row) for row in await connection.fetch(query)]
        await connection.close()
        return found


@contextmanager
def proxied(port: int, *, delay: float = 0.0) -> Iterator[CountingProxy]:
    """Run a proxy that counts round trips, in a thread with a loop of its own.

    `delay` is what each direction takes, in seconds.
    """
    from tests.servers.proxy import CountingProxy

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    proxy = CountingProxy(port, delay=delay)
    asyncio.run_coroutine_threadsafe(proxy.start(), loop).result()
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class NoServerError(Exception):
    """There is no such server on this machine."""


class MariaDB:
    """The server, started when it is first asked for.

    Raises:
        NoServerError: it is not installed.
    """

    def __init__(self) -> None:
        self._server: MariaDBServer | None = None

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of a database."""
        return self._running().url(database)

    def fresh(self, database: str) -> str:
        """Make the database anew, and return its URL."""
        self._execute("mysql", f"DROP DATABASE IF EXISTS {database}")
        self._execute("mysql", f"CREATE DATABASE {database} CHARACTER SET utf8mb4")
        return self.url(database)

    def query(self, database: str, query: str) -> list[tuple[object, ...]]:
        """Return what a query gives."""
        return self._execute(database, query)

    def stop(self) -> None:
        """Stop the server, if it runs."""
        if self._server is not None:
            self._server.stop()

    def _execute(self, database: str, statement: str) -> list[tuple[object, ...]]:
        import pymysql

        server = self._running()
        connection = pymysql.connect(
            host=server.host, port=server.port, user="root", database=database, autocommit=True
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def _running(self) -> MariaDBServer:
        from asyncmigrate.testing.mariadb import start
        from asyncmigrate.testing.process import ServerUnavailableError

        if self._server is None:
            try:
                self._server = start()
            except ServerUnavailableError as error:
                raise NoServerError(str(error)) from error
        return self._server
