"""The suite in examples/ is run as its reader would run it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.project import Project
from tests.testing.suites import run

EXAMPLE = Path(__file__).parents[2] / "examples" / "pytest_suite"


def test_the_example_suite_passes_with_two_workers(tmp_path: Path) -> None:
    folder = tmp_path / "suite"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))

    outcome = run(Project(folder), "-n", "2", "-p", "no:cacheprovider")

    assert outcome.counts() == "58 passed", outcome.text
