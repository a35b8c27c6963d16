"""`amigrate lock`: who holds the migration lock, and what it takes to take it away."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.dialects import by_name
from asyncmigrate.engine.holder import session_name
from asyncmigrate.engine.lock import lock_key
from tests.chaos.dump import sync_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project
    from tests.terminal import Terminal

KEY = lock_key("alembic_version")


@pytest.fixture
def on_postgresql(project: Project, postgres_url: str) -> str:
    """A project with a PostgreSQL database; its URL."""
    project.revision("a1")
    project.write("asyncmigrate.toml", f'url = "{postgres_url}"\n')
    return postgres_url


@pytest.fixture
def session(on_postgresql: str) -> Iterator[psycopg.Connection[tuple[object]]]:
    """A session that holds the lock, under whatever name it gives itself."""
    with psycopg.connect(sync_url(on_postgresql), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [KEY])
        yield connection


def named(connection: psycopg.Connection[tuple[object]], name: str) -> None:
    connection.execute("SELECT set_config('application_name', %s, false)", [name])


def dead_process() -> int:
    """The number of a process that was there and is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.usefixtures("on_postgresql")
def test_a_lock_that_nobody_holds_is_free(amigrate: Terminal) -> None:
    assert amigrate.ok("lock") == "The migration lock is free.\n"
    assert amigrate.json("lock") == {"holder": None, "released": False}
    assert amigrate.ok("lock", "--release") == "The migration lock is free.\n"


def test_the_holder_is_shown_with_host_process_and_time(
    amigrate: Terminal, session: psycopg.Connection[tuple[object]]
) -> None:
    named(session, "amigrate:web-1:4711")

    holder = amigrate.json("lock")["holder"]

    assert (holder["host"], holder["pid"]) == ("web-1", 4711)
    assert holder["server_process"] == session.info.backend_pid
    assert holder["since"].endswith("+00:00")
    assert "held by amigrate:web-1:4711 (server process" in amigrate.ok("lock")


def test_the_lock_of_a_process_that_died_on_this_host_is_freed(
    amigrate: Terminal, session: psycopg.Connection[tuple[object]]
) -> None:
    named(session, f"amigrate:{platform.node()}:{dead_process()}")

    said = amigrate.ok("lock", "--release")

    assert said.startswith("Ended the session of amigrate:")
    assert amigrate.ok("lock") == "The migration lock is free.\n"
    assert amigrate("upgrade").code == 0
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")


@pytest.mark.parametrize(
    "name",
    [f"amigrate:{platform.node()}:{os.getpid()}", "amigrate:web-1:4711", "psql", ""],
    ids=["this process", "another host", "another program", "nameless"],
)
def test_a_lock_whose_holder_may_be_alive_is_not_touched(
    amigrate: Terminal, session: psycopg.Connection[tuple[object]], name: str
) -> None:
    named(session, name)

    refused = amigrate("lock", "--release")

    assert refused.code == 5
    assert "not certain that its process is dead" in refused.err
    ending = f"SELECT pg_terminate_backend({session.info.backend_pid})"
    assert f"end the session on the server: {ending}." in refused.err
    assert session.execute("SELECT 1").fetchone() == (1,)


def test_a_name_that_is_too_long_for_the_server_keeps_its_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, "node", lambda: "x" * 80)

    assert len(session_name()) == 63
    assert session_name().endswith(f":{os.getpid()}")


def leased(url: str, *, host: str, pid: int, left: int = 60) -> None:
    """Have somebody hold a lease for so many seconds more; it has run out if they are negative."""
    holder = f"'amigrate:{host}:{pid}', '{host}', {pid}"
    with psycopg.connect(sync_url(url), autocommit=True) as connection:
        connection.execute(
            f"UPDATE amigrate_lease SET (token, holder, host, pid) = ROW (7, {holder})"  # type: ignore[arg-type]
        )
        connection.execute(
            "UPDATE amigrate_heartbeat SET token = 7,"
            " expires_at = clock_timestamp() + %s * interval '1 second'",
            [left],
        )


@pytest.fixture
def with_lease(on_postgresql: str, amigrate: Terminal) -> str:
    """The URL of a database that has been migrated with a lease."""
    assert amigrate("upgrade", "--lock", "lease").code == 0
    return on_postgresql


def test_a_lease_is_shown_with_its_number_and_its_time(amigrate: Terminal, with_lease: str) -> None:
    assert amigrate.ok("lock") == "The migration lock is free.\n"
    leased(with_lease, host="web-1", pid=4711)

    holder = amigrate.json("lock")["holder"]

    assert (holder["name"], holder["host"], holder["pid"]) == ("amigrate:web-1:4711", "web-1", 4711)
    assert (holder["lease"], holder["at"], holder["server_process"]) == (7, ["a1"], None)
    assert 0 < holder["seconds_left"] <= 60
    said = amigrate.ok("lock")
    assert said.startswith("The migration lock is held by amigrate:web-1:4711 (lease 7) since 20")
    assert said.endswith("s more. The database is at a1.\n")


def test_a_lease_whose_holder_may_be_alive_is_not_touched(
    amigrate: Terminal, with_lease: str
) -> None:
    leased(with_lease, host="web-1", pid=dead_process())

    refused = amigrate("lock", "--release")

    assert refused.code == 5
    assert "Its lease runs out" in refused.err
    assert amigrate("upgrade", "--lock", "lease").code == 0  # nothing to do: nothing is waited for
    assert amigrate.json("lock")["holder"]["lease"] == 7


@pytest.mark.parametrize("left", [60, -60], ids=["dead", "run out"])
def test_a_lease_of_a_dead_process_and_one_that_has_run_out_are_freed(
    amigrate: Terminal, with_lease: str, left: int
) -> None:
    leased(with_lease, host=platform.node() if left > 0 else "web-1", pid=dead_process(), left=left)

    shown, said = amigrate.ok("lock"), amigrate.ok("lock", "--release")

    assert shown.startswith(
        "The migration lock is " + ("held by" if left > 0 else "free: the lease")
    )
    assert said.startswith("Freed the lease of amigrate:")
    assert amigrate.ok("lock") == "The migration lock is free.\n"


async def test_mariadb_names_the_connection(project: Project, mysql_url: str) -> None:
    engine = create_async_engine(mysql_url)
    query = by_name("mariadb").try_lock(KEY)
    async with engine.connect() as connection:
        await connection.execute(sa.text(query or ""))
        number = (await connection.execute(sa.text("SELECT CONNECTION_ID()"))).scalar()

        found = await Migrator(mysql_url, script_location=project.script_location).lock_holder()

    await engine.dispose()
    assert found is not None
    assert found.server_process == number
    assert found.since is not None
    assert not found.is_dead


def test_sqlite_knows_that_the_file_is_locked_and_not_by_whom(
    amigrate: Terminal, shop: Project
) -> None:
    amigrate.ok("upgrade", "a1")
    with closing(sqlite3.connect(shop.root / "shop.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        held, refused = amigrate.ok("lock"), amigrate("lock", "--release")
        other.execute("ROLLBACK")

    assert held == "The migration lock is held by another connection to the file.\n"
    assert refused.code == 5
    assert amigrate.ok("lock") == "The migration lock is free.\n"


def test_a_sqlite_file_that_is_missing_stays_missing(amigrate: Terminal, shop: Project) -> None:
    assert amigrate.ok("lock") == "The migration lock is free.\n"
    assert not (shop.root / "shop.db").exists()
