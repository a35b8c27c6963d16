"""The adapter around an async engine: the only place where async code meets sync code.

`Database.run(function)` calls a sync function with a sync `Connection`, in the event loop's own
thread, through the package's one `run_sync`. Everything on the far side of it (scripts, `op`, the
version table) is ordinary sync SQLAlchemy.

Why cancelling does not simply cancel: a task that is cancelled in the middle of a statement leaves
the connection in an unknown state, and the statement may go on in the server with all its locks.
So the statement is cancelled *in the server*, from outside; the function on the far side sees the
error, rolls back on a connection that still works, and only then is `CancelledError` delivered.
A script that swallows that error gets no further statement through; one that goes on for longer
than the grace has its connection cut.
"""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, InvalidRequestError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate.dialects import by_name
from asyncmigrate.engine.aside import aside, check_loop
from asyncmigrate.engine.bind import Bind, check_bind, shown
from asyncmigrate.engine.connection import across, opened, side_connection
from asyncmigrate.engine.failure import refused
from asyncmigrate.engine.first_questions import at_once
from asyncmigrate.engine.lost import is_lost, lost, of_another_loop
from asyncmigrate.engine.one_hop import in_one_hop
from asyncmigrate.engine.settle import FAREWELL, brief, closed, settled, within
from asyncmigrate.engine.transaction import (
    busy_timeout,
    set_busy_timeout,
    set_driver_transactions,
    transactional_level,
)
from asyncmigrate.engine.urls import async_url, unprepared
from asyncmigrate.errors import MigrateError, UrlError
from asyncmigrate.scripts import simple_query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from sqlalchemy import URL, Connection

    from asyncmigrate.dialects.base import Dialect

_log = logging.getLogger("asyncmigrate")

_AGAIN = 0.1
"""Seconds between two requests to end a statement."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True)
class Database:
    """One connection to one database, for the length of one command.

    `joined` is True when the caller handed us a connection with a transaction open: then nothing
    is committed or rolled back here.
    """

    connection: AsyncConnection
    dialect: Dialect
    joined: bool = False
    grace: float = 20.0
    """Seconds that a cancelled statement may take to end before its connection is cut."""
    note: str = field(default="", init=False)
    """What was changed in the URL to make it one that can be awaited; empty if nothing was."""
    stopping: bool = field(default=False, init=False)
    """True once the caller was cancelled: nothing more may be committed."""
    patience: int | None = field(default=None, init=False)
    """SQLite's busy timeout as the application chose it, once transactions have been begun."""

    @property
    def name(self) -> str:
        """The URL without its password."""
        return shown(self.connection.engine.url)

    async def run(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what a sync function gives for this connection.

        Cancelled meanwhile, the statement that is running is cancelled in the server, the
        function is let finish (it sees the error and rolls back), then `CancelledError` is raised.
        """
        stoppers: set[asyncio.Task[None]] = set()

        def stop(work: asyncio.Future[T]) -> None:
            self.stopping = True
            if not stoppers and not work.done():
                stoppers.add(asyncio.ensure_future(self._stop(work)))

        try:
            return await settled(across(self.connection, function, *args, **kwargs), on_cancel=stop)
        finally:
            if stoppers:
                await settled(asyncio.wait(stoppers))

    async def _stop(self, work: asyncio.Future[Any]) -> None:
        """Make `work` end: ask the server again and again, at last cut the connection."""
        assert self.connection.sync_connection is not None
        with _nothing_more(self.connection.sync_connection):
            asking = asyncio.ensure_future(self._ask_to_end(work))
            await asyncio.wait({asking}, timeout=self.grace)
            if asking.done() and isinstance(asking.exception(), LookupError):
                # Behind a pooler, which understands the driver's own request.
                work.cancel()
                await asyncio.wait({work}, timeout=self.grace)
            asking.cancel()
            while not work.done():  # whatever keeps us from asking: it is cut
                work.cancel()
                await asyncio.wait({work}, timeout=_AGAIN)
            await asyncio.gather(asking, return_exceptions=True)

    async def _ask_to_end(self, work: asyncio.Future[Any]) -> None:
        async with self._interrupter() as interrupt:
            while not work.done():
                await interrupt()
                await asyncio.wait({work}, timeout=_AGAIN)

    @asynccontextmanager
    async def _interrupter(self) -> AsyncIterator[Callable[[], Awaitable[object]]]:
        if self.connection.invalidated:
            raise TimeoutError  # it is cut already, and must not be opened again
        driver: Any = (await self.connection.get_raw_connection()).driver_connection
        if self.connection.dialect.name == "sqlite":
            yield driver.interrupt
            return
        statement = self.dialect.interrupt(driver)
        if statement is None:
            raise TimeoutError  # no way to ask this server: cut the connection
        async with side_connection(self.connection.engine) as control:
            yield partial(_interrupted, control, statement)

    async def driver(self) -> Any:
        """Return the driver's own connection."""
        return (await self.connection.get_raw_connection()).driver_connection

    async def set_autocommit(self) -> None:
        """Let each statement stand for itself: for reading, without a BEGIN and a ROLLBACK."""
        if not self.joined and self.dialect.begin is None:
            await brief(self.connection.execution_options(isolation_level="AUTOCOMMIT"))

    async def set_transactional(self) -> None:
        """Make ready for transactions, whatever isolation level the engine was made with."""
        if self.joined:
            return
        if self.dialect.begin is not None:
            self.patience = await self.run(busy_timeout)
            return
        level = transactional_level(self.connection.dialect)
        await brief(self.connection.execution_options(isolation_level=level))


async def _interrupted(control: AsyncConnection, statement: str) -> None:
    """Ask the server to end what another session runs.

    Raises:
        LookupError: it knows no such session, because a pooler has made the number up.
    """
    answer = await brief(control.exec_driver_sql(statement))
    if answer.returns_rows and answer.scalar() is False:
        raise LookupError(statement)


@contextmanager
def _nothing_more(connection: Connection) -> Iterator[None]:
    """Refuse every further statement on a connection, as if it were cancelled while it ran."""

    def refuse(*_: object) -> None:
        raise asyncio.CancelledError

    event.listen(connection, "before_execute", refuse)
    try:
        yield
    finally:
        event.remove(connection, "before_execute", refuse)


@asynccontextmanager
async def database(
    bind: Bind,
    *,
    grace: float = 20.0,
    on_connect: Callable[[Connection], None] | None = None,
) -> AsyncIterator[Database]:
    """Open what a migrator was handed, and leave it as it was found.

    A URL gets an engine of its own, which is disposed of at the end. An engine lends one
    connection. A connection is used as it is; one with a transaction open is *joined*.

    `on_connect` is called first, on a connection that was opened here. A session of an engine that
    was handed in does not go back to its pool then: nobody else expects what was set in it.

    Raises:
        UsageError, UrlError, MissingDriverError: what was handed in is of no use; or this is not
            asyncio's event loop.
        DatabaseConnectionError: the server cannot be reached, or refuses us.
    """
    check_loop()
    check_bind(bind)
    if isinstance(bind, AsyncConnection):
        try:
            async with _prepared(bind, grace=grace) as prepared:
                yield prepared
        except _errors(bind.engine) as error:
            raise _said(bind.engine, error) from error
        return
    own = None if isinstance(bind, AsyncEngine) else await aside(_engine, bind)
    engine = bind if isinstance(bind, AsyncEngine) else own
    assert engine is not None
    try:
        async with opened(engine) as connection, _prepared(connection, grace=grace) as prepared:
            if own is not None and not isinstance(bind, AsyncEngine):
                prepared.note = async_url(bind).note
            async with _begun_with(prepared, on_connect):
                yield prepared
    except _errors(engine) as error:
        raise _said(engine, error) from error
    except RuntimeError as error:
        if re.search("different loop|loop is closed", str(error)):
            raise of_another_loop(engine) from error
        raise
    finally:
        if own is not None:
            await closed(own.dispose())


@asynccontextmanager
async def _begun_with(
    found: Database, on_connect: Callable[[Connection], None] | None
) -> AsyncIterator[None]:
    if on_connect is None:
        yield
        return
    try:
        await found.run(on_connect)
        yield
    finally:
        # One in memory is its connection, and a PRAGMA is no role or schema.
        if found.connection.dialect.name != "sqlite" and not found.connection.closed:
            await closed(found.connection.invalidate())


def _said(engine: AsyncEngine, error: Exception) -> MigrateError:
    return lost(engine, error) if is_lost(error, engine.dialect) else refused(engine.url, error)


def _errors(engine: AsyncEngine) -> tuple[type[Exception], ...]:
    """Return SQLAlchemy's error and the driver's: setting an isolation level raises that bare."""
    driver: Any = engine.dialect.loaded_dbapi
    return DBAPIError, driver.Error


def _engine(url: URL | str) -> AsyncEngine:
    target = async_url(url).url
    if target.get_backend_name() in {"mysql", "mariadb"} and not target.database:
        raise UrlError(
            f"The URL {shown(target)} names no database.",
            next="Put its name at the end: mysql+asyncmy://user:password@host:3306/shop.",
        )
    try:
        engine = create_async_engine(target, poolclass=NullPool, connect_args=unprepared(target))
    except NoSuchModuleError as error:
        raise UrlError(
            f"SQLAlchemy knows no database {target.drivername!r}.",
            next="Check the part before ://, or install the dialect's package.",
        ) from error
    except InvalidRequestError as error:
        raise UrlError(
            f"The driver of {target.drivername}:// cannot be awaited: {error}.",
            next="Use an async driver, for example postgresql+asyncpg or sqlite+aiosqlite.",
        ) from error
    at_once(engine)
    return engine


@asynccontextmanager
async def _prepared(connection: AsyncConnection, *, grace: float) -> AsyncIterator[Database]:
    found = Database(
        connection,
        by_name(connection.dialect.name),
        joined=connection.in_transaction(),
        grace=grace,
    )
    former = None if found.joined else await _take_over(found)
    sync = connection.sync_connection
    assert sync is not None, "it is started"
    try:
        with simple_query.in_use(connection.engine.sync_engine), in_one_hop(sync):
            yield found
    finally:
        if former is not None:
            await settled(_give_back(found, former))  # within bounds of its own


async def _take_over(found: Database) -> str:
    if found.dialect.begin is not None:
        former = await settled(across(found.connection, set_driver_transactions, None))
        return former or ""
    assert found.connection.sync_connection is not None
    options = found.connection.sync_connection.get_execution_options()
    return str(options.get("isolation_level") or found.connection.default_isolation_level)


async def _is_in_transaction(connection: AsyncConnection) -> bool:
    """Return what the driver knows of the session on the server (asyncpg, psycopg)."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    if connection.dialect.driver == "asyncpg":
        return bool(driver.is_in_transaction())
    if connection.dialect.driver == "psycopg":
        return bool(driver.info.transaction_status.value)
    return False


async def _give_back(found: Database, former: str) -> None:
    """Make the session what it was, or end it: it may go back to a pool."""
    connection = found.connection
    if connection.closed or connection.invalidated:
        return
    try:
        if connection.in_transaction():
            await within(FAREWELL if found.stopping else found.grace, connection.rollback())
        await within(FAREWELL, _restore(found, former))
    except Exception:  # noqa: BLE001 -- drivers raise what they like about a dead connection
        _log.debug("The session could not be made what it was: it is ended.", exc_info=True)
        await closed(connection.invalidate())


async def _restore(found: Database, former: str) -> None:
    connection = found.connection
    if found.stopping and await _is_in_transaction(connection):
        # Our cancel request has hit the ROLLBACK itself: the session must not go to the pool so.
        await connection.invalidate()
        return
    if found.dialect.begin is not None:
        if found.patience is not None:
            await across(connection, set_busy_timeout, found.patience)
        await across(connection, set_driver_transactions, former)
    else:
        await connection.execution_options(isolation_level=former)
