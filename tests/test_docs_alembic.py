"""docs/coming-from-alembic.md names everything that the installed Alembic has."""

from __future__ import annotations

import argparse
import re
from inspect import signature
from pathlib import Path
from typing import Any

import alembic
import pytest
from alembic.config import CommandLine
from alembic.operations import BatchOperations, Operations
from alembic.runtime.environment import EnvironmentContext

from asyncmigrate.alembic.command import _NAMES as IN_PYTHON
from tests.test_docs import DOCS, commands

PAGE = (DOCS / "coming-from-alembic.md").read_text(encoding="utf-8")
NO_DIRECTIVE = {"create_module_class_proxy"}
"""What the class has for Alembic itself."""


def section(title: str) -> str:
    """The text below a heading."""
    found = PAGE.partition(f"\n## {title}")[2].partition("\n## ")[0]
    assert found
    return found


def is_named(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def their_commands() -> dict[str, Any]:
    parser = CommandLine().parser
    (found,) = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    return {"": parser, **found.choices}


def options(parser: Any) -> list[str]:
    found = [spelling for action in parser._actions for spelling in action.option_strings]
    return [each for each in found if each not in ("-h", "--help")]


@pytest.mark.parametrize("name", sorted(their_commands()))
def test_every_command_is_beside_ours_and_every_option_is_ours_or_explained(name: str) -> None:
    text, ours = section("Command by command"), commands()
    known = {
        spelling
        for command in (ours[""], *([ours[name]] if name in ours else []))
        for parameter in command.params
        for spelling in parameter.opts
    }

    theirs = options(their_commands()[name])

    assert not name or is_named(name, text)
    assert [each for each in theirs if each not in known and not _is_explained(each, text)] == []


def _is_explained(option: str, text: str) -> bool:
    longer = {"-t": "--template"}.get(option, option)
    return is_named(longer, text)


def test_every_command_that_python_calls_is_there_or_says_what_is_nearest() -> None:
    from alembic import command

    from asyncmigrate.alembic.words import _NEAREST

    theirs = {
        name
        for name, each in vars(command).items()
        if callable(each) and getattr(each, "__module__", "") == command.__name__
    }

    without = {name for name in theirs if f"alembic.command.{name}" not in _NEAREST}
    assert without - set(IN_PYTHON) == set()


def test_every_option_of_configure_is_in_its_table() -> None:
    text = section("`context.configure`")
    theirs = set(signature(EnvironmentContext.configure).parameters) - {"self", "kw"}

    assert sorted(name for name in theirs if not is_named(name, text)) == []


@pytest.mark.parametrize("kind", [Operations, BatchOperations])
def test_every_directive_is_named(kind: type) -> None:
    text = section("Directive by directive")
    theirs = {name for name in dir(kind) if not name.startswith("_")} - NO_DIRECTIVE

    assert sorted(name for name in theirs if not is_named(name, text)) == []


def their_settings() -> set[str]:
    """The keys of Alembic's own templates, those in comments too, and what its source asks for."""
    package = Path(alembic.__file__).parent
    found: set[str] = set()
    for file in [*package.glob("templates/*/*.ini.mako"), *package.glob("templates/*/*.toml.mako")]:
        part = ""
        for line in file.read_text(encoding="utf-8").splitlines():
            part = (re.match(r"#?\s*\[+([\w.]+)\]+\s*$", line) or ["", part])[1]
            key = re.match(r"#?\s?([a-z_.]+)\s*=", line)
            if key and not re.search("logger|handler|formatter|post_write_hooks", part):
                found.add(key[1])
    asked = r"get_(?:main|alembic|alembic_boolean)_option\(\s*[\"']([\w.]+)"
    for source in package.rglob("*.py"):
        found |= set(re.findall(asked, source.read_text(encoding="utf-8")))
    return found - {"my", "my_important_option", "keys", "type", "name", "options"}


def test_every_setting_is_in_its_table() -> None:
    text = section("Setting by setting")
    theirs = their_settings()

    assert len(theirs) > 12
    assert sorted(name for name in theirs if not is_named(name, text)) == []
