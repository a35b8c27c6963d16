"""What a command does not wait for: modules that it has no use for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from asyncmigrate.cli.commands import app, app_for

if TYPE_CHECKING:
    from tests.project import Project

_HEADS = "from asyncmigrate.cli import run; run(sys.argv[1:])"
_HELLO = "import typer; a = typer.Typer(); a.command()(lambda: None); a(standalone_mode=False)"


def loaded_by(project: Project, program: str, *arguments: str) -> set[str]:
    """The modules that a process has loaded when it is over."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {program}; print(*sys.modules)", *arguments],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("command", ["heads", "history"])
def test_reading_the_scripts_loads_no_database_no_event_loop_and_no_json(
    project: Project, command: str
) -> None:
    project.revision("a1")

    ours = loaded_by(project, _HEADS, command) - loaded_by(project, _HELLO)

    assert "asyncmigrate.scripts.headers" in ours
    assert ours & {"sqlalchemy", "asyncio", "asyncpg", "sqlite3", "json", "rich"} == set()
    assert "asyncmigrate.events" not in ours


_BATCH = """
op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
with op.batch_alter_table("t") as batch:
    batch.add_column(sa.Column("name", sa.Text))
op.create_view("v", "SELECT id FROM t")
"""


def test_a_run_on_postgresql_loads_nothing_of_other_databases(
    project: Project, postgres_url: str
) -> None:
    project.revision("a1", upgrade=_BATCH)

    loaded = loaded_by(project, _HEADS, "--url", postgres_url, "upgrade", "head")

    assert "sqlalchemy.dialects.postgresql.asyncpg" in loaded
    others = ("asyncmigrate.dialects.", "sqlalchemy.dialects.", "asyncmigrate.scripts.sqlite")
    found = {each for each in loaded if each.startswith(others)}
    assert {each for each in found if "sqlite" in each or ".mysql" in each} == set()


@pytest.mark.parametrize(
    ("arguments", "commands"),
    [
        (["heads"], ["heads"]),
        (["--url", "x", "heads"], None),
        (["-v", "upgrade", "heads"], ["heads", "upgrade"]),
        (["upgrad", "heads"], None),
        (["upgrade", "--help"], None),
        (["-h"], None),
        ([], None),
    ],
)
def test_only_commands_that_are_mentioned_are_made(
    arguments: list[str], commands: list[str] | None
) -> None:
    made = app_for(arguments)

    names = sorted(str(each.name or each.callback.__name__) for each in made.registered_commands)
    assert (names == commands) or (commands is None and made is app)
