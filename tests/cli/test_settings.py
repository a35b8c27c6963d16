"""Where settings come from, which of them wins, and how a person can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project
    from tests.terminal import Terminal

ENVIRONMENTS = """
    url = "sqlite+aiosqlite:///default.db"

    [environments.staging]
    url = "sqlite+aiosqlite:///staging.db"

    [environments.test]
    url = "sqlite+aiosqlite:///test.db"
    version_table = "versions"
    """


def database(amigrate: Terminal, *arguments: str) -> str:
    """Return the file that a command would use."""
    found: str = amigrate.json("status", *arguments)["database"]
    return found.rpartition("/")[2]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "default.db"),
        (["-n", "staging"], "staging.db"),
        (["--name", "test"], "test.db"),
        (["-n", "test", "--url", "sqlite+aiosqlite:///flag.db"], "flag.db"),
    ],
    ids=str,
)
def test_an_environment_beats_the_file_and_a_flag_beats_both(
    amigrate: Terminal, project: Project, arguments: list[str], expected: str
) -> None:
    project.write("asyncmigrate.toml", ENVIRONMENTS)

    assert database(amigrate, *arguments) == expected


def test_a_variable_beats_the_file_and_the_environment(
    amigrate: Terminal, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("asyncmigrate.toml", ENVIRONMENTS)
    monkeypatch.setenv("AMIGRATE_URL", "sqlite+aiosqlite:///variable.db")

    assert database(amigrate, "-n", "staging") == "variable.db"
    assert database(amigrate, "--url", "sqlite+aiosqlite:///flag.db") == "flag.db"


def test_an_empty_variable_counts_as_unset(
    amigrate: Terminal, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("asyncmigrate.toml", ENVIRONMENTS)
    monkeypatch.setenv("AMIGRATE_URL", "")

    assert database(amigrate) == "default.db"


def test_an_empty_variable_says_that_there_is_no_history_table_and_no_env_py(
    amigrate: Terminal, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write("migrations/env.py", "raise NotImplementedError('not this one')")
    monkeypatch.setenv("AMIGRATE_ENV_PY", "")
    monkeypatch.setenv("AMIGRATE_HISTORY_TABLE", "")

    amigrate.ok("upgrade")

    assert amigrate.json("history", "--applied")["applied"] == []


def test_a_variable_may_choose_the_environment(
    amigrate: Terminal, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("asyncmigrate.toml", ENVIRONMENTS)
    monkeypatch.setenv("AMIGRATE_ENV", "test")

    assert database(amigrate) == "test.db"


def test_the_file_may_choose_the_environment(amigrate: Terminal, project: Project) -> None:
    project.write("asyncmigrate.toml", f'environment = "test"\n{ENVIRONMENTS}')

    assert database(amigrate) == "test.db"


def test_migrations_url_is_used_instead_of_url(amigrate: Terminal, project: Project) -> None:
    project.write(
        "asyncmigrate.toml",
        """
        url = "sqlite+aiosqlite:///pooled.db"
        migrations_url = "sqlite+aiosqlite:///direct.db"
        """,
    )

    assert database(amigrate) == "direct.db"


@pytest.mark.parametrize("name", ["AMIGRATE_URL", "environment", "--url"])
def test_a_stronger_url_is_not_lost_behind_a_weaker_migrations_url(
    amigrate: Terminal, project: Project, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    project.write(
        "asyncmigrate.toml",
        """
        migrations_url = "sqlite+aiosqlite:///production.db"
        [environments.environment]
        url = "sqlite+aiosqlite:///wanted.db"
        """,
    )
    url = "sqlite+aiosqlite:///wanted.db"
    typed = {"AMIGRATE_URL": [], "environment": ["-n", name], "--url": ["--url", url]}
    monkeypatch.setenv("AMIGRATE_URL" if name == "AMIGRATE_URL" else "UNUSED", url)

    assert database(amigrate, *typed[name]) == "wanted.db"


def test_a_string_is_filled_from_the_process_then_the_env_file_then_its_default(
    amigrate: Terminal, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(".env", "NAME=from-env-file\nFOLDER=also-there\n")
    settings = 'env_file = ".env"\nurl = "sqlite+aiosqlite:///${NAME:-default}.db"\n'

    project.write("asyncmigrate.toml", settings.removeprefix('env_file = ".env"\n'))
    by_default = database(amigrate)
    project.write("asyncmigrate.toml", settings)
    by_env_file = database(amigrate)
    monkeypatch.setenv("NAME", "from-process")
    by_process = database(amigrate)

    assert (by_default, by_env_file, by_process) == (
        "default.db",
        "from-env-file.db",
        "from-process.db",
    )


def test_a_percent_sign_and_a_doubled_dollar_are_ordinary(
    amigrate: Terminal, project: Project
) -> None:
    project.write("asyncmigrate.toml", 'url = "sqlite+aiosqlite:///100%s$${x}.db"\n')

    typed = amigrate("status", "--json")

    assert typed.code == 0
    assert "100" in typed.json["database"]


def test_table_and_schema_names_are_filled_too(
    amigrate: Terminal, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        "asyncmigrate.toml",
        'url = "sqlite+aiosqlite:///x.db"\nversion_table = "${TENANT}_version"\n',
    )
    project.revision("a1")
    monkeypatch.setenv("TENANT", "acme")

    assert "acme_version" in amigrate.ok("upgrade", "--sql")
    amigrate.ok("upgrade")
    assert amigrate.json("status")["is_up_to_date"] is True
    monkeypatch.setenv("TENANT", "other")
    assert amigrate.json("status")["is_up_to_date"] is False


def test_settings_are_found_from_a_folder_below(
    amigrate: Terminal, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    amigrate.ok("upgrade")
    below = shop.root / "src" / "shop"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)

    found = amigrate.json("status")

    assert found["is_up_to_date"] is True
    assert found["database"] == f"sqlite+aiosqlite:///{shop.root}/shop.db"
    assert list(below.iterdir()) == []


def test_a_relative_url_of_the_command_line_starts_at_the_working_folder(
    amigrate: Terminal, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = shop.root / "src"
    below.mkdir()
    monkeypatch.chdir(below)

    amigrate.ok("upgrade", "--url", "sqlite+aiosqlite:///here.db")

    assert (below / "here.db").is_file()


def test_a_file_or_its_folder_may_be_named(
    amigrate: Terminal, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.root.parent)

    by_file = amigrate.json("heads", "-c", "project/asyncmigrate.toml")
    by_folder = amigrate.json("heads", "-c", "project")
    monkeypatch.setenv("AMIGRATE_CONFIG", "project")
    by_variable = amigrate.json("heads")

    assert by_file == by_folder == by_variable


def test_an_empty_table_in_pyproject_is_a_settings_file(
    amigrate: Terminal, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("pyproject.toml", "[tool.asyncmigrate]\n")
    project.revision("a1")
    below = project.root / "src"
    below.mkdir()
    monkeypatch.chdir(below)

    assert [each["revision"] for each in amigrate.json("heads")["revisions"]] == ["a1"]


def test_without_any_settings_the_flags_are_enough(amigrate: Terminal, project: Project) -> None:
    project.revision("a1")

    found = amigrate.json("upgrade", "--url", "sqlite+aiosqlite:///x.db")

    assert found["after"] == ["a1"]


def test_verbose_tells_where_each_setting_came_from(
    amigrate: Terminal, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write(
        "asyncmigrate.toml",
        """
        url = "sqlite+aiosqlite:///shop.db"
        [environments.prod]
        version_table = "versions"
        """,
    )
    monkeypatch.setenv("AMIGRATE_LOCK_TIMEOUT", "5")
    file = shop.root / "asyncmigrate.toml"

    typed = amigrate("status", "-v", "-n", "prod", "--script-location", "migrations")

    assert typed.err.splitlines() == [
        f"settings  {file}",
        "  lock_timeout = 5.0  ($AMIGRATE_LOCK_TIMEOUT)",
        f"  script_location = {shop.script_location}  (--script-location)",
        f"  url = sqlite+aiosqlite:///shop.db  ({file})",
        f"  version_table = versions  ({file}, environment prod)",
    ]


def test_verbose_and_json_go_together(amigrate: Terminal, shop: Project) -> None:
    typed = amigrate("status", "-v", "--json")

    assert typed.json["heads"] == ["c3"]
    assert typed.err.startswith("settings")


@pytest.mark.parametrize(
    ("written", "means"),
    [("true", "auto"), ("false", "off"), ('"lease"', "lease"), ('"session"', "session")],
)
def test_the_lock_may_be_on_or_off_or_of_a_kind(
    amigrate: Terminal, shop: Project, written: str, means: str
) -> None:
    shop.write("asyncmigrate.toml", f'url = "sqlite+aiosqlite:///shop.db"\nlock = {written}\n')

    assert f"  lock = {means}  (" in amigrate("status", "-v").err


@pytest.mark.parametrize(("value", "means"), [("0", "off"), ("yes", "auto"), ("lease", "lease")])
def test_a_variable_says_it_too(
    amigrate: Terminal, shop: Project, monkeypatch: pytest.MonkeyPatch, value: str, means: str
) -> None:
    monkeypatch.setenv("AMIGRATE_LOCK", value)

    said = amigrate("status", "-v", "--script-location", str(shop.script_location)).err

    assert f"  lock = {means}  ($AMIGRATE_LOCK)" in said


def test_the_direct_url_of_migrations_is_used_and_shown_without_its_password(
    amigrate: Terminal, shop: Project
) -> None:
    pooled, direct = "postgresql+asyncpg://me:secret@pool/app", "sqlite+aiosqlite:///direct.db"
    shop.write("asyncmigrate.toml", f'url = "{pooled}"\nmigrations_url = "{direct}"\n')

    said = amigrate("upgrade", "-v")

    assert said.code == 0, said.everything
    assert (shop.root / "direct.db").exists()
    assert "  migrations_url = sqlite+aiosqlite:///direct.db  (" in said.err
    assert "secret" not in said.everything
