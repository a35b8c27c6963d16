"""The databases on which scripts run side by side, one of each kind for all tests of a worker."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from tests.oracle.databases import SQLite, mariadb, postgresql
from tests.oracle.sides import Sides

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.oracle.databases import Database
    from tests.servers.available import Server


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """An event loop that lasts."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> SQLite:
    return SQLite(tmp_path_factory.mktemp("edits") / "database.sqlite")


@pytest.fixture(scope="module")
def postgresql_database(postgres_server: Server) -> Iterator[Database]:
    with postgresql(postgres_server) as database:
        yield database


@pytest.fixture(scope="module")
def mariadb_database(mysql_server: Server, runner: asyncio.Runner) -> Iterator[Database]:
    with mariadb(mysql_server, runner) as database:
        yield database


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run have in common."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder = folder / "live"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def sqlite_sides(
    tmp_path_factory: pytest.TempPathFactory, shared: Path, runner: asyncio.Runner
) -> Sides:
    folder = tmp_path_factory.mktemp("sqlite")
    return Sides(SQLite(folder / "database.sqlite"), folder / "project", shared, runner)


@pytest.fixture(scope="session")
def postgresql_sides(
    postgres_server: Server,
    tmp_path_factory: pytest.TempPathFactory,
    shared: Path,
    runner: asyncio.Runner,
) -> Iterator[Sides]:
    with postgresql(postgres_server) as database:
        yield Sides(database, tmp_path_factory.mktemp("pg") / "project", shared, runner)


@pytest.fixture(scope="session")
def mariadb_sides(
    mysql_server: Server,
    tmp_path_factory: pytest.TempPathFactory,
    shared: Path,
    runner: asyncio.Runner,
) -> Iterator[Sides]:
    with mariadb(mysql_server, runner) as database:
        yield Sides(database, tmp_path_factory.mktemp("maria") / "project", shared, runner)


@pytest.fixture
def sides(request: pytest.FixtureRequest, database: str) -> Sides:
    """Alembic, us and the shell on the database that the test is about."""
    made: Sides = request.getfixturevalue(f"{database}_sides")
    return made
