"""Databases on a PostgreSQL server: copies of a template that was migrated once.

`CREATE DATABASE … TEMPLATE` copies files, which takes the time of a few dozen statements.

A template has its name from the moment that it is complete, and takes no connections. The lock of
a run is an advisory one.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from asyncmigrate.testing.copier import TemplateCopier
from asyncmigrate.testing.kept import TEMPLATE
from asyncmigrate.testing.recipe import KEPT_TEMPLATES
from asyncmigrate.testing.session import session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import URL

    from asyncmigrate.testing.recipe import Recipe

_LOCK = 0x616D6967  # "amig": the first half of this module's advisory locks

_CONNECTED = """
SELECT pid, coalesce(nullif(application_name, ''), backend_type), state, left(query, 80)
  FROM pg_stat_activity WHERE datname = :name ORDER BY pid
"""


class PostgresCopier(TemplateCopier):
    """Makes and drops databases with two connections of its own: one for each."""

    empty = "template0"

    def __init__(self, address: URL, source: str) -> None:
        super().__init__(address, source, secrets.token_hex(4)[:7])
        self._strategy = ""

    async def _connect(self) -> None:
        self._making = await self._exit.enter_async_context(session(self._address))
        self._dropping = await self._exit.enter_async_context(session(self._address))
        await self._making.rows(f"SELECT pg_advisory_lock({_LOCK}, {int(self._run, 16)})")
        version, fsync = await self._making.row(
            "SELECT current_setting('server_version_num')::int, current_setting('fsync')"
        )
        if version >= 150000:  # before, there was one way only
            # Copying files needs checkpoints: free where nothing is forced to the disk.
            self._strategy = f"STRATEGY {'FILE_COPY' if fsync == 'off' else 'WAL_LOG'}"

    async def _copy(self, template: str, name: str) -> None:
        await self._making.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {self._strategy}')

    async def _named(self, pattern: str) -> list[str]:
        query = "SELECT datname FROM pg_database WHERE datname ~ :pattern"
        return [row[0] for row in await self._dropping.rows(query, pattern=pattern)]

    async def connected(self, name: str) -> list[str]:
        """Return who is connected to a database, in words."""
        found = await self._dropping.rows(_CONNECTED, name=name)
        return [f"{client}, {state}: {query}" for _, client, state, query in found]

    async def drop(self, name: str) -> None:
        """End who is connected to it, and drop it."""
        await self._dropping.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _sweep(self) -> None:
        names = await self._named(r"^amigrate_[0-9a-f]{7}_\d+$")
        for run in {name.split("_")[1] for name in names} - await self._living():
            lock = f"{_LOCK}, {int(run, 16)}"
            if await self._taken(lock):
                for name in names:
                    if name.split("_")[1] == run:
                        await self.drop(name)
                await self._freed(lock)

    async def _living(self) -> set[str]:
        """Return the runs that hold their lock, through whichever database of the server."""
        held = await self._making.rows(
            "SELECT objid::bigint FROM pg_locks "
            f"WHERE locktype = 'advisory' AND classid::bigint = {_LOCK} AND objsubid = 2"
        )
        return {f"{number:07x}" for (number,) in held}

    # --- templates --------------------------------------------------------------------------------

    async def _existing(self) -> list[str]:
        found = await self._making.rows(
            f"SELECT datname FROM pg_database WHERE datname ~ '^{TEMPLATE}' ORDER BY oid"
        )
        return [row[0] for row in found]

    async def _build(self, name: str, wanted: Recipe, there: list[str]) -> None:
        made = await self.copy(wanted.nearest(TEMPLATE, there) or self.empty)
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
            if name in self._known:
                continue
            try:
                await self._making.run(f'ALTER DATABASE "{name}" WITH IS_TEMPLATE false')
                await self._making.run(f'DROP DATABASE IF EXISTS "{name}"')
            except DBAPIError:
                continue  # somebody copies it, or has dropped it

    def _lock_of(self, key: str) -> str:
        return f"{_LOCK}, {int(key[:7], 16) | 0x10000000}"

    async def _taken(self, lock: str) -> bool:
        (taken,) = await self._making.row(f"SELECT pg_try_advisory_lock({lock})")
        return bool(taken)

    async def _freed(self, lock: str) -> None:
        await self._making.rows(f"SELECT pg_advisory_unlock({lock})")
