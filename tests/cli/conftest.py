"""A project that a test works in by typing commands."""

from __future__ import annotations

import os
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.project import Project


@pytest.fixture
def amigrate(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """`amigrate`, typed in the project's folder; nothing of the process's settings counts."""
    monkeypatch.chdir(project.root)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in [each for each in os.environ if each.startswith(("AMIGRATE_", "DATABASE_URL"))]:
        monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "EDITOR", "VISUAL"):
        monkeypatch.delenv(name, raising=False)
    return Terminal(capsys)


@pytest.fixture
def shop(project: Project) -> Project:
    """A chain of three revisions, and settings with a SQLite file."""
    project.write("asyncmigrate.toml", 'url = "sqlite+aiosqlite:///shop.db"\n')
    project.users_in_three_steps()
    return project


@pytest.fixture
def branched(project: Project) -> Project:
    """A base `a1`, with the branches `shop` (s1, s2) and `blog` (b1), which needs s1."""
    project.write("asyncmigrate.toml", 'url = "sqlite+aiosqlite:///shop.db"\n')
    project.revision("a1")
    project.revision("s1", "a1", labels=("shop",))
    project.revision("s2", "s1")
    project.revision("b1", "a1", labels=("blog",), depends_on="s1")
    return project


@pytest.fixture
def database(project: Project) -> Path:
    """The SQLite file of the project's settings."""
    return project.root / "shop.db"


MODELS = """\
import sqlalchemy as sa

metadata = sa.MetaData()
"""


@pytest.fixture
def declare(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Write `app/models.py` with a `metadata`, and forget what was imported of it before."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def forget() -> None:
        for name in [each for each in sys.modules if each.partition(".")[0] == "app"]:
            del sys.modules[name]

    def write(text: str = "", name: str = "models") -> None:
        forget()
        (project.root / "app").mkdir(exist_ok=True)
        (project.root / f"app/{name}.py").write_text(MODELS + dedent(text), encoding="utf-8")

    yield write
    forget()


@pytest.fixture
def drawn(project: Project) -> Project:
    """Settings with a SQLite file and `app.models:metadata`, and no revision yet."""
    project.write(
        "asyncmigrate.toml",
        'url = "sqlite+aiosqlite:///shop.db"\nmetadata = "app.models:metadata"\n',
    )
    return project
