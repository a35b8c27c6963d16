"""How long the callbacks of an event loop keep it from turning.

Measured in CPU time of the loop's own thread: a busy machine does not lengthen it, and what other
threads do meanwhile does not count. Garbage collections are left out: whose garbage it is that
makes one start is chance.

As a program: `python -m tests.chaos.loop_time SCRIPTS DATABASE` does what an application does, in a
process that has loaded SQLAlchemy and nothing of the engine, and prints the longest of each step.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Longest:
    """Measures every callback from when it is made; `value` is the longest, in seconds."""

    def __init__(self) -> None:
        self.value = self._collecting = self._began = 0.0
        run: Callable[[asyncio.Handle], None] = asyncio.Handle._run  # type: ignore[attr-defined]

        def timed(handle: asyncio.Handle) -> None:
            self._collecting = 0.0
            began = time.thread_time()
            run(handle)
            self.value = max(self.value, time.thread_time() - began - self._collecting)

        asyncio.Handle._run = timed  # type: ignore[attr-defined]
        gc.callbacks.append(self._collected)

    def _collected(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.thread_time()
        else:
            self._collecting += time.thread_time() - self._began

    async def of(self, work: Awaitable[Any]) -> float:
        """Return the longest callback while `work` is awaited."""
        await asyncio.sleep(0)
        self.value = 0.0
        await work
        return self.value


async def main(scripts: str, url: str) -> None:
    """Ask, plan and migrate; print what was the longest each time."""
    engine = create_async_engine(url)
    longest = Longest()
    m = Migrator(engine, script_location=scripts)
    found = {
        "status of an empty database": await longest.of(m.status()),
        "plan of everything": await longest.of(m.plan("head")),
        "version table made": await longest.of(m.ensure_version()),
        "stamp": await longest.of(m.stamp("head")),
        "upgrade at head": await longest.of(m.upgrade()),
        "current": await longest.of(m.current()),
        "status with scripts": await longest.of(m.status(scripts=True)),
        "plan of a downgrade": await longest.of(m.plan("base")),
        "downgrade by one": await longest.of(m.downgrade("-1")),
        "upgrade by one": await longest.of(m.upgrade()),
    }
    await engine.dispose()
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
