"""Help teaches: every command says what it does, lists its options, and shows how it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from asyncmigrate.cli.commands import app

if TYPE_CHECKING:
    from tests.terminal import Terminal

GROUP = get_command(app)
COMMANDS = sorted(GROUP.commands)  # type: ignore[attr-defined]


def test_the_commands_are_those_that_are_documented() -> None:
    assert COMMANDS == [
        "branches",
        "check",
        "current",
        "diff",
        "downgrade",
        "edit",
        "ensure_version",
        "heads",
        "history",
        "init",
        "lock",
        "merge",
        "plan",
        "repair",
        "revision",
        "show",
        "stamp",
        "status",
        "test",
        "upgrade",
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_has_an_example_and_all_of_its_options(
    amigrate: Terminal, command: str
) -> None:
    out = amigrate.ok(command, "--help")

    assert out.startswith(f"Usage: amigrate {command} ")
    assert f"  amigrate {command}" in out
    for parameter in GROUP.commands[command].params:  # type: ignore[attr-defined]
        for spelling in parameter.opts:
            assert parameter.param_type_name == "argument" or spelling in out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_says_what_it_is_for(command: str) -> None:
    without = [
        parameter.name
        for parameter in GROUP.commands[command].params  # type: ignore[attr-defined]
        if parameter.param_type_name == "option" and not parameter.help
    ]

    assert without == []


@pytest.mark.parametrize("spelling", [["--help"], ["-h"]], ids=str)
def test_the_help_of_the_program_lists_every_command(
    amigrate: Terminal, spelling: list[str]
) -> None:
    out = amigrate.ok(*spelling)

    assert [name for name in COMMANDS if f"\n  {name} " not in out] == []
    assert "Exit codes:" in out


def test_help_needs_no_settings_and_no_project(
    amigrate: Terminal, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMIGRATE_CONFIG", "nowhere.toml")

    assert amigrate("upgrade", "--help").code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_plain_ascii_for_every_terminal(amigrate: Terminal, command: str) -> None:
    assert amigrate.ok(command, "--help").isascii()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_json(amigrate: Terminal, command: str) -> None:
    assert "--json" in amigrate.ok(command, "--help")


def test_no_line_is_wider_than_a_terminal(amigrate: Terminal) -> None:
    texts = [amigrate.ok("--help"), *(amigrate.ok(each, "--help") for each in COMMANDS)]

    assert [line for text in texts for line in text.splitlines() if len(line) > 100] == []
