"""One history, many databases: every tenant's database is migrated, several at a time.

python tenants.py sqlite+aiosqlite:///a.db sqlite+aiosqlite:///b.db …
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from asyncmigrate import MigrateError, Migrator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncmigrate import RunResult

MIGRATIONS = Path(__file__).parent / "migrations"


async def migrate_all(
    urls: Iterable[str], *, at_once: int = 10
) -> dict[str, RunResult | MigrateError]:
    """Bring every database up to date; one that fails does not keep the others from it.

    All of it happens in one event loop. Each run has a connection, a transaction, a lock and an
    `op` of its own.
    """
    free = asyncio.Semaphore(at_once)

    async def migrate(url: str) -> RunResult | MigrateError:
        async with free:
            try:
                return await Migrator(url, script_location=MIGRATIONS).upgrade("head")
            except MigrateError as error:
                return error

    urls = list(urls)
    return dict(zip(urls, await asyncio.gather(*map(migrate, urls)), strict=True))


async def main(urls: list[str]) -> int:
    failed = 0
    for url, outcome in (await migrate_all(urls)).items():
        if isinstance(outcome, MigrateError):
            failed += 1
            print(f"FAILED  {url}: {outcome.message}")
        else:
            print(f"ok      {url}: {len(outcome.steps)} migrations ran")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
