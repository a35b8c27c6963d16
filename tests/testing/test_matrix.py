"""The plugin in suites of other people: each loop scope, driver, number of workers and user.

Also after `kill -9`. The suites are run by `pytester`, in processes of their own.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from asyncmigrate.testing import kept
from asyncmigrate.testing.process import unprivileged_account
from tests.project import Project
from tests.testing.suites import command, write_suite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from asyncmigrate.testing.process import Account

pytest_plugins = ["pytester"]

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

@pytest.mark.asyncio(loop_scope="package")
async def test_package_scope(amigrate_session):
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

@pytest.mark.anyio
@pytest.mark.parametrize("n", range(2))
async def test_anyio(anyio_backend, amigrate_session, n):
    assert await insert_and_count(amigrate_session) == 1

@pytest.fixture
def anyio_backend():
    return "asyncio"
"""

SLOW = """
import os
import time

def test_it(amigrate_database, amigrate_server):
    with open("ready", "w") as file:
        file.write(amigrate_server.url("postgres") + " " + str(os.geteuid()))
    time.sleep(600)
"""

PROBE = """
import subprocess, sys
import asyncmigrate.testing.plugin, pytest
sys.exit(subprocess.run([sys.executable, "-c", "import pytest"]).returncode)
"""
"""What a user must be able to do: a suite with workers starts Python from Python."""


@dataclass(frozen=True, slots=True)
class User:
    """Who runs a suite: what stands before the command, and an id that the run must have."""

    prefix: tuple[str, ...]
    uid: int


def other_user(account: Account) -> User | None:
    """Return another user who can run this Python, if there is one.

    Where Python is installed in root's own home, the user may read what root may, and no more.
    """
    be = ("setpriv", f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups")
    read = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    for prefix in (be, (*be, *read)):
        tried = [*prefix, sys.executable, "-c", PROBE]
        if subprocess.run(tried, capture_output=True, check=False).returncode == 0:
            return User(prefix, account.uid)
    return None


@pytest.fixture(scope="session")
def user(request: pytest.FixtureRequest) -> User:
    """Who runs the suite."""
    if request.param == THIS:
        return User((), os.geteuid())
    account = unprivileged_account("nobody", "daemon")
    if account is None or shutil.which("setpriv") is None:
        pytest.skip("only root, with setpriv, can run a suite as another user")
    found = other_user(account)
    return found or pytest.skip("no other user can run this Python")


@pytest.fixture(scope="session")
def place(user: User) -> Iterator[Path]:
    """A folder of the user's own."""
    folder = Path(tempfile.mkdtemp(prefix="suites-", dir="/tmp"))
    os.chown(folder, user.uid, -1)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def suite(
    user: User, place: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Project:
    """A project with two revisions, in a folder of the user's own, which is the working folder."""
    for name in [name for name in os.environ if name.startswith(("PYTEST_", "COV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv(kept.VARIABLE, str(place / "cache"))
    monkeypatch.setenv("HOME", str(place))  # the one that pytester makes is closed to others
    project = Project(Path(tempfile.mkdtemp(dir=place)))
    for id, down, table in (("a1", None, "users"), ("b2", "a1", "orders")):
        upgrade = f'op.execute("CREATE TABLE {table} (id integer PRIMARY KEY)")'
        project.revision(id, down, upgrade=upgrade, downgrade=f'op.drop_table("{table}")')
    project.root.chmod(0o755)
    os.chown(project.root, user.uid, -1)
    monkeypatch.chdir(project.root)
    return project


THIS, ANOTHER = "this user", "another user"
DRIVERS = ("postgresql+asyncpg", "postgresql+psycopg", "sqlite+aiosqlite")
PAIRS = [
    (THIS, "postgresql+asyncpg", "0"),
    (ANOTHER, "postgresql+asyncpg", "2"),
    (THIS, "postgresql+psycopg", "2"),
    (ANOTHER, "postgresql+psycopg", "0"),
    (THIS, "sqlite+aiosqlite", "2"),
    (ANOTHER, "sqlite+aiosqlite", "0"),
]
"""Each user with each driver, each of both with and without workers."""
WHOLE = list(product((THIS, ANOTHER), DRIVERS, ("0", "2")))
MATRIX = WHOLE if os.environ.get("ASYNCMIGRATE_MATRIX") else PAIRS
"""ASYNCMIGRATE_MATRIX=1 runs every combination, which takes twice as long."""


@pytest.mark.parametrize(("user", "driver", "workers"), MATRIX, indirect=["user"])
def test_every_loop_scope_and_anyios_plugin(
    pytester: pytest.Pytester, user: User, suite: Project, driver: str, workers: str
) -> None:
    mine = f"def test_who_runs_it():\n    import os\n    assert os.geteuid() == {user.uid}\n"
    write_suite(suite, EVERY_SCOPE + mine, driver=driver)

    outcome = pytester.run(*user.prefix, *command("-n", workers))

    outcome.assert_outcomes(passed=16)


@pytest.mark.parametrize(
    ("user", "workers"), [(THIS, "0"), (THIS, "1"), (ANOTHER, "1")], indirect=["user"]
)
def test_after_a_run_that_was_killed_no_server_stays_and_the_next_run_is_clean(
    pytester: pytest.Pytester, user: User, suite: Project, workers: str
) -> None:
    write_suite(suite, SLOW)
    url = killed_in_a_test(pytester, user, suite, "-n", workers).replace("+asyncpg", "")
    wait_for(lambda: refuses(url))
    suite.write("test_suite.py", "def test_it(amigrate_database):\n    pass\n")

    pytester.run(*user.prefix, *command()).assert_outcomes(passed=1)


@pytest.mark.parametrize("user", [ANOTHER], indirect=True)
def test_files_of_a_run_that_was_killed_are_removed_by_the_next(
    pytester: pytest.Pytester, user: User, suite: Project
) -> None:
    write_suite(suite, SLOW, driver="sqlite+aiosqlite")
    url = killed_in_a_test(pytester, user, suite)
    folder = Path(url.partition(":///")[2]).parent
    left = folder.exists()
    suite.write("test_suite.py", "def test_it(amigrate_database):\n    pass\n")

    pytester.run(*user.prefix, *command()).assert_outcomes(passed=1)

    assert left
    assert not folder.exists()


def killed_in_a_test(pytester: pytest.Pytester, user: User, suite: Project, *options: str) -> str:
    """Run a suite, kill it in its test, and return the URL that the test had."""
    ready = suite.root / "ready"
    said = f" {user.uid}"
    with pytester.popen([*user.prefix, *command(*options)], start_new_session=True) as running:
        wait_for(
            lambda: (
                running.poll() is not None or (ready.exists() and ready.read_text().endswith(said))
            )
        )
        os.kill(running.pid, signal.SIGKILL)
    return ready.read_text().removesuffix(said)


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
