"""Alembic and we take turns on one database: it is as if Alembic had run alone."""

from __future__ import annotations

import os
import random
import shutil
import warnings
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.oracle.databases import SQLite, mariadb, postgresql
from tests.oracle.turns import ENV, Player, commands, history

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator
    from pathlib import Path

COUNT = int(os.environ.get("ASYNCMIGRATE_TURNS", "20"))
"""How many histories for each database; 200 take some minutes."""
TURNS = 5


@pytest.fixture(scope="session")
def turns_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("turns")
    (folder / "versions").mkdir()
    (folder / "env.py").write_text(ENV, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def sqlite_players(
    tmp_path_factory: pytest.TempPathFactory, turns_folder: Path, runner: asyncio.Runner
) -> list[Player]:
    files = [tmp_path_factory.mktemp("sqlite") / "database.sqlite" for _ in range(2)]
    return [Player(SQLite(file), turns_folder, runner) for file in files]


@pytest.fixture(scope="session")
def postgresql_players(
    request: pytest.FixtureRequest, turns_folder: Path, runner: asyncio.Runner
) -> Iterator[list[Player]]:
    server = request.getfixturevalue("postgres_server")
    with ExitStack() as opened:
        databases = [opened.enter_context(postgresql(server)) for _ in range(2)]
        yield [Player(each, turns_folder, runner) for each in databases]


@pytest.fixture(scope="session")
def mariadb_players(
    request: pytest.FixtureRequest, turns_folder: Path, runner: asyncio.Runner
) -> Iterator[list[Player]]:
    server = request.getfixturevalue("mysql_server")
    with ExitStack() as opened:
        databases = [opened.enter_context(mariadb(server, runner)) for _ in range(2)]
        yield [Player(each, turns_folder, runner) for each in databases]


@pytest.mark.parametrize("seed", range(COUNT))
@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_taking_turns_with_alembic_is_as_if_alembic_had_run_alone(
    request: pytest.FixtureRequest, turns_folder: Path, database: str, seed: int
) -> None:
    alone, shared = request.getfixturevalue(f"{database}_players")
    made = history(seed, sqlite=database == "sqlite")
    shutil.rmtree(turns_folder / "versions")
    (turns_folder / "versions").mkdir()
    for each in made:
        each.write(turns_folder / "versions")
    for player in (alone, shared):
        player.database.empty()
    chance = random.Random(seed)

    for command, target in commands(seed, made, TURNS):
        if target == "-1" and alone.rows() != 1:
            continue  # Alembic takes the row that the database happens to give it first
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Alembic's own, about -1 with several heads
            refused = alone.alembic(command, target)
            if refused:
                assert "CommandError" in refused, (command, target)
                continue
            play = shared.ours if chance.random() < 0.6 else shared.alembic
            told = play(command, target)

        assert told == "", (command, target)
        assert shared.dump() == alone.dump(), (command, target)
