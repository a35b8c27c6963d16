"""Databases on a PostgreSQL server: copies of a template that was migrated once.

`CREATE DATABASE … TEMPLATE` copies files, which takes the time of a few dozen statements. While a
test runs, the copy for the next one is made and the one before it is dropped.

Names: `amigrate_t_HASH` is a template. It has its name from the moment that it is complete, takes
no connections, and stays. `amigrate_RUN_N` is somebody's database. Its run holds an advisory
lock for as long as it lives, so whatever a killed run left on a server that goes on is found, and
dropped by the next.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate.engine.connection import opened
from asyncmigrate.testing.databases import Made

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from sqlalchemy import URL

    from asyncmigrate.testing.recipe import Recipe

TEMPLATE = "amigrate_t_"
KEPT_TEMPLATES = 8
"""More than these, the oldest go: a project has one per branch that somebody works on."""
PATIENCE = 2.0
"""Seconds in which a connection that was closed disappears from the server's list."""
EMPTY = "template0"

_LOCK = 0x616D6967  # "amig": the first half of this module's advisory locks

_CONNECTED = """
SELECT pid, coalesce(nullif(application_name, ''), backend_type), state, left(query, 80)
  FROM pg_stat_activity WHERE datname = '{}' ORDER BY pid
"""


class PostgresDatabases:
    """Makes and drops databases with two connections of its own: one for each."""

    def __init__(self, address: URL, source: str) -> None:
        self.source = source
        self._address = address
        self._run = secrets.token_hex(4)[:7]
        self._number = 0
        self._templates: set[str] = set()
        self._strategy = ""
        self._ahead: dict[str, asyncio.Task[Made]] = {}
        self._asked: set[str] = set()
        self._drops: set[asyncio.Task[None]] = set()
        self._exit = AsyncExitStack()

    async def open(self) -> Self:
        """Connect, choose how to copy, and drop what killed runs left.

        Raises:
            DatabaseConnectionError: the server cannot be reached.
        """
        try:
            self._making = await self._exit.enter_async_context(_session(self._address))
            self._dropping = await self._exit.enter_async_context(_session(self._address))
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

    async def make(self, wanted: Recipe | None) -> Made:
        """Copy the template of a recipe, which is built if it is not there."""
        template = EMPTY if wanted is None else await self._template(wanted)
        ready = self._ahead.pop(template, None)
        try:
            made = await (ready if ready is not None else self._copied(template))
        except DBAPIError:
            if wanted is None or template in await self._existing():
                raise
            self._templates.discard(template)  # a run with many templates has dropped it
            made = await self._copied(await self._template(wanted))
        if template in self._asked:  # who asks twice asks again
            self._ahead[template] = asyncio.create_task(self._copied(template))
        self._asked.add(template)
        return made

    async def drop(self, made: Made) -> tuple[str, ...]:
        """Return what is connected, in words; end it and drop the database, in the background."""
        found = await self._dropping.rows(_CONNECTED.format(made.name))
        waited = 0.0
        while found and waited < PATIENCE:
            await asyncio.sleep(0.01)
            waited += 0.01
            found = await self._dropping.rows(_CONNECTED.format(made.name))
        task = asyncio.create_task(self._dropped(made.name))
        self._drops.add(task)
        task.add_done_callback(self._drops.discard)
        return tuple(f"{name}, {state}: {query}" for _, name, state, query in found)

    async def close(self) -> None:
        """Wait for what goes on in the background, and drop whatever this run has left."""
        await asyncio.gather(*self._ahead.values(), return_exceptions=True)
        try:
            await asyncio.gather(*self._drops)
            left = f"SELECT datname FROM pg_database WHERE datname ~ '^amigrate_{self._run}_'"
            for (name,) in await self._dropping.rows(left):
                await self._dropped(name)
        finally:
            await self._exit.aclose()

    # --- copies -----------------------------------------------------------------------------------

    async def _copied(self, template: str) -> Made:
        self._number += 1
        name = f"amigrate_{self._run}_{self._number}"
        await self._making.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {self._strategy}')
        return Made(name, self.url(name))

    async def _dropped(self, name: str) -> None:
        await self._dropping.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

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
                        await self._dropped(name)
                await self._making.rows(f"SELECT pg_advisory_unlock({key})")

    async def _living(self) -> set[str]:
        """Return the runs that hold their lock, through whichever database of the server."""
        held = await self._making.rows(
            "SELECT objid::bigint FROM pg_locks "
            f"WHERE locktype = 'advisory' AND classid::bigint = {_LOCK} AND objsubid = 2"
        )
        return {f"{number:07x}" for (number,) in held}

    # --- templates --------------------------------------------------------------------------------

    async def _template(self, wanted: Recipe) -> str:
        name = TEMPLATE + wanted.key
        if name not in self._templates:
            if wanted.seed is not None:
                await self._template(wanted.unseeded)
            async with self._alone(wanted.key):
                there = await self._existing()
                if name not in there:
                    await self._build(name, wanted, there)
            self._templates.add(name)
        return name

    async def _existing(self) -> list[str]:
        """Return the names of all templates, the oldest first."""
        found = await self._making.rows(
            f"SELECT datname FROM pg_database WHERE datname ~ '^{TEMPLATE}' ORDER BY oid"
        )
        return [row[0] for row in found]

    async def _build(self, name: str, wanted: Recipe, there: list[str]) -> None:
        made = await self._copied(_nearest(wanted, there))
        try:
            await (wanted.fill if wanted.seed else wanted.run)(made.url)
            await self._settled(made.name)
            for statement in (
                f'ALTER DATABASE "{made.name}" WITH ALLOW_CONNECTIONS false IS_TEMPLATE true',
                f'ALTER DATABASE "{made.name}" RENAME TO "{name}"',
            ):
                await self._making.run(statement)
        except BaseException:
            await self._dropped(made.name)
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


def _nearest(wanted: Recipe, there: list[str]) -> str:
    """Return what to begin with: the template that needs the fewest revisions, or nothing."""
    names = (TEMPLATE + key for key in reversed(wanted.keys))
    return next((name for name in names if name in there), EMPTY)


class _Session:
    """One connection in AUTOCOMMIT, and one statement at a time."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()

    async def run(self, statement: str) -> None:
        async with self._turn:
            await self._connection.exec_driver_sql(statement)

    async def rows(self, query: str) -> list[Any]:
        async with self._turn:
            return list((await self._connection.exec_driver_sql(query)).all())

    async def row(self, query: str) -> Any:
        return (await self.rows(query))[0]


@asynccontextmanager
async def _session(address: URL) -> AsyncIterator[_Session]:
    engine = create_async_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with opened(engine) as connection:
        yield _Session(connection)
