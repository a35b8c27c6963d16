"""Waiting that survives cancellation.

A connection that is abandoned between two messages leaks: its transaction and its locks stay on
the server. So whatever opens, closes or rolls back runs in a task of its own, and a cancellation
is delivered when that task has come to its end.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

_log = logging.getLogger("asyncmigrate")

_MOMENT = 0.5
"""Seconds that something brief may still take after the caller was cancelled."""
FAREWELL = 2.0
"""Seconds that closing a connection may take."""


async def settled(
    work: Awaitable[T], *, on_cancel: Callable[[asyncio.Future[T]], object] | None = None
) -> T:
    """Return the result of `work`, which always runs to its end.

    If the caller is cancelled meanwhile, `on_cancel` is called with the running task each time
    (to make it end sooner), and the `CancelledError` is raised once it has ended; its own result
    or error is then dropped.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            # The very exception that came, because anyio looks in it for the scope that sent it.
            # One that no scope sent (it carries no words) is never hidden by one that a scope did.
            if cancelled is None or not error.args:
                cancelled = error
            if on_cancel is not None:
                on_cancel(task)
    if cancelled is not None:
        _forget(task)
        raise cancelled
    return task.result()


async def brief(work: Awaitable[T]) -> T:
    """Return the result of `work`, which takes a moment as a rule: it opens, sets or asks.

    If the caller is cancelled meanwhile, the work gets that moment, and is cancelled if it was not
    enough: a driver that is cancelled at once leaves a session on the server, and one that waits
    for a server that is gone would wait for ever.
    """
    limits: list[asyncio.TimerHandle] = []

    def limit(task: asyncio.Future[T]) -> None:
        if not limits:
            limits.append(asyncio.get_running_loop().call_later(_MOMENT, task.cancel))

    try:
        return await settled(work, on_cancel=limit)
    finally:
        for each in limits:
            each.cancel()


async def turned() -> None:
    """Let the loop turn until a cancellation that has come meanwhile is known.

    It may have come while the script kept the loop from turning: a turn for whoever cancels, one
    for the task that waits for us.
    """
    for _ in range(3):
        await asyncio.sleep(0)


async def closed(work: Awaitable[object]) -> None:
    """Wait for `work`, which closes something, cancelled or not; but not for ever.

    A driver says goodbye and waits for the server to hang up. Where nothing gets through any more
    nobody does, so after a moment `work` is cancelled: then drivers cut the connection. A
    connection that was lost is an error to whoever used it, not to whoever closes it.
    """
    await settled(_closed(work))


async def _closed(work: Awaitable[object]) -> None:
    try:
        async with asyncio.timeout(FAREWELL):
            await work
    except Exception:  # noqa: BLE001 -- it was broken already, and is no concern of anybody's
        _log.debug("A connection could not be closed in order.", exc_info=True)


def _forget(task: asyncio.Future[T]) -> None:
    """Let go of all that a task's error holds on to.

    Its frames hold the statement that was cancelled, and SQLite does not close a connection (nor
    give up its lock) as long as one of its statements is there.
    """
    try:
        task.result()
    except BaseException as error:  # noqa: BLE001 -- nobody is to see it
        dropped: BaseException | None = error
        while dropped is not None:
            traceback.clear_frames(dropped.__traceback__)
            dropped = dropped.__context__
