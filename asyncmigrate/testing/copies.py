"""Databases that are copies of a template, and made before somebody asks for them.

While a test runs, the copy for the next one is made and the one before it is dropped. What a copy
is, and how one is made, is known by a `Copier`: one for each kind of server.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import DBAPIError

from asyncmigrate.testing.databases import Made

if TYPE_CHECKING:
    from asyncmigrate.testing.recipe import Recipe

PATIENCE = 2.0
"""Seconds in which a connection that was closed disappears from the server's list."""


class Copier(Protocol):
    """Makes templates, and copies of them, on a server of one kind."""

    source: str

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of a database."""

    async def template(self, wanted: Recipe | None) -> str:
        """Return the template of a recipe, which is built if it is not there; without, an empty."""

    async def is_gone(self, template: str) -> bool:
        """Say whether another run has dropped a template since."""

    async def copy(self, template: str) -> str:
        """Copy a template, and return the name of the new database."""

    async def connected(self, name: str) -> list[str]:
        """Return who is connected to a database, in words."""

    async def drop(self, name: str) -> None:
        """End who is connected to it, and drop it."""

    async def close(self) -> None:
        """Drop what is left, and disconnect."""


class Copies:
    """Hands out copies: the next one is made, and the last one dropped, in the background."""

    def __init__(self, copier: Copier) -> None:
        self._copier = copier
        self._ahead: dict[str, asyncio.Task[str]] = {}
        self._asked: set[str] = set()
        self._drops: set[asyncio.Task[None]] = set()
        self._building = asyncio.Lock()

    @property
    def source(self) -> str:
        """Where the server came from, for people."""
        return self._copier.source

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of one of its databases."""
        return self._copier.url(database)

    async def make(self, wanted: Recipe | None) -> Made:
        """Copy the template of a recipe, which is built if it is not there."""
        template = await self._template(wanted)
        ready = self._ahead.pop(template, None)
        try:
            name = await (self._copier.copy(template) if ready is None else ready)
        except DBAPIError:
            if not await self._copier.is_gone(template):
                raise
            name = await self._copier.copy(await self._template(wanted))
        if template in self._asked:  # who asks twice asks again
            self._ahead[template] = asyncio.create_task(self._copier.copy(template))
        self._asked.add(template)
        return Made(name, self.url(name))

    async def _template(self, wanted: Recipe | None) -> str:
        async with self._building:  # the server's own lock is for other runs
            return await self._copier.template(wanted)

    async def drop(self, made: Made) -> tuple[str, ...]:
        """Return what is connected, in words; end it and drop the database, in the background."""
        found = await self._connected(made.name)
        task = asyncio.create_task(self._copier.drop(made.name))
        self._drops.add(task)
        task.add_done_callback(self._drops.discard)
        return tuple(found)

    async def _connected(self, name: str) -> list[str]:
        """Return who is connected when those have left who were about to."""
        found, waited, pause = await self._copier.connected(name), 0.0, 0.001
        while found and waited < PATIENCE:
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, 0.02)
            found = await self._copier.connected(name)
        return found

    async def close(self) -> None:
        """Wait for what goes on in the background, and drop whatever this run has left."""
        await asyncio.gather(*self._ahead.values(), return_exceptions=True)
        try:
            await asyncio.gather(*self._drops)
        finally:
            await self._copier.close()
