"""Both sides of a comparison, read at the same time: the database by the loop, models by a thread.

To a database far away nothing matters but how often it is waited for, so everything that is asked
of it travels in as few messages as there may be; and what models declare is worked out while the
database looks for its answer. In an application the loop stays free for others meanwhile.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.util import await_only

from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.engine.aside import aside
from asyncmigrate.errors import NotUpToDateError
from asyncmigrate.migrator.commands import heads_in
from asyncmigrate.migrator.edited import edited_on
from asyncmigrate.schema.collector import uncollected
from asyncmigrate.schema.declared import declared
from asyncmigrate.schema.elsewhere import done_by
from asyncmigrate.scripts.comparing import Comparators, likely_scope, sides_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import sqlalchemy as sa

    from asyncmigrate.dialects.catalog import Catalog
    from asyncmigrate.engine.database import Database
    from asyncmigrate.history.revision import Heads
    from asyncmigrate.migrator.commands import Commands
    from asyncmigrate.migrator.directive import Plugged
    from asyncmigrate.schema.compare import Comparison, Sides
    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.scope import Scope
    from asyncmigrate.schema.snapshot import Snapshot

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read:
    """What one visit to a database gives."""

    name: str
    """The database's URL without its password."""
    sides: Sides
    edited: tuple[str, ...] = ()
    """The revisions whose scripts were edited after they had been applied."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What one comparison gives."""

    read: Read
    comparison: Comparison
    plugged: Plugged | None = None
    """What plug-ins of Alembic's have found, if the project has any."""


async def read(
    migrator: Commands, metadatas: Sequence[sa.MetaData], scope: Scope, hooks: Comparators
) -> Read:
    """Read a database that is at its history's heads, and what models declare. Changes nothing.

    Raises:
        NotUpToDateError: the database is not at the heads.
        MetadataError: the models cannot be declared for this database.
    """
    graph = await migrator.read_graph()
    async with migrator.open_database() as database:
        store = migrator.store()
        rows = await heads_in(database, store)
        heads = frozenset(graph.real_heads)
        if rows != heads:
            raise behind(rows, heads)
        edited = await edited_on(database, store, migrator.config.settings, graph, rows)
        sides = await _sides(database, metadatas, scope, hooks)
        return Read(database.name, sides, edited)


def behind(rows: Heads, heads: Heads) -> NotUpToDateError:
    """Return the error for a database that is not at the heads."""
    return NotUpToDateError(
        f"The database is at {', '.join(sorted(rows)) or 'base'}, the history at "
        f"{', '.join(sorted(heads))}: what differs from the models now is partly what is pending.",
        next="Run `amigrate upgrade heads` first, or compare with the history alone: "
        "--from history.",
    )


async def _sides(
    database: Database, metadatas: Sequence[sa.MetaData], scope: Scope, hooks: Comparators
) -> Sides:
    catalog = await aside(catalog_of, database.connection.dialect.name)
    if not hasattr(catalog, "ahead"):
        await database.set_transactional()
    forms = await database.run(_forms, catalog, joined=database.joined)
    models, _ = await _both(
        asyncio.to_thread(_declared, metadatas, forms),
        database.run(_ahead, catalog, likely_scope(metadatas, forms, scope)),
    )
    return await database.run(_rest, catalog, models, scope, hooks, joined=database.joined)


@uncollected()
def _declared(metadatas: Sequence[sa.MetaData], forms: Forms) -> Snapshot:
    return declared(metadatas, forms)


def _forms(connection: sa.Connection, catalog: Catalog, *, joined: bool) -> Forms:
    """Return how the server prints, and end the transaction that asking began."""
    try:
        return catalog.forms(connection)
    finally:
        if not joined:
            connection.rollback()


def _ahead(connection: sa.Connection, catalog: Catalog, scope: Scope) -> None:
    ask = getattr(catalog, "ahead", None)
    if ask is not None:
        ask(connection, scope)


@uncollected()
def _rest(
    connection: sa.Connection,
    catalog: Catalog,
    models: Snapshot,
    scope: Scope,
    hooks: Comparators,
    *,
    joined: bool,
) -> Sides:
    """Read what is left, in a transaction that is rolled back: what was made for it is gone."""
    is_open = joined or connection.in_transaction()
    transaction = None if is_open else connection.begin()
    try:
        with done_by(_in_a_thread):
            return sides_of(connection, catalog, models, scope, hooks)
    finally:
        if transaction is not None:
            transaction.rollback()


def _in_a_thread(work: Callable[[], T]) -> T:
    return await_only(aside(work))


async def _both(first: Awaitable[S], second: Awaitable[T]) -> tuple[S, T]:
    """Await two things at once; both have come to their end when an error is raised."""
    one, other = asyncio.ensure_future(first), asyncio.ensure_future(second)
    await asyncio.gather(one, other, return_exceptions=True)
    return one.result(), other.result()
