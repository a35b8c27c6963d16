"""What a long statement is doing: on whom it waits, who waits for it, how far it is.

"Is it hung?" cannot be asked on the connection that is busy. So when a statement has been under way
for a second, a second connection asks the server once a second, until the statement or its step is
over. Up to then there is one timer in the event loop, no task and no connection.

It only tells. Whatever goes wrong here is logged for who debugs it, and the run does not notice;
where the server cannot be asked, it is told how long the statement takes, at least.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from asyncmigrate.engine.activity import Inquiry, Seen
from asyncmigrate.engine.connection import side_connection
from asyncmigrate.engine.settle import settled
from asyncmigrate.events import Blocked, StatementRunning, StepFailed, StepFinished, StepStarted
from asyncmigrate.log import logger
from asyncmigrate.scripts import under_way
from asyncmigrate.scripts.under_way import UnderWay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from asyncmigrate.engine.activity import Blocker
    from asyncmigrate.engine.database import Database
    from asyncmigrate.events import Event, Observer


SECOND = 1.0
"""How long a statement takes that is worth a word, and how often there is one."""


@dataclass(slots=True)
class Watch:
    """Looks at the statement of one run, every `interval` seconds once it takes that long."""

    database: Database
    observer: Observer
    note: UnderWay = field(default_factory=UnderWay)
    interval: float = SECOND
    blockers: tuple[Blocker, ...] = field(default=(), init=False)
    """Who was in the way of the attempt that runs, or has just failed, when it was last seen."""
    is_blocked: bool = field(default=False, init=False)
    """Whether it was waiting for them when it was last looked at."""
    _revision: str = field(default="", init=False)
    _is_tried_again: bool = field(default=False, init=False)
    """Then the connection stays for the next try: to open one may take longer than that waits."""
    _told: float = field(default=0.0, init=False)
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)
    _looking: asyncio.Task[None] | None = field(default=None, init=False)

    def observe(self, event: Event) -> None:
        """Take an event of the run, and hand it on."""
        match event:
            case StepStarted():
                self._revision = event.revision
            case Blocked():
                self._is_tried_again = True
                self.note.end()
            case StepFinished() | StepFailed():
                self._revision, self._is_tried_again = "", False
                self.note.end()
                if self._looking is not None:
                    self._looking.cancel()
        self.observer(event)

    def begin_attempt(self) -> None:
        """Forget who was in the way of the attempt before."""
        self.blockers, self.is_blocked = (), False

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
                logger.debug("It is not known what the statement does.", exc_info=True)

    async def _ask(self) -> None:
        connection = self.database.connection
        if connection.invalidated:
            return
        driver = (await connection.get_raw_connection()).driver_connection
        activity = self.database.dialect.activity(driver)
        if activity is None:
            return
        async with side_connection(connection.engine) as beside:
            blockers = list(self.database.dialect.blockers(driver))
            await self._tell_until_over(Inquiry(beside, activity, blockers).seen)

    async def _tell_until_over(self, look: Callable[[], Awaitable[Seen]]) -> None:
        while self.note.age >= self.interval or self._is_tried_again:
            since = self.note.since
            if self.note.age >= self.interval:
                seen = await look()
                if self.note.text and self.note.since == since:
                    self._tell(seen)
            await asyncio.sleep(self.interval)

    def _tell(self, seen: Seen) -> None:
        self.is_blocked = bool(seen.blockers)
        self.blockers = seen.blockers or self.blockers
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
                tuple(map(str, seen.blockers)),
                seen.queued,
                seen.phase,
                seen.percent,
            )
        )


def shortened(statement: str, longest: int = 400) -> str:
    r"""Return a statement on one line.

    >>> shortened("SELECT *\n  FROM a", 10)
    'SELECT * …'
    """
    text = " ".join(statement.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


async def _unasked() -> Seen:
    return Seen()
