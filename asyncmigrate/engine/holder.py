"""Who holds the migration lock, and how one whose owner is dead is taken away.

A session lock ends with its session, so a lock of a dead process is rare: it needs a machine that
vanished, or something in between (a proxy, a tunnel) that kept the connection open. Then the server
waits for hours of TCP keepalive. Such a session may be ended, but only one that is provably ours
and provably dead: its name says this host and a process that does not exist here, and it came to
the server from where we come from. Whatever is less sure is refused.

A lease (see `lease`) of a dead process runs out by itself. It may be taken earlier if the process
was one of this host, and is gone; should that be wrong, it is fenced off and commits nothing.
"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from asyncmigrate.engine.connection import side_connection
from asyncmigrate.engine.lease_table import LeaseTable
from asyncmigrate.engine.settle import brief
from asyncmigrate.engine.transaction import Transaction
from asyncmigrate.engine.turn import BusyError
from asyncmigrate.errors import LockHeldError

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult

    from asyncmigrate.engine.database import Database
    from asyncmigrate.engine.lease_table import LeaseRow
    from asyncmigrate.engine.store import Store

_LONGEST_NAME = 63
"""PostgreSQL cuts what is longer."""
_PATIENCE = 5.0
_FILE = "another connection to the file"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever holds the lock, as far as the server tells."""

    name: str
    """The session's name (`amigrate:HOST:PID`), or the words that the server has for it."""
    server_process: int | None = None
    """The session's number on the server."""
    since: datetime | None = None
    host: str | None = None
    pid: int | None = None
    is_from_here: bool = False
    """Whether its session reached the server from the same address as ours."""
    token: int | None = None
    """The number of its lease, if that is what it holds."""
    left: float | None = None
    """Seconds until its lease runs out; negative if it has."""
    at: tuple[str, ...] = ()
    """What the database is at: how far it has got."""

    def __str__(self) -> str:
        """Return the holder as a part of a sentence."""
        number = f" (server process {self.server_process})" if self.server_process else ""
        if self.token is not None:
            number = f" (lease {self.token})"
        since = f" since {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else ""
        return f"{self.name}{number}{since}"

    @property
    def has_run_out(self) -> bool:
        """True if it is a lease that anybody may take."""
        return self.left is not None and self.left <= 0

    @property
    def is_dead(self) -> bool:
        """True if its process is certain not to exist any more."""
        if self.pid is None or not self.is_from_here:
            return False
        if self.host not in {_host(self.pid), platform.node()}:
            return False
        return not _exists(self.pid)

    def to_json(self) -> dict[str, Any]:
        """Return the shape of `lock --json`."""
        return {
            "name": self.name,
            "host": self.host,
            "pid": self.pid,
            "server_process": self.server_process,
            "since": None if self.since is None else self.since.isoformat(),
            "lease": self.token,
            "seconds_left": self.left,
            "at": list(self.at),
        }


def session_name() -> str:
    """Return the name by which others see the session that holds our lock."""
    pid = os.getpid()
    return f"amigrate:{_host(pid)}:{pid}"


def _host(pid: int) -> str:
    return platform.node()[: _LONGEST_NAME - len(f"amigrate::{pid}")]


def _exists(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # there is no harmless way to ask
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


async def holder_of(database: Database, store: Store, key: int) -> Holder | None:
    """Return who holds the lock, or a lease; None if nobody does. Reads only."""
    if database.dialect.begin is not None:
        if database.joined:
            return None
        await database.set_transactional()
        return await database.run(_tried, database)
    await database.set_autocommit()
    query = database.dialect.lock_details(key)
    found = await database.run(_asked, query) if query is not None else None
    found = found or await database.run(_leased, LeaseTable(store, database.dialect))
    if found is None or database.joined:
        return found
    return replace(found, at=tuple(sorted(await database.run(store.heads))))


def _leased(connection: Connection, table: LeaseTable) -> Holder | None:
    row = table.row(connection) if table.is_there(connection) else None
    return None if row is None else leaseholder(row)


def leaseholder(row: LeaseRow) -> Holder | None:
    """Return who holds a lease, or held it last and did not give it back."""
    if row.holder is None:
        return None
    return Holder(
        name=row.holder,
        since=row.since and row.since.replace(microsecond=0),
        host=row.host,
        pid=row.pid,
        is_from_here=True,  # its host's name has to be ours all the same
        token=row.token,
        left=row.left,
    )


def _asked(connection: Connection, query: str) -> Holder | None:
    return holder(connection.exec_driver_sql(query))


def holder(answer: CursorResult[Any]) -> Holder | None:
    """Return what a server has answered to `lock_details`."""
    row = answer.mappings().first()
    if row is None or row["process"] is None:
        return None
    name = str(row["name"] or "somebody")
    host, pid = _parts(name)
    age = float(row["age"] or 0.0)
    return Holder(
        name=name,
        server_process=int(row["process"]),
        since=datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=int(age)),
        host=host,
        pid=pid,
        is_from_here=bool(row["is_from_here"]),
    )


def _parts(name: str) -> tuple[str | None, int | None]:
    """Return the host and the process of one of our names.

    >>> _parts("amigrate:web-1:4711"), _parts("psql")
    (('web-1', 4711), (None, None))
    """
    ours, _, rest = name.partition(":")
    host, _, pid = rest.rpartition(":")
    return (host, int(pid)) if ours == "amigrate" and host and pid.isdecimal() else (None, None)


def _tried(connection: Connection, database: Database) -> Holder | None:
    """Try SQLite's write lock, which names nobody."""
    transaction = Transaction(connection, database.dialect, patience=database.patience or 0)
    try:
        transaction.begin()
    except BusyError:
        return Holder(_FILE)
    transaction.rollback()
    return None


async def release(database: Database, store: Store, key: int) -> Holder | None:
    """Take the lock from a holder whose process is dead; return it, or None if nobody holds it.

    A lease that has run out is taken, too.

    Raises:
        LockHeldError: it is not certain that the holder is dead.
    """
    found = await holder_of(database, store, key)
    if found is None:
        return None
    if found.token is not None:
        await _end_lease(database, store, found)
        return found
    statement = database.dialect.end_lock_session(key, found.server_process or 0)
    if not found.is_dead or statement is None:
        by_hand = database.dialect.end_session(found.server_process or 0)
        raise LockHeldError(
            f"The migration lock is held by {found}, and it is not certain that its process is "
            "dead.",
            holder=str(found),
            next="Look for that process; when it ends, so does its lock. If its machine is gone, "
            f"end the session on the server{': ' if by_hand else ''}{by_hand}.",
        )
    async with side_connection(database.connection.engine) as control:
        await brief(control.exec_driver_sql(statement))
    await _gone(database, key, found)
    return found


async def _end_lease(database: Database, store: Store, found: Holder) -> None:
    table, token = LeaseTable(store, database.dialect), found.token or 0
    may = found.has_run_out or found.is_dead
    try:
        if may and await database.run(_seized, table, token):
            return
    except DBAPIError as error:
        if not database.dialect.is_lock_timeout(error):  # then it is about to commit
            raise
    raise LockHeldError(
        f"The migration lock is held by {found}, and it is not certain that its process is dead.",
        holder=str(found),
        next=f"Its lease runs out {max(found.left or 0.0, 0.0):.0f} s from now unless a heartbeat "
        "comes; then the next migrator takes it by itself.",
    )


def _seized(connection: Connection, table: LeaseTable, token: int) -> bool:
    if connection.in_transaction():
        return table.seize(connection, token)
    with connection.begin():
        return table.seize(connection, token)


async def _gone(database: Database, key: int, ended: Holder) -> None:
    """Wait until the server has noticed that it ended a session."""
    deadline = time.monotonic() + _PATIENCE
    query = database.dialect.lock_details(key) or ""
    while time.monotonic() < deadline:
        left = await database.run(_asked, query)
        if left is None or left.server_process != ended.server_process:
            return
        await asyncio.sleep(0.05)
