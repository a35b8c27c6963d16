"""The fixtures, in suites of other people: every loop scope, every plugin, several workers."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.testing.suites import command, environment, run, write_suite

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncmigrate import Migrator
    from tests.project import Project

EVERY_SCOPE = """
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

async def insert_and_count(session):
    await session.execute(text("INSERT INTO users VALUES (1)"))
    await session.commit()
    return (await session.execute(text("SELECT count(*) FROM users"))).scalar()

@pytest.mark.parametrize("n", range(2))
@pytest.mark.asyncio
async def test_function_scope(amigrate_session, n):
    assert await insert_and_count(amigrate_session) == 1

@pytest.mark.asyncio(loop_scope="class")
class TestClassScope:
    async def test_one(self, amigrate_session):
        assert await insert_and_count(amigrate_session) == 1

    async def test_two(self, amigrate_session):
        assert await insert_and_count(amigrate_session) == 1

@pytest.mark.parametrize("n", range(2))
@pytest.mark.asyncio(loop_scope="module")
async def test_module_scope(amigrate_session, n):
    assert await insert_and_count(amigrate_session) == 1

@pytest.mark.parametrize("n", range(2))
@pytest.mark.asyncio(loop_scope="session")
async def test_session_scope(amigrate_session, amigrate_engine, n):
    assert await insert_and_count(amigrate_session) == 1
    await amigrate_session.rollback()

@pytest.mark.asyncio(loop_scope="session")
async def test_an_engine(amigrate_engine):
    async with amigrate_engine.begin() as connection:
        await connection.execute(text("INSERT INTO users VALUES (1)"))

@pytest.mark.asyncio
async def test_a_url(amigrate_database):
    engine = create_async_engine(amigrate_database)
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO users VALUES (1)"))
    await engine.dispose()

def test_a_sync_test(amigrate_database, amigrate_server):
    assert amigrate_database and amigrate_server.source

@pytest.mark.asyncio
async def test_a_factory(amigrate_databases):
    old = create_async_engine(amigrate_databases("a1"))
    async with old.connect() as connection:
        found = (await connection.execute(text("SELECT version_num FROM alembic_version"))).all()
    await old.dispose()
    assert found == [("a1",)]
    assert amigrate_databases() != amigrate_databases()
"""


@pytest.mark.parametrize(
    ("driver", "workers"),
    [("postgresql+asyncpg", "2"), ("postgresql+psycopg", "0"), ("sqlite+aiosqlite", "0")],
)
def test_every_loop_scope_with_each_driver(
    project: Project, shop: Migrator, driver: str, workers: str
) -> None:
    write_suite(project, EVERY_SCOPE, driver=driver)

    outcome = run(project, "-n", workers)

    assert outcome.counts() == "12 passed", outcome.text


def test_anyios_plugin(project: Project, shop: Migrator) -> None:
    tests = """
    import pytest
    from sqlalchemy import text

    pytestmark = pytest.mark.anyio

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    @pytest.mark.parametrize("n", range(2))
    async def test_session(amigrate_session, n):
        await amigrate_session.execute(text("INSERT INTO users VALUES (1)"))
        await amigrate_session.commit()
        assert (await amigrate_session.execute(text("SELECT count(*) FROM users"))).scalar() == 1

    async def test_engine(amigrate_engine):
        async with amigrate_engine.begin() as connection:
            await connection.execute(text("INSERT INTO users VALUES (1)"))
    """
    write_suite(project, tests)

    with_both = run(project)
    alone = run(project, "-p", "no:asyncio", "-c", os.devnull, "--rootdir", str(project.root))

    assert with_both.counts() == "3 passed", with_both.text
    assert alone.counts() == "3 passed", alone.text


def test_a_suite_that_does_not_ask_loads_nothing(project: Project) -> None:
    tests = """
    import sys

    def test_nothing_is_loaded():
        assert not {"sqlalchemy", "asyncmigrate.migrator", "asyncmigrate.testing.suite"} & {
            *sys.modules
        }
    """
    write_suite(project, tests)
    project.root.joinpath("asyncmigrate.toml").unlink()

    outcome = run(project, "-p", "no:anyio", "-p", "no:hypothesispytest", "-n", "1")

    assert outcome.counts() == "1 passed", outcome.text
    assert "asyncmigrate:" not in outcome.text


def test_a_test_that_leaks_is_named_and_its_database_is_dropped(
    project: Project, shop: Migrator
) -> None:
    tests = """
    import pytest
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    kept = []

    @pytest.mark.asyncio(loop_scope="session")
    async def test_it_leaks(amigrate_database):
        kept.append(await create_async_engine(amigrate_database).connect())
        await kept[0].execute(text("SELECT 4711"))

    @pytest.mark.asyncio(loop_scope="session")
    async def test_the_next(amigrate_session):
        await kept[0].invalidate()
    """
    write_suite(project, tests)

    outcome = run(project, "-W", "default")

    assert outcome.code == 0, outcome.text
    assert "test_suite.py::test_it_leaks left 1 connection to its database open" in outcome.text
    assert "asyncmigrate: databases of tests: " in outcome.text
    assert "asyncmigrate: left connections open: test_suite.py::test_it_leaks" in outcome.text


def test_fixtures_of_the_suite_replace_the_history_and_the_seed(
    project: Project, shop: Migrator
) -> None:
    tests = f"""
    import pytest
    from sqlalchemy import text
    from asyncmigrate import Migrator

    @pytest.fixture(scope="session")
    def amigrate_migrator():
        return Migrator(script_location={str(project.script_location)!r})

    @pytest.fixture(scope="session")
    def amigrate_seed():
        async def fill(connection):
            await connection.execute(text("INSERT INTO users VALUES (1), (2)"))
        return fill

    @pytest.mark.asyncio
    async def test_it(amigrate_session):
        assert (await amigrate_session.execute(text("SELECT count(*) FROM users"))).scalar() == 2
    """
    write_suite(project, tests)
    project.root.joinpath("asyncmigrate.toml").unlink()

    outcome = run(project)

    assert outcome.counts() == "1 passed", outcome.text


def test_settings_of_tests(project: Project, shop: Migrator) -> None:
    tests = "def test_it(amigrate_server):\n    assert 'SQLite' in amigrate_server.source\n"
    write_suite(project, tests)
    toml = project.root / "asyncmigrate.toml"
    before = toml.read_text()

    toml.write_text(f'{before}\n[testing]\nserver = "sqlite"\n')
    right = run(project)
    toml.write_text(f'{before}\n[testing]\nsrever = "sqlite"\n')
    wrong = run(project)

    assert right.counts() == "1 passed", right.text
    assert "Did you mean 'server'?" in wrong.text


SLOW = """
import time

def test_it(amigrate_database, amigrate_server):
    with open("ready", "w") as file:
        file.write(amigrate_server.url("postgres"))
    time.sleep(600)
"""


@pytest.mark.parametrize("workers", ["0", "1"])
def test_after_a_run_that_was_killed_no_server_stays_and_the_next_run_is_clean(
    project: Project, shop: Migrator, workers: str
) -> None:
    write_suite(project, SLOW)
    ready = project.root / "ready"
    with subprocess.Popen(
        command("-n", workers),
        cwd=project.root,
        env=environment(),
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as killed:
        wait_for(lambda: ready.exists() and ready.read_text().endswith("postgres"))
        url = ready.read_text().replace("+asyncpg", "")
        os.kill(killed.pid, signal.SIGKILL)
        wait_for(lambda: refuses(url))
    project.write("test_suite.py", "def test_it(amigrate_database):\n    pass\n")

    outcome = run(project)

    assert outcome.counts() == "1 passed", outcome.text


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until something has happened; the limit only ends a test that has failed."""
    deadline = time.monotonic() + 300
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def refuses(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return True
    return False
