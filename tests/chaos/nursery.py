"""A process that imports everything once and then forks children that upgrade a database.

One line in (JSON: url, scripts, perhaps settings and when to kill it) starts a child. Two lines
come back: its number, and in the end `exited CODE` or `killed`. A child costs milliseconds instead
of a new interpreter.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from typing import Any

import aiomysql  # noqa: F401 -- imported before the forks
import aiosqlite  # noqa: TC002
import asyncmy  # noqa: F401
import asyncpg  # noqa: F401
import psycopg  # noqa: F401
from sqlalchemy import event
from sqlalchemy.pool import Pool

import asyncmigrate.engine.logs
import asyncmigrate.engine.run
import asyncmigrate.scripts.headers  # noqa: F401
from asyncmigrate import Migrator

TICK = 20
"""Steps of SQLite's machine between two counts."""


def child(order: dict[str, Any]) -> None:
    """Upgrade and leave at once."""
    code = 1
    try:
        if "kill_at_statement" in order or "kill_at_tick" in order:
            _die_in_sqlite(order.get("kill_at_statement", 0), order.get("kill_at_tick", 0))
        upgrading = Migrator(
            order["url"], script_location=order["scripts"], **order.get("settings", {})
        )
        asyncio.run(upgrading.upgrade("head"))
        code = 0
    finally:
        os._exit(code)


def _die_in_sqlite(statement: int, tick: int) -> None:
    """Have this process killed when SQLite begins a statement, or in the middle of one."""
    counts = {"statement": 0, "tick": 0}

    def counted(what: str, last: int) -> None:
        counts[what] += 1
        if counts[what] == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def connected(adapter: Any, _: object) -> None:
        def listen(file: aiosqlite.Connection) -> Any:
            if tick:
                return file.set_progress_handler(lambda: counted("tick", tick), TICK)
            return file.set_trace_callback(lambda _: counted("statement", statement))

        adapter.run_async(listen)

    event.listen(Pool, "connect", connected)


def main() -> None:
    """Serve until standard input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        number = os.fork()
        if number == 0:
            child(order)
        print(number, flush=True)
        if "kill_after" in order:
            time.sleep(order["kill_after"])
            os.kill(number, signal.SIGKILL)
        _, status = os.waitpid(number, 0)
        signalled = os.WIFSIGNALED(status)
        print("killed" if signalled else f"exited {os.WEXITSTATUS(status)}", flush=True)


if __name__ == "__main__":
    main()
