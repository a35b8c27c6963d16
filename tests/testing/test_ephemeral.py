"""Databases for tests, without pytest's help: copies of what was migrated once."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate import Migrator
from asyncmigrate.errors import StepFailedError
from asyncmigrate.testing import (
    DatabaseServer,
    LeakedConnectionsWarning,
    ephemeral_mariadb,
    ephemeral_postgres,
    ephemeral_sqlite,
    kept,
)
from asyncmigrate.testing.postgresql import BINDIR_VARIABLE
from tests.testing.asking import ask, databases, noting, tables

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project import Project
    from tests.servers.available import Server


OURS = ["alembic_version", "amigrate_history"]


async def test_a_database_is_migrated_and_gone_after_its_block(
    server: DatabaseServer, shop: Migrator
) -> None:
    async with server.database(shop) as url:
        found = await tables(url)
        name = url.rpartition("/")[2]
        during = await databases(server, f"^{name}$")
    await dropped(server, url)

    assert found == [*OURS, "orders", "users"]
    assert during == [name]


async def test_without_a_migrator_a_database_is_empty(server: DatabaseServer) -> None:
    async with server.database() as url:
        assert await tables(url) == []


async def test_two_databases_share_nothing(server: DatabaseServer, shop: Migrator) -> None:
    async with server.database(shop) as one, server.database(shop) as two:
        await ask(one, "INSERT INTO users VALUES (1)")

        assert await ask(two, "SELECT count(*) FROM users") == [0]


async def test_the_scripts_run_once_for_many_databases(
    server: DatabaseServer, project: Project
) -> None:
    project.revision("a1", upgrade=noting(project, "x"))
    migrator = Migrator(script_location=project.script_location)
    for _ in range(3):
        async with server.database(migrator):
            pass

    assert (project.root / "ran").read_text() == "x"


async def test_a_history_that_grew_runs_only_what_is_new(
    server: DatabaseServer, project: Project
) -> None:
    migrator = Migrator(script_location=project.script_location)
    project.revision("a1", upgrade=noting(project, "a1 "))
    async with server.database(migrator):
        pass
    project.revision("b2", "a1", upgrade=noting(project, "b2 "))
    async with server.database(migrator) as url:
        at = await ask(url, "SELECT version_num FROM alembic_version")

    assert (project.root / "ran").read_text() == "a1 b2 "
    assert at == ["b2"]


async def test_a_script_that_was_edited_makes_a_new_template(
    server: DatabaseServer, project: Project
) -> None:
    migrator = Migrator(script_location=project.script_location)
    project.revision("a1", upgrade='op.execute("CREATE TABLE first (id int)")')
    async with server.database(migrator) as url:
        before = await tables(url)
    project.revision("a1", upgrade='op.execute("CREATE TABLE second (id int)")')
    async with server.database(migrator) as url:
        after = await tables(url)

    assert (before, after) == ([*OURS, "first"], [*OURS, "second"])


async def test_a_database_can_be_at_an_older_revision(
    server: DatabaseServer, shop: Migrator
) -> None:
    async with server.database(shop, "a1") as older, server.database(shop, "base") as empty:
        assert await tables(older) == [*OURS, "users"]
        assert await tables(empty) == []


async def two_users(connection: AsyncConnection) -> None:
    """Fill a shop."""
    await connection.execute(text("INSERT INTO users VALUES (1), (2)"))


async def test_seed_data_is_in_every_copy_and_not_in_copies_without_it(
    server: DatabaseServer, shop: Migrator
) -> None:
    async with server.database(shop, seed=two_users) as full, server.database(shop) as empty:
        assert await ask(full, "SELECT count(*) FROM users") == [2]
        assert await ask(empty, "SELECT count(*) FROM users") == [0]


async def test_connections_that_are_left_open_are_named_and_ended(
    server: DatabaseServer, shop: Migrator
) -> None:
    context = server.database(shop)
    url = await context.__aenter__()
    leaking = await create_async_engine(url, poolclass=NullPool).connect()
    await leaking.execute(text("SELECT 4711"))
    with pytest.warns(LeakedConnectionsWarning, match=r"1 connection .*SELECT 4711"):
        await context.__aexit__(None, None, None)
    await dropped(server, url)

    with pytest.raises(DBAPIError):
        await leaking.execute(text("SELECT 1"))
    await leaking.invalidate()


async def dropped(server: DatabaseServer, url: str) -> None:
    """Wait until a database is gone: that goes on in the background."""
    async with asyncio.timeout(120):
        while await databases(server, f"^{url.rpartition('/')[2]}$"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_migration_that_fails_says_so_and_leaves_no_database(
    server: DatabaseServer, project: Project
) -> None:
    project.revision("a1", upgrade='op.execute("SELECT 1/0")')
    with pytest.raises(StepFailedError, match="a1"):
        async with server.database(Migrator(script_location=project.script_location)):
            pass

    assert await databases(server, "^amigrate_[0-9a-f]{7}_") == []


async def test_nobody_can_connect_to_a_template_or_drop_it_by_mistake(
    server: DatabaseServer, shop: Migrator
) -> None:
    async with server.database(shop):
        pass
    template = (await databases(server, "^amigrate_t_"))[-1]

    with pytest.raises(DBAPIError, match="not currently accepting connections"):
        await tables(server.url(template))


async def test_what_a_killed_run_left_on_a_server_is_dropped_by_the_next(
    server: DatabaseServer,
) -> None:
    engine = create_async_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("CREATE DATABASE amigrate_abcdef0_1"))
    await engine.dispose()
    async with ephemeral_postgres(server.url("postgres")):
        left = await databases(server, "^amigrate_abcdef0_")

    assert left == []


async def test_the_databases_of_a_run_that_lives_are_left_alone(
    server: DatabaseServer, shop: Migrator
) -> None:
    async with server.database(shop) as url:
        async with ephemeral_postgres(server.url("postgres")):
            pass

        assert await tables(url) == [*OURS, "orders", "users"]


async def test_a_run_through_another_database_of_the_server_leaves_them_alone_too(
    server: DatabaseServer, shop: Migrator
) -> None:
    async with server.database() as other, server.database(shop) as url:
        async with ephemeral_postgres(other):
            pass

        assert await tables(url) == [*OURS, "orders", "users"]


async def test_two_runs_at_once_build_a_template_once(
    server: DatabaseServer, project: Project
) -> None:
    project.revision("a1", upgrade=noting(project, "x"))
    migrator = Migrator(script_location=project.script_location)

    async def use() -> None:
        async with ephemeral_postgres(server.url("postgres")) as run, run.database(migrator):
            pass

    await asyncio.gather(use(), use(), use())

    assert (project.root / "ran").read_text() == "x"


async def test_two_databases_that_are_wanted_at_once_build_a_template_once(
    server: DatabaseServer, project: Project
) -> None:
    project.revision("a1", upgrade=noting(project, "x"))
    migrator = Migrator(script_location=project.script_location)

    async def use() -> None:
        async with server.database(migrator):
            pass

    await asyncio.gather(use(), use(), use())

    assert (project.root / "ran").read_text() == "x"


async def test_a_template_is_there_again_in_the_next_run(project: Project) -> None:
    project.revision("a1", upgrade=noting(project, "x"))
    migrator = Migrator(script_location=project.script_location)
    for _ in range(2):
        async with ephemeral_postgres() as run, run.database(migrator) as url:
            at = await ask(url, "SELECT version_num FROM alembic_version")

    assert at == ["a1"]
    assert (project.root / "ran").read_text() == "x"


def break_what_is_kept(cache: Path) -> None:
    next(cache.glob("postgresql-*/global/pg_control")).write_bytes(b"")


async def test_data_that_was_kept_and_is_broken_is_made_anew(cache: Path) -> None:
    async with ephemeral_postgres():
        pass
    break_what_is_kept(cache)

    async with ephemeral_postgres() as run:
        assert await ask(run.url("postgres"), "SELECT 1") == [1]


async def test_nothing_is_kept_where_that_is_switched_off(
    monkeypatch: pytest.MonkeyPatch, shop: Migrator
) -> None:
    monkeypatch.setenv(kept.VARIABLE, "")
    async with ephemeral_sqlite() as run, run.database(shop) as url:
        found = await tables(url)

    assert kept.folder() is None
    assert found == [*OURS, "orders", "users"]


async def test_sqlite_files_are_copies_of_one_that_is_kept(shop: Migrator, cache: Path) -> None:
    async with ephemeral_sqlite() as run:
        async with run.database(shop, seed=two_users) as one:
            await ask(one, "INSERT INTO users VALUES (3)")
        async with run.database(shop, seed=two_users) as two:
            found = await ask(two, "SELECT count(*) FROM users")

    assert found == [2]
    assert "sqlite-" in str(os.listdir(cache))


async def test_without_server_programs_the_service_of_docker_compose_is_used(
    postgres_server: Server, shop: Migrator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = make_url(postgres_server.url())
    if there.host not in ("127.0.0.1", "localhost"):
        pytest.skip("Docker Compose publishes ports on this machine")
    login = {"POSTGRES_USER": there.username, "POSTGRES_PASSWORD": there.password}
    port = {"target": 5432, "published": str(there.port)}
    service = {"image": "postgres:18", "ports": [port], "environment": login}
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\necho '{json.dumps({'services': {'db': service}})}'\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv(BINDIR_VARIABLE, str(tmp_path / "none"))

    async with ephemeral_postgres() as run, run.database(shop) as url:
        found = await tables(url)

    assert run.source == "Docker Compose's service db"
    assert found == [*OURS, "orders", "users"]


async def test_mariadb_databases_are_migrated_and_dropped(
    mysql_server: Server, shop: Migrator
) -> None:
    async with ephemeral_mariadb(mysql_server.url()) as run:
        async with run.database(shop, seed=two_users) as url:
            found = await tables(url)
            rows = await ask(url, "SELECT count(*) FROM users")
        left = await ask(mysql_server.url(), f"SHOW DATABASES LIKE '{url.rpartition('/')[2]}'")

    assert found == [*OURS, "orders", "users"]
    assert rows == [2]
    assert left == []
