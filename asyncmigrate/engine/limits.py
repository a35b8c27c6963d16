"""How long a statement may take, and how long it may wait for somebody else's lock on a table.

An ALTER TABLE that waits for a lock makes everybody who comes after it wait, too: a long SELECT and
one migration stop a whole application. So a revision that has waited for long enough is rolled
back, lets the others pass, and tries again a little later, and whoever was in its way is named.

The limits are set in each attempt's own transaction, by the session: a rollback takes them back
and the next attempt sets them again, and what a script does outside of a transaction has them, too.
They hold for whatever the script sends, raw SQL included. At the end of the run the session has
again what it had before: it may go back to the application's pool.
"""

from __future__ import annotations

import asyncio
import math
import random
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import event

from asyncmigrate.engine.connection import across
from asyncmigrate.engine.settle import closed
from asyncmigrate.events import Blocked
from asyncmigrate.scripts import simple_query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator

    from sqlalchemy import Connection

    from asyncmigrate.config import Settings
    from asyncmigrate.engine.activity import Blocker
    from asyncmigrate.engine.database import Database
    from asyncmigrate.engine.transaction import Transaction
    from asyncmigrate.engine.watch import Watch
    from asyncmigrate.history.revision import Step
    from asyncmigrate.scripts.loader import Script

_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 30.0
_NAMES = ("statement_timeout", "table_lock_timeout")


@dataclass(slots=True)
class Limits:
    """The limits of one run, in seconds; 0 is none. A script may have its own, by their names."""

    watch: Watch
    """It knows who was in the way: when a wait is over the server does not know any more."""
    statement: float = 0.0
    table_lock: float = 0.0
    retries: int = 0
    _are_local: bool = field(default=False, init=False)
    """True behind a pooler, where others use the session next: they end with the transaction."""

    @classmethod
    def of(cls, settings: Settings, watch: Watch) -> Limits:
        """Return those that the settings give."""
        return cls(
            watch, settings.statement_timeout, settings.table_lock_timeout, settings.lock_retries
        )

    @property
    def database(self) -> Database:
        """The database that they are set on."""
        return self.watch.database

    def for_script(self, script: Script | None) -> tuple[float, float]:
        """Return the limits of one script: what it says itself comes first."""
        return tuple(  # type: ignore[return-value]  # they are two
            float(getattr(script and script.module, name, default))
            for name, default in zip(_NAMES, (self.statement, self.table_lock), strict=True)
        )

    @contextmanager
    def held(self, connection: Connection, script: Script) -> Iterator[None]:
        """Set the limits of a script in the transaction that has begun, and keep them in the block.

        A script for Alembic may roll that back itself; they are set again then.
        """
        limits = self.for_script(script)
        wanted = any(limits) or self.statement or self.table_lock
        statement = self.database.dialect.limits(*limits, local=self._are_local) if wanted else None
        if self.database.joined or statement is None:
            yield
            return
        options = simple_query.options_for(connection)
        connection.exec_driver_sql(statement, execution_options=options)
        with _set_again(connection, statement) if script.is_alembics else nullcontext():
            yield

    @asynccontextmanager
    async def in_use(self, scripts: Iterable[Script]) -> AsyncIterator[None]:
        """Give the session back, at the end of the block, the limits that it had before."""
        wanted = [self.for_script(script) for script in scripts]
        shortest = min((lock for _, lock in wanted if lock), default=math.inf)
        self.watch.look_within(shortest)
        query = self.database.dialect.limits_before(await self.database.driver())
        if self.database.joined or query is None or not any(any(each) for each in wanted):
            yield
            return
        before = await self.database.run(_asked, query)
        self._are_local = before is None
        try:
            yield
        finally:
            connection = self.database.connection
            if before is not None and not (connection.closed or connection.invalidated):
                await closed(across(connection, _restored, before))

    async def retried(
        self, attempt: Callable[[], Awaitable[None]], step: Step, transaction: Transaction
    ) -> None:
        """Run an attempt at a step, again and again while it is in vain for a lock on a table."""
        pause = _FIRST_PAUSE
        for left in range(self.retries, -1, -1):
            self.watch.begin_attempt()
            try:
                await attempt()
            except Exception as error:
                if not left or not self._may_try_again(error, transaction):
                    raise
            else:
                return
            seconds = pause * random.uniform(0.5, 1.5)
            revision = step.revision.id if step.revision else "base"
            in_the_way = tuple(map(str, self.watch.blockers))
            self.watch.observe(Blocked(revision, in_the_way, left, seconds))
            await asyncio.sleep(seconds)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def in_the_way_of(self, error: Exception) -> tuple[Blocker, ...]:
        """Return the sessions that the statement waited for when it failed."""
        is_theirs = self.watch.is_blocked or self.database.dialect.is_lock_timeout(error)
        return self.watch.blockers if is_theirs else ()

    def _may_try_again(self, error: Exception, transaction: Transaction) -> bool:
        """Return whether a lock was the reason, and nothing of the attempt has stayed."""
        if transaction.joined or transaction.committed_early:
            return False
        dialect = self.database.dialect
        return dialect.is_lock_timeout(error) and not transaction.journal.told(error)


def _asked(connection: Connection, query: str) -> str | None:
    found = connection.exec_driver_sql(query).scalar()
    connection.rollback()
    return None if found is None else str(found)


def _restored(connection: Connection, statement: str) -> None:
    try:
        connection.exec_driver_sql(statement)
        connection.commit()
    except Exception:
        connection.invalidate()  # better no session in the pool than one with our limits
        raise


@contextmanager
def _set_again(connection: Connection, statement: str) -> Iterator[None]:
    """Send a statement again before the first one that follows a rollback."""
    lost: list[object] = []

    def set_again(*_: object) -> None:
        if lost:
            lost.clear()
            cursor = connection.connection.cursor()
            cursor.execute(statement)
            cursor.close()

    listeners = (("rollback", lost.append), ("before_cursor_execute", set_again))
    for name, listener in listeners:
        event.listen(connection, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            event.remove(connection, name, listener)
