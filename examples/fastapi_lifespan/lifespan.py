"""Migrations that run when the application starts, in the application's own event loop.

Nothing here needs FastAPI: Starlette, Litestar or a plain script can use it in the same way.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmigrate import Migrator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

MIGRATIONS = Path(__file__).parent / "migrations"


@asynccontextmanager
async def migrated(engine: AsyncEngine) -> AsyncIterator[Migrator]:
    """Bring the database up to date, then let the application run.

    With several replicas, one of them migrates and the others wait for it. If a migration
    fails, the application does not start, and the failed revision is rolled back.
    """
    migrator = Migrator(engine, script_location=MIGRATIONS)
    await migrator.upgrade("head")
    try:
        yield migrator
    finally:
        await engine.dispose()


async def health(migrator: Migrator) -> tuple[int, dict[str, Any]]:
    """Return an HTTP status and a body: 200 if the database has every migration, else 503."""
    status = await migrator.status()
    body = {
        "database": "up to date" if status.is_up_to_date else "not up to date",
        "current": list(status.current),
        "pending": [revision.id for revision in status.pending],
        "unknown": list(status.unknown),
    }
    return (200 if status.is_up_to_date else 503), body
