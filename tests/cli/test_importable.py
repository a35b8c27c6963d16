"""Modules of the project on `sys.path`, in front of Python's."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project


@pytest.mark.parametrize("module", ["logging/__init__.py", "concurrent.py"])
def test_a_module_beside_the_settings_that_is_named_like_one_of_pythons_stops_nothing(
    shop: Project, module: str
) -> None:
    shop.write(module, "")

    ran = subprocess.run(
        [sys.executable, "-P", "-m", "asyncmigrate", "upgrade", "head"],
        cwd=shop.root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr


def test_a_module_of_the_project_is_found_in_front_of_others(shop: Project) -> None:
    shop.write("pytest.py", "TABLE = 'things'\n")
    shop.revision(
        "d4",
        "c3",
        upgrade='import pytest; op.create_table(pytest.TABLE, sa.Column("id", sa.Integer))',
    )

    ran = subprocess.run(
        [sys.executable, "-P", "-m", "asyncmigrate", "upgrade", "head"],
        cwd=shop.root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
