"""What a MySQL or MariaDB server is doing, seen from beside."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

PATIENCE = 30.0
"""Seconds after which something that should happen counts as not happening."""

_RUNNING = """
SELECT id, info FROM information_schema.processlist
 WHERE db = DATABASE() AND id <> CONNECTION_ID() AND info IS NOT NULL
"""


async def running(engine: AsyncEngine) -> dict[int, str]:
    """Return what other sessions of this database run now, by the session's number."""
    async with engine.connect() as connection:
        found = (await connection.exec_driver_sql(_RUNNING)).all()
    return {row[0]: row[1] for row in found}


async def until_running(engine: AsyncEngine, text: str) -> None:
    """Wait until a session runs a statement with this text in it."""
    async with asyncio.timeout(PATIENCE):
        while not any(text in each for each in (await running(engine)).values()):  # noqa: ASYNC110 -- it is another process
            await asyncio.sleep(0.02)


async def until_idle(engine: AsyncEngine) -> None:
    """Wait until no other session of this database runs anything.

    The server shows a statement for a moment longer than it takes to answer it.
    """
    async with asyncio.timeout(PATIENCE):
        while await running(engine):  # noqa: ASYNC110 -- it is another process
            await asyncio.sleep(0.02)


async def kill(engine: AsyncEngine, text: str) -> None:
    """End the sessions that run a statement with this text in it."""
    for number, statement in (await running(engine)).items():
        if text in statement:
            async with engine.connect() as connection:
                await connection.exec_driver_sql(f"KILL {number}")
