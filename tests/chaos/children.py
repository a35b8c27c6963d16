"""Upgrades in child processes that a test kills or freezes. See `nursery`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.chaos.processes import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project


class Nursery:
    """Starts upgrades in forked children, one at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._child = 0

    def start(self, url: str, project: Project, **order: Any) -> None:
        """Start an upgrade; `order` may hold `settings`, and when the child is to be killed.

        `kill_after` are seconds. `kill_at_statement` and `kill_at_tick` count what SQLite does in
        the child: statements that begin, and steps of its machine.
        """
        assert self._process.stdin is not None
        order |= {"url": url, "scripts": str(project.script_location)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._child = int(self._heard())

    def ended(self) -> str:
        """Wait for the end of the child: "killed", or "exited" and a code."""
        return self._heard()

    def upgrade(self, url: str, project: Project, **order: Any) -> str:
        """Upgrade in a child; return how it ended."""
        self.start(url, project, **order)
        return self.ended()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the child."""
        os.kill(self._child, number)

    def kill(self) -> str:
        """Kill the child that runs; return how it ended."""
        self.send(signal.SIGKILL)
        return self.ended()

    def _heard(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Start a nursery for the length of the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.nursery"],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        yield Nursery(process)
