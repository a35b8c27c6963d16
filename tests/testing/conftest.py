"""Fixtures of the tests of what test suites get: a server with its own cache, and a history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from asyncmigrate import Migrator
from asyncmigrate.testing import DatabaseServer, ephemeral_postgres, kept
from tests.servers import available

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.project import Project
    from tests.servers.available import Server


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what is kept between runs goes, instead of the user's own cache."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every test, and every process that it starts, use the cache of this run."""
    monkeypatch.setenv(kept.VARIABLE, str(cache))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server that is used by these tests only: they look at all of its databases."""
    with available.postgres() as server:
        yield server


@pytest.fixture
async def server(postgres_server: Server) -> AsyncIterator[DatabaseServer]:
    """What hands out databases of a PostgreSQL server that goes on."""
    async with ephemeral_postgres(postgres_server.url()) as given:
        yield given


@pytest.fixture
def shop(project: Project) -> Migrator:
    """Two revisions: `users`, then `orders`."""
    project.revision(
        "a1",
        upgrade='op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True))',
        downgrade='op.drop_table("users")',
    )
    project.revision(
        "b2",
        "a1",
        upgrade='op.create_table("orders", sa.Column("id", sa.Integer(), primary_key=True))',
        downgrade='op.drop_table("orders")',
    )
    return Migrator(script_location=project.script_location)
