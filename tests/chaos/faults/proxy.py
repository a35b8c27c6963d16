"""A TCP proxy on loopback that does a fault to its connections at an exact request."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from tests.chaos.faults.plan import How, When, Whose
from tests.chaos.faults.wire import FRAMINGS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.chaos.faults.plan import Fault

MOMENT = 0.03
"""Seconds that a delay takes."""
_PATIENCE = 5.0
"""Seconds to wait for an answer that is to be swallowed; a request may have none."""
_COMMIT = re.compile(rb"\bcommit\b", re.IGNORECASE)
_RECORDS = re.compile(rb"INTO amigrate_history")
_NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Link:
    """One connection through the proxy."""

    client: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    server: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    stalled: bool = False
    """Nothing is passed on, in either direction; only a client that goes is noticed."""
    deaf: bool = False
    """The client hears nothing more."""
    held: list[bytes] | None = None
    """What the server said and the client is to hear later."""
    hung_up: bool = False
    """The server has ended the connection."""
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    """The server has said something since the last request."""

    @property
    def port(self) -> int:
        """Where the server believes its client to be."""
        return int(self.server[1].get_extra_info("sockname")[1])

    async def gone(self) -> None:
        """Close both ends, and wait until they are."""
        for _, writer in (self.client, self.server):
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def reset(self) -> None:
        self.deaf = self.stalled = True
        for _, writer in (self.client, self.server):
            sock = writer.get_extra_info("socket")
            with suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            writer.transport.abort()

    def close(self) -> None:
        self.deaf = self.stalled = True
        for _, writer in (self.client, self.server):
            writer.close()

    def half_close(self, end: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            end.write_eof()

    def said(self, data: bytes) -> None:
        """Pass on what the server says, now, later or never."""
        self.answered.set()
        if self.held is not None:
            self.held.append(data)
        elif not self.deaf:
            self.client[1].write(data)

    def release(self) -> None:
        """Pass on what was held back."""
        held, self.held = self.held or [], None
        for data in held:
            self.said(data)
        if self.hung_up and not self.deaf:
            self.client[1].close()


@dataclass(slots=True)
class Proxy:
    """Passes requests on to a port of 127.0.0.1, counts them, and does one fault."""

    dialect: str
    target: int
    fault: Fault | None = None
    terminate: Callable[[list[int]], Awaitable[None]] | None = None
    """Ends, in the server, the sessions whose clients are at these ports."""
    requests: int = 0
    last_commit: int = 0
    """The request with which the last revision was committed."""
    hit: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = field(default=0, init=False)
    down: bool = field(default=False, init=False)
    is_silent: bool = field(default=False, init=False)
    """New connections hear nothing."""
    _links: list[Link] = field(default_factory=list, init=False)
    _unheard: set[asyncio.StreamWriter] = field(default_factory=set, init=False)
    _server: asyncio.Server | None = field(default=None, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def heal(self) -> None:
        """Let new connections through, do no fault any more, and end what hangs."""
        self.down, self.is_silent, self.fault = False, False, None
        for writer in self._unheard:
            writer.transport.abort()
        for link in self._links:
            if link.stalled or link.deaf:
                link.reset()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_silent:
            await self._swallow(reader, writer)
            return
        try:
            server = None if self.down else await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:  # it is being started again
            server = None
        if server is None:
            writer.transport.abort()
            return
        link = Link((reader, writer), server)
        self._links.append(link)
        back = asyncio.ensure_future(_answers(link))
        try:
            with suppress(OSError):
                await self._requests(link)
            link.server[1].close()  # whatever is wrong in between, the client is gone
            await back
        finally:
            back.cancel()
            self._links.remove(link)
            await link.gone()

    async def _swallow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._unheard.add(writer)
        with suppress(OSError):
            while await reader.read(65536):
                pass
        self._unheard.discard(writer)
        writer.transport.abort()

    async def _requests(self, link: Link) -> None:
        framing = FRAMINGS[self.dialect]()
        while data := await link.client[0].read(65536):
            for request in framing.requests(data):
                if not link.stalled:
                    await self._pass(link, request)

    async def _pass(self, link: Link, request: bytes) -> None:
        self.requests += 1
        if _RECORDS.search(request):
            self.last_commit = 0
        if _COMMIT.search(request) and not self.last_commit:
            self.last_commit = self.requests
        link.answered.clear()
        fault = self.fault
        if fault is None or fault.request != self.requests:
            link.server[1].write(request)
            return
        head = _before(fault.when, request)
        link.held = [] if fault.when is When.AFTER else None
        link.server[1].write(head)
        await link.server[1].drain()
        if fault.when is When.AFTER:
            with suppress(TimeoutError):
                await asyncio.wait_for(link.answered.wait(), _PATIENCE)
        await self._do(fault, link)
        link.release()
        if not link.stalled:
            link.server[1].write(request[len(head) :])

    async def _do(self, fault: Fault, link: Link) -> None:
        chosen = {
            Whose.THIS: [link],
            Whose.OTHERS: [each for each in self._links if each is not link],
            Whose.ALL: list(self._links),
        }[fault.whose]
        if fault.how is How.TERMINATE:
            assert self.terminate is not None
            await self.terminate([each.port for each in chosen])
        for each in chosen:
            _hurt(each, fault.how)
        self.down, self.is_silent = fault.how is How.DOWN, fault.how is How.BLACK_HOLE
        self.hit.set()
        if fault.how in {How.DELAY, How.LATE_RESET}:
            await asyncio.sleep(MOMENT)
        if fault.how is How.LATE_RESET:
            for each in chosen:
                each.reset()


def _before(when: When, request: bytes) -> bytes:
    """Return what the server gets of a request before the fault."""
    match when:
        case When.BEFORE:
            return b""
        case When.HALF:
            return request[: len(request) // 2]
    return request


def _hurt(link: Link, how: How) -> None:
    match how:
        case How.RESET | How.DOWN:
            link.reset()
        case How.CLOSE:
            link.close()
        case How.HALF_TO_CLIENT:
            link.deaf = True
            link.half_close(link.client[1])
        case How.HALF_TO_SERVER:
            link.stalled = True
            link.half_close(link.server[1])
        case How.STALL | How.BLACK_HOLE | How.LATE_RESET:
            link.stalled = link.deaf = True


async def _answers(link: Link) -> None:
    with suppress(OSError):
        while data := await link.server[0].read(65536):
            link.said(data)
    link.hung_up = True
    link.answered.set()
    if link.held is None:
        link.release()
