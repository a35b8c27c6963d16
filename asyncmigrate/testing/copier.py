"""What makers of databases have in common, on whichever server: templates, and copies of them.

`amigrate_t_HASH` is a template and stays. `amigrate_RUN_N` is somebody's database: its run holds a
lock for as long as it lives, so that the next one knows what a killed run has left.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, ClassVar, Self

from asyncmigrate.testing.kept import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import URL

    from asyncmigrate.testing.recipe import Recipe


class TemplateCopier(ABC):
    """A `Copier`; what is abstract here is what a kind of server has its own words for."""

    empty: ClassVar[str]
    """The template of a database with nothing in it."""

    def __init__(self, address: URL, source: str, run: str) -> None:
        self.source = source
        self._address = address
        self._run = run
        self._number = 0
        self._known: set[str] = set()
        """The templates that this run copies: they are there, and stay."""
        self._exit = AsyncExitStack()

    async def open(self) -> Self:
        """Connect, and drop what killed runs left.

        Raises:
            DatabaseConnectionError: the server cannot be reached.
        """
        try:
            await self._connect()
            await self._sweep()
        except BaseException:
            await self._exit.aclose()
            raise
        return self

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of one of its databases."""
        return self._address.set(database=database).render_as_string(hide_password=False)

    async def template(self, wanted: Recipe | None) -> str:
        """Return the template of a recipe, which is built if it is not there."""
        if wanted is None:
            return self.empty
        name = TEMPLATE + wanted.key
        if name not in self._known:
            if wanted.seed is not None:
                await self.template(wanted.unseeded)
            async with self._alone(self._lock_of(wanted.key)):
                there = await self._existing()
                if name not in there:
                    await self._build(name, wanted, there)
                await self._prepare(name)
            self._known.add(name)
        return name

    async def is_gone(self, template: str) -> bool:
        """Say whether a run with many templates has dropped one since."""
        if template == self.empty or template in await self._existing():
            return False
        self._known.discard(template)
        return True

    async def copy(self, template: str) -> str:
        """Copy a template, and return the name of the new database."""
        self._number += 1
        name = f"amigrate_{self._run}_{self._number}"
        await self._copy(template, name)
        return name

    async def close(self) -> None:
        """Drop whatever this run has left, and disconnect."""
        try:
            for name in await self._named(f"^amigrate_{self._run}_"):
                await self.drop(name)
        finally:
            await self._exit.aclose()

    @asynccontextmanager
    async def _alone(self, lock: str) -> AsyncIterator[None]:
        """Be the only one on this server who builds a template; ends with the connection."""
        while not await self._taken(lock):  # noqa: ASYNC110 -- the others are other processes
            await asyncio.sleep(0.02)
        try:
            yield
        finally:
            await self._freed(lock)

    # --- the server's own words -------------------------------------------------------------------

    @abstractmethod
    async def connected(self, name: str) -> list[str]:
        """Return who is connected to a database, in words."""

    @abstractmethod
    async def drop(self, name: str) -> None:
        """End who is connected to it, and drop it."""

    @abstractmethod
    async def _connect(self) -> None:
        """Connect, and take the lock of this run."""

    @abstractmethod
    async def _sweep(self) -> None:
        """Drop the databases of runs that ended without doing so."""

    @abstractmethod
    async def _named(self, pattern: str) -> list[str]:
        """Return the databases whose names fit a regular expression."""

    @abstractmethod
    async def _existing(self) -> list[str]:
        """Return the names of all complete templates, the oldest first."""

    @abstractmethod
    async def _build(self, name: str, wanted: Recipe, there: list[str]) -> None:
        """Make a template, beginning with the nearest of those that are there."""

    async def _prepare(self, template: str) -> None:  # noqa: B027 -- most need nothing
        """Find out what a template is copied with."""

    @abstractmethod
    async def _copy(self, template: str, name: str) -> None:
        """Copy a template."""

    @abstractmethod
    def _lock_of(self, key: str) -> str:
        """Return the lock of whoever builds the template with this key."""

    @abstractmethod
    async def _taken(self, lock: str) -> bool:
        """Take a lock if it is free; return whether it was."""

    @abstractmethod
    async def _freed(self, lock: str) -> None:
        """Give a lock back."""
