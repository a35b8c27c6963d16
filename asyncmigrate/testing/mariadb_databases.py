"""Databases on a MariaDB or MySQL server: copies of a template that was migrated once.

A database cannot be renamed here, so a table says which templates are complete. Named locks end
with the connection: whose lock is free has ended.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from asyncmigrate.testing.copier import TemplateCopier
from asyncmigrate.testing.kept import TEMPLATE
from asyncmigrate.testing.mariadb_text import copying, named, quoted
from asyncmigrate.testing.recipe import KEPT_TEMPLATES
from asyncmigrate.testing.session import session

if TYPE_CHECKING:
    from sqlalchemy import URL

    from asyncmigrate.testing.recipe import Recipe

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


class MariaDBCopier(TemplateCopier):
    """Reads templates, makes databases and drops them, with a connection for each."""

    empty = ""

    def __init__(self, address: URL, source: str) -> None:
        super().__init__(address, source, secrets.token_hex(4))
        self._copying: dict[str, tuple[str, ...]] = {}
        """What makes a copy, by template."""

    async def _connect(self) -> None:
        self._making = await self._exit.enter_async_context(session(self._address))
        self._reading = await self._exit.enter_async_context(session(self._address))
        self._dropping = await self._exit.enter_async_context(session(self._address))
        for each in (self._making, self._reading, self._dropping):
            await each.run("SET sql_notes = 0")  # drivers log them as warnings
        await self._taken(f"amigrate_{self._run}")

    async def _copy(self, template: str, name: str) -> None:
        if template == self.empty:
            await self._making.run(f"CREATE DATABASE {quoted(name)}")
        else:
            await self._making.run(*named(self._copying[template], name))

    async def _named(self, pattern: str) -> list[str]:
        return [row[0] for row in await self._dropping.rows(_OURS, pattern=pattern)]

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

    async def _sweep(self) -> None:
        for name in await self._named("^amigrate_[0-9a-f]{8}_[0-9]+$"):
            run = name.rpartition("_")[0]
            if run != f"amigrate_{self._run}" and await self._taken(run):
                await self.drop(name)
                await self._freed(run)

    # --- templates --------------------------------------------------------------------------------

    async def _existing(self) -> list[str]:
        await self._making.run(*_COMPLETE)
        return [
            row[0] for row in await self._making.rows(f"SELECT name FROM {COMPLETE} ORDER BY id")
        ]

    async def _prepare(self, template: str) -> None:
        self._copying[template] = await copying(self._reading, template)

    async def _build(self, name: str, wanted: Recipe, there: list[str]) -> None:
        await self.drop(name)  # somebody was killed while building it
        nearest = wanted.nearest(TEMPLATE, there) or self.empty
        if nearest != self.empty and nearest not in self._known:
            await self._prepare(nearest)
        try:
            await self._copy(nearest, name)
            await (wanted.fill if wanted.seed else wanted.run)(self.url(name))
        except BaseException:
            await self.drop(name)
            raise
        await self._making.run(f"INSERT INTO {COMPLETE} (name) VALUES ('{name}')")
        for old in there[: max(0, len(there) - KEPT_TEMPLATES + 1)]:
            if old not in self._known:
                await self._making.run(f"DELETE FROM {COMPLETE} WHERE name = '{old}'")
                await self.drop(old)

    def _lock_of(self, key: str) -> str:
        return TEMPLATE + key

    async def _taken(self, lock: str) -> bool:
        (taken,) = await self._making.row("SELECT GET_LOCK(:lock, 0)", lock=lock)
        return bool(taken)

    async def _freed(self, lock: str) -> None:
        await self._making.rows("SELECT RELEASE_LOCK(:lock)", lock=lock)
