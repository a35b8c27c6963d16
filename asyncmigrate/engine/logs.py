"""A run's events as log records, under the logger `asyncmigrate`.

The library adds a NullHandler and configures nothing else: no handler, no level, and above all no
`fileConfig`, which would silence the loggers of the application that runs its migrations.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from asyncmigrate.events import (
    BehindWaiting,
    LockWaiting,
    Noted,
    RunFailed,
    RunFinished,
    RunStarted,
    StepFailed,
    StepFinished,
    StepStarted,
)

if TYPE_CHECKING:
    from asyncmigrate.events import Event, Observer

logger = logging.getLogger("asyncmigrate")
logger.addHandler(logging.NullHandler())


def logged(observer: Observer) -> Observer:
    """Return an observer that writes each event to the log, then hands it on."""

    def observe(event: Event) -> None:
        log(event)
        observer(event)

    return observe


def log(event: Event) -> None:
    """Write one event to the log: INFO as a rule, WARNING for a wait, ERROR for a failure."""
    match event:
        case RunStarted():
            logger.info("%s %s: %d to run", event.command, event.database, event.total)
        case LockWaiting():
            logger.warning("waiting %.0f s for the lock of %s", event.waited, event.holder)
        case BehindWaiting():
            count, waited = len(event.missing), event.waited
            logger.info("waiting %.0f s for %d revisions to be run", waited, count)
        case Noted():
            logger.warning("%s", event.text)
        case StepStarted():
            logger.debug("%s %s %s", event.direction, event.revision, event.message)
        case StepFinished():
            logger.info(
                "%s %s %s: done in %.3f s",
                event.direction,
                event.revision,
                event.message,
                event.seconds,
            )
        case StepFailed():
            logger.error("%s %s failed: %s", event.direction, event.revision, event.error)
        case RunFinished():
            logger.info(
                "%s %s: done in %.3f s, at %s",
                event.command,
                event.database,
                event.seconds,
                ", ".join(event.after) or "base",
            )
        case RunFailed():
            logger.error("%s %s: ended early: %s", event.command, event.database, event.error)
