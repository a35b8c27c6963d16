"""One fault in one run, and all that must hold afterwards."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from pymysql.err import MySQLError as PyMySQLError
from pymysql.err import OperationalError
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.errors import MigrateError
from asyncmigrate.events import RunFailed
from tests.chaos.dump import Dump, dump, is_mysql, mysql_admin, sync_url, versions, without_traces
from tests.chaos.emptying import emptied
from tests.chaos.faults.proxy import Proxy
from tests.chaos.leftovers import eventually, no_complaints, nothing_on_the_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy.ext.asyncio import AsyncEngine

    from asyncmigrate.events import Event
    from tests.chaos.faults.plan import Fault
    from tests.project import Project

GRACE = 0.2
"""Seconds that a cancelled run has until its connection is cut."""
_OF_DEAD_CONNECTIONS = (
    r"Exception (closing|terminating) connection|Exception during reset|query cancellation|"
    r"error ignored in rollback|Can't close|rolling back"
)
"""What SQLAlchemy's pool and psycopg write into their logs about a connection that has died."""
SHUTDOWN = 20.0
"""Seconds after which a run that was cancelled counts as hanging."""
PATIENCE = 60.0
"""Seconds after which a run counts as hanging."""
RUNS = 3
"""How often a run is counted."""


@dataclass(slots=True)
class Trials:
    """Runs one history again and again, with a fault each time."""

    url: str
    project: Project
    terminate: Callable[[str, list[int]], None] = field(default_factory=lambda: terminated)
    """Ends, in the server, the sessions whose clients are at these ports of 127.0.0.1."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Of the migrators."""
    undisturbed: Dump = field(init=False, repr=False)
    requests: int = field(init=False)
    """How many requests a run makes that nobody disturbs."""
    last_commit: int = field(init=False)
    """Which of them commits the last revision."""
    said: str = field(default="", init=False, repr=False)
    """What the run that was disturbed said at its end."""
    seconds: list[float] = field(default_factory=list, init=False)
    """How long each took to end, from the moment when it was cancelled."""
    ended: list[str] = field(default_factory=list, init=False)
    """How each disturbed run ended."""

    @property
    def dialect(self) -> str:
        """The name that SQLAlchemy has for it."""
        return "mysql" if is_mysql(self.url) else "postgresql"

    async def begin(self) -> None:
        """Run undisturbed, to know what the end must look like, and how many requests there are.

        A run that is slow has more: heartbeats, and those who look what a long statement does. So
        that a fault at the last of them is met by each run, the fewest of some runs are taken.
        """
        counts = []
        for _ in range(RUNS):
            await asyncio.to_thread(emptied, self.url)
            async with self._proxy(None) as proxy:
                engine = self._engine(proxy)
                await self._migrator(engine).upgrade()
                await engine.dispose()
                counts.append((proxy.requests, proxy.last_commit))
        self.requests, self.last_commit = min(counts)
        self.undisturbed = without_traces(dump(self.url))

    async def one(self, fault: Fault) -> None:
        """Do one fault to a run, run again, and assert that nothing tells of it.

        Raises:
            AssertionError: something is left, or lost, or done twice, or hangs.
        """
        await asyncio.to_thread(emptied, self.url)
        with no_complaints(but=_OF_DEAD_CONNECTIONS) as complaints:
            asyncio.get_running_loop().set_exception_handler(complaints.on_loop)
            await self._one(fault)
        assert without_traces(await asyncio.to_thread(dump, self.url)) == self.undisturbed

    async def _one(self, fault: Fault) -> None:
        async with self._proxy(fault) as proxy:
            engine = self._engine(proxy)
            error = await self._disturbed(engine, proxy, fault)
            self.ended.append(type(error).__name__ if error else "done")
            assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
            proxy.heal()
            await engine.dispose()
            await asyncio.to_thread(eventually, self._does_not_answer)
            await asyncio.to_thread(self._is_where_it_says, error)
            again = self._engine(proxy)
            async with asyncio.timeout(PATIENCE):
                await self._migrator(again).upgrade()
                await again.dispose()
            await asyncio.to_thread(nothing_on_the_server, self.url)

    @asynccontextmanager
    async def proxied(self, fault: Fault) -> AsyncIterator[tuple[Proxy, Migrator]]:
        """Give a migrator behind a proxy that does a fault."""
        async with self._proxy(fault) as proxy:
            engine = self._engine(proxy)
            yield proxy, self._migrator(engine)
            await engine.dispose()

    async def _disturbed(
        self, engine: AsyncEngine, proxy: Proxy, fault: Fault
    ) -> BaseException | None:
        """Return the error with which a run ended; None if it came to its end."""
        self.said = ""
        run = asyncio.ensure_future(self._migrator(engine).upgrade())
        if fault.cancels:
            hit = asyncio.ensure_future(proxy.hit.wait())
            await asyncio.wait({run, hit}, return_when=asyncio.FIRST_COMPLETED)
            hit.cancel()
            run.cancel()
        since = time.monotonic()
        finished, _ = await asyncio.wait({run}, timeout=SHUTDOWN if fault.cancels else PATIENCE)
        self.seconds.append(time.monotonic() - since)
        if not finished:
            raise AssertionError(f"the run hangs: {run.get_stack()}")
        if run.cancelled():
            assert fault.cancels
            return asyncio.CancelledError()
        error = run.exception()
        if error is not None and (fault.is_harmless or not isinstance(error, MigrateError)):
            raise AssertionError(f"a user would see {error!r}") from error
        return error

    def _does_not_answer(self) -> Exception | None:
        """Return why the server does not answer, as long as it does not."""
        try:
            dump(self.url)
        except (psycopg.Error, PyMySQLError) as error:
            return error
        return None

    def _is_where_it_says(self, error: BaseException | None) -> None:
        """Assert that nothing is left on the server, and that the error told the truth."""
        nothing_on_the_server(self.url)
        heads = versions(dump(self.url)) or ["base"]
        for said in re.findall(r"The database is at (\w+)", f"{error} {self.said}"):
            assert [said] == heads, (error, self.said)

    def _proxy(self, fault: Fault | None) -> Proxy:
        port = make_url(self.url).port
        assert port is not None
        return Proxy(self.dialect, port, fault, self._terminate)

    def _engine(self, proxy: Proxy) -> AsyncEngine:
        return create_async_engine(make_url(self.url).set(port=proxy.port))

    def _migrator(self, engine: AsyncEngine) -> Migrator:
        return Migrator(
            engine,
            script_location=self.project.script_location,
            shutdown_grace=GRACE,
            observer=self._observe,
            **self.settings,
        )

    def _observe(self, happened: Event) -> None:
        if isinstance(happened, RunFailed):
            self.said = happened.error

    async def _terminate(self, ports: list[int]) -> None:
        await asyncio.to_thread(self.terminate, self.url, ports)


def terminated(url: str, ports: list[int]) -> None:
    """End, in the server, the sessions whose clients are at these ports of 127.0.0.1."""
    if not is_mysql(url):
        with psycopg.connect(sync_url(url), autocommit=True) as admin:
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            admin.execute(f"{query} WHERE client_port = ANY(%s)", [ports])
        return
    with closing(mysql_admin(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, host FROM information_schema.processlist")
        for number, host in cursor.fetchall():
            if int(host.rpartition(":")[2] or 0) in ports:
                _killed(cursor, number)


def _killed(cursor: Any, number: int) -> None:
    with suppress(OperationalError):  # it has ended by itself meanwhile
        cursor.execute(f"KILL {number}")
