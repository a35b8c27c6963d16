"""Databases on a PostgreSQL server: copies of a template that was migrated once.

`CREATE DATABASE … TEMPLATE` copies files, which takes the time of a few dozen statements.

Names: `amigrate_t_HASH` is a template. It has its name from the moment that it is complete, takes
no connections, and stays. `amigrate_RUN_N` is somebody's database. Its run holds an advisory
lock for as long as it lives, so whatever a killed run left on a server that goes on is found, and
dropped by the next.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Self

from sqlalchemy.exc import DBAPIError

from asyncmigrate.testing.recipe import KEPT_TEMPLATES
from asyncmigrate.testing.session import session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from sqlalchemy import URL

    from asyncmigrate.testing.recipe import Recipe

TEMPLATE = "amigrate_t_"
EMPTY = "template0"

_LOCK = 0x616D6967  # "amig": the first half of this module's advisory locks

_CONNECTED = """
SELECT pid, coalesce(nullif(application_name, ''), backend_type), state, left(query, 80)
  FROM pg_stat_activity WHERE datname = :name ORDER BY pid
"""


class PostgresCopier:
    """Makes and drops databases with two connections of its own: one for each."""

    def __init__(self, address: URL, source: str) -> None:
        self.source = source
        self._address = address
        self._run = secrets.token_hex(4)[:7]
        self._number = 0
        self._templates: set[str] = set()
        self._strategy = ""
        self._exit = AsyncExitStack()

    async def open(self) -> Self:
        """Connect, choose how to copy, and drop what killed runs left.

        Raises:
            DatabaseConnectionError: the server cannot be reached.
        """
        try:
            self._making = await self._exit.enter_async_context(session(self._address))
            self._dropping = await self._exit.enter_async_context(session(self._address))
            await self._making.rows(f"SELECT pg_advisory_lock({_LOCK}, {int(self._run, 16)})")
            version, fsync = await self._making.row(
                "SELECT current_setting('server_version_num')::int, current_setting('fsync')"
            )
            if version >= 150000:  # before, there was one way only
                # Copying files needs checkpoints: free where nothing is forced to the disk.
                self._strategy = f"STRATEGY {'FILE_COPY' if fsync == 'off' else 'WAL_LOG'}"
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
        if name not in self._templates:
            if wanted.seed is not None:
                await self.template(wanted.unseeded)
            async with self._alone(wanted.key):
                there = await self._existing()
                if name not in there:
                    await self._build(name, wanted, there)
            self._templates.add(name)
        return name

    async def is_gone(self, template: str) -> bool:
        """Say whether a run with many templates has dropped one since."""
        if template == EMPTY or template in await self._existing():
            return False
        self._templates.discard(template)
        return True

    async def copy(self, template: str) -> str:
        """Copy a template, and return the name of the new database."""
        self._number += 1
        name = f"amigrate_{self._run}_{self._number}"
        await self._making.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {self._strategy}')
        return name

    async def connected(self, name: str) -> list[str]:
        """Return who is connected to a database, in words."""
        found = await self._dropping.rows(_CONNECTED, name=name)
        return [f"{client}, {state}: {query}" for _, client, state, query in found]

    async def drop(self, name: str) -> None:
        """End who is connected to it, and drop it."""
        await self._dropping.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def close(self) -> None:
        """Drop whatever this run has left, and disconnect."""
        try:
            left = "SELECT datname FROM pg_database WHERE datname ~ :pattern"
            for (name,) in await self._dropping.rows(left, pattern=f"^amigrate_{self._run}_"):
                await self.drop(name)
        finally:
            await self._exit.aclose()

    async def _sweep(self) -> None:
        """Drop the databases of runs that ended without doing so."""
        found = await self._making.rows(
            r"SELECT datname FROM pg_database WHERE datname ~ '^amigrate_[0-9a-f]{7}_\d+$'"
        )
        names = [row[0] for row in found]
        for run in {name.split("_")[1] for name in names} - await self._living():
            key = f"{_LOCK}, {int(run, 16)}"
            if await self._taken(key):
                for name in names:
                    if name.split("_")[1] == run:
                        await self.drop(name)
                await self._making.rows(f"SELECT pg_advisory_unlock({key})")

    async def _living(self) -> set[str]:
        """Return the runs that hold their lock, through whichever database of the server."""
        held = await self._making.rows(
            "SELECT objid::bigint FROM pg_locks "
            f"WHERE locktype = 'advisory' AND classid::bigint = {_LOCK} AND objsubid = 2"
        )
        return {f"{number:07x}" for (number,) in held}

    # --- templates --------------------------------------------------------------------------------

    async def _existing(self) -> list[str]:
        """Return the names of all templates, the oldest first."""
        found = await self._making.rows(
            f"SELECT datname FROM pg_database WHERE datname ~ '^{TEMPLATE}' ORDER BY oid"
        )
        return [row[0] for row in found]

    async def _build(self, name: str, wanted: Recipe, there: list[str]) -> None:
        made = await self.copy(wanted.nearest(TEMPLATE, there) or EMPTY)
        try:
            await (wanted.fill if wanted.seed else wanted.run)(self.url(made))
            await self._settled(made)
            for statement in (
                f'ALTER DATABASE "{made}" WITH ALLOW_CONNECTIONS false IS_TEMPLATE true',
                f'ALTER DATABASE "{made}" RENAME TO "{name}"',
            ):
                await self._making.run(statement)
        except BaseException:
            await self.drop(made)
            raise
        await self._forget(there[: max(0, len(there) - KEPT_TEMPLATES + 1)])

    async def _settled(self, name: str) -> None:
        """End whatever a migration or a seed has left connected.

        The server itself waits for them to be gone before it renames or copies a database.
        """
        await self._making.rows(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )

    async def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self._templates:
                continue
            try:
                await self._making.run(f'ALTER DATABASE "{name}" WITH IS_TEMPLATE false')
                await self._making.run(f'DROP DATABASE IF EXISTS "{name}"')
            except DBAPIError:
                continue  # somebody copies it, or has dropped it

    async def _taken(self, lock: str) -> bool:
        (taken,) = await self._making.row(f"SELECT pg_try_advisory_lock({lock})")
        return bool(taken)

    @asynccontextmanager
    async def _alone(self, key: str) -> AsyncIterator[None]:
        """Be the only one on this server who builds a template; ends with the connection."""
        lock = f"{_LOCK}, {int(key[:7], 16) | 0x10000000}"
        while not await self._taken(lock):  # noqa: ASYNC110 -- the others are other processes
            await asyncio.sleep(0.02)
        try:
            yield
        finally:
            await self._making.rows(f"SELECT pg_advisory_unlock({lock})")
