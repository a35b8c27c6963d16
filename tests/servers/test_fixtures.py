"""The fixtures that other tests stand on."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tests.servers import available
from tests.servers.available import POSTGRES
from tests.servers.required import VARIABLE, missing

if TYPE_CHECKING:
    from tests.project import Project
    from tests.servers.available import Server

ROOT = Path(__file__).parents[2]


async def test_a_database_is_empty_when_a_test_begins(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        await connection.execute(text("CREATE TABLE left_behind (id INTEGER)"))

    assert tables == []


async def test_a_mysql_database_is_empty_when_a_test_begins(mysql_url: str) -> None:
    engine = create_async_engine(mysql_url)
    async with engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    await engine.dispose()

    assert tables == []


def test_a_server_that_is_named_is_used_with_its_password_and_any_driver(
    postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = make_url(postgres_server.url()).set(drivername="postgresql", password="p@ss")
    monkeypatch.setenv(POSTGRES, address.render_as_string(hide_password=False))

    with available.postgres() as server:
        with_another_driver = make_url(server.url("x", driver="psycopg"))

    assert with_another_driver == address.set(drivername="postgresql+psycopg", database="x")


def test_a_database_that_is_missing_skips_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "mariadb")

    with pytest.raises(pytest.skip.Exception, match="postgresql: not here"):
        missing("postgresql", "not here")


def test_a_database_that_is_missing_fails_the_test_when_it_is_required(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "mariadb, postgresql")

    with pytest.raises(pytest.fail.Exception, match="asks for postgresql: not here"):
        missing("postgresql", "not here")


def one_test_without_postgres(require: str) -> subprocess.CompletedProcess[str]:
    test = f"{__file__}::{test_a_database_is_empty_when_a_test_begins.__name__}[postgresql+asyncpg]"
    named = ("ASYNCMIGRATE_TEST_POSTGRES", VARIABLE)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", test],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if name not in named},
            "ASYNCMIGRATE_TEST_POSTGRES_BINDIR": "/nonexistent",
            VARIABLE: require,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_without_postgres_is_green_and_says_what_was_skipped() -> None:
    run = one_test_without_postgres(require="")

    assert run.returncode == 0, run.stdout
    assert "1 skipped" in run.stdout
    assert "/nonexistent" in run.stdout


def test_a_run_without_postgres_is_red_when_postgres_is_required() -> None:
    run = one_test_without_postgres(require="postgresql")

    assert run.returncode == 1, run.stdout
    assert "asks for postgresql" in run.stdout


def test_a_project_writes_scripts_that_python_can_run(project: Project) -> None:
    project.revision("a1", message="first")
    script = project.revision(
        "b2", ("a1", "a0"), labels="shop", upgrade="x = 1\nif x:\n    y = 2", depends_on="c3"
    )
    text = script.read_text().replace("from asyncmigrate import op", "")
    script.write_text(text)

    names = runpy.run_path(str(script))

    assert names["revision"] == "b2"
    assert names["down_revision"] == ("a1", "a0")
    assert names["branch_labels"] == "shop"
    assert names["depends_on"] == "c3"
    assert names["upgrade"]() is None
    assert sorted(file.name for file in project.versions.iterdir()) == ["a1.py", "b2.py"]
