"""The limit of an upgrade: a tool's own statements in its own transactions, by the driver alone.

    python rawdriver.py URL STATEMENTS.json

The file holds a list of transactions, each a list of SQL; `null` first means: no transaction, each
statement stands for itself. Prints seconds of wall clock and of CPU, from connected to done.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Transactions = list[list[str | None]]


async def postgresql(url: str, transactions: Transactions) -> None:
    import asyncpg

    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await _measured(connection.execute, "BEGIN", transactions)
    await connection.close()


async def sqlite(url: str, transactions: Transactions) -> None:
    import aiosqlite

    async with aiosqlite.connect(url.partition(":///")[2], isolation_level=None) as connection:
        await _measured(connection.execute, "BEGIN IMMEDIATE", transactions)


async def _measured(
    execute: Callable[[str], Awaitable[Any]], begin: str, transactions: Transactions
) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    for first, *others in transactions:
        if first is not None:
            await execute(begin)
            await execute(first)
        for statement in others:
            await execute(str(statement))
        if first is not None:
            await execute("COMMIT")
    print(time.perf_counter() - wall, time.process_time() - cpu)


if __name__ == "__main__":
    run = sqlite if sys.argv[1].startswith("sqlite") else postgresql
    asyncio.run(run(sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))))
