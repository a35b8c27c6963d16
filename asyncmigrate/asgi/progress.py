"""How far the start of an application is: what a lifespan writes, and a gate reads.

One per migrator and process, found by the migrator itself, because the two are made in different
places of an application, and a framework makes its middleware whenever it likes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from weakref import WeakKeyDictionary

from asyncmigrate.events import (
    BehindWaiting,
    Blocked,
    LockWaiting,
    RunFailed,
    RunFinished,
    RunStarted,
    StatementRunning,
    StepFinished,
    StepStarted,
)

if TYPE_CHECKING:
    from asyncmigrate.events import Event
    from asyncmigrate.migrator import Migrator

State: TypeAlias = Literal["starting", "migrating", "waiting", "ready", "failed", "off"]
"""`starting`: nothing is known yet. `waiting`: for another process; `waiting_on` says what for."""

_LONGEST_STATEMENT = 200
_OPEN = frozenset({"ready", "off"})


@dataclass(slots=True)
class Progress:
    """Where the start of the application is now."""

    state: State = "starting"
    revision: str = ""
    """The revision that runs; when none does, what the database is at."""
    index: int = 0
    total: int = 0
    statement: str = ""
    waiting_on: str = ""
    error: str = ""
    has_begun: bool = False
    """Whether a lifespan has come to its work."""
    gated: bool = False
    """Whether a `MigrationGate` looks at this."""
    _running: StatementRunning | None = None
    """What is known of a statement that takes long."""
    _since: float | None = None
    _elapsed: float = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the application may take requests."""
        return self.state in _OPEN

    def begin(self, state: State) -> None:
        """Start anew: an application may be started several times in one process, as tests do."""
        self.has_begun = True
        self.state, self.revision, self.index, self.total = state, "", 0, 0
        self.statement = self.waiting_on = self.error = ""
        self._running = None
        self._since, self._elapsed = time.monotonic(), 0.0

    def end(self, state: State, error: str = "") -> None:
        """Come to the end, good or bad."""
        self._elapsed, self._since = self.elapsed, None
        self.state, self.error = state, error
        self.statement = self.waiting_on = ""
        self._running = None

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning; it stands still at the end."""
        return self._elapsed if self._since is None else time.monotonic() - self._since

    def observe(self, event: Event) -> None:
        """Take an event of the run."""
        match event:
            case LockWaiting():
                self.state, self.waiting_on = "waiting", event.holder
                self.revision = ", ".join(event.at)
            case Blocked():
                self.waiting_on = "; ".join(event.blockers) or "another session"
            case BehindWaiting():
                self.state = "waiting"
                self.waiting_on = f"{len(event.missing)} revisions that others are to run"
            case RunStarted():
                self.state, self.waiting_on, self.total = "migrating", "", event.total
            case StepStarted():
                self.state, self.waiting_on, self.statement = "migrating", "", ""
                self.revision, self.index, self.total = event.revision, event.index, event.total
            case StatementRunning():
                self.waiting_on = "; ".join(event.waiting_on)
                self._running = event
            case StepFinished():
                self.statement, self._running = "", None
            case RunFinished() | RunFailed():
                self.revision = ", ".join(event.after)
            case _:
                pass

    def tell(self, statement: str) -> None:
        """Take the statement that is about to be sent."""
        self.statement = " ".join(statement.split())[:_LONGEST_STATEMENT]
        if self._running is not None:
            self.waiting_on, self._running = "", None

    def to_json(self) -> dict[str, Any]:
        """Return the body of the readiness answer; with more of a statement that takes long."""
        known = {} if self._running is None else _of(self._running)
        return {
            "state": self.state,
            "revision": self.revision or None,
            "step": f"{self.index}/{self.total}" if self.total else None,
            "statement": self.statement or None,
            "elapsed": round(self.elapsed, 1),
            "waiting_on": self.waiting_on or None,
            "error": self.error or None,
        } | known


def _of(running: StatementRunning) -> dict[str, Any]:
    told = {
        "phase": running.phase or None,
        "percent": None if running.percent is None else round(running.percent, 1),
        "queued": running.queued,
    }
    return {name: value for name, value in told.items() if value is not None}


_known: WeakKeyDictionary[Migrator, Progress] = WeakKeyDictionary()


def progress_of(migrator: Migrator) -> Progress:
    """Return the one that all who were handed this migrator share."""
    return _known.setdefault(migrator, Progress())
