"""A password is in no output: not in results, not in errors, not with -v, not with --traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from tests.project import Project
    from tests.terminal import Terminal

PASSWORDS = [
    "hunter2secret",
    "hunter2@secret",
    "hunter2:secret",
    "hunter2#secret",
    "hunter2%secret",
    "hunter2/secret",
    "2/secret",
    "hunter2?secret",
    "hunter2@:#%secret",
]
COMMANDS = [
    ["upgrade"],
    ["downgrade", "-1"],
    ["stamp", "head"],
    ["plan"],
    ["status"],
    ["current"],
    ["ensure_version"],
    ["history", "-i"],
    ["history"],
    ["heads"],
    ["branches"],
    ["show", "current"],
    ["edit", "current"],
    ["revision", "-m", "x"],
    ["merge", "a1"],
    ["init", "migrations"],
    ["upgrade", "--sql"],
]


def assert_kept_secret(said: str) -> None:
    assert "secret" not in said
    assert "hunter2" not in said


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
@pytest.mark.parametrize("password", PASSWORDS)
def test_a_refused_connection_does_not_tell_the_password(
    amigrate: Terminal, shop: Project, password: str, driver: str
) -> None:
    url = f"postgresql+{driver}://me:{password}@127.0.0.1:1/shop"

    typed = amigrate("upgrade", "--url", url, "-v", "--traceback")

    assert typed.code in (1, 2)
    assert "me:***@" in typed.err
    assert_kept_secret(typed.everything)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("option", ["-v", "--json"])
def test_no_command_tells_the_password(
    amigrate: Terminal,
    shop: Project,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    option: str,
) -> None:
    monkeypatch.setenv("EDITOR", "true")
    shop.write("asyncmigrate.toml", 'url = "postgresql+asyncpg://me:hunter2@secret@127.0.0.1:1/x"')

    typed = amigrate(*arguments, option)

    assert_kept_secret(typed.everything)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg:/me:hunter2secret@127.0.0.1/shop",
        "postgresql+asyncpg://me:hunter2secret@127.0.0.1:port/shop",
        "nonsense://me:hunter2secret@127.0.0.1/shop",
        "me:hunter2secret@127.0.0.1/shop",
        "postgresql+asyncpg://127.0.0.1:1/shop?user=me&password=hunter2secret",
    ],
)
def test_a_url_that_is_wrong_is_shown_without_its_password(
    amigrate: Terminal, shop: Project, url: str
) -> None:
    typed = amigrate("status", "--url", url, "-v", "--traceback")

    assert typed.code in (1, 2)
    assert_kept_secret(typed.everything)


@pytest.mark.parametrize(
    "text",
    [
        'url = ["postgresql+asyncpg://me:hunter2@secret@h/x"]',
        '[environments]\nprod = "postgresql+asyncpg://me:hunter2@secret@h/x"',
        'environments = "postgresql+asyncpg://me:hunter2@secret@h/x"',
    ],
)
def test_a_setting_of_the_wrong_type_is_shown_without_its_password(
    amigrate: Terminal, project: Project, text: str
) -> None:
    project.write("asyncmigrate.toml", text)

    typed = amigrate("status", "-n", "prod")

    assert typed.code == 2
    assert_kept_secret(typed.everything)


def test_a_variable_is_shown_by_its_name(
    amigrate: Terminal, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write("asyncmigrate.toml", 'url = "postgresql+asyncpg://me:${PASSWORD}@127.0.0.1:1/x"')
    monkeypatch.setenv("PASSWORD", "hunter2@secret")

    typed = amigrate("status", "-v")

    assert_kept_secret(typed.everything)


@pytest.mark.parametrize("password", ["wrong@:#%/secret", "wrongsecret"])
@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_a_server_that_refuses_the_user_does_not_tell_the_password(
    amigrate: Terminal, shop: Project, postgres_url: str, password: str, driver: str
) -> None:
    address = postgres_url.rpartition("@")[2]
    url = f"postgresql+{driver}://nobody_here:{quote(password, safe='')}@{address}"

    typed = amigrate("status", "--url", url, "-v", "--traceback")

    assert_kept_secret(typed.everything)
