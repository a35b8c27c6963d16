"""One upgrade from empty inside a running event loop with a connected engine: a process per round.

    python upgrading.py (alembic|amigrate) URL        in the project's folder

Everything is imported before the clock starts, as in an application. Prints seconds of wall clock
and of CPU.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import create_async_engine

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncEngine


def with_alembic(engine: AsyncEngine) -> Callable[[], Awaitable[object]]:
    """Return Alembic's way: what the env.py of its async template does, on our engine."""
    from alembic import command
    from alembic.config import Config

    config = Config("alembic.ini")
    config.set_main_option("script_location", "shared")

    def upgrade(connection: Any) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")

    async def run() -> None:
        async with engine.connect() as connection:
            await connection.run_sync(upgrade)

    return run


def with_amigrate(engine: AsyncEngine) -> Callable[[], Awaitable[object]]:
    """Return our way."""
    import asyncmigrate.engine.run  # noqa: F401 -- imported before the clock starts, as Alembic is
    from asyncmigrate import Migrator

    migrator = Migrator.from_config("asyncmigrate.toml", engine=engine)
    return lambda: migrator.upgrade("heads")


async def main(tool: str, url: str) -> None:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
    upgrade = {"alembic": with_alembic, "amigrate": with_amigrate}[tool](engine)
    wall, cpu = time.perf_counter(), time.process_time()
    await upgrade()
    print(time.perf_counter() - wall, time.process_time() - cpu)
    await engine.dispose()


asyncio.run(main(*sys.argv[1:]))
