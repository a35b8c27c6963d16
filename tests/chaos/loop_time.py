"""How long the callbacks of an event loop keep it from turning.

Measured in CPU time of the loop's own thread: a busy machine does not lengthen it, and what other
threads do meanwhile does not count. Garbage collections are left out: whose garbage it is that
makes one start is chance.

As a program it does what an application does, in a process that has loaded SQLAlchemy and nothing
of the engine, and prints the longest of each step. `python -m tests.chaos.loop_time scripts SCRIPTS
DATABASE` goes through a long history, `… directives SCRIPTS DATABASE` through a short one, `…
models PROJECT DATABASE` compares many models with a database that has as many tables, `… ledger
SCRIPTS DATABASE` reads a long ledger.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator, ensure_current

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


async def scripts(folder: str, url: str) -> dict[str, float]:
    """Ask, plan and migrate."""
    engine = create_async_engine(url)
    longest = Longest()
    m = Migrator(engine, script_location=folder)
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
        "ensure_current": await longest.of(ensure_current(m, "r10:")),
        "ensure_current, ahead": await longest.of(ensure_current(m, "r10:r20", ahead="warn")),
    }
    await engine.dispose()
    return found


async def directives(folder: str, url: str) -> dict[str, float]:
    """Run, in a process that has run nothing yet, scripts of which nothing else is long."""
    engine = create_async_engine(url)
    longest = Longest()
    m = Migrator(engine, script_location=folder)
    found = {
        "upgrade": await longest.of(m.upgrade()),
        "downgrade": await longest.of(m.downgrade("base")),
    }
    await engine.dispose()
    return found


async def models(project: str, url: str) -> dict[str, float]:
    """Compare; the settings of the project name the models, which nobody has imported."""
    engine = create_async_engine(url)
    longest = Longest()
    m = Migrator.from_config(project, engine=engine)
    found = {"check, models imported": await longest.of(m.check())}
    declared = m.metadatas()[0]
    declared.tables["t1"].append_column(sa.Column("more", sa.Integer))
    for number in range(300):
        sa.Table(f"new{number}", declared, sa.Column("id", sa.Integer, primary_key=True))
    found |= {
        "check with differences": await longest.of(m.check()),
        "explain": await longest.of(m.explain("t1.more")),
        "autogenerate": await longest.of(m.autogenerate("more")),
    }
    await engine.dispose()
    return found


async def ledger(folder: str, url: str) -> dict[str, float]:
    """Read all that was ever applied, and what it says of scripts that are gone."""
    engine = create_async_engine(url)
    longest = Longest()
    m = Migrator(engine, script_location=folder)
    found = {
        "ledger": await longest.of(m.ledger()),
        "status with scripts": await longest.of(m.status(scripts=True)),
        "ensure_current, ahead": await longest.of(ensure_current(m, ahead="warn")),
    }
    await engine.dispose()
    return found


PROGRAMS = {each.__name__: each for each in (scripts, directives, models, ledger)}

if __name__ == "__main__":
    _, what, where, database = sys.argv
    print(json.dumps(asyncio.run(PROGRAMS[what](where, database))))
