"""The session that holds the lock is idle while revisions run, and must not be ended for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.errors import LockTimeoutError

if TYPE_CHECKING:
    from tests.project import Project

PATIENCE = 30.0
AT_WORK = sa.text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid() AND state = 'active'"
)


async def test_a_postgresql_that_ends_idle_sessions_soon_does_not_end_the_one_with_the_lock(
    postgres_url: str, project: Project
) -> None:
    project.revision("a1", upgrade='op.execute("SELECT pg_sleep(600)")')
    impatient = create_async_engine(
        postgres_url, connect_args={"server_settings": {"idle_session_timeout": "700"}}
    )
    task = asyncio.create_task(
        Migrator(impatient, script_location=project.script_location).upgrade("head")
    )
    watcher = create_async_engine(postgres_url, isolation_level="AUTOCOMMIT")
    async with asyncio.timeout(PATIENCE), watcher.connect() as connection:
        while not (await connection.execute(AT_WORK)).scalar():  # noqa: ASYNC110 -- it is a server
            await asyncio.sleep(0.02)
    await asyncio.sleep(1.2)
    hasty = Migrator(watcher, script_location=project.script_location, lock_timeout=0)

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(LockTimeoutError, match="held by amigrate:"):
            await hasty.upgrade("head")

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await impatient.dispose()
    await watcher.dispose()
