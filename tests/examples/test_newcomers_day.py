"""A newcomer's day: models, a first migration, ten changes of mind, and back again."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.cli.conftest import amigrate
from tests.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.terminal import Terminal

MODELS = Path(__file__).parent / "newcomer"
EQUAL = "The models and the database are equal.\n"
URLS = {"sqlite": "sqlite_url", "postgresql": "postgres_url", "mariadb": "mysql_url"}
QUOTE = {"sqlite": '"', "postgresql": '"', "mariadb": "`"}
CHANGES = [
    "~ column user.name → user.full_name",
    "+ table payment",
    "- table draft",
    "~ column team.title",
    "+ unique constraint team.",
    "+ column user.bio",
    "+ column user.country",
    "- column user.nickname",
    "~ column user.points",
    "~ column user.created",
    "~ foreign key user.",
    "+ check constraint user.points_not_negative",
    "+ index user.ix_user_email",
]
"""How the lines of the second migration begin."""

__all__ = ["amigrate"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A folder for a project, with nothing in it."""
    project = Project(tmp_path / "shop")
    project.root.mkdir()
    return project


@pytest.fixture
def models(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Save a file of models as `app/models.py`, as an editor would."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def forget() -> None:
        for name in [each for each in sys.modules if each.partition(".")[0] == "app"]:
            del sys.modules[name]
        if "sqlmodel" in sys.modules:  # its models share one registry
            sys.modules["sqlmodel"].SQLModel._sa_registry.dispose()
            sys.modules["sqlmodel"].SQLModel.metadata.clear()

    def save(name: str) -> None:
        forget()
        project.write("app/models.py", (MODELS / f"{name}.py").read_text(encoding="utf-8"))

    yield save
    forget()


async def run(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Run statements; return the rows of the last one."""
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        found = [await connection.execute(text(each)) for each in statements][-1]
        rows = [tuple(row) for row in found] if found.returns_rows else []
    await engine.dispose()
    return rows


@pytest.mark.parametrize("database", URLS)
@pytest.mark.parametrize("style", ["plain", "sqlmodel", "dataclass"])
def test_a_newcomers_day(
    database: str,
    style: str,
    project: Project,
    models: Callable[[str], None],
    amigrate: Terminal,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    url = request.getfixturevalue(URLS[database])
    quote = QUOTE[database]
    monkeypatch.setenv("DATABASE_URL", url)
    models(f"{style}_before")

    assert "Found your models: app.models:" in amigrate.ok("init")
    amigrate.ok("revision", "--autogenerate", "-m", "create everything")
    amigrate.ok("upgrade")
    assert amigrate.ok("check") == EQUAL

    user = f"{quote}user{quote}"
    asyncio.run(
        run(
            url,
            "INSERT INTO team (id, title) VALUES (1, 'red')",
            f"INSERT INTO {user} (id, email, name, team_id) VALUES (1, 'a@b.c', 'ada', 1)",
        )
    )
    models(f"{style}_after")
    said = amigrate.ok(
        *("revision", "--autogenerate", "-m", "change our minds"),
        *("--rename", "user.name=user.full_name", "--backfill", "user.country='uk'"),
    ).splitlines()
    amigrate.ok("upgrade")

    assert [each for each in CHANGES if not any(line.startswith(each) for line in said)] == []
    assert amigrate.ok("check") == EQUAL
    assert amigrate.ok("check", "--from", "history") == EQUAL
    rows = asyncio.run(run(url, f"SELECT full_name, country, points, team_id FROM {user}"))
    assert rows == [("ada", "uk", 0, 1)]

    amigrate.ok("downgrade", "-1")
    models(f"{style}_before")
    (last,) = project.root.glob("migrations/versions/*_change_our_minds.py")
    last.unlink()

    assert amigrate.ok("check") == EQUAL
    assert asyncio.run(run(url, f"SELECT name FROM {user}")) == [("ada",)]


def test_that_sqlmodel_is_installed_costs_the_command_line_nothing() -> None:
    program = (
        "import sys; from asyncmigrate.cli import run; run(['--help']);"
        "print([each for each in ('pydantic', 'sqlmodel') if each in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"
