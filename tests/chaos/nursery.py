"""A process that imports everything once and then forks children that upgrade a database.

One line in, `URL SCRIPTS SECONDS`, starts a child and kills it after so many seconds; one line
comes back: `exited CODE` or `killed`. A child costs milliseconds instead of a new interpreter.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time

import aiosqlite  # noqa: F401 -- imported before the forks
import asyncpg  # noqa: F401
import psycopg  # noqa: F401

import asyncmigrate.engine.logs
import asyncmigrate.engine.run
import asyncmigrate.scripts.headers  # noqa: F401
from asyncmigrate import Migrator


def child(url: str, scripts: str) -> None:
    """Upgrade and leave at once."""
    code = 1
    try:
        asyncio.run(Migrator(url, script_location=scripts).upgrade("head"))
        code = 0
    finally:
        os._exit(code)


def main() -> None:
    """Serve until standard input ends."""
    for line in sys.stdin:
        url, scripts, seconds = line.strip().split(" ")
        number = os.fork()
        if number == 0:
            child(url, scripts)
        if seconds != "never":
            time.sleep(float(seconds))
            os.kill(number, signal.SIGKILL)
        _, status = os.waitpid(number, 0)
        signalled = os.WIFSIGNALED(status)
        print("killed" if signalled else f"exited {os.WEXITSTATUS(status)}", flush=True)


if __name__ == "__main__":
    main()
