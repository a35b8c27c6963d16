"""Databases on a MariaDB or MySQL server: copies of a template that was migrated once.

Names are as on PostgreSQL: `amigrate_t_HASH` is a template and stays, `amigrate_RUN_N` is
somebody's database. A database cannot be renamed here, so a table says which templates are
complete. Named locks end with the connection: whose lock is free has ended.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Self

from sqlalchemy.exc import DBAPIError

from asyncmigrate.testing.mariadb import TEMPLATE
from asyncmigrate.testing.mariadb_text import copying, named, quoted
from asyncmigrate.testing.recipe import KEPT_TEMPLATES
from asyncmigrate.testing.session import session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import URL

    from asyncmigrate.testing.recipe import Recipe

EMPTY = ""
COMPLETE = "amigrate_templates.complete"
_COLUMNS = "id INTEGER AUTO_INCREMENT PRIMARY KEY, name VARCHAR(64) UNIQUE"
_COMPLETE = (
    "CREATE DATABASE IF NOT EXISTS amigrate_templates",
    f"CREATE TABLE IF NOT EXISTS {COMPLETE} ({_COLUMNS})",
)
_CONNECTED = """
SELECT id, command, coalesce(left(info, 80), '') FROM information_schema.processlist
 WHERE db = :name ORDER BY id
"""
_OURS = "SELECT schema_name FROM information_schema.schemata WHERE schema_name REGEXP :pattern"


class MariaDBCopier:
    """Reads templates, makes databases and drops them, with a connection for each."""

    def __init__(self, address: URL, source: str) -> None:
        self.source = source
        self._address = address
        self._run = secrets.token_hex(4)
        self._number = 0
        self._copying: dict[str, tuple[str, ...]] = {}
        """What makes a copy, by template."""
        self._exit = AsyncExitStack()

    async def open(self) -> Self:
        """Connect, and drop what killed runs left. Raises DatabaseConnectionError."""
        try:
            self._making = await self._exit.enter_async_context(session(self._address))
            self._reading = await self._exit.enter_async_context(session(self._address))
            self._dropping = await self._exit.enter_async_context(session(self._address))
            for each in (self._making, self._reading, self._dropping):
                await each.run("SET sql_notes = 0")  # drivers log them as warnings
            await self._taken(f"amigrate_{self._run}")
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
            return EMPTY
        name = TEMPLATE + wanted.key
        if name not in self._copying:
            if wanted.seed is not None:
                await self.template(wanted.unseeded)
            async with self._alone(name):
                there = await self._existing()
                if name not in there:
                    await self._build(name, wanted, there)
                self._copying[name] = await copying(self._reading, name)
        return name

    async def is_gone(self, template: str) -> bool:
        """Say whether a run with many templates has dropped one since."""
        if template == EMPTY or template in await self._existing():
            return False
        self._copying.pop(template, None)
        return True

    async def copy(self, template: str) -> str:
        """Copy a template, and return the name of the new database."""
        self._number += 1
        name = f"amigrate_{self._run}_{self._number}"
        await self._copy(template, name)
        return name

    async def _copy(self, template: str, name: str) -> None:
        if template == EMPTY:
            await self._making.run(f"CREATE DATABASE {quoted(name)}")
        else:
            await self._making.run(*named(self._copying[template], name))

    async def connected(self, name: str) -> list[str]:
        """Return who is connected to a database, in words."""
        found = await self._dropping.rows(_CONNECTED, name=name)
        return [f"{number}, {command}: {statement}" for number, command, statement in found]

    async def drop(self, name: str) -> None:
        """End who is connected to it, and drop it."""
        for number, *_ in await self._dropping.rows(_CONNECTED, name=name):
            with suppress(DBAPIError):  # it has ended by itself
                await self._dropping.run(f"KILL {number}")
        await self._dropping.run(f"DROP DATABASE IF EXISTS {quoted(name)}")

    async def close(self) -> None:
        """Drop whatever this run has left, and disconnect."""
        try:
            for (name,) in await self._dropping.rows(_OURS, pattern=f"^amigrate_{self._run}_"):
                await self.drop(name)
        finally:
            await self._exit.aclose()

    async def _sweep(self) -> None:
        """Drop the databases of runs that ended without doing so."""
        found = await self._making.rows(_OURS, pattern="^amigrate_[0-9a-f]{8}_[0-9]+$")
        for (name,) in found:
            run = name.rpartition("_")[0]
            if run != f"amigrate_{self._run}" and await self._taken(run):
                await self.drop(name)
                await self._freed(run)

    # --- templates --------------------------------------------------------------------------------

    async def _existing(self) -> list[str]:
        """Return the names of all complete templates, the oldest first."""
        await self._making.run(*_COMPLETE)
        return [
            row[0] for row in await self._making.rows(f"SELECT name FROM {COMPLETE} ORDER BY id")
        ]

    async def _build(self, name: str, wanted: Recipe, there: list[str]) -> None:
        await self.drop(name)  # somebody was killed while building it
        nearest = wanted.nearest(TEMPLATE, there) or EMPTY
        if nearest != EMPTY and nearest not in self._copying:
            self._copying[nearest] = await copying(self._reading, nearest)
        try:
            await self._copy(nearest, name)
            await (wanted.fill if wanted.seed else wanted.run)(self.url(name))
        except BaseException:
            await self.drop(name)
            raise
        await self._making.run(f"INSERT INTO {COMPLETE} (name) VALUES ('{name}')")
        for old in there[: max(0, len(there) - KEPT_TEMPLATES + 1)]:
            if old not in self._copying:
                await self._making.run(f"DELETE FROM {COMPLETE} WHERE name = '{old}'")
                await self.drop(old)

    async def _taken(self, lock: str) -> bool:
        (taken,) = await self._making.row("SELECT GET_LOCK(:lock, 0)", lock=lock)
        return bool(taken)

    async def _freed(self, lock: str) -> None:
        await self._making.rows("SELECT RELEASE_LOCK(:lock)", lock=lock)

    @asynccontextmanager
    async def _alone(self, lock: str) -> AsyncIterator[None]:
        """Be the only one on this server who builds a template; ends with the connection."""
        while not await self._taken(lock):  # noqa: ASYNC110 -- the others are other processes
            await asyncio.sleep(0.02)
        try:
            yield
        finally:
            await self._freed(lock)
