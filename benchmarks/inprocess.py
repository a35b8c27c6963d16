"""`upgrade head` inside a running event loop with a connected engine: run as a process of its own.

    python inprocess.py (alembic|amigrate) URL ROUNDS        in the project's folder

Prints one line per round: seconds of wall clock, seconds of CPU. A first round is thrown away.
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
    """Return Alembic's way: its documented sharing of a connection, through `run_sync`."""
    from alembic import command
    from alembic.config import Config

    config = Config("alembic.ini")
    config.set_main_option("script_location", "shared")

    def upgrade(connection: Any) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")

    async def run() -> None:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)

    return run


def with_amigrate(engine: AsyncEngine) -> Callable[[], Awaitable[object]]:
    """Return our way."""
    from asyncmigrate import Migrator

    migrator = Migrator.from_config("asyncmigrate.toml", engine=engine)
    return lambda: migrator.upgrade("heads")


async def main(tool: str, url: str, rounds: int) -> None:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
    upgrade = {"alembic": with_alembic, "amigrate": with_amigrate}[tool](engine)
    for number in range(rounds + 1):
        wall, cpu = time.perf_counter(), time.process_time()
        await upgrade()
        if number:
            print(time.perf_counter() - wall, time.process_time() - cpu)
    await engine.dispose()


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
