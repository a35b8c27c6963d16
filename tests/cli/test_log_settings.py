"""`logging_config`: the command line logs as it says, the library never looks at it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from asyncmigrate import Migrator
from tests.conformance.test_logging import picture
from tests.terminal import REPOSITORY, process

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project import Project
    from tests.terminal import Terminal

TABLE = """
[logging_config.formatters.short]
format = "%(levelname)s %(name)s %(message)s"
[logging_config.handlers.file]
class = "logging.FileHandler"
filename = "amigrate.log"
formatter = "short"
[logging_config.loggers.asyncmigrate]
level = "DEBUG"
handlers = ["file"]
"""
INI = """
[loggers]
keys = root, asyncmigrate
[handlers]
keys = file
[formatters]
keys = short
[logger_root]
handlers =
[logger_asyncmigrate]
level = DEBUG
handlers = file
qualname = asyncmigrate
[handler_file]
class = FileHandler
args = ("amigrate.log",)
formatter = short
[formatter_short]
format = %(levelname)s %(name)s %(message)s
"""
URL = 'url = "sqlite+aiosqlite:///shop.db"\n'


def in_toml() -> str:
    return TABLE.replace("logging_config.", "")


def in_json() -> str:
    handler = {"class": "logging.FileHandler", "filename": "amigrate.log", "formatter": "short"}
    return json.dumps(
        {
            "formatters": {"short": {"format": "%(levelname)s %(name)s %(message)s"}},
            "handlers": {"file": handler},
            "loggers": {"asyncmigrate": {"level": "DEBUG", "handlers": ["file"]}},
        }
    )


@pytest.mark.parametrize(
    ("name", "text"), [("log.ini", INI), ("log.json", in_json()), ("log.toml", in_toml())]
)
def test_the_command_line_logs_as_a_file_says(shop: Project, name: str, text: str) -> None:
    shop.write(name, text)
    shop.write("asyncmigrate.toml", f'{URL}logging_config = "{name}"\n')

    done = process(shop.root, "upgrade", "a1")

    assert done.returncode == 0, done.stderr
    assert logged(shop.root)[1] == "DEBUG asyncmigrate upgrade a1 create users"


def test_the_command_line_logs_as_a_table_says(shop: Project) -> None:
    shop.write("asyncmigrate.toml", URL + TABLE)

    done = process(shop.root, "upgrade", "a1")

    assert done.returncode == 0, done.stderr
    assert logged(shop.root)[1] == "DEBUG asyncmigrate upgrade a1 create users"


def logged(folder: Path) -> list[str]:
    return (folder / "amigrate.log").read_text(encoding="utf-8").splitlines()


def test_loggers_that_are_there_already_stay_awake(shop: Project) -> None:
    shop.write("log.ini", INI)
    shop.write("asyncmigrate.toml", f'{URL}logging_config = "log.ini"\n')
    (shop.root / "sitecustomize.py").write_text("import logging; logging.getLogger('early')")
    script = shop.versions / "a1.py"
    path = os.pathsep.join((str(REPOSITORY), str(shop.root)))
    check = "import logging\nassert not logging.getLogger('early').disabled\n"
    script.write_text(script.read_text() + check)

    done = process(shop.root, "upgrade", "a1", environ={"PYTHONPATH": path})

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ('logging_config = "nowhere.ini"', "does not exist"),
        ('logging_config = "broken.json"', "cannot be applied: Expecting"),
        ('logging_config = "broken.ini"', "cannot be applied: "),
        ("logging_config = 1", "must be the path of a file, or a table"),
        ("[logging_config]\nversion = 7", "cannot be applied: Unsupported version: 7"),
    ],
)
def test_a_configuration_that_cannot_be_is_said_in_one_sentence(
    shop: Project, amigrate: Terminal, setting: str, words: str
) -> None:
    shop.write("broken.json", "{")
    shop.write("broken.ini", "[loggers]\nkeys = a\n")
    shop.write("asyncmigrate.toml", f"{URL}{setting}\n")

    typed = amigrate("upgrade", "a1")

    assert typed.code == 2
    assert words in typed.err
    assert "Traceback" not in typed.err
    assert not (shop.root / "shop.db").exists()


async def test_the_library_does_not_look_at_it(shop: Project) -> None:
    shop.write("asyncmigrate.toml", URL + TABLE)
    migrator = Migrator.from_config(shop.root)
    before = picture()

    await migrator.upgrade("a1")

    after = picture()
    assert {name: after[name] for name in before} == before
    assert not (shop.root / "amigrate.log").exists()
