"""One server for all workers of a parallel run, started by the process that outlives them.

pytest-xdist's workers end one by one, and a server ends with the process that started it. So they
ask the process that started *them*, which starts a server when the first one asks.
"""

from __future__ import annotations

import secrets
import threading
from contextlib import ExitStack, suppress
from multiprocessing.connection import Client, Listener
from typing import TYPE_CHECKING, Any

from asyncmigrate.errors import ConfigError, MigrateError
from asyncmigrate.testing.process import HOST

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from asyncmigrate.testing.ephemeral import Address

STOP = ""


class Broker:
    """Answers workers on a port of 127.0.0.1, who show that they know the key."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)
        self._listener = Listener((HOST, 0), authkey=self._key)
        self._servers = ExitStack()
        self.found: dict[str, Address] = {}
        self._thread = threading.Thread(target=self._serve, name="asyncmigrate-broker", daemon=True)
        self._thread.start()

    @property
    def place(self) -> list[Any]:
        """What a worker must be told: the port and the key."""
        return [self._listener.address[1], self._key.hex()]

    def close(self) -> None:
        """Stop the servers. Workers that still live lose them."""
        with suppress(OSError):
            _ask(self.place, STOP, keep=False)
        self._thread.join()
        self._listener.close()
        self._servers.close()

    def _serve(self) -> None:
        while True:
            try:
                with self._listener.accept() as worker:
                    kind, keep = worker.recv()
                    if kind == STOP:
                        return
                    self._answer(worker, kind, keep=keep)
            except (OSError, EOFError):  # a worker that died, or somebody without the key
                continue

    def _answer(self, worker: Connection[Any, Any], kind: str, *, keep: bool) -> None:
        from asyncmigrate.testing.ephemeral import address  # SQLAlchemy, once somebody asks

        try:
            if kind not in self.found:
                self.found[kind] = self._servers.enter_context(address(kind, keep=keep))
            found = self.found[kind]
            worker.send((found.url, found.source))
        except MigrateError as error:
            worker.send((error.message, error.state, error.next))


def ask(place: list[Any], kind: str, *, keep: bool) -> Address:
    """Ask the broker for a server. Raises ConfigError with what it met."""
    from asyncmigrate.testing.ephemeral import Address

    answer = _ask(place, kind, keep=keep)
    if len(answer) == 2:
        return Address(*answer)
    message, state, next = answer
    raise ConfigError(message, state=state, next=next)


def _ask(place: list[Any], kind: str, *, keep: bool) -> Any:
    port, key = place
    with Client((HOST, port), authkey=bytes.fromhex(key)) as broker:
        broker.send((kind, keep))
        return None if kind == STOP else broker.recv()
