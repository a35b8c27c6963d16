"""Where one request of a client ends and the next begins, in the bytes that it sends.

A *request* is what a client sends before it waits for an answer: a query, or several messages of
PostgreSQL's extended protocol up to a Sync or Flush; a packet to MySQL.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ENDS_A_REQUEST = b"QSHpX"
"""Query, Sync, Flush, password, Terminate."""


class Framing(Protocol):
    """Cuts a stream of bytes into requests."""

    def requests(self, data: bytes) -> Iterator[bytes]:
        """Give the requests that these bytes complete; what is left waits for more."""


@dataclass(slots=True)
class PostgreSQL:
    """Messages of a type and a length; the first ones of a connection have no type."""

    begun: bool = False
    _rest: bytes = field(default=b"", repr=False)
    _request: bytes = field(default=b"", repr=False)

    def requests(self, data: bytes) -> Iterator[bytes]:
        self._rest += data
        while (length := self._length()) and len(self._rest) >= length:
            message, self._rest = self._rest[:length], self._rest[length:]
            self._request += message
            if not self.begun or message[:1] in _ENDS_A_REQUEST:
                # A request for encryption has a number of its own; then the real start follows.
                self.begun = self.begun or message[4:6] == b"\x00\x03"
                request, self._request = self._request, b""
                yield request

    def _length(self) -> int:
        if not self.begun:
            return int.from_bytes(self._rest[:4], "big") if len(self._rest) >= 4 else 0
        return 1 + int.from_bytes(self._rest[1:5], "big") if len(self._rest) >= 5 else 0


@dataclass(slots=True)
class MySQL:
    """Packets with a length of three bytes and a number."""

    _rest: bytes = field(default=b"", repr=False)

    def requests(self, data: bytes) -> Iterator[bytes]:
        self._rest += data
        while len(self._rest) >= 4:
            length = 4 + int.from_bytes(self._rest[:3], "little")
            if len(self._rest) < length:
                return
            request, self._rest = self._rest[:length], self._rest[length:]
            yield request


FRAMINGS: dict[str, Callable[[], Framing]] = {"postgresql": PostgreSQL, "mysql": MySQL}
"""By the name of SQLAlchemy's dialect."""
