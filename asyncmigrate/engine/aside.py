"""Imports of a project's code, in a thread, while the loop goes on."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


async def aside(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what `function` gives, called in a thread of its own with this context's variables.

    Not by the loop's executor, as `asyncio.to_thread` does: some modules (eventlet) leave a thread
    that imports them in a state in which nobody can join it, and a loop that closes joins its
    threads. This one is waited for by nobody; when it is cancelled it goes on to its end.

    Raises:
        Exception: what `function` raised.
    """
    future: Future[R] = Future()

    def work() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001  (it is raised where it is awaited)
            future.set_exception(error)
        else:
            future.set_result(result)

    Thread(target=copy_context().run, args=(work,), name="asyncmigrate", daemon=True).start()
    return await asyncio.wrap_future(future)
