"""The limit of an upgrade: the same statements in the same transactions, by the driver alone.

python rawdriver.py URL STATEMENTS.json        a list of transactions, each a list of SQL
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path


async def postgresql(url: str, transactions: list[list[str]]) -> None:
    import asyncpg

    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    for statements in transactions:
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement)
    await connection.close()


async def sqlite(url: str, transactions: list[list[str]]) -> None:
    import aiosqlite

    async with aiosqlite.connect(url.partition(":///")[2], isolation_level=None) as connection:
        for statements in transactions:
            await connection.execute("BEGIN IMMEDIATE")
            for statement in statements:
                await connection.execute(statement)
            await connection.execute("COMMIT")


run = sqlite if sys.argv[1].startswith("sqlite") else postgresql
asyncio.run(run(sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))))
