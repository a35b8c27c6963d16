"""`ensure_current`: whether the database is one that this application can run on.

Reads only, in one query as a rule; the scripts' headers are read and none is imported. Where the
database is ahead (an older release after a roll-back), the history table tells what the revisions
are that no script of this release provides.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from asyncmigrate.engine.aside import aside
from asyncmigrate.errors import DatabaseAheadError, NotUpToDateError, UsageError
from asyncmigrate.events import BehindWaiting, Noted
from asyncmigrate.history.accepted import accepted
from asyncmigrate.migrator.migrator import Migrator

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from asyncmigrate.engine.ledger import Applied
    from asyncmigrate.events import Observer
    from asyncmigrate.history.accepted import Accepted
    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Heads

Behind: TypeAlias = Literal["fail", "warn", "wait"]
Ahead: TypeAlias = Literal["fail", "warn"]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a database is, compared with what an application accepts."""

    database: str
    current: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Revisions that the application needs and the database lacks, in the order they would run."""
    ahead: tuple[str, ...] = ()
    """Revisions that are applied and not accepted; those without a script come last."""
    recorded: dict[str, Applied] = field(default_factory=dict)
    """What the history table says of the revisions that are ahead, as far as it does."""

    @property
    def is_accepted(self) -> bool:
        """True if nothing is missing and nothing ahead."""
        return not self.missing and not self.ahead

    def to_json(self) -> dict[str, Any]:
        """Return the standing for a readiness answer."""
        ahead = [
            self.recorded[each].to_json() if each in self.recorded else {"revision": each}
            for each in self.ahead
        ]
        return {
            "database": self.database,
            "current": list(self.current),
            "missing": list(self.missing),
            "ahead": ahead,
            "is_accepted": self.is_accepted,
        }


async def ensure_current(
    database: Migrator | AsyncEngine | AsyncConnection | URL | str,
    accept: str = "heads",
    *,
    script_location: str | Path = "migrations",
    behind: Behind = "fail",
    ahead: Ahead = "fail",
    timeout: float | None = 900.0,
) -> Standing:
    """Make sure that the database is one that this application can run on. Writes nothing.

    `accept` is a range of revisions, `OLDEST:NEWEST` (`ae10:`, `ae10:head`), or one target, which
    is then both ends. `behind` says what to do while revisions are missing: `wait` asks again
    until somebody has run them, for `timeout` seconds (None: for ever). `ahead` says what to do
    when the database has revisions that are not accepted. `warn` logs it and goes on.

    One query and no lock; no script is imported. A migrator brings its own settings, for anything
    else `script_location` is where the scripts are.

    Raises:
        NotUpToDateError: revisions are missing.
        DatabaseAheadError: the database has revisions that are not accepted.
        TargetError: `accept` names a revision that no script provides.
    """
    from asyncmigrate.engine.logs import logged

    _check(behind, ("fail", "warn", "wait"), "behind")
    _check(ahead, ("fail", "warn"), "ahead")
    migrator = (
        database
        if isinstance(database, Migrator)
        else Migrator(database, script_location=script_location)
    )
    graph = await migrator.read_graph()
    look = _Look(migrator, graph, await aside(accepted, graph, accept))
    observer = logged(migrator.observer)
    found = await look.until_here(timeout, observer) if behind == "wait" else await look()
    if found.missing:
        _decide(behind, _behind(found), observer)
    if found.ahead:
        _decide(ahead, ahead_error(found), observer)
    return found


def _check(given: str, known: tuple[str, ...], name: str) -> None:
    if given not in known:
        raise UsageError(f"{name}={given!r} is not one of {', '.join(known)}.")


def _decide(policy: str, error: NotUpToDateError | DatabaseAheadError, observer: Observer) -> None:
    if policy != "warn":
        raise error
    observer(Noted(error.message))


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at where the database is; the scripts are read once for all of them."""

    migrator: Migrator
    graph: RevisionGraph
    accepted: Accepted

    async def __call__(self) -> Standing:
        name, rows = await self.migrator.read_rows()
        missing, ahead = await aside(self._between, rows)
        recorded = await self._recorded(rows) if ahead else None
        if recorded is not None and missing:
            missing = tuple(each for each in missing if each not in recorded)
        elif any(row not in self.graph for row in rows):
            missing = ()  # nobody knows what those rows stand on, and `ahead` is told already
        known = {each: recorded[each] for each in ahead if each in recorded} if recorded else {}
        return Standing(name, tuple(sorted(rows)), missing, ahead, known)

    def _between(self, rows: Heads) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.accepted.missing(self.graph, rows), self.accepted.beyond(self.graph, rows)

    async def _recorded(self, rows: Heads) -> dict[str, Applied] | None:
        """Return what the history table says is applied; None if it says nothing of the rows."""
        from asyncmigrate.engine.ledger import standing

        found = standing(await self.migrator.ledger())
        return found if rows <= found.keys() else None

    async def until_here(self, timeout: float | None, observer: Observer) -> Standing:
        """Look again and again while something is missing, for so many seconds."""
        started = time.monotonic()
        pause = _FIRST_PAUSE
        while (found := await self()).missing:
            waited = time.monotonic() - started
            if timeout is not None and waited >= timeout:
                return found
            observer(BehindWaiting(found.missing, waited))
            left = _LONGEST_PAUSE if timeout is None else timeout - waited
            # Jitter, so that a fleet that waits for a deploy job does not ask in step.
            await asyncio.sleep(min(pause * random.uniform(0.5, 1.5), left))
            pause = min(pause * 2, _LONGEST_PAUSE)
        return found


def _behind(found: Standing) -> NotUpToDateError:
    at = ", ".join(found.current) or "base"
    count = f"{len(found.missing)} revision{'s' if len(found.missing) > 1 else ''}"
    return NotUpToDateError(
        f"The database is at {at}; this application needs {count} more, up to {found.missing[-1]}.",
        next="Run `amigrate upgrade` with this release's scripts.",
    )


def ahead_error(found: Standing) -> DatabaseAheadError:
    """Return the error for a database that is ahead, in the words of its history table."""
    told = "; ".join(str(found.recorded.get(each, each)) for each in found.ahead)
    several = len(found.ahead) > 1
    return DatabaseAheadError(
        f"The database is ahead of this application, by {len(found.ahead)} "
        f"revision{'s' if several else ''}: {told}.",
        revisions=found.ahead,
        next="Deploy the release that brought "
        f"{'them' if several else 'it'} (or undo {'them' if several else 'it'} with that "
        "release's scripts); or, if this release can live with the newer schema, "
        'say so: ahead="warn".',
    )
