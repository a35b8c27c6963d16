"""The lifespan protocol of ASGI, for applications that have no lifespan function, or none at all.

The block is entered in the task in which the server runs the protocol, and left there too. The
application gets its own startup message when the block has been entered; one that does not know
the protocol (it raises, which ASGI allows) is served all the same.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from asyncmigrate.engine.aside import check_loop

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from asyncmigrate.asgi.types import App, Message, Receive, Scope, Send


def wrapped(app: App, started: Callable[[], AbstractAsyncContextManager[None]]) -> App:
    """Return an application that enters the block before `app` starts, and leaves it at the end."""

    async def around(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _run(app, scope, started, receive, send)
        else:
            await app(scope, receive, send)

    return around


async def _run(
    app: App,
    scope: Scope,
    started: Callable[[], AbstractAsyncContextManager[None]],
    receive: Receive,
    send: Send,
) -> None:
    begun, inner = False, None
    try:
        await receive()  # lifespan.startup
        check_loop()
        inner = _Inner(app, scope)
        async with started():
            answer = await inner.told("startup")
            await send(answer)
            if answer["type"].endswith("failed"):
                return
            begun = True
            await receive()  # lifespan.shutdown
            answer = await inner.told("shutdown")
        await send(answer)
    except Exception as error:  # noqa: BLE001 -- this is how the server is told
        phase = "shutdown" if begun else "startup"
        await send({"type": f"lifespan.{phase}.failed", "message": str(error)})
    finally:
        if inner is not None:
            await inner.end()


class _Inner:
    """The application's own side of the protocol."""

    def __init__(self, app: App, scope: Scope) -> None:
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._said: asyncio.Queue[Message] = asyncio.Queue()
        self._task = asyncio.ensure_future(self._serve(app, scope))

    async def _serve(self, app: App, scope: Scope) -> None:
        with suppress(Exception):  # it does not know the protocol; or it has said what failed
            await app(scope, self._told.get, self._said.put)

    async def told(self, phase: str) -> Message:
        """Tell the application, and return what it says; complete if it says nothing."""
        await self._told.put({"type": f"lifespan.{phase}"})
        saying = asyncio.ensure_future(self._said.get())
        await asyncio.wait({saying, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not saying.done() and not self._said.empty():
            await saying
        if saying.done():
            return saying.result()
        saying.cancel()
        return {"type": f"lifespan.{phase}.complete"}

    async def end(self) -> None:
        """Let the application's side come to its end."""
        self._task.cancel()
        await asyncio.wait({self._task})
