"""The lease: a row that says who may migrate, for databases whose session locks exclude nobody.

Two rows in two tables. `amigrate_lease` says who holds the lease and carries the *fencing token*, a
number that grows with each taking; `amigrate_heartbeat` says until when, by the server's clock, and
is pushed on all the time. They are apart because the revision's own transaction writes the first
one just before it commits (`fence`): a heartbeat in the same row would have to wait for that
commit, and would clash with it on a cluster and on a MariaDB that keeps snapshots strictly.

A holder that was frozen for longer than its lease finds another token there, and commits nothing.
And while its commit is under way nobody can take the lease from it: that would change the same row.

Sync, in whatever transaction the caller has open.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.errors import LockLostError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine.interfaces import Dialect as SqlDialect

    from asyncmigrate.dialects.base import Dialect
    from asyncmigrate.engine.store import Store
    from asyncmigrate.history.revision import Heads

LEASE, HEARTBEAT = "amigrate_lease", "amigrate_heartbeat"
_GIVEN_BACK = "Another migrator took it meanwhile."


def _time(dialect: Dialect) -> sa.types.TypeEngine[datetime]:
    """Return the type of times."""
    if dialect.name not in {"mysql", "mariadb"}:
        return sa.DateTime(timezone=True)
    from sqlalchemy.dialects import mysql  # much to import

    return mysql.DATETIME(fsp=6)


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """What the two rows say. Times are the server's."""

    token: int
    holder: str | None
    """The name of whoever holds the lease or held it last and did not give it back."""
    host: str | None
    pid: int | None
    revision: str | None
    """What the database was at when the holder last committed."""
    since: datetime | None
    left: float
    """Seconds until it runs out; negative if it has."""

    @property
    def is_live(self) -> bool:
        """True if somebody holds it and it has not run out."""
        return self.holder is not None and self.left > 0


@dataclass(frozen=True)
class LeaseTable:
    """Reads and writes the lease of one version table."""

    store: Store
    dialect: Dialect

    @cached_property
    def lease(self) -> sa.Table:
        """The table that says who."""
        return sa.Table(
            LEASE,
            sa.MetaData(),
            sa.Column("name", sa.String(255), primary_key=True),
            sa.Column("token", sa.BigInteger, nullable=False),
            sa.Column("holder", sa.String(255)),
            sa.Column("host", sa.String(255)),
            sa.Column("pid", sa.Integer),
            sa.Column("revision", sa.Text),
            sa.Column("acquired_at", _time(self.dialect)),
            schema=self.store.schema,
        )

    @cached_property
    def heartbeat(self) -> sa.Table:
        """The table that says until when."""
        return sa.Table(
            HEARTBEAT,
            sa.MetaData(),
            sa.Column("name", sa.String(255), primary_key=True),
            sa.Column("token", sa.BigInteger, nullable=False),
            sa.Column("expires_at", _time(self.dialect), nullable=False),
            schema=self.store.schema,
        )

    def full_name(self, dialect: SqlDialect) -> str:
        """Return the quoted name of the table that is made last, with its schema."""
        return dialect.identifier_preparer.format_table(self.heartbeat)

    # --- reading -----------------------------------------------------------------------------

    def is_there(self, connection: sa.Connection) -> bool:
        """Return whether a lease was ever taken here. Reads only."""
        return sa.inspect(connection).has_table(HEARTBEAT, schema=self.store.schema)

    def has_row(self, connection: sa.Connection) -> bool:
        """Return whether a lease of this version table was ever taken here. Reads only."""
        return self.is_there(connection) and self.row(connection) is not None

    def row(self, connection: sa.Connection) -> LeaseRow | None:
        """Return what the tables say; None if they say nothing of this version table."""
        lease, heartbeat = self.lease.c, self.heartbeat.c
        query = sa.select(
            *(lease[name] for name in ("token", "holder", "host", "pid", "revision")),
            lease.acquired_at,
            heartbeat.expires_at,
            self._now.label("now"),
        ).where(lease.name == self._name, heartbeat.name == lease.name)
        found = connection.execute(query).mappings().first()
        if found is None:
            return None
        return LeaseRow(
            token=found["token"],
            holder=found["holder"],
            host=found["host"],
            pid=found["pid"],
            revision=found["revision"],
            since=in_utc(found["acquired_at"]),
            left=(found["expires_at"] - found["now"]).total_seconds(),
        )

    # --- taking, keeping, giving back -----------------------------------------------------------

    def create(self, connection: sa.Connection) -> None:
        """Create the tables and this version table's rows, whatever of it is missing."""
        connection.execute(sa.select(sa.literal_column(self.dialect.from_now(1))))  # or it cannot
        for table in (self.lease, self.heartbeat):
            table.create(connection, checkfirst=True)
        if not self._has(connection, self.lease):
            connection.execute(sa.insert(self.lease).values(name=self._name, token=0))
        if not self._has(connection, self.heartbeat):
            values = {"name": self._name, "token": 0, "expires_at": self._now}
            connection.execute(sa.insert(self.heartbeat).values(values))

    def _has(self, connection: sa.Connection, table: sa.Table) -> bool:
        query = sa.select(table.c.token).where(table.c.name == self._name)
        return connection.execute(query).first() is not None

    def take(
        self, connection: sa.Connection, seen: int, name: str, seconds: float, at: Heads
    ) -> int | None:
        """Take the lease whose token was `seen`; return ours, or None if another one was quicker.

        Waits for nobody: a holder that is about to commit keeps it.
        """
        lease, token = self.lease, seen + 1
        locked = sa.select(lease.c.token).where(lease.c.name == self._name)
        if connection.execute(locked.with_for_update(nowait=True)).scalar() != seen:
            return None
        values = {
            "token": token,
            "holder": name[:255],
            "host": platform.node()[:255],
            "pid": os.getpid(),
            "revision": _names(at),
            "acquired_at": self._now,
        }
        if connection.execute(self._change(lease, seen).values(values)).rowcount == 0:
            return None
        self._push(connection, token, seconds, of_any=True)
        return token

    def renew(self, connection: sa.Connection, token: int, seconds: float) -> bool:
        """Push the end on; return False if the lease is another one's by now."""
        return self._push(connection, token, seconds, of_any=False)

    def _push(self, connection: sa.Connection, token: int, seconds: float, *, of_any: bool) -> bool:
        change = self._change(self.heartbeat, None if of_any else token)
        after = self.dialect.from_now(seconds)
        until: sa.ColumnElement[Any] = sa.literal_column(after, _time(self.dialect))
        return connection.execute(change.values(token=token, expires_at=until)).rowcount != 0

    def seize(self, connection: sa.Connection, token: int) -> bool:
        """Take the lease from its holder, for nobody; return whether it was free to be taken.

        Waits for nobody: a holder that is about to commit keeps it.
        """
        locked = sa.select(self.lease.c.token).where(self.lease.c.name == self._name)
        if connection.execute(locked.with_for_update(nowait=True)).scalar() != token:
            return False
        self.release(connection, token)
        return True

    def release(self, connection: sa.Connection, token: int) -> None:
        """Give the lease back; nothing if it is another one's by now."""
        nobody = {"token": token + 1, "holder": None, "host": None, "pid": None}
        if connection.execute(self._change(self.lease, token).values(nobody)).rowcount:
            ended = {"token": token + 1, "expires_at": self._now}
            connection.execute(self._change(self.heartbeat, token).values(ended))

    # --- fencing --------------------------------------------------------------------------------

    def fence(self, connection: sa.Connection, token: int, after: Heads | None) -> None:
        """Make sure that the lease is still ours, up to the end of this transaction.

        To be called right before the commit, with the heads if they change by it. It writes the
        row, so that it is a cluster's conflict, too, if another migrator takes the lease meanwhile.

        Raises:
            LockLostError: it is another one's by now; nothing may be committed.
        """
        said = {"token": token} if after is None else {"revision": _names(after)}
        if connection.execute(self._change(self.lease, token).values(said)).rowcount == 0:
            raise self.lost(connection)

    def lost(self, connection: sa.Connection) -> LockLostError:
        """Return the error that names whoever has the lease now."""
        row = self.row(connection)
        holder = "" if row is None or row.holder is None else row.holder
        now = f"Another migrator has it now: {holder}." if holder else _GIVEN_BACK
        return lost(now, holder)

    def _change(self, table: sa.Table, token: int | None) -> sa.Update:
        change = sa.update(table).where(table.c.name == self._name)
        return change if token is None else change.where(table.c.token == token)

    @property
    def _name(self) -> str:
        return self.store.version_table

    @property
    def _now(self) -> sa.ColumnElement[Any]:
        return sa.literal_column(self.dialect.now, _time(self.dialect))


@dataclass(frozen=True, slots=True)
class Fence:
    """What stands between a migrator and its commit: the number of its lease."""

    table: LeaseTable
    token: int

    def hold(self, connection: sa.Connection, after: Heads | None = None) -> None:
        """Make sure that the lease is ours until this transaction ends; `after` are its heads.

        Raises:
            LockLostError: it is another one's.
        """
        self.table.fence(connection, self.token, after)


def lost(now: str, holder: str = "") -> LockLostError:
    """Return the error for a lease that ran out; `now` says what became of it."""
    return LockLostError(
        f"This migrator lost its lease: nothing was heard of it for lease_seconds. {now}",
        holder=holder,
        state="The revision that was running was rolled back.",
        next="Run `amigrate status`; what is still pending then is run by `amigrate upgrade`. If "
        "this process was not frozen, raise lease_seconds.",
    )


def in_utc(time: datetime | None) -> datetime | None:
    """Return a time with its zone, which MySQL does not keep."""
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


def _names(heads: Heads) -> str:
    return ", ".join(sorted(heads)) or "base"
