"""Metadata, env.py and arguments of `Migrator` that are not what they should be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator
from asyncmigrate.engine import bind
from asyncmigrate.errors import ConfigError, UsageError
from tests.bad_input.refused import Refused, case, nothing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project import Project
    from tests.terminal import Terminal

URL = 'url = "sqlite+aiosqlite:///shop.db"\n'


def metadata(project: Project, path: str, **files: str) -> None:
    """Write the setting, and modules with a name that nobody has imported yet."""
    project.write("asyncmigrate.toml", f'{URL}metadata = "{path}"\n')
    for name, text in files.items():
        project.write(f"{name}.py", text)


def models(name: str, path: str, words: str | list[str], **files: str) -> object:
    """Return a case: what `metadata` names cannot be used."""
    return case(name, "upgrade", 2, "MetadataError", words, partial(metadata, path=path, **files))


def env(name: str, text: str, words: str | list[str], type: str = "ConfigError") -> object:
    """Return a case: the env.py is of no use."""

    def arrange(project: Project) -> None:
        project.write("migrations/env.py", text)

    return case(name, "upgrade", 2, type, words, arrange)


ALEMBIC = """
    from alembic import context

    def run_migrations_online():
        context.run_migrations()
    """


@pytest.mark.parametrize(
    "refused",
    [
        models("no such module", "nosuchmodels:Base", ["nosuchmodels", "prepend_sys_path"]),
        models("no attribute named", "badmodels1", ["'badmodels1'", "package.module:Base"],
               badmodels1=""),
        models("an empty attribute", "badmodels2:", ["badmodels2:", "package.module:Base"],
               badmodels2=""),
        models("no such attribute", "badmodels3:Base", ["badmodels3", "'Base'"], badmodels3=""),
        models("no metadata", "badmodels4:Base", ["int", "MetaData"], badmodels4="Base = 3"),
        models("a metadata that is none", "badmodels5:Base", ["MetaData"],
               badmodels5="class Base:\n    metadata = 'text'"),
        models("a module that explodes", "badmodels6:Base", ["ZeroDivisionError", "badmodels6"],
               badmodels6="1/0"),
        models("a module that exits", "badmodels7:Base", ["SystemExit", "badmodels7"],
               badmodels7="raise SystemExit(3)"),
        models("a module that is not Python", "badmodels8:Base", ["SyntaxError", "badmodels8"],
               badmodels8="def (:"),
        env("an env.py of Alembic", ALEMBIC, ["Alembic env.py", "--from-alembic", "env_py"]),
        env("an env.py that is not Python", "def (:", ["env.py", "SyntaxError"]),
        env("an env.py that explodes", "1/0", ["env.py", "ZeroDivisionError"]),
        env("an env.py that exits", "raise SystemExit(0)", ["env.py", "SystemExit"]),
        env("an engine that is none", "engine = 3", ["int", "AsyncEngine"], "UsageError"),
        env("a sync engine", "import sqlalchemy\nengine = sqlalchemy.create_engine('sqlite://')",
            ["sync Engine", "create_async_engine"], "UsageError"),
        env("an async function for the engine", "async def engine():\n    pass",
            ["engine", "asynchronous", "def engine()"]),
        env("a function that fails", "def engine():\n    return 1/0",
            ["engine", "ZeroDivisionError"]),
        env("a function of two parameters", "def engine(a, b):\n    pass",
            ["engine", "TypeError"]),
        env("a URL that is a number", "url = 3", ["int"], "UsageError"),
        env("a URL that is garbage", "url = 'garbage'", ["garbage"], "UrlError"),
        env("a metadata that is none", "target_metadata = 3", ["target_metadata", "int"],
            "MetadataError"),
    ],
)  # fmt: skip
def test_python_that_cannot_be_used_is_refused(
    amigrate: Terminal, shop: Project, refused: Refused
) -> None:
    refused.check(amigrate, shop)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (sa.create_engine("sqlite://"), "create_async_engine"),
        (3, "AsyncEngine"),
        (object(), "AsyncEngine"),
    ],
    ids=["sync engine", "number", "object"],
)
async def test_a_migrator_refuses_what_it_cannot_await(
    shop: Project, made: object, words: str
) -> None:
    migrator = Migrator(made, script_location=shop.script_location)  # type: ignore[arg-type]

    with pytest.raises(UsageError) as refused:
        await migrator.upgrade()

    assert words in refused.value.next


async def test_a_migrator_refuses_a_sync_connection(shop: Project) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        migrator = Migrator(connection, script_location=shop.script_location)  # type: ignore[arg-type]

        with pytest.raises(UsageError, match="sync Connection"):
            await migrator.status()
    engine.dispose()


@pytest.mark.parametrize("version", ["1.4.54", "2.0.39", "2.0"])
def test_a_sqlalchemy_that_is_too_old_is_named(
    amigrate: Terminal, shop: Project, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setattr(bind, "sqlalchemy_version", version)
    words = [f"SQLAlchemy {version} is too old: 2.0.40 or later is needed", "pip install -U"]

    Refused(["upgrade"], 2, "ConfigError", words, nothing).check(amigrate, shop)


@pytest.mark.parametrize("version", ["2.0.40", "2.0.100", "2.1.0b1", "2.1.9"])
def test_a_sqlalchemy_that_is_new_enough_is_accepted(version: str) -> None:
    bind.check_sqlalchemy(version)


async def test_a_migrator_without_a_url_says_so(
    shop: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigError, match="No database URL"):
        await Migrator(script_location=shop.script_location).status()


def test_x_without_a_key_is_refused(amigrate: Terminal, shop: Project) -> None:
    Refused(["upgrade", "-x", "=1"], 2, "UsageError", ["-x =1", "key=value"], nothing).check(
        amigrate, shop
    )
