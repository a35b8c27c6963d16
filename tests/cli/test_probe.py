"""Where a database is, is found without SQLAlchemy, and is the same as with it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from asyncmigrate import Migrator

if TYPE_CHECKING:
    from tests.project import Project

_RUN = """
import sys
{first}
from asyncmigrate.cli import run
code = run(sys.argv[1:])
print("loaded" if "sqlalchemy" in sys.modules else "not loaded", file=sys.stderr)
sys.exit(code)
"""
PROBED = ("sqlite+aiosqlite:", "postgresql+asyncpg:")
COMMANDS = [
    ["current"],
    ["current", "--check-heads", "-v"],
    ["status", "--json"],
    ["upgrade", "head"],
    ["upgrade", "head", "--json"],
    ["plan", "b1", "--json"],
    ["downgrade", "b1"],
    ["upgrade", "nowhere"],
]


def amigrate(
    project: Project, url: str, arguments: list[str], first: str = ""
) -> tuple[int, str, str]:
    """Run a command in a process of its own; say whether SQLAlchemy was loaded at the end."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN.format(first=first), *arguments],
        cwd=project.root,
        env={**os.environ, "AMIGRATE_URL": url, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    *errors, loaded = done.stderr.splitlines()
    return done.returncode, done.stdout + "\n".join(errors), loaded


@pytest.fixture
async def at_head(project: Project, database_url: str) -> str:
    """The URL of a database that is at the head of two revisions."""
    project.revision("a1")
    project.revision("b1", "a1")
    await Migrator(database_url, script_location=project.script_location).upgrade()
    return database_url


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_what_a_command_says_is_the_same_without_sqlalchemy(
    project: Project, at_head: str, arguments: list[str]
) -> None:
    alone = amigrate(project, at_head, arguments)
    ordinary = amigrate(project, at_head, arguments, first="import sqlalchemy")

    assert alone[:2] == ordinary[:2]


@pytest.mark.parametrize("arguments", [["upgrade", "head"], ["status"], ["current"]])
def test_at_head_nothing_of_sqlalchemy_is_loaded(
    project: Project, at_head: str, arguments: list[str]
) -> None:
    _, _, loaded = amigrate(project, at_head, arguments)

    assert loaded == ("not loaded" if at_head.startswith(PROBED) else "loaded")


def test_a_database_without_a_version_table_is_at_base(project: Project, postgres_url: str) -> None:
    project.revision("a1")

    code, said, loaded = amigrate(project, postgres_url, ["status"])

    assert (code, loaded) == (0, "not loaded")
    assert "current   base" in said


def test_a_sqlite_file_that_is_missing_stays_missing(project: Project, sqlite_url: str) -> None:
    project.revision("a1")

    code, said, loaded = amigrate(project, sqlite_url, ["status"])

    assert (code, loaded) == (0, "not loaded")
    assert "current   base" in said
    assert not Path(sqlite_url.partition(":///")[2]).exists()


@pytest.mark.parametrize(
    "unusual",
    [
        "{url}?timeout=3",
        "sqlite:///{file}",
        "sqlite+aiosqlite:///file:{file}?uri=true",
    ],
)
def test_an_unusual_url_goes_the_ordinary_way(
    project: Project, sqlite_url: str, unusual: str
) -> None:
    project.revision("a1")
    file = sqlite_url.partition(":///")[2]
    sqlite3.connect(file).close()

    url = unusual.format(url=sqlite_url, file=file)
    code, _, loaded = amigrate(project, url, ["status"])

    assert (code, loaded) == (0, "loaded")


def test_a_sqlite_file_in_wal_mode_is_left_without_files_beside_it(
    project: Project, sqlite_url: str
) -> None:
    project.revision("a1")
    file = Path(sqlite_url.partition(":///")[2])
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
    database.close()

    code, _, _ = amigrate(project, sqlite_url, ["current"])

    assert code == 0
    assert [path.name for path in file.parent.glob(f"{file.name}*")] == [file.name]


def test_a_server_that_cannot_be_reached_is_reported_the_ordinary_way(project: Project) -> None:
    project.revision("a1")

    url = "postgresql+asyncpg://nobody:secret@127.0.0.1:1/nothing"
    code, said, loaded = amigrate(project, url, ["status"])

    assert (code, loaded) == (1, "loaded")
    assert "Cannot connect to postgresql+asyncpg://nobody:***@127.0.0.1:1/nothing" in said
