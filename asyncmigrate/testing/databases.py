"""What a test asks of a server, whichever it is: a database of its own, for as long as it runs."""

from __future__ import annotations

import warnings
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from asyncmigrate.engine.settle import settled
from asyncmigrate.testing.recipe import recipe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncmigrate.migrator import Migrator
    from asyncmigrate.testing.recipe import Recipe, Seed


class LeakedConnectionsWarning(UserWarning):
    """A test ended with connections to its database open; they were ended, and it was dropped."""


@dataclass(frozen=True, slots=True)
class Made:
    """A database that was made for one user."""

    name: str
    url: str


class Databases(Protocol):
    """Makes databases on one kind of server."""

    @property
    def source(self) -> str:
        """Where the server came from, for people."""

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of one of its databases."""

    async def make(self, wanted: Recipe | None) -> Made:
        """Make a database after a recipe; empty without one."""

    async def drop(self, made: Made) -> tuple[str, ...]:
        """Drop it whatever state it is in; return what was still connected, in words."""

    async def close(self) -> None:
        """Wait for what goes on in the background, and drop what is left."""


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """A server that gives databases: see `ephemeral_postgres`."""

    databases: Databases

    @property
    def source(self) -> str:
        """Where it came from: a URL, a wheel, an installation, Docker Compose."""
        return self.databases.source

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of one of its databases."""
        return self.databases.url(database)

    @asynccontextmanager
    async def database(
        self, migrator: Migrator | None = None, *targets: str, seed: Seed | None = None
    ) -> AsyncIterator[str]:
        """Make a database for the length of the block, and give its URL.

        Migrated to `targets` (`heads` if none is given) and filled by `seed`: the first time the
        scripts run, afterwards it is a copy. Without a migrator it is empty. Dropped at the end,
        even if connections to it are open: those are ended, and a LeakedConnectionsWarning tells.

        Raises:
            HistoryError, TargetError, StepFailedError: what a migrator raises.
        """
        wanted = None if migrator is None else await recipe(migrator, targets, seed)
        made = await self.databases.make(wanted)
        leaked: tuple[str, ...] = ()
        try:
            yield made.url
        finally:
            leaked = await settled(self.databases.drop(made))
        if leaked:
            warnings.warn(leak_message("The block", leaked), LeakedConnectionsWarning, stacklevel=3)


def leak_message(who: str, leaked: tuple[str, ...]) -> str:
    """Return the sentence that names a leak."""
    listed = "; ".join(leaked)
    return (
        f"{who} left {len(leaked)} connection{'s' if len(leaked) > 1 else ''} to its database open "
        f"({listed}). They were ended. Dispose of the engine, or close the connection."
    )
