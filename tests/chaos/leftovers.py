"""What a run must not leave behind: on the server, in the file, in the process."""

from __future__ import annotations

import asyncio
import gc
import logging
import re
import sqlite3
import time
import warnings
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import psycopg

from tests.chaos.dump import is_mysql, mysql_admin, sync_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 60.0
"""Seconds after which something that should happen counts as not happening.

Long, for a machine that is busy: only a test that fails waits for so long. What a test must tell
from something that happens by itself later (a grace that is over, a statement that ends) is ten
times as late.
"""

_BUSY = """
SELECT pid, state, application_name, query, backend_type FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
   AND (state <> 'idle' OR %(idle_too)s)
"""
_ADVISORY = """
SELECT pid, objid FROM pg_locks WHERE locktype = 'advisory'
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

_MYSQL = """
SELECT p.id, p.command, p.info, t.trx_state FROM information_schema.processlist p
  LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
 WHERE p.db = DATABASE() AND p.id <> CONNECTION_ID() AND p.command <> 'Killed'
   AND (p.command <> 'Sleep' OR t.trx_id IS NOT NULL OR %s)
"""


def eventually(look: Callable[[], object], *, patience: float = PATIENCE) -> None:
    """Wait until `look` finds nothing more, and fail with what it found when patience ends."""
    deadline = time.monotonic() + patience
    while (found := look()) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert not found, found


def nothing_on_the_server(url: str, *, backends: bool = True) -> None:
    """Assert that no transaction and no lock is left; with `backends`, no session either.

    A session's end is seen by the server a moment after the client's, hence the patience.
    """
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(sync_url(url), timeout=0)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        return
    if is_mysql(url):
        with closing(mysql_admin(url)) as connection, connection.cursor() as cursor:
            eventually(lambda: cursor.execute(_MYSQL, [backends]) and cursor.fetchall())
        return
    with psycopg.connect(sync_url(url), autocommit=True) as admin:
        eventually(lambda: admin.execute(_BUSY, {"idle_too": backends}).fetchall())
        eventually(lambda: admin.execute(_ADVISORY).fetchall())


class Complaints(logging.Handler):
    """Collects what asyncio, SQLAlchemy and Python only mutter about."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))

    def on_loop(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.heard.append(f"{context.get('message')}: {context.get('exception')!r}")


_LOGGERS = ("asyncio", "sqlalchemy.pool", "aiosqlite", "psycopg")


@contextmanager
def no_complaints(*, but: str = "nothing of that") -> Iterator[Complaints]:
    """Assert that the block caused no warning, no log of an error, no exception in a `__del__`.

    `but` is a pattern for what may be complained of.
    """
    complaints = Complaints()
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addHandler(complaints)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield complaints
            gc.collect()
    finally:
        for logger in loggers:
            logger.removeHandler(complaints)
    heard = [each for each in complaints.heard if not re.match(but, each)]
    heard += [f"{each.filename}: {each.message}" for each in caught]
    assert not heard, "\n".join(heard)


def no_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Assert that no task is left in a loop that has stopped."""
    assert [task for task in asyncio.all_tasks(loop) if not task.done()] == []
