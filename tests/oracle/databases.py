"""The databases that scripts run on: emptied again and again, each with a shell of its own."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.available import Server

T = TypeVar("T")

OTHER = "other"
"""A second schema, on PostgreSQL."""


class Database(Protocol):
    """A database that is emptied again and again."""

    name: str
    asynchronous: AsyncEngine

    def call(self, work: Callable[[sa.Connection], T]) -> T:
        """Call `work` with a connection on which no transaction is open."""

    def empty(self) -> None:
        """Take everything away."""

    def feed(self, sql: str) -> str:
        """Have the database's own shell run the text; return what it complains about."""


_HURRY = "PRAGMA synchronous = OFF"


def _hurry(connection: Any, _: object) -> None:
    """Let nobody wait for the disk: if the machine fails, the tests have failed as well."""
    cursor = connection.cursor()
    cursor.execute(_HURRY)
    cursor.close()


@dataclass(slots=True)
class SQLite:
    """A file, and the sqlite3 program, or its library where there is none."""

    file: Path
    name: str = "sqlite"
    asynchronous: AsyncEngine = field(init=False)
    _engine: sa.Engine = field(init=False)

    def __post_init__(self) -> None:
        self._engine = sa.create_engine(f"sqlite:///{self.file}", poolclass=NullPool)
        url = f"sqlite+aiosqlite:///{self.file}"
        self.asynchronous = create_async_engine(url, poolclass=NullPool)
        for engine in (self._engine, self.asynchronous.sync_engine):
            sa.event.listen(engine, "connect", _hurry)

    def call(self, work: Callable[[sa.Connection], T]) -> T:
        with self._engine.connect() as connection:
            return work(connection)

    def empty(self) -> None:
        for file in self.file.parent.glob(f"{self.file.name}*"):
            file.unlink()

    def feed(self, sql: str) -> str:
        if shutil.which("sqlite3") is not None:
            return _run(["sqlite3", "-bail", "-cmd", _HURRY, str(self.file)], sql)
        connection = sqlite3.connect(self.file, isolation_level=None)
        try:
            connection.executescript(sql)
        except sqlite3.Error as error:
            return str(error)
        finally:
            connection.close()
        return ""


@dataclass(slots=True)
class PostgreSQL:
    """A database of a PostgreSQL, and psql."""

    asynchronous: AsyncEngine
    engine: sa.Engine
    name: str = "postgresql"

    def call(self, work: Callable[[sa.Connection], T]) -> T:
        with self.engine.connect() as connection:
            return work(connection)

    def empty(self) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL client_min_messages = warning")
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS public, {OTHER} CASCADE")
            connection.exec_driver_sql(f"CREATE SCHEMA public; CREATE SCHEMA {OTHER}")

    def feed(self, sql: str) -> str:
        url = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return _run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", url], sql)


@dataclass(slots=True)
class MariaDB:
    """A database of a MariaDB, and the mariadb program; there is no sync driver, nor need there be.

    What is sync runs across the async driver, as it does in the env.py of an async project.
    """

    asynchronous: AsyncEngine
    runner: asyncio.Runner
    name: str = "mariadb"

    def call(self, work: Callable[[sa.Connection], T]) -> T:
        async def across() -> T:
            async with self.asynchronous.connect() as connection:
                return await connection.run_sync(work)

        return self.runner.run(across())

    def empty(self) -> None:
        name = self.asynchronous.url.database

        def work(connection: sa.Connection) -> None:
            for statement in (f"DROP DATABASE {name}", f"CREATE DATABASE {name}"):
                connection.exec_driver_sql(statement)

        self.call(work)

    def feed(self, sql: str) -> str:
        url = self.asynchronous.url
        address = ["--protocol=tcp", f"--host={url.host}", f"--port={url.port or 3306}"]
        account = [f"--user={url.username}"]
        account += [f"--password={url.password}"] if url.password else []
        return _run(["mariadb", "--no-defaults", *address, *account, str(url.database)], sql)


def _run(program: list[str], sql: str) -> str:
    if shutil.which(program[0]) is None:
        pytest.skip(f"there is no program {program[0]}")
    ran = subprocess.run(
        program,
        input=sql.encode(),
        capture_output=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},  # as in a container, where no locale says UTF-8
    )
    complaint = ran.stderr.decode(errors="replace") or f"exit {ran.returncode}"
    return "" if ran.returncode == 0 else complaint


@contextmanager
def postgresql(server: Server) -> Iterator[PostgreSQL]:
    """Give a new database of the server, and drop it."""
    with server.database() as address:
        url = sa.make_url(address)
        engine = sa.create_engine(url.set(drivername="postgresql+psycopg"))
        yield PostgreSQL(create_async_engine(url, poolclass=NullPool), engine)
        engine.dispose()


@contextmanager
def mariadb(server: Server, runner: asyncio.Runner) -> Iterator[MariaDB]:
    """Give a new database of the server, and drop it."""
    with server.database() as address:
        url = sa.make_url(address).set(drivername="mariadb+asyncmy")
        yield MariaDB(create_async_engine(url, poolclass=NullPool), runner)
