"""Fixtures of the guides' project."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.examples.guide_project import begun, with_two
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project


@pytest.fixture
def typed(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Terminal]:
    """`amigrate`, typed in a new Alembic project with a URL and models."""
    monkeypatch.chdir(project.root)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    begun(project)
    yield Terminal(capsys)
    for name in [each for each in sys.modules if each.partition(".")[0] == "myproject"]:
        del sys.modules[name]


@pytest.fixture
def two(project: Project, typed: Terminal) -> Terminal:
    """The same, with two revisions: users, then posts."""
    with_two(project, typed)
    return typed
