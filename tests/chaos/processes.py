"""`python -m asyncmigrate` as processes that a test starts, signals and reads."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chaos.leftovers import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project

REPOSITORY = Path(__file__).parents[2]
SLOW_START = 60.0
_ENDS_BEFORE_ITS_GRACE = {"AMIGRATE_SHUTDOWN_GRACE": str(10 * PATIENCE)}
"""A process that ends within the patience has not waited for the end of its grace."""


class Process:
    """One `amigrate`; its scripts say where they are by making the file `at_work`."""

    def __init__(self, project: Project, url: str, arguments: tuple[str, ...]) -> None:
        self.at_work = project.root / "at_work"
        common = ["--url", url, "--script-location", str(project.script_location)]
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "asyncmigrate", *common, *arguments],
            cwd=project.root,
            env=_ENDS_BEFORE_ITS_GRACE
            | os.environ
            | {"PYTHONPATH": str(REPOSITORY), "AT_WORK": str(self.at_work)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_until_at_work(self) -> None:
        """Wait until a script has made its file."""
        eventually(lambda: not self.at_work.exists() and "the script did not get to work")

    def ended(self) -> tuple[int, str]:
        """Wait for the end; return the exit code and standard error."""
        _, err = self.popen.communicate(timeout=SLOW_START)
        return self.popen.returncode, err

    def ended_soon(self) -> tuple[int, str]:
        """Wait for an end that must come within the patience."""
        _, err = self.popen.communicate(timeout=PATIENCE)
        return self.popen.returncode, err

    def said(self, words: str) -> str:
        """Read standard error up to a line with these words."""
        assert self.popen.stderr is not None
        for line in self.popen.stderr:
            if words in line:
                return line
        raise AssertionError(f"it never said {words!r}")


@contextmanager
def amigrate(project: Project, url: str, *arguments: str) -> Iterator[Process]:
    """Start `amigrate`; whatever happens, it does not outlive the block."""
    process = Process(project, url, arguments)
    try:
        yield process
    finally:
        process.popen.kill()
        process.popen.wait()
        for stream in (process.popen.stdout, process.popen.stderr):
            assert stream is not None
            stream.close()
