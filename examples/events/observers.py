"""What a run says while it runs: a progress bar for people, JSON lines for a log.

python observers.py sqlite+aiosqlite:///app.db
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from asyncmigrate import Migrator
from asyncmigrate.events import LockWaiting, RunFinished, StepFinished, StepStarted

if TYPE_CHECKING:
    from asyncmigrate.events import Event

MIGRATIONS = Path(__file__).parent / "migrations"
WIDTH = 20


def json_line(event: Event) -> str:
    """Return an event as one line of JSON, for a log that machines read."""
    return json.dumps({"event": type(event).__name__, **asdict(event)})


def bar(event: Event) -> str | None:
    """Return what a progress bar shows after this event, or None if nothing changes."""
    match event:
        case LockWaiting(holder=holder, waited=waited):
            return f"waiting {waited:.0f} s for {holder}"
        case StepStarted(index=index, total=total, message=message):
            done = WIDTH * (index - 1) // total
            return f"[{'#' * done}{'.' * (WIDTH - done)}] {index}/{total} {message}"
        case StepFinished(index=index, total=total, message=message):
            done = WIDTH * index // total
            return f"[{'#' * done}{'.' * (WIDTH - done)}] {index}/{total} {message}"
        case RunFinished(after=after):
            return f"[{'#' * WIDTH}] at {', '.join(after)}"
        case _:
            return None


def log(event: Event) -> None:
    """Observe a run: any callable that takes one event will do, and it must not block."""
    print(json_line(event), file=sys.stderr)


async def main(url: str) -> None:
    migrator = Migrator(url, script_location=MIGRATIONS, observer=log)
    async with migrator.upgrade_events("head") as events:
        async for event in events:
            if (text := bar(event)) is not None:
                print(text)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
