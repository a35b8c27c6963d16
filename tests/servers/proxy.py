"""A TCP proxy on loopback that counts round trips: how often a client waits for its server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class CountingProxy:
    """Passes bytes on to `target` and counts.

    A *turn* is one round trip: the client sends after the server had the last word (or at the
    very beginning). What the client sends in several pieces without waiting counts once.
    """

    target: int
    delay: float = 0.0
    """Seconds that each direction takes."""
    turns: int = 0
    connections: int = 0
    port: int = field(default=0, init=False)
    _server: asyncio.Server | None = field(default=None, init=False)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list, init=False)

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Cut all connections."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers += [writer, server_writer]
        turn = _Turn(self)
        await asyncio.gather(
            _pass(reader, server_writer, turn.client_sent, self.delay),
            _pass(server_reader, writer, turn.server_sent, self.delay),
        )


@dataclass(slots=True)
class _Turn:
    """Who of one connection's two sides sent last."""

    proxy: CountingProxy
    server_was_last: bool = True

    def client_sent(self) -> None:
        self.proxy.turns += self.server_was_last
        self.server_was_last = False

    def server_sent(self) -> None:
        self.server_was_last = True


async def _pass(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    sent: Callable[[], None],
    delay: float,
) -> None:
    loop = asyncio.get_running_loop()
    try:
        while data := await reader.read(65536):
            sent()
            if delay:
                loop.call_later(delay, writer.write, data)  # what follows does not wait for it
            else:
                writer.write(data)
                await writer.drain()
    except OSError:
        pass
    finally:
        if delay:
            loop.call_later(delay, writer.close)
        else:
            writer.close()
