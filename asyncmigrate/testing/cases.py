"""Tests of what one revision does to data.

    async with migration_case("ae10") as case:
        await case.insert("users", {"id": 1, "name": "Ada Lovelace"})
        await case.upgrade()
        assert await case.rows("users") == [{"id": 1, "first": "Ada", "last": "Lovelace"}]

Tables are reflected as they are at that moment: the application's models are those of today.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Connection, MetaData, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate.engine.connection import across
from asyncmigrate.testing import running
from asyncmigrate.testing.ephemeral import ephemeral
from asyncmigrate.testing.filling import Filling, fill
from asyncmigrate.testing.settings import settings, values_of
from asyncmigrate.testing.snapshots import own_tables

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from asyncmigrate.migrator import Migrator
    from asyncmigrate.testing.fresh import Given
    from asyncmigrate.testing.making import Values

    Row: TypeAlias = Mapping[str, Any]
    Rows: TypeAlias = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class MigrationCase:
    """A database at the revision before the one that is tested."""

    revision: str
    url: str
    engine: AsyncEngine
    """For statements of your own; it keeps no connection between two uses."""
    migrator: Migrator
    """The history, on this database."""

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

    async def fill(
        self, *tables: str, rows: int = 10, seed: int = 0, values: Values | None = None
    ) -> dict[str, int]:
        """Fill tables with made-up rows that they allow; return how many each of them got.

        All tables, or those that are named, as they are now. The same seed makes the same rows:
        NULLs, duplicates, the least and the most of each type among them. `values` says what
        columns hold instead: see `fuzz_values`.

        Raises:
            UnfilledTablesError: a table got none, with what the database said.
            NoSuchTableError: SQLAlchemy's; there is no table of such a name.
        """
        wanted = Filling(
            rows=rows,
            seed=f"{seed}/{self.revision}",
            values=values_of(settings(self.migrator.config)) if values is None else values,
            own=own_tables(self.migrator),
        )
        async with self.engine.begin() as connection:
            came = await across(connection, fill, wanted, known={}, only=tables)
        if came.empty:
            raise UnfilledTablesError(came.empty)
        return {table: len(made) for table, made in came.rows.items()}

    async def table(self, name: str) -> Table:
        """Return a table (`name` or `schema.name`) as it is now, for statements of your own."""
        async with self.engine.connect() as connection:
            return await across(connection, _reflected, name)

    async def upgrade(self) -> None:
        """Run the revision. Raises StepFailedError."""
        await self.migrator.upgrade(self.revision)

    async def downgrade(self) -> None:
        """Undo the revision. Raises StepFailedError, IrreversibleError."""
        await self.migrator.downgrade("-1")


def _reflected(connection: Connection, name: str) -> Table:
    schema, _, table = name.rpartition(".")
    return Table(table, MetaData(), schema=schema or None, autoload_with=connection)


class UnfilledTablesError(AssertionError):
    """Tables for which no row could be made up: say what they hold."""

    def __init__(self, tables: Mapping[str, str]) -> None:
        self.tables = dict(tables)
        told = "; ".join(f"{name}: {said}" for name, said in tables.items())
        super().__init__(
            f"No row could be made up for {told}. Say what the columns hold: values={{...}}."
        )


@asynccontextmanager
async def migration_case(
    revision: str, *, migrator: Migrator | None = None, given: Given | None = None
) -> AsyncIterator[MigrationCase]:
    """Give a database at the revision before `revision`, with nothing in it.

    Without a migrator the history is that of the project's settings. Without `given` the database
    is on the server of the test run where pytest runs with this package's plugin, and else on one
    that is found or started for the block, in the plugin's order. `given` is for your own:
    `functools.partial(server.database, migrator)`.

    Raises:
        TargetError: there is no such revision.
        ServerUnavailableError, ServerStartError, DatabaseConnectionError: there is no server.
    """
    migrator = migrator or running.migrator()
    graph = migrator.graph()
    found = graph[migrator.show(revision)[0].revision.id]
    before = graph.parents(found.id) or ["base"]
    async with _giving(migrator, given) as give, give(*sorted(before)) as url:
        engine = create_async_engine(url, poolclass=NullPool)
        yield MigrationCase(found.id, url, engine, migrator.on(url))


@asynccontextmanager
async def _giving(migrator: Migrator, given: Given | None) -> AsyncIterator[Given]:
    given = given or running.given(migrator)
    if given is not None:
        yield given
        return
    async with ephemeral(settings(migrator.config)) as server:
        yield partial(server.database, migrator)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCase:
    """A case as a value: rows by table before, after, and after the way back."""

    revision: str
    before: Rows
    """What is inserted before `upgrade()`."""
    after: Rows
    """What the tables must hold after it."""
    undone: Rows | None = None
    """What `downgrade()` must leave; None: it is not run."""

    async def check(self, *, migrator: Migrator | None = None, given: Given | None = None) -> None:
        """Run it; see `migration_case`. Raises AssertionError with both sides."""
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
