"""Every folder of examples/ is run, as its reader would run it."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import MigrateError, Migrator

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
TESTED = {
    "ci",
    "events",
    "fastapi_background",
    "fastapi_lifespan",
    "kubernetes",
    "library_sqlite",
    "litestar",
    "many_databases",
    "pytest_suite",
    "quickstart",
}
"""`ci`, `kubernetes` and the applications: in `test_applications`; `pytest_suite`: in `testing`."""


def module(path: str) -> ModuleType:
    """Import one file of an example, under a name that no other example has."""
    name = "example_" + path.removesuffix(".py").replace("/", "_")
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def run(*command: str, folder: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{path}",
        "PATH": path_with(folder),
    }
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def path_with(folder: Path) -> str:
    """Return a PATH on which `python` and `amigrate` are those of this test run."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    for name, arguments in (("python", ""), ("amigrate", " -m asyncmigrate")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}"{arguments} "$@"\n')
        program.chmod(0o755)
    return f"{programs}{os.pathsep}{os.environ['PATH']}"


async def table_names(url: str) -> list[str]:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        )
        names = list(rows.scalars())
    await engine.dispose()
    return names


def test_every_folder_of_examples_is_tested_here() -> None:
    assert {folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()} == TESTED


def test_the_demo_runs_to_its_end_and_leaves_the_example_as_it_was(tmp_path: Path) -> None:
    def files() -> set[Path]:
        found = (EXAMPLES / "quickstart").rglob("*")
        return {path for path in found if "__pycache__" not in path.parts}

    before = files()
    done = run("sh", str(EXAMPLES / "quickstart/demo.sh"), folder=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "ran 1 migrations" in done.stdout
    assert "no such table: order_totals" in done.stderr
    assert '"is_up_to_date": true' in done.stdout
    assert "ALTER TABLE users ADD COLUMN name VARCHAR(100);" in done.stdout
    assert files() == before


LIBRARY_USER = """
import asyncio, sys
from pathlib import Path
from notebook import open_notebook

async def main():
    async with open_notebook(Path(sys.argv[1])) as notebook:
        await notebook.add("milk")
        await notebook.add("call Ada", pinned=True)
        print(await notebook.texts())

asyncio.run(main())
"""


async def test_the_library_brings_an_old_file_of_a_user_up_to_date(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'notes.db'}"
    scripts = EXAMPLES / "library_sqlite/notebook/migrations"
    await Migrator(url, script_location=scripts, version_table="notebook_version").upgrade("0001")

    done = run(
        sys.executable,
        "-c",
        LIBRARY_USER,
        str(tmp_path / "notes.db"),
        folder=tmp_path,
        path=str(EXAMPLES / "library_sqlite"),
    )

    assert done.stdout == "['call Ada', 'milk']\n", done.stderr


def test_the_library_makes_a_new_file_with_a_version_table_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    run(
        sys.executable,
        "-c",
        LIBRARY_USER,
        str(file),
        folder=tmp_path,
        path=str(EXAMPLES / "library_sqlite"),
    )

    tables = asyncio.run(table_names(f"sqlite+aiosqlite:///{file}"))

    assert tables == ["notebook_version", "notes"]


def test_the_authors_of_the_library_see_its_history(tmp_path: Path) -> None:
    settings = str(EXAMPLES / "library_sqlite/pyproject.toml")

    done = run("amigrate", "-c", settings, "heads", "--json", folder=tmp_path)

    assert json.loads(done.stdout)["revisions"][0]["revision"] == "0003", done.stderr


async def test_many_databases_are_migrated_and_a_broken_one_does_not_stop_the_others(
    tmp_path: Path,
) -> None:
    urls = [f"sqlite+aiosqlite:///{tmp_path / f'tenant{number}.db'}" for number in range(5)]
    broken = f"sqlite+aiosqlite:///{tmp_path / 'no folder' / 'tenant.db'}"

    outcomes = await module("many_databases/tenants.py").migrate_all([*urls, broken], at_once=3)

    assert [outcomes[url].after for url in urls] == [("5b0e93d1aa70",)] * 5
    assert isinstance(outcomes[broken], MigrateError)


def test_the_commands_for_three_environments_and_two_databases_go_through(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    shutil.copytree(EXAMPLES / "many_databases", folder)
    blocks = re.findall(r"```sh\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    lines = [line for line in "".join(blocks).splitlines() if not line.startswith("pip ")]

    done = run("sh", "-ec", "\n".join(lines), folder=folder)

    assert done.returncode == 0, done.stderr
    assert {file.stem for file in folder.glob("*.db")} == {
        *("development", "staging", "production", "billing"),
        *("a", "b"),
    }


def test_the_tenants_script_exits_with_1_if_a_database_failed(tmp_path: Path) -> None:
    script = str(EXAMPLES / "many_databases/tenants.py")
    good, bad = "sqlite+aiosqlite:///good.db", "sqlite+aiosqlite:///no/folder.db"

    done = run(sys.executable, script, good, bad, folder=tmp_path)

    assert done.returncode == 1
    assert f"ok      {good}: 1 migrations ran" in done.stdout
    assert f"FAILED  {bad}" in done.stdout


def test_the_observers_draw_a_bar_and_log_json(tmp_path: Path) -> None:
    script = str(EXAMPLES / "events/observers.py")

    done = run(sys.executable, script, "sqlite+aiosqlite:///app.db", folder=tmp_path)

    assert done.stdout.splitlines()[0] == "[....................] 1/3 create users"
    assert done.stdout.splitlines()[-1] == "[####################] at c0a3"
    logged = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in logged] == [
        "RunStarted",
        *["StepStarted", "StepFinished"] * 3,
        "RunFinished",
    ]
