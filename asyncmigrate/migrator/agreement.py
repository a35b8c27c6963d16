"""Whether Alembic says the same of a project: asked of Alembic itself, in a process of its own.

Alembic runs its own env.py there, as it always did. It is asked only what changes nothing: `check`
would make a version table, so it is asked only where there is one.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from asyncmigrate.errors import MigrateError, NotUpToDateError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from asyncmigrate.migrator.migrator import Migrator

_SECONDS = 120
_ID = re.compile(r"(\S+)")
_HISTORY = re.compile(r"^(?P<down>.+?) -> (?P<id>[^\s,(]+)")
_CURRENT = re.compile(r"(\w\S*)(?: \(.*\))*$")
_NOTHING = "No new upgrade operations detected"
_FOUND = "New upgrade operations detected"
_ELSEWHERE = "Alembic was not asked: it goes where env.py says, not where --url says."


@dataclass(frozen=True, slots=True)
class Agreement:
    """What both tools say about one thing; `theirs` is None if Alembic was not asked."""

    what: str
    ours: str
    theirs: str | None
    agrees: bool | None
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the shape of one verdict of `init --from-alembic --json`."""
        return {
            "what": self.what,
            "amigrate": self.ours,
            "alembic": self.theirs,
            "agrees": self.agrees,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Alembic:
    """The installed Alembic; `options` name the project's settings."""

    options: tuple[str, ...]
    folder: Path

    def ask(self, *words: str) -> tuple[bool, str]:
        """Run a command of Alembic's; return whether it succeeded, and what it said."""
        command = [sys.executable, "-P", "-m", "alembic", *self.options, *words]
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return False, str(error)
        return done.returncode == 0, done.stdout.decode(errors="replace")


def is_installed() -> bool:
    """Return whether Alembic can be asked."""
    return find_spec("alembic") is not None


async def agreements(
    migrator: Migrator, alembic: Alembic | None, *, elsewhere: bool = False
) -> tuple[Agreement, ...]:
    """Ask both about the history, and, where a database is reachable, where it is and how equal.

    `elsewhere` says that ours may be another database than the one that env.py leads Alembic to:
    then Alembic is asked about the history alone. Nothing is changed. An error of either is what it
    says, not raised.
    """
    try:
        made = [await _heads(migrator, alembic), await _history(migrator, alembic)]
    except MigrateError as error:
        return (Agreement("history", f"not read: {_line(str(error))}", None, None),)
    try:
        rows = await migrator.rows()
        plan = await migrator.plan("heads")
    except Exception as error:  # noqa: BLE001 -- a project's own code may fail in any way
        return (*made, Agreement("database", f"not reached: {_line(str(error))}", None, None))
    there = None if elsewhere else alembic
    made.append(await _current(migrator, there, frozenset(rows)))
    if alembic and elsewhere:
        made[-1] = replace(made[-1], note=_ELSEWHERE)
    made.append(Agreement("plan", f"{len(plan.steps)} to run", None, None))
    made.append(await _check(migrator, there if rows else None))
    return tuple(made)


async def _asked(alembic: Alembic | None, *words: str) -> tuple[bool, str] | None:
    return None if alembic is None else await asyncio.to_thread(alembic.ask, *words)


async def _heads(migrator: Migrator, alembic: Alembic | None) -> Agreement:
    ours = {row.revision.id for row in migrator.heads()}
    said = await _asked(alembic, "heads")
    found = None if said is None else {m[1] for m in map(_ID.match, _lines(said[1], "head)")) if m}
    return _sets("heads", ours, found, said)


async def _history(migrator: Migrator, alembic: Alembic | None) -> Agreement:
    rows = [each.revision for each in migrator.history()]
    ours = {(each.id, frozenset(each.parents)) for each in rows}
    said = await _asked(alembic, "history")
    if said is None or not said[0]:
        return _unasked("history", f"{len(ours)} revisions", said)
    found = {
        (match["id"], frozenset(re.findall(r"[^\s,]+", _without_needs(match["down"]))) - {"<base>"})
        for match in map(_HISTORY.match, said[1].splitlines())
        if match
    }
    return Agreement("history", f"{len(ours)} revisions", f"{len(found)} revisions", found == ours)


def _without_needs(text: str) -> str:
    """Take `(a, b)` away: what a revision depends on stands there."""
    return text.partition(" (")[0]


async def _current(migrator: Migrator, alembic: Alembic | None, rows: frozenset[str]) -> Agreement:
    try:
        ours = {each.revision.id for each in await migrator.current()}
    except MigrateError:  # a revision that no script has: Alembic says so, too
        ours = set(rows)
    said = await _asked(alembic, "current")
    lines = said[1].splitlines() if said is not None else []
    known = {each.revision.id for each in migrator.history()} | rows
    # What the application prints and warns of stands between Alembic's lines.
    found = {m[1] for m in map(_CURRENT.match, lines) if m and m[1] in known}
    return _sets("current", ours, None if said is None else found, said)


async def _check(migrator: Migrator, alembic: Alembic | None) -> Agreement:
    try:
        found = await migrator.check()
    except NotUpToDateError:
        return Agreement("check", "the database is behind the history", None, None)
    except Exception as error:  # noqa: BLE001 -- importing the models may fail in any way
        return Agreement("check", f"not made: {_line(str(error))}", None, None)
    ours = "equal" if found.is_equal else f"{len(found.differences)} differences"
    said = await _asked(alembic, "check")
    if said is None:
        return Agreement("check", ours, None, None)
    if not (_NOTHING in said[1] or _FOUND in said[1]):
        return Agreement("check", ours, f"failed: {_last(said[1])}", None)
    theirs_equal = _NOTHING in said[1]
    note = "" if found.is_equal else "; ".join(str(each) for each in found.differences[:5])
    theirs = "equal" if theirs_equal else "differences"
    return Agreement("check", ours, theirs, theirs_equal == found.is_equal, note)


def _sets(
    what: str, ours: set[str], theirs: set[str] | None, said: tuple[bool, str] | None
) -> Agreement:
    if theirs is None or said is None or not said[0]:
        return _unasked(what, _listed(ours), said)
    return Agreement(what, _listed(ours), _listed(theirs), ours == theirs)


def _unasked(what: str, ours: str, said: tuple[bool, str] | None) -> Agreement:
    theirs = None if said is None else f"failed: {_last(said[1])}"
    return Agreement(what, ours, theirs, None)


def _listed(ids: set[str]) -> str:
    return ", ".join(sorted(ids)) or "base"


def _lines(text: str, *words: str) -> list[str]:
    return [line for line in text.splitlines() if any(word in line for word in words)]


def _line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "no reason was given"


def _last(text: str) -> str:
    return text.strip().splitlines()[-1] if text.strip() else "it said nothing"


def disagreeing(found: Sequence[Agreement]) -> list[str]:
    """Return what the two tools do not agree on; `check` sees more than Alembic's does."""
    return [each.what for each in found if each.agrees is False and each.what != "check"]
