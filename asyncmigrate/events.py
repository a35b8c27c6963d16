"""What a run reports while it runs: frozen values, handed to an observer in order.

Every run begins with one `RunStarted` and ends with one `RunFinished` or `RunFailed`. Between
them each step gives `StepStarted` and then `StepFinished` or `StepFailed`; while a statement of it
takes long, `StatementRunning`. An observer is any callable that takes one event; it runs in the
event loop's thread, so it must not block.

Times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The plan is made; `total` steps will run. Not sent when there is nothing to do."""

    command: str
    database: str
    """The URL without its password."""
    before: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class LockWaiting:
    """Another migrator holds the lock. Sent when the wait begins and about once a second."""

    holder: str
    waited: float
    at: tuple[str, ...] = ()
    """How far it has got: what the database is at by now."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A revision waited for a lock on a table for too long; it was rolled back, and tries again.

    `blockers` are the sessions that were in its way, in words, as far as they are known.
    """

    revision: str
    blockers: tuple[str, ...]
    tries_left: int
    pause: float


@dataclass(frozen=True, slots=True)
class BehindWaiting:
    """The database lacks revisions that somebody else is to run. Sent before each new look."""

    missing: tuple[str, ...]
    waited: float


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that a person should know about this run, which goes on all the same."""

    text: str


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A revision is about to run; `index` counts from 1."""

    revision: str
    direction: str
    message: str
    index: int
    total: int


@dataclass(frozen=True, slots=True)
class StatementRunning:
    """A statement has been under way for a second or more. Sent about once a second.

    What the server tells of it is empty or None where it tells nothing: SQLite never does.
    """

    revision: str
    statement: str
    """As it was sent, on one line; cut if it is long."""
    elapsed: float
    waiting_on: tuple[str, ...] = ()
    """The sessions that are in its way, in words."""
    queued: int | None = None
    """How many sessions wait for what it has locked, or stand behind it for a lock."""
    phase: str = ""
    """What it is doing, in the server's words."""
    percent: float | None = None
    """How much of the phase is done, where the server counts: of an index build, as a rule."""

    @property
    def said(self) -> str:
        """What is known of it, as a part of a sentence.

        >>> StatementRunning("a1", "ALTER TABLE t", 12.3, ("report (server process 7)",), 3).said
        '12 s; 3 sessions wait behind it; it waits for report (server process 7)'
        >>> StatementRunning("a1", "CREATE INDEX", 70, phase="building index", percent=42.0).said
        '70 s; 42 % building index'
        """
        done = "" if self.percent is None else f"{self.percent:.0f} %"
        behind = f"{self.queued} session{'s wait' if self.queued != 1 else ' waits'} behind it"
        parts = (
            f"{self.elapsed:.0f} s",
            " ".join(filter(None, (done, self.phase))),
            behind if self.queued else "",
            f"it waits for {'; '.join(self.waiting_on)}" if self.waiting_on else "",
        )
        return "; ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A revision ran and is recorded in the version table."""

    revision: str
    direction: str
    message: str
    index: int
    total: int
    seconds: float
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A revision failed; `error` is the sentence that the exception will carry."""

    revision: str
    direction: str
    message: str
    index: int
    total: int
    seconds: float
    error: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """Every step ran."""

    command: str
    database: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    total: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RunFailed:
    """The run ended early. The database is at `after`.

    `error` is the error's sentence; of a run that was cancelled, what state it left behind.
    """

    command: str
    database: str
    error: str
    after: tuple[str, ...]
    seconds: float


Event: TypeAlias = (
    RunStarted
    | LockWaiting
    | BehindWaiting
    | Blocked
    | Noted
    | StepStarted
    | StatementRunning
    | StepFinished
    | StepFailed
    | RunFinished
    | RunFailed
)


class Observer(Protocol):
    """Anything that can be called with an event."""

    def __call__(self, event: Event, /) -> None:
        """Take one event; must return quickly."""
