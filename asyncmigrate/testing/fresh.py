"""New databases for walks through a history, with an engine for each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncmigrate.history.revision import Heads

Given: TypeAlias = Callable[..., AbstractAsyncContextManager[str]]
"""Gives the URL of a database at targets: see `DatabaseServer.database`."""


@asynccontextmanager
async def fresh(given: Given, heads: Heads) -> AsyncIterator[AsyncEngine]:
    """Make a database at these heads, without rows, for the block.

    Raises:
        MigrateError: there is no way to these heads.
    """
    async with given(*(sorted(heads) or ["base"])) as url, engine_of(url) as engine:
        yield engine


@asynccontextmanager
async def engine_of(url: str) -> AsyncIterator[AsyncEngine]:
    """Give an engine for the block.

    SQLite's file is opened anew each time: what is switched on in a connection stays in it.
    """
    options: dict[str, Any] = {"poolclass": NullPool} if url.startswith("sqlite") else {}
    engine = create_async_engine(url, **options)
    try:
        yield engine
    finally:
        await engine.dispose()
