"""An ASGI server that is as small as can be: it starts an application, and asks it."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from asyncmigrate.asgi.types import App, Message, Receive, Scope, Send

PATIENCE = 120.0
"""Seconds after which something that should happen counts as not happening."""


_SCOPE: dict[str, Any] = {
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "scheme": "http",
    "query_string": b"",
    "headers": [],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 2),
}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


async def ask(app: App, path: str, *, method: str = "GET", root_path: str = "") -> Answer:
    """Send one request without a body."""
    said = await _spoken(
        app,
        {"type": "http", "method": method, "path": path, "root_path": root_path},
        {"type": "http.request", "body": b""},
    )
    start, *bodies = said
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(each.get("body", b"") for each in bodies))


async def connect(app: App, path: str, *, extensions: dict[str, Any] | None = None) -> Message:
    """Try to open a websocket; return the first thing that the application says."""
    scope = {"type": "websocket", "path": path, "extensions": extensions or {}}
    return (await _spoken(app, scope, {"type": "websocket.connect"}))[0]


async def _spoken(app: App, scope: Scope, *told: Message) -> list[Message]:
    waiting, said = list(told), []

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    await app({**_SCOPE, **scope}, receive, send)
    return said


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 200 to everything: an application that knows nothing of lifespans."""
    if scope["type"] == "lifespan":
        raise NotImplementedError
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b'{"hello": "world"}'})


@dataclass
class Server:
    """An application whose lifespan runs."""

    said: list[Message] = field(default_factory=list)


@asynccontextmanager
async def served(app: App) -> AsyncIterator[Server]:
    """Run the lifespan protocol; the block begins when the application says that it has started."""
    told: asyncio.Queue[Message] = asyncio.Queue()
    said: asyncio.Queue[Message] = asyncio.Queue()
    server = Server()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.ensure_future(app(scope, told.get, said.put))
    async with asyncio.timeout(PATIENCE):
        await told.put({"type": "lifespan.startup"})
        server.said.append(await said.get())
        yield server
        if server.said[0]["type"] == "lifespan.startup.complete":
            await told.put({"type": "lifespan.shutdown"})
            server.said.append(await said.get())
        await task


async def until(app: App, path: str, is_so: Callable[[Answer], bool]) -> Answer:
    """Ask again and again until the answer is the one that is waited for."""
    async with asyncio.timeout(PATIENCE):
        while not is_so(answer := await ask(app, path)):  # noqa: ASYNC110 -- it is the application
            await asyncio.sleep(0.01)
    return answer
