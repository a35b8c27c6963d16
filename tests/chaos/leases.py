"""Histories and questions for tests of the lease, on whatever server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate.dialects import by_name
from asyncmigrate.engine.lease_table import LeaseRow, LeaseTable
from asyncmigrate.engine.store import Store
from tests.chaos.processes import SLOW_START

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import sqlalchemy as sa

    from tests.project import Project

IDS = ("a1", "b2", "c3", "d4")
STORE = Store()
_WRITE = "op.execute(\"INSERT INTO journal VALUES ('{id}')\")\n"
_HELD = """
import pathlib
folder = pathlib.Path({folder!r})
try:
    (folder / "held").touch(exist_ok=False)
except FileExistsError:
    pass  # another migrator has been here
else:
    (folder / "at_work").touch()
    while not (folder / "let_go").exists():
        op.get_bind().exec_driver_sql("SELECT 1")
"""


def journaled(project: Project, *, lock: str = "lease", seconds: float = 1, held: str = "") -> None:
    """Write four revisions that write themselves into `journal`, and settings.

    The one that is `held` writes, then stands still until there is a file `let_go`; it does so for
    the first migrator only.
    """
    project.write("asyncmigrate.toml", f'lock = "{lock}"\nlease_seconds = {seconds}\n')
    create = 'op.create_table("journal", sa.Column("revision", sa.String(8)))\n'
    waits = _HELD.format(folder=str(project.root))
    for id, down in zip(IDS, (None, *IDS), strict=False):
        body = ("" if down else create) + _WRITE.format(id=id) + (waits if id == held else "")
        project.revision(id, down, upgrade=body)


async def asked(url: str, query: str) -> list[Any]:
    """Return the rows of a query, or change something; on a connection of its own."""
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        result = await connection.exec_driver_sql(query)
        rows = [tuple(row) for row in result] if result.returns_rows else []
    await engine.dispose()
    return rows


async def ran_once(url: str) -> None:
    """Assert that each revision ran once, in order, and that the lease was given back."""
    journal = await asked(url, "SELECT revision FROM journal ORDER BY revision")
    upgraded = await asked(
        url, "SELECT revision FROM amigrate_history WHERE outcome = 'upgraded' ORDER BY id"
    )
    versions = await asked(url, "SELECT version_num FROM alembic_version")

    assert [row[0] for row in journal] == list(IDS)
    assert [row[0] for row in upgraded] == list(IDS)
    assert versions == [(IDS[-1],)]


async def lease(url: str) -> LeaseRow | None:
    """Return the lease's row, None if no lease was ever taken."""
    engine = create_async_engine(url, poolclass=NullPool)
    table = LeaseTable(STORE, by_name(engine.dialect.name))

    def read(connection: sa.Connection) -> LeaseRow | None:
        return table.row(connection) if table.is_there(connection) else None

    async with engine.connect() as connection:
        row = await connection.run_sync(read)
    await engine.dispose()
    return row


async def until_held(project: Project) -> None:
    """Wait until a migrator stands still in the revision that is held."""
    async with asyncio.timeout(SLOW_START):
        while not (project.root / "at_work").exists():  # noqa: ASYNC110 -- in another process
            await asyncio.sleep(0.01)


STEAL = "UPDATE amigrate_lease SET token = token + 1, holder = 'amigrate:thief:7'"
"""What taking a lease from its holder comes down to."""


async def until(look: Callable[[], Awaitable[object]]) -> None:
    """Wait until a look finds something."""
    async with asyncio.timeout(SLOW_START):
        while not await look():  # noqa: ASYNC110 -- it is a server
            await asyncio.sleep(0.01)
