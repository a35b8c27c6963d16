"""A run's events as an async iterator."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from asyncmigrate.engine.settle import settled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from asyncmigrate.events import Event, Observer


@asynccontextmanager
async def stream(
    start: Callable[[Observer], Coroutine[Any, Any, object]], also: Observer
) -> AsyncIterator[AsyncIterator[Event]]:
    """Start a run and give its events as they come; leaving the block early cancels it."""
    queue: asyncio.Queue[Event | None] = asyncio.Queue()

    def observe(event: Event) -> None:
        also(event)
        queue.put_nowait(event)

    task = asyncio.ensure_future(start(observe))
    task.add_done_callback(lambda _: queue.put_nowait(None))

    async def events() -> AsyncIterator[Event]:
        while (event := await queue.get()) is not None:
            yield event
        await task

    try:
        yield events()
    finally:
        if not task.done():
            task.cancel()
            await settled(asyncio.wait({task}))
        elif not task.cancelled():
            task.exception()
