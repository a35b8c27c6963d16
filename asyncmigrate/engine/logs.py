"""A run's events as log records, under the logger `asyncmigrate`.

Each record has the event's fields as attributes, for handlers that write JSON: `migration_event`
is the event's name, `migration_revision`, `migration_seconds` and so on are its fields.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from logging import DEBUG, ERROR, INFO, WARNING
from typing import TYPE_CHECKING

from asyncmigrate import events
from asyncmigrate.log import logger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asyncmigrate.events import Event, Observer

_SAID: Mapping[type[Event], tuple[int, str, tuple[str, ...]]] = {
    events.RunStarted: (INFO, "%s %s: %d to run", ("command", "database", "total")),
    events.LockWaiting: (WARNING, "waiting %.0f s for the lock of %s", ("waited", "holder")),
    events.BehindWaiting: (INFO, "waiting %.0f s for %s to be run", ("waited", "missing")),
    events.Blocked: (
        WARNING,
        "%s is blocked by %s: rolled back, tries again in %.1f s",
        ("revision", "blockers", "pause"),
    ),
    events.Noted: (WARNING, "%s", ("text",)),
    events.StepStarted: (DEBUG, "%s %s %s", ("direction", "revision", "message")),
    events.StatementRunning: (
        INFO,
        "%s has been running for %s: %s",
        ("revision", "said", "statement"),
    ),
    events.StepFinished: (
        INFO,
        "%s %s %s: done in %.3f s",
        ("direction", "revision", "message", "seconds"),
    ),
    events.StepFailed: (ERROR, "%s %s failed: %s", ("direction", "revision", "error")),
    events.RunFinished: (
        INFO,
        "%s %s: done in %.3f s, at %s",
        ("command", "database", "seconds", "after"),
    ),
    events.RunFailed: (ERROR, "%s %s: ended early: %s", ("command", "database", "error")),
}
"""Of each event: INFO as a rule, WARNING for a wait, ERROR for a failure; the words, and what is
put into them."""
_NOBODY = {"blockers": "another session"}
_SECONDS = 10.0


@dataclass(slots=True)
class Seldom:
    """Lets every event through, but of those of one long statement only one in ten seconds."""

    _told: int = 0

    def lets(self, event: Event) -> bool:
        """Return whether this one is to be told.

        >>> seldom = Seldom()
        >>> [seldom.lets(events.StatementRunning("a1", "", age)) for age in (1, 9, 10.1, 11, 20, 1)]
        [False, False, True, False, True, False]
        """
        if not isinstance(event, events.StatementRunning):
            return True
        former, self._told = self._told, int(event.elapsed // _SECONDS)
        return self._told not in {0, former}


def logged(observer: Observer) -> Observer:
    """Return an observer that writes each event to the log, then hands it on."""
    seldom = Seldom()

    def observe(event: Event) -> None:
        if seldom.lets(event):
            log(event)
        observer(event)

    return observe


def log(event: Event) -> None:
    """Write one event to the log."""
    level, words, names = _SAID[type(event)]
    if isinstance(event, events.StatementRunning) and event.waiting_on:
        level = WARNING
    if not logger.isEnabledFor(level):
        return
    shown = (_shown(name, getattr(event, name)) for name in names)
    given = {f"migration_{item.name}": getattr(event, item.name) for item in fields(event)}
    logger.log(level, words, *shown, extra={"migration_event": type(event).__name__, **given})


def _shown(name: str, value: object) -> object:
    """Return a field as it stands in a sentence."""
    if not isinstance(value, tuple):
        return value
    return ", ".join(value) or _NOBODY.get(name, "base")
