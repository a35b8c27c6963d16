"""The history table as a ledger: who ran which revision, when, and which script that was.

Only for people and for decisions that are rare; nothing here is on the way of an upgrade. Rows are
added and never changed: a repair is a row, too. The table may be missing, or be one that an older
version of this tool has made: what it lacks is empty.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from asyncmigrate.dialects.questions import answer
from asyncmigrate.dialects.unheard import unheard
from asyncmigrate.engine.columns import columns_of
from asyncmigrate.engine.probe import standing_checksums

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from asyncmigrate.config import Settings
    from asyncmigrate.engine.database import Database
    from asyncmigrate.engine.store import Entry, Store
    from asyncmigrate.events import Observer

_IS_THERE = frozenset({"upgraded", "stamped"})
_AT_ONCE = 2000
"""Rows that are asked for at once: an application's loop turns before the next ones."""
REPAIRED = "repaired"
"""The outcome that records a new checksum for a revision that is applied already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One row of the history table. Times are in UTC."""

    revision: str
    direction: str
    started_at: datetime
    finished_at: datetime
    outcome: str
    checksum: str
    host: str
    pid: int
    os_user: str
    tool_version: str
    error: str | None = None
    message: str | None = None
    """The revision's first line, so that it can be named where its script is not."""

    def __str__(self) -> str:
        """Return the row as a part of a sentence."""
        title = f" ({self.message})" if self.message else ""
        return (
            f"{self.revision}{title}, {self.outcome} {self.finished_at:%Y-%m-%d %H:%M} UTC "
            f"on {self.host} by asyncmigrate {self.tool_version}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return one item of `history --applied --json`."""
        shape = {item.name: getattr(self, item.name) for item in fields(self)}
        times = ("started_at", "finished_at")
        return shape | {name: shape[name].isoformat() for name in times}


def entries(connection: Connection, store: Store) -> tuple[Applied, ...]:
    """Return every row, oldest first; none if there is no history table. Reads only."""
    log = store.log
    there = set() if log is None else columns_of(connection, log)
    if log is None or not there:
        return ()
    names = [item.name for item in fields(Applied) if item.name in there]
    query = sa.select(log.c.id, *(log.c[name] for name in names)).order_by(log.c.id)
    found: list[Applied] = []
    page, after = query.limit(_AT_ONCE), None
    while True:
        rows = connection.execute(page if after is None else page.where(log.c.id > after)).all()
        found += (Applied(**dict(zip(names, map(_in_utc, row[1:]), strict=True))) for row in rows)
        if len(rows) < _AT_ONCE:
            return tuple(found)
        after = rows[-1][0]


def _in_utc(value: Any) -> Any:
    """Return a time with its zone, which SQLite and MySQL do not keep."""
    is_bare = isinstance(value, datetime) and value.tzinfo is None
    return value.replace(tzinfo=UTC) if is_bare else value


def standing(rows: Iterable[Applied]) -> dict[str, Applied]:
    """Return, for each revision that is applied as far as the rows tell, the row that says so."""
    found: dict[str, Applied] = {}
    for row in rows:
        if row.outcome == "downgraded":
            found.pop(row.revision, None)
        elif row.outcome in _IS_THERE:
            found[row.revision] = row
    return found


def checksums(connection: Connection, store: Store) -> dict[str, str]:
    """Return the checksum of each script that is applied as far as the table tells. Reads only."""
    if connection.in_transaction():
        return standing_checksums(_scripts(connection, store))
    rows = _scripts_at_once(connection, store)
    if rows is None:
        rows = _scripts(connection, store)
        connection.rollback()
    return standing_checksums(rows)


def _scripts(connection: Connection, store: Store) -> list[tuple[str, str, str]]:
    return [(row.revision, row.outcome, row.checksum) for row in entries(connection, store)]


def _scripts_at_once(connection: Connection, store: Store) -> list[tuple[str, str, str]] | None:
    """Return revision, outcome and checksum of each row by one question; None: ask differently.

    The connection must not be in a transaction, which a question that fails would break.
    """
    texts = None if store.log is None else store.texts(connection)
    if texts is None or connection.dialect.name != "postgresql":
        return None
    try:
        with unheard(connection):
            found = answer(connection, texts.scripts_as_json())
    except DBAPIError:  # no such table, as a rule
        return None
    finally:
        connection.rollback()
    return [(revision, outcome, checksum) for revision, outcome, checksum in found]


async def record_checksums(
    database: Database,
    store: Store,
    entries: Iterable[Entry],
    settings: Settings,
    observe: Observer,
) -> None:
    """Add rows to the history table, under the lock, in one transaction.

    Raises:
        LockTimeoutError: another migrator was at work for too long.
    """
    from asyncmigrate.engine.lock import migration_lock, when_free
    from asyncmigrate.engine.run import create_tables  # who only reads does without all of this

    timeout = settings.lock_timeout
    async with migration_lock(database, store, settings, observe):
        await create_tables(database, store, timeout=timeout, observer=observe)
        await when_free(database, timeout, observe, _append, database, store, entries)


def _append(
    connection: Connection, database: Database, store: Store, entries: Iterable[Entry]
) -> None:
    from asyncmigrate.engine.transaction import Transaction

    transaction = Transaction(
        connection, database.dialect, joined=database.joined, patience=database.patience or 0
    )
    transaction.begin()
    try:
        for entry in entries:
            store.append(connection, entry)
        transaction.commit()
    except BaseException:
        transaction.rollback()
        raise
