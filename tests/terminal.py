"""`amigrate`, typed by a test: in this process, or as a process of its own."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmigrate.cli import run

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Typed:
    """What a command line gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on standard output."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)

    @property
    def everything(self) -> str:
        """Both streams."""
        return self.out + self.err


@dataclass(frozen=True, slots=True)
class Terminal:
    """Runs `amigrate` in this process: fast, and with the real parser, output and exit code."""

    capture: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Typed:
        """Type `amigrate` with these arguments."""
        self.capture.readouterr()
        code = run(list(arguments))
        streams = self.capture.readouterr()
        return Typed(code, streams.out, streams.err)

    def json(self, *arguments: str) -> Any:
        """Type a command that must succeed, with `--json`, and return the object."""
        typed = self(*arguments, "--json")
        assert typed.code == 0, typed.everything
        return typed.json

    def ok(self, *arguments: str) -> str:
        """Type a command that must succeed, and return its standard output."""
        typed = self(*arguments)
        assert typed.code == 0, typed.everything
        return typed.out


@dataclass(slots=True)
class Conversation:
    """`amigrate` on a pseudo-terminal, where somebody waits for a question and answers it."""

    master: int
    running: subprocess.Popen[bytes]
    written: str = ""

    def answer(self, question: str, keys: str) -> None:
        """Wait until `question` is asked, and press `keys`."""
        before = self.written.count(question)
        while self.written.count(question) == before or not self.written.endswith(": "):
            self._read()
        self.written += " "  # answered: the next question has an end of its own
        os.write(self.master, keys.encode())

    def until(self, text: str, *, times: int = 1) -> str:
        """Wait until `text` is written so often, and return the line where it first stands."""
        while self.written.count(text) < times:
            assert self._read(), f"it has ended, and nothing more was written than: {self.written}"
        before, _, after = self.written.partition(text)
        return before.rpartition("\r")[2] + text + after.partition("\r")[0]

    def ended(self, pressing: str = "") -> int:
        """Wait for the end, and return the exit code; meanwhile press a key again and again.

        A signal that comes just before a program waits for keys is not heard until the next one.
        """
        while not pressing or select.select([self.master], [], [], 0.5)[0]:
            if not self._read():
                break
        else:
            os.write(self.master, pressing.encode())
            return self.ended(pressing)
        os.close(self.master)
        return self.running.wait(timeout=60)

    def _read(self) -> bool:
        ready, _, _ = select.select([self.master], [], [], 60)
        assert ready, f"nothing more was written than: {self.written}"
        try:
            chunk = os.read(self.master, 65536)
        except OSError:  # Linux says so when the last writer has closed its end
            return False
        self.written += chunk.decode("utf-8", "replace")
        return bool(chunk)


def on_a_terminal(
    folder: Path, *arguments: str, term: str = "dumb", columns: int = 0
) -> Conversation:
    """Run `python -m asyncmigrate` in a folder, on a pseudo-terminal."""
    import pty  # not on Windows
    import termios

    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (columns and 25, columns))
    running = subprocess.Popen(
        [sys.executable, "-m", "asyncmigrate", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1", "TERM": term},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=_controlling(slave),
    )
    os.close(slave)
    return Conversation(master, running)


def _controlling(terminal: int) -> Callable[[], object]:
    """Make it the terminal of the process, so that Ctrl-C on it is a signal."""
    import fcntl
    import termios

    return lambda: fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


def process(
    folder: Path, *arguments: str, environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run `python -m asyncmigrate` in a folder, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "asyncmigrate", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **(environ or {})},
        capture_output=True,
        check=False,
        timeout=60,
    )
