"""`amigrate edit`: the script of a revision, in the editor of whoever asks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project
    from tests.terminal import Terminal


@pytest.fixture
def editor(project: Project) -> str:
    """An editor that adds its arguments to a file."""
    script = project.write(
        "an editor.py",
        """
        import pathlib, sys
        pathlib.Path("opened.txt").write_text("\\n".join(sys.argv[1:]))
        """,
    )
    return f'"{sys.executable}" "{script}" --wait'


@pytest.mark.parametrize("variable", ["EDITOR", "VISUAL"])
def test_the_editor_that_is_named_opens_the_script(
    amigrate: Terminal,
    shop: Project,
    editor: str,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    monkeypatch.setenv(variable, editor)

    amigrate.ok("edit", "b2")

    opened = (shop.root / "opened.txt").read_text(encoding="utf-8")
    assert opened.splitlines() == ["--wait", str(shop.versions / "b2.py")]


def test_with_json_it_says_what_it_opened(
    amigrate: Terminal, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "true")

    assert amigrate.json("edit", "b2") == {"opened": [str(shop.versions / "b2.py")]}


def test_where_the_database_is_may_be_edited(
    amigrate: Terminal, shop: Project, editor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", editor)
    amigrate.ok("upgrade", "b2")

    amigrate.ok("edit", "current")

    assert "b2.py" in (shop.root / "opened.txt").read_text(encoding="utf-8")


def test_several_heads_are_opened_together(
    amigrate: Terminal, branched: Project, editor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", editor)

    amigrate.ok("edit", "heads")

    opened = (branched.root / "opened.txt").read_text(encoding="utf-8")
    assert sorted(line.rpartition("/")[2] for line in opened.splitlines()[1:]) == [
        "b1.py",
        "s2.py",
    ]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("no-such-editor-anywhere", "no-such-editor-anywhere"),
        ("false", "exit code 1"),
        ('"unbalanced', "EDITOR"),
    ],
)
def test_an_editor_that_does_not_work_is_named(
    amigrate: Terminal,
    shop: Project,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    words: str,
) -> None:
    monkeypatch.setenv("EDITOR", command)

    typed = amigrate("edit", "b2")

    assert typed.code == 2
    assert words in typed.err


@pytest.mark.parametrize("command", ["", "   "], ids=["empty", "blank"])
def test_without_any_editor_it_says_how_to_name_one(
    amigrate: Terminal, shop: Project, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("EDITOR", command)
    monkeypatch.setenv("PATH", "")

    typed = amigrate("edit", "b2")

    assert typed.code == 2
    assert "No editor was found" in typed.err
    assert "export EDITOR=" in typed.err


@pytest.mark.parametrize(("target", "code"), [("nope", 2), ("base", 2)])
def test_what_has_no_script_cannot_be_edited(
    amigrate: Terminal,
    shop: Project,
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    code: int,
) -> None:
    monkeypatch.setenv("EDITOR", "true")

    assert amigrate("edit", target).code == code
