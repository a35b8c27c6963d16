"""A server of `asyncmigrate.testing` that can be ended, and started again on the same data."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pymysql
import pytest

from asyncmigrate.testing import mariadb, postgresql
from asyncmigrate.testing.process import Account, Daemon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from asyncmigrate.testing.mariadb import MariaDBServer
    from asyncmigrate.testing.postgresql import PostgresServer

_KEEPS_COMMITS = ("--innodb-flush-log-at-trx-commit=2",)
"""What is committed is with the operating system, as it is on a server that is in use."""
_PATIENCE = 60.0


@dataclass(slots=True)
class Restarting:
    """A server on a port that it keeps."""

    server: MariaDBServer | PostgresServer
    pid_file: Path
    ready: Callable[[int], object]
    """Raises an error of the driver's while the server at a port does not answer."""
    more: tuple[str, ...] = ()
    _argv: list[str] = field(init=False)
    _account: Account = field(init=False)
    _daemon: Daemon | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        command = Path(f"/proc/{self.pid}/cmdline")
        if not command.exists():
            pytest.skip("how a server was started can only be read on Linux")
        self._argv = [*command.read_text().split("\0")[:-1], *self.more]
        owner = command.stat()
        self._account = Account(owner.st_uid, owner.st_gid)

    @property
    def pid(self) -> int:
        """The server's process."""
        return int(self.pid_file.read_text().split()[0])

    def restart(self, how: signal.Signals) -> None:
        """End the server with a signal, and start it again; returns when it answers."""
        self.stop(how)
        self._daemon = Daemon(
            self._argv,
            account=self._account if os.geteuid() == 0 else None,
            directory=self.server.directory,
            environment={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            farewell=signal.SIGKILL,
        )
        assert self._daemon.wait_until(self._answers), self._daemon.log

    def stop(self, how: signal.Signals) -> None:
        """End the server, and wait until it is gone."""
        pid = self.pid
        os.kill(pid, how)
        deadline = time.monotonic() + _PATIENCE
        while Path(f"/proc/{pid}").exists():  # whoever started it takes it away
            assert time.monotonic() < deadline, f"the server did not end by {how!r}"
            time.sleep(0.005)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError, pymysql.MySQLError):
            self.ready(self.server.port)
            return True
        return False


def _mariadb_is_ready(port: int) -> None:
    pymysql.connect(host="127.0.0.1", port=port, user="root").close()


def _postgresql_is_ready(port: int) -> None:
    psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres").close()


@contextmanager
def mariadb_server() -> Iterator[Restarting]:
    """Start MariaDB so that it loses nothing when it is killed."""
    with mariadb.start() as server:
        pid = server.directory / "data" / "pid"
        found = Restarting(server, pid, _mariadb_is_ready, _KEEPS_COMMITS)
        found.restart(signal.SIGTERM)
        try:
            yield found
        finally:
            found.stop(signal.SIGKILL)


@contextmanager
def postgresql_server() -> Iterator[Restarting]:
    """Start PostgreSQL so that it loses nothing when it is killed."""
    with postgresql.start(durable=True) as server:
        pid = server.directory / "data" / "postmaster.pid"
        found = Restarting(server, pid, _postgresql_is_ready)
        try:
            yield found
        finally:
            found.stop(signal.SIGQUIT)
