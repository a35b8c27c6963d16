"""`amigrate`, typed by a test: in this process, or as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmigrate.cli import run

if TYPE_CHECKING:
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
