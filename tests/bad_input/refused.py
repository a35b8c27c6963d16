"""A command line that must be refused: in clear words, with its exit code, changing nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.project import Project
    from tests.terminal import Terminal, Typed


@dataclass(frozen=True, slots=True)
class Refused:
    """What is typed, and what must come of it."""

    arguments: list[str]
    code: int
    type: str
    words: list[str]
    arrange: Callable[[Project], object]

    def check(self, amigrate: Terminal, project: Project) -> Typed:
        """Arrange, type, and assert that it was refused and that nothing changed."""
        self.arrange(project)
        before = contents(project.root)
        typed = amigrate(*self.arguments, "--json")
        error = typed.json["error"]
        said = f"{error['message']} {error['next']}"
        assert (typed.code, error["type"]) == (self.code, self.type), said
        assert [word for word in self.words if word not in said] == [], said
        assert "Unexpected" not in said
        assert "Traceback" not in typed.everything
        assert error["next"], f"nothing to type next: {said}"
        assert contents(project.root) == before
        return typed


def nothing(_: Project) -> None:
    """Arrange nothing."""


def case(
    name: str,
    arguments: str | list[str],
    code: int,
    type: str,
    words: str | list[str],
    arrange: Callable[[Project], object] = nothing,
) -> object:
    """Return one row of a table, named by what is wrong."""
    return pytest.param(
        Refused(
            arguments.split() if isinstance(arguments, str) else arguments,
            code,
            type,
            [words] if isinstance(words, str) else words,
            arrange,
        ),
        id=name,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, with its content."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }


def execute(project: Project, *statements: str) -> None:
    """Do something to the project's database that no migration would do."""
    with closing(sqlite3.connect(project.root / "shop.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
