"""Tests of what one revision does to data.

    async with migration_case("ae10", migrator=migrator, server=server) as case:
        await case.insert("users", {"id": 1, "name": "Ada Lovelace"})
        await case.upgrade()
        assert await case.rows("users") == [{"id": 1, "first": "Ada", "last": "Lovelace"}]

Tables are reflected as they are at that moment: the application's models are those of today.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Connection, MetaData, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate.engine.database import across
from asyncmigrate.testing.recipe import bound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from asyncmigrate.migrator import Migrator
    from asyncmigrate.testing.stairway import Given

    Row: TypeAlias = Mapping[str, Any]
    Rows: TypeAlias = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class MigrationCase:
    """A database at the revision before the one that is tested."""

    revision: str
    url: str
    engine: AsyncEngine
    migrator: Migrator

    async def insert(self, table: str, *rows: Row) -> None:
        """Insert rows into a table (`name` or `schema.name`) as it is now."""
        async with self.engine.begin() as connection:
            found = await across(connection, _reflected, table)
            for row in rows:  # each may have other columns
                await connection.execute(insert(found), [dict(row)])

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a table as it is now, in the order of the primary key."""
        async with self.engine.connect() as connection:
            found = await across(connection, _reflected, table)
            query = select(found).order_by(*(found.primary_key.columns or found.columns))
            return [dict(row) for row in (await connection.execute(query)).mappings()]

    async def upgrade(self) -> None:
        """Run the revision. Raises StepFailedError."""
        await self.migrator.upgrade(self.revision)

    async def downgrade(self) -> None:
        """Undo the revision. Raises StepFailedError, IrreversibleError."""
        await self.migrator.downgrade("-1")


def _reflected(connection: Connection, name: str) -> Table:
    schema, _, table = name.rpartition(".")
    return Table(table, MetaData(), schema=schema or None, autoload_with=connection)


@asynccontextmanager
async def migration_case(
    revision: str, *, migrator: Migrator, given: Given
) -> AsyncIterator[MigrationCase]:
    """Give a database at the revision before `revision`, with nothing in it.

    `given` makes it: `functools.partial(server.database, migrator)`. In pytest the fixture
    `amigrate_case` fills in both.

    Raises:
        TargetError: there is no such revision.
    """
    graph = migrator.graph()
    found = graph[migrator.show(revision)[0].revision.id]
    before = graph.parents(found.id) or ["base"]
    async with given(*sorted(before)) as url:
        engine = create_async_engine(url, poolclass=NullPool)
        yield MigrationCase(found.id, url, engine, bound(migrator, url))


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCase:
    """A case as a value: rows by table before, after, and after the way back."""

    revision: str
    before: Rows
    after: Rows
    undone: Rows | None = None
    """What `downgrade()` must leave; None: it is not run."""

    async def check(self, *, migrator: Migrator, given: Given) -> None:
        """Run it. Raises AssertionError with both sides."""
        async with migration_case(self.revision, migrator=migrator, given=given) as case:
            for table, rows in self.before.items():
                await case.insert(table, *rows)
            await case.upgrade()
            await _compare(case, self.after, "after upgrade()")
            if self.undone is not None:
                await case.downgrade()
                await _compare(case, self.undone, "after downgrade()")


async def _compare(case: MigrationCase, wanted: Rows, when: str) -> None:
    for table, rows in wanted.items():
        found, right = await case.rows(table), [dict(row) for row in rows]
        if found != right:
            raise AssertionError(
                f"{case.revision}: {table} {when} is\n  {found}\nand should be\n  {right}"
            )
