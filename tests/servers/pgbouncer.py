"""PgBouncer in transaction mode, on loopback, in front of the suite's PostgreSQL."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from asyncmigrate.testing.process import (
    HOST,
    Daemon,
    ServerStartError,
    free_port,
    unprivileged_account,
)
from asyncmigrate.testing.scratch import for_data
from tests.servers.required import missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.available import Server

_SETTINGS = """
[databases]
* = host={host} port={port}

[pgbouncer]
listen_addr = {listens}
listen_port = {own_port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = {mode}
default_pool_size = 20
max_client_conn = 200
"""


@dataclass(frozen=True, slots=True)
class Pooler:
    """A PgBouncer that runs."""

    port: int

    def through(self, url: str) -> str:
        """Return the URL of the same database, by way of the pooler."""
        return make_url(url).set(host=HOST, port=self.port).render_as_string(hide_password=False)


@contextmanager
def pgbouncer(server: Server, mode: str = "transaction") -> Iterator[Pooler]:
    """Start it for the block; without the program the test is skipped."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
    program = shutil.which("pgbouncer", path=path)
    if program is None:
        missing("pgbouncer", "no program of this name (apt-get install pgbouncer)")
    account = unprivileged_account("postgres", "nobody")  # it refuses to run as root
    scratch = for_data(account)
    try:
        with _started(program, scratch.path, server, mode) as pooler:
            yield pooler
    finally:
        scratch.remove()


@contextmanager
def _started(program: str, folder: Path, server: Server, mode: str) -> Iterator[Pooler]:
    behind = make_url(server.url())
    port = free_port()
    settings, users = folder / "pgbouncer.ini", folder / "users"
    users.write_text(f'"{behind.username}" "{behind.password or ""}"\n')
    settings.write_text(
        _SETTINGS.format(
            host=behind.host,
            port=behind.port or 5432,
            users=users,
            listens=HOST,
            own_port=port,
            mode=mode,
        )
    )
    daemon = Daemon(
        [program, settings],
        account=unprivileged_account("postgres", "nobody"),
        directory=folder,
        environment=os.environ,
        farewell=signal.SIGINT,
    )
    try:
        if not daemon.wait_until(lambda: _listens(port)):
            raise ServerStartError(f"PgBouncer ({program}) did not start.", log=daemon.log)
        yield Pooler(port)
    finally:
        daemon.stop(signal.SIGINT)


def _listens(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        return client.connect_ex((HOST, port)) == 0
