"""Imports, and whatever else takes its time, in a thread, while the loop goes on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

P = ParamSpec("P")
R = TypeVar("R")


async def aside(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what `function` gives, called in a thread of its own with this context's variables.

    Not by the loop's executor, as `asyncio.to_thread` does: some modules (eventlet) leave a thread
    that imports them in a state in which nobody can join it, and a loop that closes joins its
    threads. This one is waited for by nobody; when it is cancelled it goes on to its end.

    Raises:
        Exception: what `function` raised.
        UsageError: no event loop of asyncio's runs here.
    """
    check_loop()
    import asyncio  # here: whoever only reads files needs none of these
    from concurrent import futures
    from contextvars import copy_context
    from threading import Thread

    future: Future[R] = futures.Future()

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


def check_loop() -> None:
    """Refuse to go on where there is nobody to await anything.

    Raises:
        UsageError: no event loop of asyncio's runs here: it is trio's, or none.
    """
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise UsageError(
            "There is no event loop of asyncio's here: SQLAlchemy's async engines, and so "
            "asyncmigrate, work in no other.",
            next='Start it with asyncio.run(main()) or anyio.run(main), not with backend="trio"; '
            "under Hypercorn, choose the worker class asyncio or uvloop.",
        ) from None


async def imported(module: str) -> None:
    """Import a module of ours in a thread, if it is not there yet.

    The engine takes SQLAlchemy along, and that takes longer than a loop may stand still.
    """
    if module not in sys.modules:
        from importlib import import_module

        await aside(import_module, module)
