"""Settings that are missing, misspelt, of the wrong type, or cannot be used."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.bad_input.refused import Refused, case

if TYPE_CHECKING:
    from tests.project import Project
    from tests.terminal import Terminal

URL = 'url = "sqlite+aiosqlite:///shop.db"\n'


def write(project: Project, text: str, file: str = "asyncmigrate.toml") -> None:
    """Write settings, byte for byte."""
    (project.root / file).write_bytes(text.encode("utf-8").replace(b"<LATIN-1>", b"\xe4"))


def setting(name: str, text: str, words: str | list[str], typed: str = "status") -> object:
    """Return a case: one setting, beside a good URL."""
    return case(name, typed, 2, "ConfigError", words, partial(write, text=URL + text))


def template(project: Project) -> None:
    project.write("migrations/script.py.tmpl", "$nonsense\n")


def hook(command: str) -> str:
    return f"[[post_write_hooks]]\n{command}\n"


def both(project: Project) -> None:
    project.write("pyproject.toml", "[tool.asyncmigrate]\n" + URL)


def only_pyproject(project: Project, text: str) -> None:
    (project.root / "asyncmigrate.toml").unlink()
    project.write("pyproject.toml", text)


@pytest.mark.parametrize(
    "refused",
    [
        case("the file is missing", "-c gone.toml status", 2, "ConfigError", ["gone.toml", "init"]),
        case("not TOML", "status", 2, "ConfigError", "asyncmigrate.toml",
             partial(write, text="url = = 3\n")),
        case("not UTF-8", "status", 2, "ConfigError", "asyncmigrate.toml",
             partial(write, text='url = "<LATIN-1>"\n')),
        case("two files", "status", 2, "ConfigError", ["asyncmigrate.toml", "pyproject.toml",
             "Keep one"], both),
        case("a pyproject without the table", "-c pyproject.toml status", 2, "ConfigError",
             ["[tool.asyncmigrate]", "init"],
             partial(only_pyproject, text='[project]\nname = "shop"\n')),
        case("a table that is a string", "status", 2, "ConfigError", ["tool.asyncmigrate", "table"],
             partial(only_pyproject, text='[tool]\nasyncmigrate = "yes"\n')),
        case("tools that are a number", "-c pyproject.toml status", 2, "ConfigError", "table",
             partial(only_pyproject, text="tool = 3 # asyncmigrate\n")),
        setting("an unknown setting", "colour = 1\n", ["'colour'", "docs"]),
        setting("a misspelt setting", "script_lokation = 'x'\n", ["Did you mean",
                "script_location"]),
        setting("a number for a string", "script_location = 3\n", ["script_location", "string"]),
        setting("a word that is no lock", 'lock = "yes"\n',
                ["lock", "one of auto, session, lease, off"]),
        setting("true for a number", "lock_timeout = true\n", ["lock_timeout", "number"]),
        setting("a negative wait", "lock_timeout = -1\n", ["lock_timeout", "0 or more"]),
        setting("a wait that is no number", "lock_timeout = nan\n", ["lock_timeout", "0 or more"]),
        setting("no slug at all", "truncate_slug_length = 0\n", ["truncate_slug_length", "1"]),
        setting("numbers for strings", "version_locations = [1, 2]\n", ["version_locations"]),
        setting("an empty version table", 'version_table = ""\n', ["version_table", "name"]),
        setting("one table for two things", 'history_table = "alembic_version"\n',
                ["version_table", "history_table"]),
        setting("environments that are a list", "environments = [1]\n", ["environments", "table"]),
        setting("an environment that is a string", '[environments]\nprod = "x"\n',
                ["prod", "table"], "-n prod status"),
        setting("a misspelt setting of an environment", "[environments.prod]\nurll = 'x'\n",
                ["prod", "'urll'", "Did you mean 'url'"], "-n prod status"),
        setting("an unknown environment", "[environments.prod]\nurl = 'x'\n",
                ["'staging'", "known: prod", "[environments.staging]"], "-n staging status"),
        setting("an unknown environment in the file", 'environment = "gone"\n', ["'gone'"]),
        setting("an env_file that is missing", 'env_file = ".env"\n', [".env", "Create it"]),
        setting("an env_file that is a folder", 'env_file = "migrations"\n', ["migrations"]),
        setting("a time zone that is none", 'timezone = "Mars/Olympus"\n',
                ["Mars/Olympus"], "revision -m x"),
        setting("a token that is none", 'file_template = "%(nope)s"\n', ["%(nope)s"],
                "revision -m x"),
        setting("a broken token", 'file_template = "%(rev"\n', ["%(rev"], "revision -m x"),
        setting("a sub-folder that is not read", 'file_template = "%(year)d/%(rev)s"\n',
                ["recursive_version_locations"], "revision -m x"),
        setting("an encoding that is none", 'output_encoding = "klingon"\n', ["klingon"],
                "revision -m x"),
        setting("a package that is not installed", 'script_location = "no_such_pkg:migrations"\n',
                ["no_such_pkg"], "heads"),
        setting("a hook without a type", hook("name = 'x'"), ["hook"], "revision -m x"),
        setting("a hook of an unknown type", hook("type = 'magic'"), ["magic"], "revision -m x"),
        setting("hooks that are a string", 'post_write_hooks = "ruff"\n', ["post_write_hooks"]),
        case("an unknown variable in the template", "revision -m x", 2, "ConfigError",
             ["script.py.tmpl", "nonsense"], template),
        case("an unset variable", "status", 2, "UnsetVariableError",
             ["NOT_SET_ANYWHERE", "the environment", "export NOT_SET_ANYWHERE"],
             partial(write, text='url = "${NOT_SET_ANYWHERE}"\n')),
        case("an unset variable in a path", "heads", 2, "UnsetVariableError",
             ["NOT_SET_ANYWHERE", "script_location"],
             partial(write, text=URL + 'script_location = "${NOT_SET_ANYWHERE}"\n')),
        case("a version location that is missing", "upgrade", 2, "ConfigError", "elsewhere",
             partial(write, text=URL + 'version_locations = ["elsewhere"]\n')),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(
    amigrate: Terminal, shop: Project, refused: Refused
) -> None:
    refused.check(amigrate, shop)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("AMIGRATE_LOCK", "maybe", ["$AMIGRATE_LOCK", "one of auto"]),
        ("AMIGRATE_LOCK_TIMEOUT", "soon", ["$AMIGRATE_LOCK_TIMEOUT", "number"]),
        ("AMIGRATE_TRUNCATE_SLUG_LENGTH", "1.5", ["whole number"]),
        ("AMIGRATE_POST_WRITE_HOOKS", "ruff", ["$AMIGRATE_POST_WRITE_HOOKS", "list"]),
        ("AMIGRATE_CONFIG", "gone.toml", ["gone.toml", "AMIGRATE_CONFIG"]),
        ("AMIGRATE_ENV", "gone", ["'gone'"]),
    ],
)
def test_a_variable_that_cannot_be_is_refused_by_its_name(
    amigrate: Terminal,
    shop: Project,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    words: list[str],
) -> None:
    monkeypatch.setenv(name, value)

    Refused(["status"], 2, "ConfigError", words, lambda _: None).check(amigrate, shop)


@pytest.mark.parametrize("value", ["-1", "nan"])
def test_a_wait_that_cannot_be_is_refused(amigrate: Terminal, shop: Project, value: str) -> None:
    typed = ["upgrade", f"--lock-timeout={value}"]

    Refused(typed, 2, "ConfigError", ["--lock-timeout"], lambda _: None).check(amigrate, shop)


def test_a_hook_that_fails_is_reported_and_the_script_stays(
    amigrate: Terminal, shop: Project
) -> None:
    hooks = "type = 'exec'\nname = 'nope'\nexecutable = 'no-such-program-here'\n"
    write(shop, URL + hook(hooks))

    typed = amigrate("revision", "-m", "x", "--rev-id", "c3", "--json")

    assert typed.code == 0
    assert "no-such-program-here" in typed.json["hook_failures"][0]
    assert (shop.versions / "c3_x.py").is_file()
