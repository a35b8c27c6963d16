"""The fixtures, in suites of other people. Each driver, loop scope and user: `test_matrix`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.testing.suites import run, write_suite

if TYPE_CHECKING:
    from asyncmigrate import Migrator
    from tests.project import Project


def test_anyios_plugin_without_pytest_asyncio(project: Project, shop: Migrator) -> None:
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

    alone = run(project, "-p", "no:asyncio", "-c", os.devnull, "--rootdir", str(project.root))

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
