"""A real MariaDB for a test run, from the programs of an installed server, without Docker.

On Debian and Ubuntu: `apt-get install --no-install-recommends mariadb-server-core
mariadb-client-core`. The server listens on 127.0.0.1 only and its root has no password.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from asyncmigrate.testing import kept
from asyncmigrate.testing.process import (
    HOST,
    Daemon,
    Server,
    ServerStartError,
    ServerUnavailableError,
    free_port,
    run_tool,
    unprivileged_account,
)
from asyncmigrate.testing.scratch import for_data

if TYPE_CHECKING:
    from asyncmigrate.testing.process import Account
    from asyncmigrate.testing.scratch import Scratch

USER = "root"
ELSEWHERE = ("/usr/sbin", "/usr/libexec", "/opt/homebrew/bin", "/usr/local/bin")
"""Where servers are put besides PATH."""

SETTINGS = (
    f"--bind-address={HOST}",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--sync-binlog=0",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=16M",
    "--character-set-server=utf8mb4",
    "--performance-schema=OFF",
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """The two programs that make a data directory and serve it."""

    install: Path
    server: Path


class MariaDBServer(Server):
    """A running MariaDB. The user is root, with no password."""

    def url(self, database: str = "mysql", *, driver: str = "asyncmy") -> str:
        """Give SQLAlchemy's URL of one of its databases."""
        name = quote(database, safe="")
        return f"mysql+{driver}://{USER}@{self.host}:{self.port}/{name}?charset=utf8mb4"


def find_binaries() -> Binaries:
    """Find an installed server; reads only. Raises ServerUnavailableError with what was tried."""
    install = _find("mariadb-install-db", "mysql_install_db")
    server = _find("mariadbd", "mysqld")
    if install and server and _find("my_print_defaults"):  # which mariadb-install-db runs
        return Binaries(install, server)
    raise ServerUnavailableError(
        "No MariaDB server programs (mariadbd, mariadb-install-db, my_print_defaults) were found.",
        tried=("PATH", *ELSEWHERE),
        next="Install them: apt-get install mariadb-server-core mariadb-client-core.",
    )


def start(*, binaries: Binaries | None = None, keep: bool = False) -> MariaDBServer:
    """Make a data directory, start a server on it and wait until it answers.

    With `keep`, the data of an earlier server is used, and when this one is stopped, its data is
    kept for later ones if templates have come or gone. Run by root, the server runs as `mysql` or
    `nobody`.
    Raises ServerUnavailableError or ServerStartError.
    """
    found = binaries or find_binaries()
    account = unprivileged_account("mysql", "nobody")
    place = kept.place_of("mariadb", found.server) if keep else None
    with ExitStack() as undo:
        scratch = for_data(account)
        undo.callback(scratch.remove)
        data = scratch.path / "data"
        scratch.folder("tmp")  # a server that starts takes the files of others away from /tmp
        port = kept.served(
            place,
            data,
            lambda: _make(data, found, place, account=account, scratch=scratch),
            lambda: _serve(found, data, place, account=account, undo=undo),
        )
        return MariaDBServer(port=port, directory=scratch.path, undo=undo.pop_all())


def _make(
    data: Path,
    binaries: Binaries,
    place: Path | None,
    *,
    account: Account | None,
    scratch: Scratch,
) -> None:
    """Make a data directory, from the one that was kept if there is one."""
    if place is not None and kept.restore(place, data):
        scratch.give_all(data)
        return
    scratch.folder("data")
    run_tool(
        [
            binaries.install,
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
            "--force",
        ],
        account=account,
        directory=data,
        environment=os.environ,
    )


def _keep(data: Path, place: Path) -> None:
    if not (data / "pid").exists():  # else it was not shut down, it died
        kept.update(data, place, _templates)


def _templates(data: Path) -> set[str]:
    return {path.name for path in data.glob(f"{kept.TEMPLATE}*")}


def _find(*names: str) -> Path | None:
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *ELSEWHERE))
    found = (shutil.which(name, path=path) for name in names)
    return next((Path(program) for program in found if program), None)


def _serve(
    binaries: Binaries,
    data: Path,
    place: Path | None,
    *,
    account: Account | None,
    undo: ExitStack,
) -> int:
    """Start the server and give its port; another one if somebody took it in between."""
    for _ in range(3):
        port = free_port()
        daemon = Daemon(
            [
                binaries.server,
                "--no-defaults",
                f"--datadir={data}",
                f"--tmpdir={data.parent / 'tmp'}",
                f"--port={port}",
                f"--socket={data / 's'}",
                f"--pid-file={data / 'pid'}",
                *SETTINGS,
            ],
            account=account,
            directory=data.parent,
            environment=os.environ,
            farewell=signal.SIGKILL,
        )
        if daemon.wait_until(lambda: _greets(data / "s")):
            if place is not None:
                undo.callback(_keep, data, place)
            undo.callback(daemon.stop, signal.SIGTERM)
            return port
        daemon.stop(signal.SIGTERM)
        if "Can't start server: Bind on TCP/IP port" not in daemon.log:
            break
    raise ServerStartError(f"MariaDB ({binaries.server}) did not start.", log=daemon.log)


def _greets(path: Path) -> bool:
    """Ask on the socket file, which can only be this server's, whether it talks yet."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(1)
        try:
            client.connect(os.fspath(path))
            return bool(client.recv(1))
        except OSError:
            return False
