"""The one place that starts an event loop: for the command line, never for an application.

Ctrl-C and SIGTERM cancel the run, which rolls back and comes to its end. A script that keeps the
event loop from turning (it computes, or sleeps) hears nothing of that: there the cancellation is
raised in the script itself, at the second signal or when the grace is over. So it is with a thread
that the loop waits for when the run has ended already (a script that hangs while it is imported).
A signal that comes while the run is rolling back changes nothing.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from asyncmigrate.errors import RunInterruptedError
from asyncmigrate.op import in_script
from asyncmigrate.scripts.loader import call

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from types import FrameType

T = TypeVar("T")

_STATEMENTS = frozenset(
    {"asyncmigrate", "sqlalchemy", "asyncio", "asyncpg", "psycopg"}
    | {"aiosqlite", "asyncmy", "aiomysql"}
)
"""Packages whose code is at work while a statement is on its way."""
_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


def run(work: Coroutine[object, object, T], *, grace: float = 20.0) -> T:
    """Return the result of a coroutine, run in a new event loop.

    `grace` is how many seconds a script may keep the loop from hearing a signal.

    Raises:
        RunInterruptedError: a signal ended it; `exit_code` is 130 or 143.
    """
    interruption = _Interruption(grace)
    with interruption.handled():
        try:
            return asyncio.run(interruption.of(work))
        except KeyboardInterrupt:
            raise interruption.error() from None


class _Interruption:
    """What is known of the signals that came, and the task that they cancel."""

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._received: list[int] = []
        self._heard = self._over = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[object] | None = None

    async def of(self, work: Coroutine[object, object, T]) -> T:
        """Return the result of `work`.

        Raises:
            RunInterruptedError: a signal ended it.
        """
        task = asyncio.ensure_future(work)
        self._loop, self._task = asyncio.get_running_loop(), task
        if self._received:
            self._cancel()
        try:
            with _woken_by_signals(self._loop):
                return await task
        except asyncio.CancelledError:
            if not self._received:
                raise
        finally:
            self._over = True
            self._loop = self._task = None
        raise self.error()

    def error(self) -> RunInterruptedError:
        """Return the error for the first signal that came."""
        error = RunInterruptedError(
            f"Interrupted by {signal.Signals(self._received[0]).name}.",
            next="Run `amigrate status` to see where the database is.",
        )
        error.exit_code = _CODES[signal.Signals(self._received[0])]  # type: ignore[misc]
        return error

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Take the signals over, and give them back at the end.

        Once one has come they stay ignored: the process is about to say so and to exit.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        former = {number: signal.signal(number, self._signalled) for number in _CODES}
        if hasattr(signal, "SIGALRM"):
            former[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._raise_if_stuck)
        try:
            yield
        finally:
            if hasattr(signal, "setitimer"):
                signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in former.items():
                signal.signal(number, signal.SIG_IGN if self._received else handler)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self._received.append(number)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._cancel)
        if len(self._received) > 1:
            self._raise_if_stuck(number, frame)
        elif hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, self._grace, self._grace)

    def _cancel(self) -> None:
        if not self._heard and self._task is not None:
            self._heard = True
            self._task.cancel()
            # asyncpg leaves a future behind when it is cancelled while it connects; the complaint
            # that nobody asked for its error would stand beside our own sentence.
            self._task.get_loop().set_exception_handler(lambda *_: None)

    def _raise_if_stuck(self, _: int, frame: FrameType | None) -> None:
        if self._over:
            raise KeyboardInterrupt
        if not self._heard and in_script() and _own_work(frame):
            raise asyncio.CancelledError


@contextmanager
def _woken_by_signals(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Let a signal wake the loop, also one that the system hands to another thread.

    Python runs our handler in the main thread only, and that sleeps in the loop's select(): a
    signal that hits the thread of a SQLite connection would be heard at the next event.
    """
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield
        return
    hears, speaks = socket.socketpair()
    for end in (hears, speaks):
        end.setblocking(False)
    loop.add_reader(hears, hears.recv, 4096)
    former = signal.set_wakeup_fd(speaks.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(former)
        loop.remove_reader(hears)
        hears.close()
        speaks.close()


def _own_work(frame: FrameType | None) -> bool:
    """Return whether a script computes or sleeps, and is not in the middle of a statement.

    There an error out of nowhere could leave a statement running in the server, sent and forgotten;
    and there it is not needed, because a statement lets the loop turn.
    """
    while frame is not None and frame.f_globals.get("__name__") != call.__module__:
        if frame.f_globals.get("__name__", "").partition(".")[0] in _STATEMENTS:
            return False
        frame = frame.f_back
    return True
