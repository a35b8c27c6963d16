"""The limit of `check`: its queries through the driver alone, and the rows compared as tuples.

python rawcheck.py URL       in the project's folder, where `checking.py fill` was
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from pathlib import Path
from typing import Any

ASKED = Path("asked.pickle")
Asked = list[tuple[str, Any, list[Any]]]
"""Statements with their values and rows."""


def asked() -> Asked:
    """Return what `checking.py fill` wrote down."""
    found: Asked = pickle.loads(ASKED.read_bytes())
    return found


async def rows(driver: Any, statement: str, values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    if hasattr(driver, "fetch"):
        return list(map(tuple, await driver.fetch(statement, *values)))
    async with driver.execute(statement, values) as cursor:
        return list(await cursor.fetchall())


async def compared(driver: Any, expectations: Asked) -> None:
    """Ask, and compare."""
    for statement, values, expected in expectations:
        assert await rows(driver, statement, values) == expected


async def main(url: str) -> None:
    expectations = asked()
    if url.startswith("sqlite"):
        import aiosqlite

        async with aiosqlite.connect(url.partition(":///")[2]) as connection:
            await compared(connection, expectations)
    else:
        import asyncpg

        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        await compared(connection, expectations)
        await connection.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
