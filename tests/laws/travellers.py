"""Who goes on trips: one connection to a database of one's own, in an event loop of one's own."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from asyncmigrate.engine.database import Database, database
from tests.laws.trip import Models, Trip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.available import Server

    Declare: TypeAlias = Callable[[sa.MetaData], Any]


class Traveller:
    """Goes on trips, all on one connection and in one event loop."""

    def __init__(self, url: str, home: str = "public") -> None:
        self.home = home
        self.runner = asyncio.Runner()
        self.context: Any = database(url)
        self.database: Database = self.runner.run(self.context.__aenter__())
        if home != "public":
            self.runner.run(self.database.run(_at_home, home))

    def go(
        self, first: Models, second: Models, *, renames: bool = False, rows: bool = False
    ) -> None:
        """Raise a LawError if a law does not hold for this pair."""
        log: list[str] = []
        try:
            self.runner.run(self.database.run(self._go, first, second, renames, rows, log))
        except Exception as error:
            for line in log:
                error.add_note(line)
            raise

    def _go(
        self,
        connection: sa.Connection,
        first: Models,
        second: Models,
        renames: bool,
        rows: bool,
        log: list[str],
    ) -> None:
        trip = Trip(connection, self.database.dialect, log=log, home=self.home)
        trip.go(first, second, renames=renames, rows=rows)

    def close(self) -> None:
        self.runner.run(self.context.__aexit__(None, None, None))
        self.runner.close()


@contextmanager
def on_sqlite() -> Iterator[Traveller]:
    """Give a traveller through a database in memory."""
    yield from _travelling("sqlite+aiosqlite://")


@contextmanager
def on_postgresql(server: Server, home: str = "public") -> Iterator[Traveller]:
    """Give a traveller through a database of its own; `home` is the default schema there."""
    with server.database() as url:
        yield from _travelling(url, home)


@contextmanager
def on_mysql(server: Server) -> Iterator[Traveller]:
    """Give a traveller through a database of its own."""
    with server.database() as url:
        yield from _travelling(url)


def _at_home(connection: sa.Connection, home: str) -> None:
    connection.exec_driver_sql(f'SET search_path = "{home}", public')
    connection.commit()


def _travelling(url: str, home: str = "public") -> Iterator[Traveller]:
    traveller = Traveller(url, home)
    yield traveller
    traveller.close()


def there_and_back(traveller: Traveller, first: Declare, second: Declare) -> None:
    """Raise a LawError if a law does not hold on the way from the first models to the second."""
    traveller.go(_models(first), _models(second))


def _models(declare: Declare) -> Models:
    def make() -> sa.MetaData:
        metadata = sa.MetaData()
        declare(metadata)
        return metadata

    return Models(make)
