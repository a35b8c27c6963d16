"""One migrator at a time per database and version table.

The lock lives on a connection of its own and is given up by closing that connection: it is free
again even if the migrating connection dies in the middle of a statement, and no lock row stays
behind after `kill -9`. It is polled, never waited for in the server: a session that is blocked in
`pg_advisory_lock()` holds a snapshot, and CREATE INDEX CONCURRENTLY in the holder would wait for it
for ever.

Where a session's lock excludes nobody (behind a pooler that lends one session to many, on a Galera
cluster, where the server has no such lock) a lease stands in for it: see `lease`. The two exclude
each other: a lease is taken under the session lock, and who has that waits for a lease to end.

SQLite needs none of this: BEGIN IMMEDIATE on the migrating connection is the lock, and `when_free`
is how to wait for it.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError

from asyncmigrate.engine.connection import across, side_connection
from asyncmigrate.engine.failure import cause
from asyncmigrate.engine.holder import holder, leaseholder, session_name
from asyncmigrate.engine.lease import Taking, kept, lease_connection, longest
from asyncmigrate.engine.lease_table import Fence, LeaseTable
from asyncmigrate.engine.settle import brief
from asyncmigrate.engine.turn import BusyError
from asyncmigrate.errors import LockTimeoutError
from asyncmigrate.events import LockWaiting, Noted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from asyncmigrate.config import Settings
    from asyncmigrate.dialects.base import Dialect
    from asyncmigrate.engine.database import Database
    from asyncmigrate.engine.store import Store
    from asyncmigrate.events import Observer

P = ParamSpec("P")
T = TypeVar("T")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0
_BUSY_PAUSE = 0.05
_SOMEBODY = "another connection to the file"
_ANOTHER = "another migrator"
_POOLER = "A pooler (such as PgBouncer) stands before the server, and lends its sessions to others"
_CLUSTER = "This server is a node of a Galera cluster, where GET_LOCK() excludes nobody elsewhere"
_NO_LEASE = (
    "This database has no lock for migrators and cannot keep a lease, so start one at a time"
)


def lock_key(version_table: str) -> int:
    """Return the number of the lock for a version table: the same in every process.

    >>> lock_key("alembic_version") == lock_key("alembic_version") != lock_key("other.version")
    True
    """
    digest = hashlib.sha256(f"asyncmigrate:{version_table}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@asynccontextmanager
async def migration_lock(
    database: Database,
    store: Store,
    settings: Settings,
    observer: Observer,
    *,
    timeout: float | None = None,
) -> AsyncIterator[Fence | None]:
    """Hold the right to migrate this database until the block ends.

    Gives the fence that each commit has to pass, if the right is a lease. Whoever has to wait is
    told how far the holder has got. In a joined transaction the lock is the transaction's own, and
    ends with it. `timeout` stands in for the setting.

    Raises:
        LockTimeoutError: another migrator kept it for `timeout` seconds.
        LockLostError: the lease was lost meanwhile.
    """
    patience = settings.lock_timeout if timeout is None else timeout
    lock = _Lock(database, store, settings, observer, patience)
    if settings.lock == "off" or database.dialect.begin is not None:
        yield None
    elif database.joined:
        await lock.join()
        yield None
    else:
        async with AsyncExitStack() as held:
            if not await lock.of_session(held):
                yield await lock.lease(held)
            else:
                yield None


@dataclass(slots=True)
class _Lock:
    """The lock of one run."""

    database: Database
    store: Store
    settings: Settings
    observer: Observer
    patience: float

    @property
    def _key(self) -> int:
        return lock_key(self.store.full_name)

    @property
    def _dialect(self) -> Dialect:
        return self.database.dialect

    @property
    def _table(self) -> LeaseTable:
        return LeaseTable(self.store, self._dialect)

    async def join(self) -> None:
        """Take the lock of the caller's transaction, if there is such a thing."""
        query = self._dialect.try_lock(self._key, in_transaction=True)
        if query is not None:
            await self._wait_for_session(self.database.connection, query)

    async def of_session(self, held: AsyncExitStack) -> bool:
        """Take the session lock, and let `held` give it back; False if it is of no use here."""
        if self.settings.lock == "lease" or self._dialect.try_lock(self._key) is None:
            return False
        why = ""
        async with AsyncExitStack() as mine:
            own = await mine.enter_async_context(side_connection(self.database.connection.engine))
            driver = None
            if self.settings.lock == "auto":
                driver = (await own.get_raw_connection()).driver_connection
            setup = self._dialect.session_setup(session_name(), driver)
            if setup is not None:
                await brief(own.exec_driver_sql(setup))
            why = await self._mistrusted(own) if driver is not None else ""
            query = self._dialect.try_lock(self._key, driver=driver) or ""
            if not why and await self._wait_for_session(own, query):
                await held.enter_async_context(mine.pop_all())
                return True
        self.observer(Noted(f"{why or _POOLER}: a lease is used instead of the session's lock."))
        return False

    async def _mistrusted(self, own: AsyncConnection) -> str:
        query = self._dialect.distrust()
        if query is None or (await brief(own.exec_driver_sql(query))).first() is None:
            return ""
        return _CLUSTER

    async def _wait_for_session(self, own: AsyncConnection, query: str) -> bool:
        """Wait for the session's or the transaction's lock; False if it can be nobody's."""
        there = self._dialect.has_table(self._table.full_name(own.dialect))
        answers: list[Any] = []

        async def taken() -> bool:
            asked = f"{query}, {there}" if there else query
            answers[:] = (await brief(own.exec_driver_sql(asked))).one()
            return answers[0] is None or bool(answers[0])

        await self._until(taken, partial(self._of_session, own), own)
        if answers[0] is None:
            return False
        if answers[-1] if there else await brief(across(own, self._table.is_there)):
            await self._outlast(own)
        return True

    async def _of_session(self, own: AsyncConnection) -> str:
        details = self._dialect.lock_details(self._key)
        found = holder(await brief(own.exec_driver_sql(details))) if details else None
        return str(found or _ANOTHER)

    async def _outlast(self, own: AsyncConnection) -> None:
        """Wait for a lease to end, and fence off a holder who did not give it back."""
        found: list[str] = []

        def ended(connection: Connection) -> bool:
            row = self._table.row(connection)
            found[:] = [str(leaseholder(row))] if row is not None else []
            if row is None or row.holder is None:
                return True
            return not row.is_live and self._table.seize(connection, row.token)

        async def over() -> bool:
            try:
                return await brief(across(own, ended))
            except DBAPIError as error:
                if self.database.joined or not self._dialect.is_lock_timeout(error):
                    raise
                return False

        async def who() -> str:
            return found[0]

        await self._until(over, who, own)

    async def lease(self, held: AsyncExitStack) -> Fence | None:
        """Take the lease, and let `held` keep it and give it back."""
        engine = self.database.connection.engine
        own = await held.enter_async_context(lease_connection(engine))
        seconds = longest(self.settings.lease_seconds)
        taking = Taking(self._table, session_name(), seconds, self._key)
        taking.guarded = not await self._mistrusted(own)
        await own.rollback()
        tokens: list[int] = []

        async def taken() -> bool:
            token = await brief(across(own, taking.attempt))
            tokens[:] = [] if token is None else [token]
            return bool(tokens)

        async def who() -> str:
            row = await brief(across(own, taking.seen))
            if row is not None and row.is_live:
                return str(leaseholder(row) or _ANOTHER)
            try:
                return await self._of_session(own)
            finally:
                await own.rollback()

        try:
            await self._until(taken, who, own)
        except DBAPIError as error:
            if self.settings.lock != "auto" or self._dialect.try_lock(self._key) is not None:
                raise
            self.observer(Noted(f"{_NO_LEASE}: {cause(error)}."))
            return None
        fence = Fence(self._table, tokens[0])
        await held.enter_async_context(kept(fence, seconds, own))
        return fence

    async def _until(
        self,
        taken: Callable[[], Awaitable[bool]],
        who: Callable[[], Awaitable[str]],
        own: AsyncConnection,
    ) -> None:
        """Try again and again, and tell for whom this waits.

        Raises:
            LockTimeoutError: it was in vain for as long as the patience lasts.
        """
        started = reported = time.monotonic()
        pause = _FIRST_PAUSE
        while not await taken():
            waited = time.monotonic() - started
            if waited >= self.patience:
                raise lock_timeout(waited, await who())
            if time.monotonic() - reported >= 1 or pause == _FIRST_PAUSE:
                reported = time.monotonic()
                at = () if self.database.joined else await brief(across(own, self.store.heads))
                self.observer(LockWaiting(await who(), waited, tuple(sorted(at))))
            # Jitter, so that a fleet of waiters does not knock in step.
            seconds = min(pause * random.uniform(0.5, 1.5), max(self.patience - waited, 0))
            await asyncio.sleep(seconds)
            pause = min(pause * 2, _LONGEST_PAUSE)


async def when_free(
    database: Database,
    timeout: float,
    observer: Observer,
    function: Callable[Concatenate[Connection, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run a function that begins a transaction, again and again while SQLite's file is locked.

    Raises:
        LockTimeoutError: another connection kept the write lock for `timeout` seconds.
    """
    started = time.monotonic()
    reported = started - 1
    while True:
        try:
            return await database.run(function, *args, **kwargs)
        except BusyError as busy:
            now = time.monotonic()
            if now - started >= timeout:
                raise lock_timeout(now - started, _SOMEBODY) from busy
        if now - reported >= 1:
            reported = now
            observer(LockWaiting(_SOMEBODY, now - started))
        pause = _BUSY_PAUSE * random.uniform(0.5, 1.5)
        await asyncio.sleep(min(pause, max(started + timeout - now, 0)))


def lock_timeout(waited: float, holder: str) -> LockTimeoutError:
    """Return the error for a lock that did not come free."""
    return LockTimeoutError(
        f"The migration lock was not free within {waited:.0f} s; it is held by {holder}.",
        holder=holder,
        next="Wait for that migrator, or raise lock_timeout (--lock-timeout), then run again.",
    )
