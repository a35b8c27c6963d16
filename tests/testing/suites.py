"""Test suites of other people, on disk, and running them as they would."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.project import Project

INI = """\
[pytest]
addopts = -p no:cacheprovider -W error
asyncio_default_fixture_loop_scope = function
"""

SETTINGS = """\
url = "{driver}://nobody@nowhere/production"
script_location = "migrations"
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    code: int
    text: str

    def counts(self) -> str:
        """`2 passed, 1 failed`."""
        return self.text.rstrip().rpartition("\n")[2].strip("= ").partition(" in ")[0]


def write_suite(project: Project, tests: str, *, driver: str = "postgresql+asyncpg") -> None:
    """Write a project with its settings and one file of tests."""
    project.write("pytest.ini", INI)
    project.write("asyncmigrate.toml", SETTINGS.format(driver=driver))
    project.write("test_suite.py", tests)


WITHOUT = ("-p", "no:hypothesispytest", "-p", "no:faker")
"""Plugins that have nothing to do with us, and take as long to load as all others."""


def command(*options: str) -> list[str]:
    """What runs pytest."""
    return [sys.executable, "-m", "pytest", "-q", *WITHOUT, *options]


def environment() -> dict[str, str]:
    """The environment without what belongs to the run that we are in."""
    ours = ("PYTEST_", "COV_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def run(project: Project, *options: str) -> Outcome:
    """Run the suite to its end."""
    done = subprocess.run(
        command(*options),
        cwd=project.root,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout + done.stderr)
