"""`check` inside a running event loop with a connected engine: run as a process of its own.

    python checking.py (alembic|amigrate|limit) URL ROUNDS      in the project's folder
    python checking.py fill URL                                 makes what the models declare

Prints one line per round: seconds of wall clock, seconds of CPU, statements. A first round is
thrown away. `fill` writes what the limit asks, and the answers, into `asked.pickle`.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
import time
from typing import TYPE_CHECKING, Any

import rawcheck
import sqlalchemy as sa
from databases import VERSION_TABLE
from sqlalchemy.ext.asyncio import create_async_engine

sys.path.insert(0, "")

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncEngine

    Check = Callable[[], Awaitable[object]]

ASKED = ("pg_catalog", "pragma_", "sqlite_master", "pragma ")
"""Words of queries about the catalog."""


class Statements:
    """What an engine sends, counted and kept."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.sent: list[tuple[str, Any]] = []
        sa.event.listen(engine.sync_engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        self.sent.append((statement, values))


def with_alembic(engine: AsyncEngine) -> Check:
    """Return Alembic's way: its documented sharing of a connection, through `run_sync`."""
    from alembic import command
    from alembic.config import Config

    config = Config("alembic.ini")
    config.set_main_option("script_location", "shared")
    config.print_stdout = lambda *_: None  # type: ignore[method-assign]

    def check(connection: Any) -> None:
        config.attributes["connection"] = connection
        command.check(config)

    async def run() -> None:
        async with engine.connect() as connection:
            await connection.run_sync(check)

    return run


def with_amigrate(engine: AsyncEngine) -> Check:
    """Return our way."""
    from asyncmigrate import Migrator

    migrator = Migrator.from_config("asyncmigrate.toml", engine=engine)

    async def run() -> None:
        result = await migrator.check()
        assert result.is_equal, result.differences[:5]

    return run


def with_the_driver(engine: AsyncEngine) -> Check:
    """Return the limit: our queries through the driver, and their rows compared."""
    expectations = rawcheck.asked()

    async def run() -> None:
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            await rawcheck.compared(raw.driver_connection, expectations)

    return run


SIDES = {"alembic": with_alembic, "amigrate": with_amigrate, "limit": with_the_driver}


async def measured(tool: str, url: str, rounds: int) -> None:
    engine = create_async_engine(url)
    statements = Statements(engine)
    async with engine.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
    import models  # noqa: F401 -- an application has its models

    check = SIDES[tool](engine)
    for number in range(rounds + 1):
        statements.sent.clear()
        wall, cpu = time.perf_counter(), time.process_time()
        await check()
        if number:
            costs = (time.perf_counter() - wall, time.process_time() - cpu)
            print(*costs, len(statements.sent))
    await engine.dispose()


def of_postgresql() -> list[str]:
    """Return what our one question to PostgreSQL is made of: queries that give plain rows."""
    from asyncmigrate.dialects import postgresql_queries as queries
    from asyncmigrate.dialects.postgresql_uncompared import uncompared
    from asyncmigrate.schema.scope import Scope

    scope = Scope()
    asked = [queries.relations(), queries.named_types(scope), *queries.parts(15).values()]
    given = queries.seen(scope)
    return [f"{given}SELECT * FROM ({each.sql}) q" for each in (*asked, uncompared(scope))]


async def fill(url: str) -> rawcheck.Asked:
    from models import metadata

    engine = create_async_engine(url)
    async with engine.connect() as connection:
        # One transaction would hold more locks than a server has room for, by default.
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.run_sync(metadata.create_all)
        await connection.exec_driver_sql(VERSION_TABLE)  # or the first run makes it
    statements = Statements(engine)
    await with_amigrate(engine)()
    catalog = [each for each in statements.sent if any(word in each[0] for word in ASKED)]
    if engine.dialect.name == "postgresql":
        catalog = [(query, ()) for query in of_postgresql()]
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        asked = [(*each, await rawcheck.rows(driver, *each)) for each in catalog]
    await engine.dispose()
    return asked


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        rawcheck.ASKED.write_bytes(pickle.dumps(asyncio.run(fill(sys.argv[2]))))
    else:
        asyncio.run(measured(sys.argv[1], sys.argv[2], int(sys.argv[3])))
