"""Every public name of the installed Alembic: it is there, or an error says what is nearest."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import alembic
import pytest

from asyncmigrate.alembic.config import Config
from asyncmigrate.alembic.operations.schemaobj import SchemaObjects
from asyncmigrate.alembic.runtime.environment import EnvironmentContext
from asyncmigrate.alembic.script.base import ScriptDirectory
from asyncmigrate.scripts.redirection import scope_of

SENTENCE = "asyncmigrate does not offer {}; use "
LEFT_OUT = ("alembic.testing", "alembic.templates", "alembic.ext", "alembic.__main__")


def modules() -> list[str]:
    root = Path(alembic.__file__).parent
    files = [each.relative_to(root.parent).with_suffix("") for each in root.rglob("*.py")]
    names = {".".join(each.parts).removesuffix(".__init__") for each in files}
    return sorted(each for each in names if not each.startswith(LEFT_OUT))


def public(module: str) -> list[str]:
    """The names that a module of Alembic's has from Alembic, without those of its modules."""
    found = vars(importlib.import_module(module))
    return sorted(
        name
        for name, value in found.items()
        if not name.startswith("_")
        and not inspect.ismodule(value)
        and str(getattr(value, "__module__", "")).startswith("alembic")
    )


@pytest.mark.parametrize("module", modules())
def test_every_public_name_works_or_says_what_is_nearest(module: str, tmp_path: Path) -> None:
    importing: Any = scope_of(str(tmp_path / "versions")).builtins()["__import__"]
    try:
        ours = importing(module, None, None, ("*",))
    except ModuleNotFoundError as error:
        assert str(error).startswith(SENTENCE.format(module))  # noqa: PT017 -- either will do
        return

    said = {name: _said(ours, name) for name in public(module)}

    for name, text in said.items():
        assert text == "" or text.startswith(SENTENCE.format(f"{module}.{name}"))


@pytest.mark.parametrize(
    "kind", ["Config", "ScriptDirectory", "EnvironmentContext", "SchemaObjects"]
)
def test_every_attribute_of_what_applications_use_works_or_says_what_is_nearest(
    kind: str, tmp_path: Path
) -> None:
    (tmp_path / "versions").mkdir()
    ini = tmp_path / "alembic.ini"
    ini.write_text(f"[alembic]\nscript_location = {tmp_path}\n")
    made = {
        "Config": Config(ini),
        "ScriptDirectory": ScriptDirectory(tmp_path),
        "EnvironmentContext": EnvironmentContext(),
        "SchemaObjects": SchemaObjects(),
    }[kind]
    theirs = {
        "Config": "alembic.config",
        "ScriptDirectory": "alembic.script",
        "EnvironmentContext": "alembic.runtime.environment",
        "SchemaObjects": "alembic.operations.schemaobj",
    }[kind]
    names = [each for each in dir(getattr(importlib.import_module(theirs), kind)) if each[0] != "_"]

    absent = [each for each in names if not hasattr(type(made), each)]

    for each in absent:
        text = _said(made, each)
        assert text == "" or text.startswith(SENTENCE.format(f"alembic.{_place(made)}.{each}"))


def _place(made: object) -> str:
    kind = type(made)
    return f"{kind.__module__.removeprefix('asyncmigrate.alembic.')}.{kind.__name__}"


def _said(holder: Any, name: str) -> str:
    try:
        getattr(holder, name)
    except AttributeError as error:
        return str(error)
    return ""
