"""A run whose long statements a test follows, and other sessions that are in its way."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate.events import Event, StatementRunning

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from tests.project import Project

PATIENCE = 60.0
"""Seconds after which something that should happen counts as not happening."""
ADD_NAME = 'op.execute("ALTER TABLE users ADD COLUMN name text")'
SLOW_INDEX = """
op.execute('''
    CREATE FUNCTION gated(x int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
        IF x = 500 THEN PERFORM pg_advisory_xact_lock(42); END IF;
        RETURN x;
    END $$''')
op.execute("CREATE TABLE wide (id int, padding char(1000)) WITH (fillfactor = 10)")
op.execute("INSERT INTO wide SELECT id, '' FROM generate_series(1, 1000) AS id")
op.execute("CREATE INDEX ix_wide ON wide (gated(id))")
"""
"""An index whose build stands still half-way while a session holds the advisory lock 42."""


def users(project: Project, then: str = ADD_NAME) -> None:
    """Write two revisions: one makes a table, `then` is the other."""
    create = 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))'
    project.revision("a1", upgrade=create)
    project.revision("b2", "a1", upgrade=then)


@dataclass
class Watching:
    """An observer that keeps what it sees."""

    seen: list[Event] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, event: Event) -> None:
        self.seen.append(event)
        self._more.set()

    async def until(self, wanted: Callable[[StatementRunning], object]) -> StatementRunning:
        """Wait for such a word about a statement."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self._more.clear()
                for event in self.seen:
                    if isinstance(event, StatementRunning) and wanted(event):
                        return event
                await self._more.wait()


@asynccontextmanager
async def session(url: str, *statements: str) -> AsyncIterator[AsyncConnection]:
    """Another session, with a transaction in which it has run these statements."""
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(sa.text(statement))
            yield connection
    finally:
        await engine.dispose()
