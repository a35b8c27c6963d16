"""A server for the session: named by an environment variable, else started and stopped."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.engine import make_url

from asyncmigrate.testing import mariadb, postgresql
from asyncmigrate.testing.process import ServerUnavailableError
from tests.servers.required import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

POSTGRES = "ASYNCMIGRATE_TEST_POSTGRES"
MYSQL = "ASYNCMIGRATE_TEST_MYSQL"


class Server(Protocol):
    """What a test may ask of a server, whoever started it."""

    def url(self, database: str = ..., *, driver: str = ...) -> str:
        """Give SQLAlchemy's URL of one of its databases."""


@dataclass(frozen=True, slots=True)
class NamedServer:
    """A server that was there before us; its URL is one of a database that exists."""

    address: str
    family: str
    driver: str

    def url(self, database: str | None = None, *, driver: str | None = None) -> str:
        """Give SQLAlchemy's URL of one of its databases."""
        address = make_url(self.address)
        return address.set(
            drivername=f"{self.family}+{driver or self.driver}",
            database=database or address.database,
        ).render_as_string(hide_password=False)


@contextmanager
def postgres() -> Iterator[Server]:
    """Give PostgreSQL, or skip."""
    if address := os.environ.get(POSTGRES):
        yield NamedServer(address, "postgresql", "asyncpg")
        return
    try:
        server = postgresql.start()
    except ServerUnavailableError as error:
        missing("postgresql", str(error))
    with server:
        yield server


@contextmanager
def mysql() -> Iterator[Server]:
    """Give MariaDB or MySQL, or skip."""
    if address := os.environ.get(MYSQL):
        yield NamedServer(address, "mysql", "asyncmy")
        return
    try:
        server = mariadb.start()
    except ServerUnavailableError as error:
        missing("mariadb", str(error))
    with server:
        yield server
