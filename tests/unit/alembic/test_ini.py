"""Alembic's settings, read as ours: what an ini or a [tool.alembic] says, and how it says it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import asyncmigrate
from asyncmigrate.config import load
from asyncmigrate.config.alembic_ini import read
from asyncmigrate.errors import ConfigError


def ini(folder: Path, text: str, name: str = "alembic.ini") -> Path:
    file = folder / name
    file.write_text(dedent(text), encoding="utf-8")
    return file


def values(folder: Path, text: str) -> dict[str, Any]:
    return dict(read(ini(folder, text), folder=folder).values)


def test_here_is_the_folder_of_the_settings(tmp_path: Path) -> None:
    found = values(
        tmp_path,
        """
        [alembic]
        script_location = %(here)s/db/alembic
        sqlalchemy.url = sqlite:///%(here)s/app.db
        """,
    )

    assert found == {"script_location": "db/alembic", "url": "sqlite:///app.db"}


def test_a_doubled_percent_sign_is_one(tmp_path: Path) -> None:
    found = values(
        tmp_path,
        """
        [alembic]
        script_location = alembic
        file_template = %%(year)d_%%(rev)s_%%(slug)s
        sqlalchemy.url = postgresql://me:p%%40ss@db/app
        """,
    )

    assert found["file_template"] == "%(year)d_%(rev)s_%(slug)s"
    assert found["url"] == "postgresql://me:p%40ss@db/app"


def test_a_name_that_env_py_would_set_is_taken_from_the_environment(tmp_path: Path) -> None:
    found = values(
        tmp_path,
        """
        [alembic]
        script_location = alembic
        scheme = postgresql
        sqlalchemy.url = %(scheme)s://%(DB_USER)s:%(DB_PASS)s@db/app
        """,
    )

    assert found["url"] == "postgresql://${DB_USER}:${DB_PASS}@db/app"


def test_a_dollar_sign_stays_one(tmp_path: Path) -> None:
    ini(tmp_path, "[alembic]\nscript_location = a\nsqlalchemy.url = sqlite:////x${y}.db\n")

    config = load(folder=tmp_path, environ={})

    assert config.expand("url") == "sqlite:////x${y}.db"


def test_the_url_of_alembics_template_is_none(tmp_path: Path) -> None:
    text = "[alembic]\nscript_location = a\nsqlalchemy.url = driver://user:pass@localhost/dbname\n"

    assert "url" not in values(tmp_path, text)


@pytest.mark.parametrize(
    ("separator", "written"),
    [
        ("path_separator = ;", "one;two"),
        ("path_separator = :", "one:two"),
        ("path_separator = space", "one two"),
        ("path_separator = newline", "one\n    two"),
        ("version_path_separator = :", "one:two"),
        ("", "one two"),
        ("", "one, two"),
    ],
    ids=str,
)
def test_version_locations_are_split_as_alembic_does(
    tmp_path: Path, separator: str, written: str
) -> None:
    text = f"[alembic]\nscript_location = a\n{separator}\nversion_locations = {written}\n"

    assert values(tmp_path, text)["version_locations"] == ["one", "two"]


def test_without_a_separator_sys_path_is_split_at_colons_too(tmp_path: Path) -> None:
    text = "[alembic]\nscript_location = a\nprepend_sys_path = .:src, lib\n"

    assert values(tmp_path, text)["prepend_sys_path"] == [".", "src", "lib"]


def test_a_separator_that_does_not_exist_is_named(tmp_path: Path) -> None:
    text = "[alembic]\nscript_location = a\npath_separator = tab\nversion_locations = x\n"

    with pytest.raises(ConfigError, match=r"path_separator .* 'tab'"):
        values(tmp_path, text)


def test_a_boolean_is_the_word_true(tmp_path: Path) -> None:
    text = "[alembic]\nscript_location=a\nsourceless=true\nrecursive_version_locations=yes\n"

    found = values(tmp_path, text)

    assert (found["sourceless"], found["recursive_version_locations"]) == (True, False)


def test_a_number_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"truncate_slug_length .* whole number"):
        values(tmp_path, "[alembic]\nscript_location=a\ntruncate_slug_length=long\n")


def test_hooks_keep_their_order_and_options(tmp_path: Path) -> None:
    found = values(
        tmp_path,
        """
        [alembic]
        script_location = a
        [post_write_hooks]
        hooks = ruff, black
        black.type = console_scripts
        black.entrypoint = black
        black.options = -l 79 REVISION_SCRIPT_FILENAME
        ruff.type = exec
        ruff.executable = %(here)s/bin/ruff
        """,
    )

    assert found["post_write_hooks"] == [
        {"name": "ruff", "type": "exec", "executable": "./bin/ruff"},
        {
            "name": "black",
            "type": "console_scripts",
            "entrypoint": "black",
            "options": "-l 79 REVISION_SCRIPT_FILENAME",
        },
    ]


def test_sections_with_a_database_are_environments(tmp_path: Path) -> None:
    file = ini(
        tmp_path,
        """
        [alembic]
        script_location = a
        [prod]
        script_location = a
        sqlalchemy.url = postgresql://prod/app
        [engine1]
        sqlalchemy.url = sqlite:///one.db
        [logger_root]
        level = WARNING
        """,
    )

    assert read(file).environments == {
        "prod": {"script_location": "a", "url": "postgresql://prod/app"},
        "engine1": {"url": "sqlite:///one.db"},
    }


def test_a_section_with_scripts_stands_alone(tmp_path: Path) -> None:
    ini(
        tmp_path,
        """
        [alembic]
        script_location = a
        timezone = UTC
        [prod]
        script_location = b
        """,
    )

    config = load(folder=tmp_path, environment="prod", environ={})

    assert (config.settings.script_location, config.settings.timezone) == ("b", None)


def test_a_section_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    ini(tmp_path, "[alembic]\nscript_location = a\n")

    with pytest.raises(ConfigError, match="no environment 'prod'"):
        load(folder=tmp_path, environment="prod", environ={})


def test_the_toml_table_is_read_with_its_percent_signs(tmp_path: Path) -> None:
    ini(
        tmp_path,
        """
        [tool.alembic]
        script_location = "%(here)s/migrations"
        file_template = "%%(rev)s"
        version_locations = ["%(here)s/one", "two"]
        truncate_slug_length = 9
        recursive_version_locations = true

        [[tool.alembic.post_write_hooks]]
        name = "ruff"
        type = "module"
        module = "ruff"
        """,
        "pyproject.toml",
    )

    found = load(folder=tmp_path, environ={}).settings

    assert found.script_location == "migrations"
    assert found.file_template == "%(rev)s"
    assert found.version_locations == ("one", "two")
    assert found.truncate_slug_length == 9
    assert found.recursive_version_locations is True
    assert found.post_write_hooks == ({"name": "ruff", "type": "module", "module": "ruff"},)


def test_an_ini_is_stronger_than_the_table_beside_it(tmp_path: Path) -> None:
    ini(tmp_path, "[tool.alembic]\nscript_location='t'\ntimezone='UTC'\n", "pyproject.toml")
    ini(tmp_path, "[alembic]\nscript_location = i\n")

    found = load(folder=tmp_path, environ={}).settings

    assert (found.script_location, found.timezone) == ("i", "UTC")


def test_settings_of_ours_are_stronger_than_alembics(tmp_path: Path) -> None:
    ini(tmp_path, "[alembic]\nscript_location = theirs\n")
    ini(tmp_path, 'script_location = "ours"\n', "asyncmigrate.toml")

    assert load(folder=tmp_path, environ={}).settings.script_location == "ours"


def test_a_path_is_where_alembic_finds_it_from_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "alembic").mkdir()
    file = ini(tmp_path / "conf", "[alembic]\nscript_location = alembic\n")

    config = load(file, folder=tmp_path, environ={})

    assert config.script_folder.resolve() == tmp_path / "alembic"


def test_an_ini_beside_env_py_needs_no_script_location(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations/env.py").touch()
    file = ini(tmp_path / "migrations", "[alembic]\n")

    config = load(file, folder=tmp_path, environ={})

    assert config.script_folder.resolve() == tmp_path / "migrations"


def test_an_ini_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = ini(tmp_path, "script_location = a\n")

    with pytest.raises(ConfigError, match=r"alembic\.ini cannot be read"):
        load(file, environ={})


def test_a_value_that_refers_to_itself_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="refers to itself"):
        values(tmp_path, "[alembic]\nscript_location = %(script_location)s\n")


def test_nothing_that_alembic_would_drop_is_made(tmp_path: Path) -> None:
    ini(tmp_path, "[alembic]\nscript_location = a\n")

    found = load(folder=tmp_path, environ={}).settings

    assert (found.history_table, found.alembic_compatible) == ("", True)


@pytest.mark.parametrize(("line", "folders"), [("", [".."]), ("prepend_sys_path = .", [".."])])
def test_modules_are_where_alembic_is_typed(tmp_path: Path, line: str, folders: list[str]) -> None:
    (tmp_path / "migrations").mkdir()
    file = ini(tmp_path / "migrations", f"[alembic]\nscript_location = .\n{line}\n")

    assert read(file, folder=tmp_path).values["prepend_sys_path"] == folders


def test_typed_in_a_folder_below_modules_are_beside_the_ini(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    file = ini(tmp_path, "[alembic]\nscript_location = a\nprepend_sys_path = .\n")

    assert read(file, folder=tmp_path / "sub").values["prepend_sys_path"] == ["."]


def test_the_settings_in_flask_migrates_folder_count_where_there_are_no_others(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "env.py").touch()
    file = ini(folder, "[alembic]\nfile_template = %%(rev)s\n")
    found = [load(folder=tmp_path).file]
    ours = ini(folder, 'file_template = "%(slug)s"\n', "asyncmigrate.toml")
    found.append(load(folder=tmp_path).file)
    nearer = ini(tmp_path, "[alembic]\nscript_location = x\n")
    ours.unlink()
    found.append(load(folder=tmp_path).file)

    assert found == [file, ours, nearer]


def test_a_folder_in_a_package_may_be_written_with_more_than_one_colon(tmp_path: Path) -> None:
    file = ini(
        tmp_path,
        """
        [alembic]
        script_location = asyncmigrate:alembic:script
        version_locations = asyncmigrate:alembic:operations
        path_separator = newline
        """,
    )
    package = Path(asyncmigrate.__file__).parent

    config = load(file)

    assert config.script_folder == package / "alembic" / "script"
    assert config.version_folders == (package / "alembic" / "operations",)


def test_where_only_other_sections_say_where_scripts_are_one_must_be_named(tmp_path: Path) -> None:
    text = """
        [alembic]
        file_template = %%(rev)s
        [core]
        script_location = a
        [tenant]
        script_location = b
        """
    file = str(ini(tmp_path, text))

    with pytest.raises(ConfigError, match="core, tenant") as caught:
        load(file)

    assert "amigrate -n core" in caught.value.next
    assert load(file, environment="tenant").settings.script_location == "b"
