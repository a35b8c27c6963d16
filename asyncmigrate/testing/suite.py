"""What the fixtures of one pytest process share: servers, and a thread with an event loop.

Databases are made and dropped in that loop, not in those of the tests. So the fixtures are sync:
they serve sync tests, pytest-asyncio in every loop scope and anyio's plugin in the same way.
"""

from __future__ import annotations

import asyncio
import warnings
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from asyncmigrate.engine.settle import settled
from asyncmigrate.testing.broker import ask
from asyncmigrate.testing.databases import LeakedConnectionsWarning, leak_message
from asyncmigrate.testing.ephemeral import address, connected, ephemeral_sqlite
from asyncmigrate.testing.recipe import recipe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from anyio.from_thread import BlockingPortal

    from asyncmigrate.migrator import Migrator
    from asyncmigrate.testing.checks import Check
    from asyncmigrate.testing.databases import DatabaseServer, Made
    from asyncmigrate.testing.ephemeral import Address
    from asyncmigrate.testing.fresh import Given
    from asyncmigrate.testing.recipe import Recipe, Seed
    from asyncmigrate.testing.settings import TestingSettings
    from asyncmigrate.testing.stairway import Finding


class SuiteServer:
    """The server of a test run."""

    def __init__(self, server: DatabaseServer, portal: BlockingPortal) -> None:
        self._server = server
        self._portal = portal
        self._recipes: dict[Any, Recipe] = {}
        self.leaks: list[str] = []
        """The tests that left connections open."""

    @property
    def source(self) -> str:
        """Where the server came from."""
        return self._server.source

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of one of its databases."""
        return self._server.url(database)

    def make(self, migrator: Migrator | None, targets: tuple[str, ...], seed: Seed | None) -> Made:
        """Make a database; the scripts are read once for all that are alike. Blocks."""
        return self._portal.call(self._make, migrator, targets, seed)

    async def _make(
        self, migrator: Migrator | None, targets: tuple[str, ...], seed: Seed | None
    ) -> Made:
        wanted = None
        if migrator is not None:
            asked = (id(migrator), targets, seed)
            if asked not in self._recipes:
                self._recipes[asked] = await recipe(migrator, targets, seed)
            wanted = self._recipes[asked]
        return await self._server.databases.make(wanted)

    def run(self, check: Check, migrator: Migrator) -> list[Finding]:
        """Run a ready-made test of the database. Blocks."""
        assert check.of_database is not None
        return self._portal.call(check.of_database, migrator, partial(self._given, migrator))

    def given(self, migrator: Migrator) -> Given:
        """Return what gives databases to coroutines of any event loop."""
        return partial(_in_a_thread, self, migrator)

    @asynccontextmanager
    async def _given(self, migrator: Migrator, *targets: str) -> AsyncIterator[str]:
        made = await self._make(migrator, targets, None)
        try:
            yield made.url
        finally:
            await self._server.databases.drop(made)

    def drop(self, made: Made, user: str) -> None:
        """Drop a database whatever state it is in, and warn if `user` is still connected."""
        leaked = self._portal.call(self._server.databases.drop, made)
        if leaked:
            self.leaks.append(user)
            warnings.warn(leak_message(user, leaked), LeakedConnectionsWarning, stacklevel=2)


@asynccontextmanager
async def _in_a_thread(
    server: SuiteServer, migrator: Migrator, *targets: str
) -> AsyncIterator[str]:
    made = await asyncio.to_thread(server.make, migrator, targets, None)
    try:
        yield made.url
    finally:
        await settled(asyncio.to_thread(server.drop, made, "migration_case"))


class Suite:
    """The servers of this process, started when they are first asked for."""

    def __init__(self, place: list[Any] | None) -> None:
        self._place = place
        """Where the broker is, in a worker of pytest-xdist."""
        self._exit = ExitStack()
        self._portal: BlockingPortal | None = None
        self._servers: dict[tuple[str, str | None, str | None], SuiteServer] = {}

    def server(self, settings: TestingSettings) -> SuiteServer:
        """Return the server that the settings ask for.

        Raises:
            ServerUnavailableError, ServerStartError, DatabaseConnectionError: there is none.
        """
        wanted = (settings.kind, settings.url, settings.driver)
        if wanted not in self._servers:
            self._servers[wanted] = self._served(settings)
        return self._servers[wanted]

    def _served(self, settings: TestingSettings) -> SuiteServer:
        if self._portal is None:
            from anyio.from_thread import start_blocking_portal

            self._portal = self._exit.enter_context(start_blocking_portal("asyncio"))
        if settings.kind == "sqlite":
            context = ephemeral_sqlite(keep=settings.keep)
        else:
            context = connected(self._address(settings), settings.driver)
        server = self._exit.enter_context(self._portal.wrap_async_context_manager(context))
        return SuiteServer(server, self._portal)

    def _address(self, settings: TestingSettings) -> Address:
        if settings.url is None and self._place is not None:
            return ask(self._place, settings.kind, keep=settings.keep)
        return self._exit.enter_context(address(settings.kind, settings.url, keep=settings.keep))

    def report(self) -> list[str]:
        """Return what a person should know at the end of the run."""
        return [line for server in self._servers.values() for line in _report(server)]

    def close(self) -> None:
        """Stop everything."""
        self._exit.close()


def _report(server: SuiteServer) -> list[str]:
    found = [f"databases of tests: {server.source}"]
    if server.leaks:
        found.append(f"left connections open: {', '.join(server.leaks)}")
    return found
