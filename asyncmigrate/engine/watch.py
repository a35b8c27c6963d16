"""What a long statement is doing: on whom it waits, who waits for it, how far it is.

"Is it hung?" cannot be asked on the connection that is busy. So when a statement has been under way
for a second, a second connection asks the server once a second, until the statement or its step is
over. Up to then there is one timer in the event loop, no task and no connection.

It only tells. Whatever goes wrong here is logged for who debugs it, and the run does not notice;
where the server cannot be asked, it is told how long the statement takes, at least.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from asyncmigrate.engine.database import side_connection
from asyncmigrate.engine.settle import brief, settled
from asyncmigrate.events import Blocked, StatementRunning, StepFailed, StepFinished, StepStarted
from asyncmigrate.scripts import under_way
from asyncmigrate.scripts.under_way import UnderWay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from asyncmigrate.engine.database import Database
    from asyncmigrate.events import Event, Observer

_log = logging.getLogger("asyncmigrate")

SECOND = 1.0
"""How long a statement takes that is worth a word, and how often there is one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the server has answered about a session."""

    is_active: bool = True
    waiting_on: tuple[str, ...] = ()
    queued: int | None = None
    phase: str = ""
    percent: float | None = None


@dataclass(slots=True)
class Watch:
    """Looks at the statement of one run, every `interval` seconds once it takes that long."""

    database: Database
    observer: Observer
    note: UnderWay = field(default_factory=UnderWay)
    interval: float = SECOND
    blockers: tuple[str, ...] = field(default=(), init=False)
    """Who was in the way of the attempt that runs, or has just failed, when it was last seen."""
    _revision: str = field(default="", init=False)
    _told: float = field(default=0.0, init=False)
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)
    _looking: asyncio.Task[None] | None = field(default=None, init=False)

    def observe(self, event: Event) -> None:
        """Take an event of the run, and hand it on."""
        match event:
            case StepStarted():
                self._revision = event.revision
            case Blocked():
                self.note.end()
            case StepFinished() | StepFailed():
                self._revision = ""
                self.note.end()
                if self._looking is not None:
                    self._looking.cancel()
        self.observer(event)

    def look_within(self, seconds: float) -> None:
        """Look early enough to see on whom a statement waits that may wait that long."""
        self.interval = min(self.interval, max(seconds / 3, 0.02))

    @asynccontextmanager
    async def in_use(self) -> AsyncIterator[None]:
        """Watch the run that is in the block; nothing of it is left at the end."""
        connection = self.database.connection.sync_connection
        assert connection is not None, "it was opened by `database`"
        self._wait(self.interval)
        try:
            with under_way.noted(connection, self.note):
                yield
        finally:
            if self._timer is not None:
                self._timer.cancel()
            if self._looking is not None:
                self._looking.cancel()
                await settled(asyncio.wait({self._looking}))

    def _wait(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._wake)

    def _wake(self) -> None:
        age = self.note.age
        looks = self._looking is not None and not self._looking.done()
        if age >= self.interval and not looks and self._revision:
            self._looking = asyncio.create_task(self._look())
        self._wait(self.interval - age if age < self.interval else self.interval)

    async def _look(self) -> None:
        """Tell of the statement until it is over, with the server's help if it gives any."""
        for way in (self._ask, partial(self._tell_until_over, _unasked)):
            try:
                await way()
            except Exception:  # noqa: BLE001 -- a run does not fail because this tells less
                _log.debug("It is not known what the statement does.", exc_info=True)

    async def _ask(self) -> None:
        connection = self.database.connection
        if connection.invalidated:
            return
        driver = (await connection.get_raw_connection()).driver_connection
        activity = self.database.dialect.activity(driver)
        if activity is None:
            return
        async with side_connection(connection.engine) as beside:
            asking = _Asking(beside, activity, list(self.database.dialect.blockers(driver)))
            await self._tell_until_over(asking.seen)

    async def _tell_until_over(self, look: Callable[[], Awaitable[Seen]]) -> None:
        while self.note.age >= self.interval:
            since = self.note.since
            seen = await look()
            if self.note.text and self.note.since == since:
                self._tell(seen)
            await asyncio.sleep(self.interval)

    def _tell(self, seen: Seen) -> None:
        self.blockers = seen.waiting_on or self.blockers
        elapsed = self.note.age
        now = self.note.since + elapsed
        if not seen.is_active or elapsed < SECOND or now - self._told < SECOND * 0.9:
            return
        self._told = now
        self.observer(
            StatementRunning(
                self._revision,
                shortened(self.note.text),
                elapsed,
                seen.waiting_on,
                seen.queued,
                seen.phase,
                seen.percent,
            )
        )


@dataclass(slots=True)
class _Asking:
    """Asks the server about one session, on a connection beside it."""

    beside: AsyncConnection
    activity: str
    blockers: list[str]

    async def seen(self) -> Seen:
        """Return what the session does now; nothing but that it is there if it cannot be found."""
        row = (await self._rows(self.activity)).first()
        if row is None:  # a pooler in between has given it another number
            return Seen()
        mine = row._mapping
        if not mine["is_active"]:
            return Seen(is_active=False)
        percent = mine["percent"]
        return Seen(
            waiting_on=await self._waiting_on(),
            queued=int(mine["queued"]),
            phase=mine["phase"] or "",
            percent=None if percent is None else float(percent),
        )

    async def _waiting_on(self) -> tuple[str, ...]:
        for query in list(self.blockers):
            try:
                found = (await self._rows(query)).mappings().all()
            except Exception:  # noqa: BLE001 -- a source that this server has not, or this role may not read
                self.blockers.remove(query)
                continue
            if found:
                return tuple(map(in_words, found))
        return ()

    async def _rows(self, query: str) -> Any:
        return await brief(self.beside.exec_driver_sql(query))


def shortened(statement: str, longest: int = 400) -> str:
    r"""Return a statement on one line.

    >>> shortened("SELECT *\n  FROM a", 10)
    'SELECT * …'
    """
    text = " ".join(statement.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


async def _unasked() -> Seen:
    return Seen()


def in_words(session: Mapping[str, Any]) -> str:
    """Return a session as a part of a sentence.

    >>> in_words({"process": 7, "name": "report", "state": "idle in transaction", "age": 3.4,
    ...           "query": "SELECT 1"})
    'report (server process 7, idle in transaction for 3 s: SELECT 1)'
    >>> in_words({"process": 7, "name": "root@web", "state": None, "age": None, "query": None})
    'root@web (server process 7)'
    """
    number = f"server process {session['process']}" if session["process"] else ""
    state = str(session["state"] or "")
    if state and session["age"] is not None:
        state += f" for {float(session['age']):.0f} s"
    said = ", ".join(filter(None, (number, state)))
    query = " ".join(str(session["query"] or "").split())
    inside = ": ".join(filter(None, (said, query)))
    return f"{session['name']} ({inside})" if inside else str(session["name"])
