"""Waiting that survives cancellation.

A connection that is abandoned between two messages leaks: its transaction and its locks stay on
the server. So whatever opens, closes or rolls back runs in a task of its own, and a cancellation
is delivered when that task has come to its end.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

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
    loop = asyncio.get_running_loop()
    ended = [loop.create_future()]
    task = loop.create_task(_telling(work, ended))
    task.add_done_callback(lambda _: _tell(ended))  # it may be cancelled before it has begun
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await ended[0]
        except asyncio.CancelledError as error:
            # The very exception that came, because anyio looks in it for the scope that sent it.
            # One that no scope sent (it carries no words) is never hidden by one that a scope did.
            if cancelled is None or not error.args:
                cancelled = error
            ended[0] = loop.create_future()
            if on_cancel is not None:
                on_cancel(task)
    if cancelled is not None:
        _forget(task)
        raise cancelled
    return task.result()


async def _telling(work: Awaitable[T], ended: list[asyncio.Future[None]]) -> T:
    """Return the result of `work`, and wake the one who waits in the very turn in which it ends.

    `asyncio.wait` would take a turn of the loop more, and each revision waits here.
    """
    try:
        return await work
    finally:
        _tell(ended)


def _tell(ended: list[asyncio.Future[None]]) -> None:
    if not ended[0].done():
        ended[0].set_result(None)


async def brief(work: Awaitable[T], *, moment: float = _MOMENT) -> T:
    """Return the result of `work`, which takes a moment as a rule: it opens, sets or asks.

    If the caller is cancelled meanwhile, the work gets that moment, and is cancelled if it was not
    enough: a driver that is cancelled at once leaves a session on the server, and one that waits
    for a server that is gone would wait for ever.
    """
    task = asyncio.ensure_future(work)
    end = _End(task)
    with end.called_off():
        return await settled(task, on_cancel=lambda _: end.after(moment))


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Return the result of `work`, cancelled or not; but not for ever.

    Raises:
        TimeoutError: it was not done after so many seconds, and was cancelled.
    """
    return await settled(_limited(seconds, work))


async def _limited(seconds: float, work: Awaitable[T]) -> T:
    task = asyncio.ensure_future(work)
    end = _End(task)
    end.after(seconds)
    with end.called_off():
        await asyncio.wait({task})
    if task.cancelled():
        raise TimeoutError
    return task.result()


@dataclass(slots=True)
class _End:
    """Makes a task end: cancels it, again and again.

    Once is not enough: a driver that is cancelled asks the server to end the statement, and then
    may wait for an answer (psycopg, up to 3.2) or for the server to hang up (asyncpg).
    """

    task: asyncio.Future[Any]
    _timer: asyncio.TimerHandle | None = None

    def after(self, seconds: float) -> None:
        """Begin to cancel it after so many seconds, if that is not under way already."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._push)

    def _push(self) -> None:
        self._timer = None
        if not self.task.done():
            self.task.cancel()
            self.after(_MOMENT)

    @contextmanager
    def called_off(self) -> Iterator[None]:
        """Cancel nothing any more once the block has ended."""
        try:
            yield
        finally:
            if self._timer is not None:
                self._timer.cancel()


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
    try:
        await within(FAREWELL, work)
    except Exception:  # noqa: BLE001 -- it was broken already, and is no concern of anybody's
        _log.debug("A session could not be ended in order.", exc_info=True)


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
