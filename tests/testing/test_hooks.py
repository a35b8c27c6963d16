"""The hooks that pre-commit finds in this repository: their entries, as it would run them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from tests.project import Project

FILE = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load(FILE.read_text(encoding="utf-8"))
}
KNOWN = {
    *("id", "name", "description", "entry", "language", "files", "types_or", "pass_filenames"),
    *("stages",),
}


def run(hook: str, project: Project) -> subprocess.CompletedProcess[str]:
    """Run the entry of a hook in a project, with its own Python's `amigrate`."""
    words = shlex.split(HOOKS[hook]["entry"])
    assert words[0] == "amigrate"
    return subprocess.run(
        [sys.executable, "-m", "asyncmigrate", *words[1:]],
        cwd=project.root,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def branched(project: Project) -> Project:
    """A project with one good revision, and no server."""
    project.write("asyncmigrate.toml", 'url = "sqlite+aiosqlite:///x.db"\n')
    project.revision(
        "a1",
        message="users",
        upgrade='op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True))',
        downgrade='op.drop_table("users")',
    )
    return project


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_passes_a_good_history_and_stops_two_heads(hook: str, branched: Project) -> None:
    good = run(hook, branched)
    branched.revision("b2", "a1", message="left")
    branched.revision("c3", "a1", message="right")
    forked = run(hook, branched)

    assert good.returncode == 0, good.stderr
    assert forked.returncode == 1
    assert "There is one head: no." in forked.stdout


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_a_hook_has_what_pre_commit_asks_for_and_takes_no_file_names(hook: dict[str, Any]) -> None:
    assert {"id", "name", "entry", "language"} <= set(hook) <= KNOWN
    assert hook["pass_filenames"] is False


def test_a_hook_looks_at_scripts_wherever_their_folder_is() -> None:
    pattern = re.compile(HOOKS["amigrate-heads"]["files"])

    assert pattern.search("migrations/versions/a1_users.py")
    assert pattern.search("src/shop/alembic/env.py")
    assert not pattern.search("src/shop/models.py")
