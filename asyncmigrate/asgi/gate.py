"""`MigrationGate`: no request reaches the application before its database is ready."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from asyncmigrate.asgi.progress import progress_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncmigrate.asgi.types import App, Message, Receive, Scope, Send
    from asyncmigrate.migrator import Migrator

_WORDS = {
    "starting": "It is being looked at what the database needs.",
    "migrating": "The database is being migrated.",
    "waiting": "The database is being migrated by another process.",
    "failed": "The database could not be migrated.",
}
_NOT_BEGUN = "The application has not begun to start: is its lifespan run?"
_TRY_AGAIN_LATER = 1013  # of RFC 6455's registry


class MigrationGate:
    """ASGI middleware that keeps requests out while `lifespan(migrator, …)` is at work.

    Until it is done, every path gets 503 with Retry-After and a small JSON object, and a websocket
    is refused. `livez` is 200 always: a process that migrates is alive. `readyz` is 503 until the
    application may take requests, and says how far the migrations are. Paths that match a pattern
    of `allow` (`/static/*`) reach the application at any time. Afterwards only the two probes are
    answered here; None for one of them leaves it to the application.
    """

    def __init__(
        self,
        app: App,
        migrator: Migrator,
        *,
        allow: Iterable[str] = (),
        livez: str | None = "/livez",
        readyz: str | None = "/readyz",
        retry_after: int = 5,
    ) -> None:
        self.app = app
        self._progress = progress_of(migrator)
        self._progress.gated = True
        self._allow = tuple(allow)
        self._livez, self._readyz = livez, readyz
        self._retry_after = retry_after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on to the application."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        path = _path(scope)
        if scope["type"] == "http" and path == self._livez:
            await _respond(scope, send, 200, {"state": "alive"})
        elif scope["type"] == "http" and path == self._readyz:
            await self._say_how_far(scope, send)
        elif self._progress.is_open or any(fnmatchcase(path, each) for each in self._allow):
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await _respond(scope, send, 503, self._refusal(), self._retry_after)
        else:
            await self._refuse_websocket(scope, receive, send)

    async def _say_how_far(self, scope: Scope, send: Send) -> None:
        body = self._progress.to_json()
        if self._progress.is_open:
            await _respond(scope, send, 200, body)
        else:
            await _respond(scope, send, 503, body, self._retry_after)

    def _refusal(self) -> dict[str, object]:
        state = self._progress.state
        step = self._progress.to_json()["step"]
        detail = _WORDS[state] if self._progress.has_begun else _NOT_BEGUN
        return {"detail": detail, "state": state, "step": step}

    async def _refuse_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        if "websocket.http.response" in scope.get("extensions", ()):
            await _respond(scope, send, 503, self._refusal(), self._retry_after)
        else:
            await send({"type": "websocket.close", "code": _TRY_AGAIN_LATER})


def _path(scope: Scope) -> str:
    """Return the path as the application knows it, without what a proxy or a mount put before."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


async def _respond(
    scope: Scope, send: Send, status: int, shape: dict[str, object], retry_after: int | None = None
) -> None:
    body = json.dumps(shape, ensure_ascii=False).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    prefix = "websocket.http" if scope["type"] == "websocket" else "http"
    start: Message = {"type": f"{prefix}.response.start", "status": status, "headers": headers}
    await send(start)
    hidden = scope.get("method") == "HEAD"
    await send({"type": f"{prefix}.response.body", "body": b"" if hidden else body})
