"""`amigrate test`: the ready-made tests without pytest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.project import Project


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def amigrate(
    project: Project, *arguments: str, url: str = "postgresql://nobody@nowhere/x"
) -> Ended:
    """Type `amigrate test …` in a project."""
    project.write("asyncmigrate.toml", f'url = "{url}"\n')
    done = subprocess.run(
        [sys.executable, "-m", "asyncmigrate", "test", *arguments],
        cwd=project.root,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def good(project: Project) -> None:
    project.revision(
        "a1",
        message="users",
        upgrade='op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True))',
        downgrade='op.drop_table("users")',
    )


def test_a_good_history_passes_on_a_server_that_is_started_for_it(project: Project) -> None:
    good(project)

    ended = amigrate(project)

    assert ended.code == 0, ended.err
    assert ended.out == "Nothing is wrong with the migrations.\n"
    assert "✓ stairway" in ended.err
    assert "- models" in ended.err


def test_what_is_wrong_is_told_with_both_sides_and_exit_code_1(project: Project) -> None:
    good(project)
    project.revision("b2", "a1", message="x", upgrade='op.execute("CREATE TABLE x (id int)")')

    told = amigrate(project, "documented", "stairway", "--server", "sqlite")
    shape = json.loads(amigrate(project, "stairway", "--server", "sqlite", "--json").out)

    assert told.code == 1
    assert "b2: downgrade() does nothing, upgrade() does" in told.out
    assert "b2 (x): downgrade() leads elsewhere than before." in told.out
    assert "+ table x" in told.out
    assert shape["passed"] is False
    assert shape["tests"][0]["findings"][0]["revision"] == "b2"


def test_a_test_that_does_not_exist_is_refused(project: Project) -> None:
    good(project)

    ended = amigrate(project, "stairways")

    assert ended.code == 2
    assert "stairway" in ended.err
