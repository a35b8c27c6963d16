"""A server process that lives no longer than the Python process that started it.

Blocking calls only; an event loop runs them in a thread. Linux and macOS.
"""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from asyncmigrate.errors import ConfigError, RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import ExitStack
    from pathlib import Path

HOST = "127.0.0.1"
UNTOUCHED = "Nothing was started."


class ServerUnavailableError(ConfigError):
    """No server program was found on this machine; `tried` says where it was looked for."""

    def __init__(self, message: str, *, tried: Sequence[str], next: str = "") -> None:
        self.tried = tuple(tried)
        looked = f"{message} Looked at: {'; '.join(self.tried)}."
        super().__init__(looked, state=UNTOUCHED, next=next)


class ServerStartError(RunError):
    """The server program was found and did not come up; `log` is the end of what it said."""

    def __init__(self, message: str, *, log: str = "", next: str = "") -> None:
        self.log = log
        text = f"{message}\n{log}".rstrip()
        super().__init__(text, state="It was stopped and its files were removed.", next=next)


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that a server runs as."""

    uid: int
    gid: int


def unprivileged_account(*names: str) -> Account | None:
    """Give the first of these users that exists, or None where we are not root.

    Database servers refuse to run as root, so root must hand them to somebody else.
    """
    if os.geteuid() != 0:
        return None
    import pwd  # not on Windows, where this module can still be imported

    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise ServerUnavailableError(
        "A database server does not run as root, and there is no other user to run it as.",
        tried=[f"user {name}" for name in names],
        next="Run the tests as an ordinary user.",
    )


def free_port() -> int:
    """Give a TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def run_tool(
    argv: Sequence[str | Path],
    *,
    account: Account | None,
    directory: Path,
    environment: Mapping[str, str],
) -> str:
    """Run a program to its end in `directory` and give what it printed.

    Raises ServerStartError if it fails, PermissionError if the account may not execute it.
    """
    done = subprocess.run(
        argv,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode != 0:
        raise ServerStartError(
            f"{argv[0]} failed with exit code {done.returncode}.", log=done.stdout
        )
    return done.stdout


class Daemon:
    """A process that runs in the background, and dies with this one even after `kill -9`.

    Linux sends the signal when the *thread* that started the process ends, so a thread of its
    own starts it and stays until it is gone. Elsewhere only a normal exit stops the process.
    """

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        account: Account | None,
        directory: Path,
        environment: Mapping[str, str],
        farewell: signal.Signals,
    ) -> None:
        self._argv = argv
        self._account = account
        self._directory = directory
        self._environment = environment
        self._last_wish = _dies_with_parent(farewell)
        self._log = directory / "log"
        started: Future[subprocess.Popen[bytes]] = Future()
        self._keeper = threading.Thread(
            target=self._keep, args=[started], name="asyncmigrate-testing-server", daemon=True
        )
        self._keeper.start()
        self._process = started.result()

    def _keep(self, started: Future[subprocess.Popen[bytes]]) -> None:
        try:
            process = self._spawn()
        except BaseException as error:  # noqa: BLE001 - raised in the thread that asked
            started.set_exception(error)
            return
        started.set_result(process)
        process.wait()

    def _spawn(self) -> subprocess.Popen[bytes]:
        account = self._account
        with self._log.open("wb") as log:
            return subprocess.Popen(
                self._argv,
                cwd=self._directory,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C at the terminal is for us, not for the server
                preexec_fn=self._last_wish,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )

    @property
    def log(self) -> str:
        """The end of what the process wrote."""
        return self._log.read_bytes()[-4000:].decode(errors="replace")

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 60) -> bool:
        """Ask `ready` again and again; False when the process ended instead, or time ran out."""
        deadline = time.monotonic() + seconds
        while self._keeper.is_alive() and time.monotonic() < deadline:
            if ready():
                return True
            time.sleep(0.005)
        return False

    def stop(self, *signals: signal.Signals, patience: float = 10) -> None:
        """Send each signal in turn, then SIGKILL, until the process is gone."""
        for number in (*signals, signal.SIGKILL):
            if not self._keeper.is_alive():
                return
            self._process.send_signal(number)
            self._keeper.join(patience)


def _dies_with_parent(farewell: signal.Signals) -> Callable[[], None] | None:
    """Give what the child runs before it becomes the server (after it changed its user)."""
    if sys.platform != "linux":
        return None
    import ctypes

    # Loaded here: a child that has become another user may be unable to read our Python.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    option, number = ctypes.c_int(1), ctypes.c_ulong(farewell)  # PR_SET_PDEATHSIG
    parent = os.getpid()

    def ask() -> None:
        prctl(option, number)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask


class Server:
    """A running server on 127.0.0.1 with a data directory that goes away with it.

    A context manager; otherwise `stop` it, and if nobody does, the end of the process will.
    """

    host = HOST

    def __init__(self, *, port: int, directory: Path, undo: ExitStack) -> None:
        self.port = port
        self.directory = directory
        self._undo = undo
        self._owner = os.getpid()
        atexit.register(self.stop)

    def stop(self) -> None:
        """Stop the server and remove its files; safe to call twice, and in a forked child."""
        if os.getpid() == self._owner:
            atexit.unregister(self.stop)
            self._undo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
