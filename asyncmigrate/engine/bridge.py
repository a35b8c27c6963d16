"""From a sync script back to the async side: what `op.run_async` awaits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncmigrate.scripts.under_way import ended_with_each

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from asyncmigrate.engine.database import Database

_GLANCE = 0.1
"""Seconds between two looks whether the run was cancelled."""
_PATIENCE = 10
"""Looks before the coroutine is cancelled: a statement is ended in the server, and before that."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """Calls coroutine functions with the connection that the migration runs on."""

    database: Database

    async def call(self, function: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        """Return what `function(connection, …)` gives; it ends when the run is cancelled.

        The migration itself is not cancelled from outside (see `Database`), so somebody must tell
        a coroutine that waits for something else than the database.
        """
        assert self.database.connection.sync_connection is not None, "the script runs on it"
        with ended_with_each(self.database.connection.sync_connection):
            return await self._awaited(function(self.database.connection, *args, **kwargs))

    async def _awaited(self, coroutine: Awaitable[Any]) -> Any:
        work = asyncio.ensure_future(coroutine)
        patience = _PATIENCE
        try:
            while not work.done():
                await asyncio.wait({work}, timeout=_GLANCE)
                patience -= self.database.stopping
                if patience < 0:
                    work.cancel()
        finally:
            work.cancel()
        return await work
