"""Holding the lease: taken on a connection beside, kept by a heartbeat, given back at the end.

The heartbeat is a task of its own. When it finds that the lease is another one's, or hears nothing
of the server for as long as the lease lasts, it cancels the run: the statement is ended on the
server and rolled back. Whoever was frozen may not come to that; for him there is the *fence*, which
the revision's own transaction checks before it commits.

Every time is the server's: a client's clock that is wrong changes nothing.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, IntegrityError

from asyncmigrate.dialects.unheard import unheard
from asyncmigrate.engine.connection import across, side_connection
from asyncmigrate.engine.lease_table import lost
from asyncmigrate.engine.settle import brief, closed, settled
from asyncmigrate.engine.transaction import transactional_level

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from asyncmigrate.engine.lease_table import Fence, LeaseRow, LeaseTable
    from asyncmigrate.errors import LockLostError

_LONGEST = 86_400.0
"""Seconds; nobody waits for longer than a day."""
_SLOW = 2.0
"""Seconds that a heartbeat may take on a machine that is busy, however short the lease."""


@asynccontextmanager
async def lease_connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a connection beside the pool, with transactions: for what the lease's rows need."""
    async with side_connection(engine) as own:
        level = transactional_level(own.dialect)
        if level == "REPEATABLE READ":  # MySQL: each look is to see what is there now
            level = "READ COMMITTED"
        await brief(own.execution_options(isolation_level=level))
        yield own


@dataclass(slots=True)
class Taking:
    """Tries to take the lease, again and again; `key` is the number of the session lock.

    Whoever holds that one has the right of way: not every migrator need use the lease.
    """

    table: LeaseTable
    name: str
    seconds: float
    key: int
    guarded: bool = True
    _is_made: bool = field(default=False, init=False)

    def attempt(self, connection: Connection) -> int | None:
        """Return our token, or None if another migrator is at work. Waits for nothing.

        Raises:
            DBAPIError: this database cannot keep a lease.
        """
        try:
            with unheard(connection), connection.begin():
                return self._taken(connection) if self._is_let_in(connection) else None
        except DBAPIError as error:
            if error.connection_invalidated or not self._is_race(connection, error):
                raise
            return None
        finally:
            self._let_go(connection)

    def seen(self, connection: Connection) -> LeaseRow | None:
        """Return what the lease's rows say now, if they are there."""
        if not self._is_made:
            return None
        with connection.begin():
            return self.table.row(connection)

    def _is_let_in(self, connection: Connection) -> bool:
        query = self.table.dialect.try_lock(self.key, in_transaction=True)
        if query is None or not self.guarded:
            return True
        return bool(connection.exec_driver_sql(query).scalar())

    def _let_go(self, connection: Connection) -> None:
        query = self.table.dialect.unlock(self.key)
        if query is not None and self.guarded and not connection.invalidated:
            with connection.begin():
                connection.exec_driver_sql(query)

    def _taken(self, connection: Connection) -> int | None:
        if not self._is_made:
            if not self.table.has_row(connection):
                self.table.create(connection)
            self._is_made = True
        row = self.table.row(connection)
        if row is None or row.is_live:
            return None
        at = self.table.store.heads_in_transaction(connection)
        return self.table.take(connection, row.token, self.name, self.seconds, at)

    def _is_race(self, connection: Connection, error: DBAPIError) -> bool:
        """Return whether another migrator did the same at the same moment."""
        dialect = self.table.dialect
        if isinstance(error, IntegrityError) or dialect.is_lock_timeout(error):
            return True
        if dialect.recognised(error) == "already":
            return True
        with connection.begin():
            return not self._is_made and self.table.is_there(connection)


@dataclass(slots=True)
class Heart:
    """Keeps a lease alive, on `own` or, when that has broken, on other connections beside."""

    fence: Fence
    seconds: float
    own: AsyncConnection
    lost: LockLostError | None = field(default=None, init=False)
    has_stopped: bool = field(default=False, init=False)
    """True once the run was cancelled from here."""
    _others: AsyncExitStack = field(default_factory=AsyncExitStack, init=False)

    async def beat(self, stop: Callable[[], object]) -> None:
        """Beat until the lease is lost; then call `stop`."""
        heard = time.monotonic()
        while self.lost is None:
            await asyncio.sleep(self.seconds / 3)
            if await self._renewed(heard + self.seconds):
                heard = time.monotonic()
            elif self.lost is None:
                self.lost = lost("The server did not answer its heartbeat.")
        self.has_stopped = True
        stop()

    async def _renewed(self, deadline: float) -> bool:
        while True:
            with suppress(Exception):  # whatever it is, the next try may do better
                async with asyncio.timeout(max(self.seconds / 3, _SLOW)):
                    return await brief(across(self.own, self._renew))
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(min(1.0, self.seconds / 20))
            with suppress(Exception):
                opened = lease_connection(self.own.engine)
                self.own = await self._others.enter_async_context(opened)

    def _renew(self, connection: Connection) -> bool:
        table, token = self.fence.table, self.fence.token
        with connection.begin():
            if table.renew(connection, token, self.seconds):
                return True
            self.lost = table.lost(connection)
        return False

    async def close(self) -> None:
        """Give the lease back, if it is still ours and the server can be asked."""
        if self.lost is None:
            await closed(across(self.own, self._release))
        await self._others.aclose()

    def _release(self, connection: Connection) -> None:
        with connection.begin():
            self.fence.table.release(connection, self.fence.token)


@asynccontextmanager
async def kept(fence: Fence, seconds: float, own: AsyncConnection) -> AsyncIterator[None]:
    """Keep the lease alive until the block ends, and give it back.

    Raises:
        LockLostError: it was lost meanwhile; the block was cancelled.
    """
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"
    before = task.cancelling()
    heart = Heart(fence, seconds, own)
    beating = asyncio.create_task(heart.beat(task.cancel))
    try:
        try:
            yield
        finally:
            beating.cancel()
            await settled(_ended(beating, heart))
    except BaseException as error:
        if heart.lost is None or not heart.has_stopped:
            raise
        is_ours = task.uncancel() <= before
        if is_ours and isinstance(error, asyncio.CancelledError):
            raise heart.lost from None
        raise


async def _ended(beating: asyncio.Task[None], heart: Heart) -> None:
    await asyncio.wait({beating})
    await heart.close()


def longest(seconds: float) -> float:
    """Return how long a lease may last.

    >>> longest(30.0), longest(float("inf"))
    (30.0, 86400.0)
    """
    return min(seconds, _LONGEST)
