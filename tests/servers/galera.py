"""A Galera cluster of two MariaDB servers on loopback, where the provider is installed."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pymysql
import pytest

from asyncmigrate.testing import mariadb
from asyncmigrate.testing.process import HOST, Daemon, ServerUnavailableError, free_port
from asyncmigrate.testing.process import unprivileged_account as account_of
from asyncmigrate.testing.scratch import for_data

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROVIDERS = (
    "/usr/lib/galera/libgalera_smm.so",  # Debian, Ubuntu
    "/usr/lib64/galera-4/libgalera_smm.so",  # Fedora, Red Hat
)
_ALWAYS = (
    "--binlog-format=ROW",
    "--innodb-autoinc-lock-mode=2",
    "--wsrep-on=ON",
    "--wsrep-cluster-name=amigrate",
    f"--wsrep-node-address={HOST}",
    "--wsrep-sst-method=rsync",
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Two nodes; what is committed on the one is soon on the other."""

    ports: tuple[int, int]

    def url(self, node: int, driver: str = "asyncmy") -> str:
        """Give SQLAlchemy's URL of the database `shop` on one of the nodes."""
        return f"mysql+{driver}://root@{HOST}:{self.ports[node]}/shop?charset=utf8mb4"

    def emptied(self) -> None:
        """Make the database anew."""
        with closing(pymysql.connect(host=HOST, port=self.ports[0], user="root")) as admin:
            admin.query("DROP DATABASE IF EXISTS shop")
            admin.query("CREATE DATABASE shop")


@contextmanager
def galera() -> Iterator[Cluster]:
    """Start a cluster, or skip."""
    provider = next(filter(os.path.exists, _PROVIDERS), None)
    if provider is None:
        pytest.skip(f"galera: its library was not found. Looked at: {', '.join(_PROVIDERS)}")
    if shutil.which("rsync") is None or shutil.which("wsrep_sst_rsync") is None:
        pytest.skip("galera: a node gets its data by rsync and wsrep_sst_rsync")
    with ExitStack() as undo:
        try:
            first, group = _node(undo, provider, "", "--wsrep-new-cluster")
            second, _ = _node(undo, provider, f"{HOST}:{group}")
        except ServerUnavailableError as error:
            pytest.skip(f"galera: {error}")
        yield Cluster((first, second))


def _node(undo: ExitStack, provider: str, peers: str, *more: str) -> tuple[int, int]:
    """Start a node; return its port for clients, and the one for the cluster."""
    binaries, account = mariadb.find_binaries(), account_of("mysql", "nobody")
    scratch = for_data(account)
    undo.callback(scratch.remove)
    data = scratch.path / "data"
    scratch.folder("tmp")
    mariadb._make(data, binaries, None, account=account, scratch=scratch)
    port, group, state, copies = (free_port() for _ in range(4))
    options = (
        f"base_host={HOST};base_port={group};gmcast.listen_addr=tcp://{HOST}:{group};"
        f"ist.recv_addr={HOST}:{state};gcache.size=16M;pc.recovery=false"
    )
    daemon = Daemon(
        [
            binaries.server,
            "--no-defaults",
            f"--datadir={data}",
            f"--tmpdir={scratch.path / 'tmp'}",
            f"--port={port}",
            f"--socket={data / 's'}",
            f"--pid-file={data / 'pid'}",
            *(each for each in mariadb.SETTINGS if each != "--skip-log-bin"),
            *_ALWAYS,
            f"--wsrep-provider={provider}",
            f"--wsrep-provider-options={options}",
            f"--wsrep-cluster-address=gcomm://{peers}",
            f"--wsrep-sst-receive-address={HOST}:{copies}",
            *more,
        ],
        account=account,
        directory=scratch.path,
        environment=os.environ,
        farewell=signal.SIGKILL,
    )
    undo.callback(daemon.stop, signal.SIGKILL)
    assert daemon.wait_until(lambda: _is_ready(port)), daemon.log
    return port, group


def _is_ready(port: int) -> bool:
    with (
        suppress(pymysql.MySQLError),
        closing(pymysql.connect(host=HOST, port=port, user="root")) as admin,
        admin.cursor() as cursor,
    ):
        cursor.execute("SHOW STATUS LIKE 'wsrep_ready'")
        return cursor.fetchall() == (("wsrep_ready", "ON"),)
    return False
