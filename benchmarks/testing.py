"""What a test suite pays: a start, a fresh database, 300 tests with one each, tests of a history.

pytest-alembic is measured where it is installed: on the same running server, each of its tests on
an empty database, as its tests expect (one that is at the head already has nothing to go up to).
Each side loads its own plugin of pytest and no other.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import shutil
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import histories
from measure import Cost, Row, Series, row

from asyncmigrate.testing import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from databases import Postgres
    from measure import Bench

REVISIONS = 200
TESTS = 300
CLONES = 40
STAIRS = "testing_stairs"

_SUITE = """\
import pytest
{imports}

@pytest.mark.parametrize("n", range({tests}))
async def test_it(n{fixture}):
    {body}
"""
_WITH = """async with {fixture}.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")"""
INI = """\
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
{more}
"""
ALEMBIC = """\
import pytest
from sqlalchemy import NullPool, create_engine
from pytest_alembic.tests import (
    test_model_definitions_match_ddl, test_single_head_revision, test_up_down_consistency,
    test_upgrade,
)

@pytest.fixture
def alembic_engine():
    control = create_engine({control!r}, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with control.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql("CREATE DATABASE {name} STRATEGY FILE_COPY")
    engine = create_engine({url!r})
    yield engine
    engine.dispose()
"""
_READY = """\
from asyncmigrate.testing.ready import (
    test_every_revision_goes_up_down_and_up_again, test_the_history_can_be_walked,
    test_the_models_match_the_history, test_there_is_one_head,
)
"""
_MODELS = """\
import sqlalchemy as sa

metadata = sa.MetaData()
for number in range({count}):
    sa.Table(
        f"table_{{number}}",
        metadata,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
"""
_SETTINGS = 'metadata = ["models:metadata"]\nprepend_sys_path = ["."]\n'
_FIXTURES = """\
import pytest

seconds = {"setup": 0.0, "teardown": 0.0}

def pytest_runtest_logreport(report):
    if report.when in seconds:
        seconds[report.when] += report.duration

def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"fixtures {sum(seconds.values())}")
"""
_START = """\
import asyncio, sys, time
from asyncmigrate import Migrator
from asyncmigrate.testing import ephemeral_postgres
from asyncmigrate.testing.recipe import bound

async def main():
    migrator = Migrator.from_config(sys.argv[1])
    begun = time.perf_counter()
    async with ephemeral_postgres(keep={keep}) as server, server.database({migrator}):
        made = time.perf_counter() - begun
        if not {given}:
            async with server.database() as url:
                begun = time.perf_counter()
                await bound(migrator, url).upgrade("head")
                made += time.perf_counter() - begun
        print(made)

asyncio.run(main())
"""


def rows(bench: Bench, postgres: Postgres) -> Iterator[Row]:
    """Measure all of it."""
    os.environ["ASYNCMIGRATE_TEST_CACHE"] = str(bench.work / "cache")
    yield from _starts(bench, postgres)
    yield _fresh(bench, postgres)
    yield _three_hundred(bench, postgres)
    if importlib.util.find_spec("pytest_alembic"):
        yield from _stairs(bench, postgres)


def _starts(bench: Bench, postgres: Postgres) -> Iterator[Row]:
    """From nothing to a migrated database, against initdb, a start and the migration alone."""
    url = postgres.url("postgres")
    root = histories.history(bench.work, REVISIONS, url=url, tool="amigrate").root
    cache = bench.work / "start-cache"
    parts = {"keep": False, "migrator": "", "given": False}
    ours = {"keep": True, "migrator": "migrator", "given": True}
    found: dict[str, list[float]] = {"cold": [], "parts": [], "kept": [], "start": []}
    for _ in range(bench.rounds):
        shutil.rmtree(cache, ignore_errors=True)
        found["parts"].append(_start(bench, root, cache, parts))
        found["cold"].append(_start(bench, root, cache, ours))
        found["kept"].append(_start(bench, root, cache, ours))
        found["start"].append(_start(bench, root, cache, {**parts, "keep": True, "given": True}))
    medians = {name: statistics.median(each) * 1000 for name, each in found.items()}
    yield Row(
        f"from nothing to the first migrated database, {REVISIONS} revisions",
        "ms wall",
        {"amigrate": medians["cold"], "parts": medians["parts"]},
        medians["cold"] / medians["parts"],
        target=1.3,
        against="initdb, start, an empty database, the migration",
        rounds=bench.rounds,
    )
    yield Row(
        "the same when an earlier run has kept the template",
        "ms wall",
        {"amigrate": medians["kept"], "start": medians["start"]},
        medians["kept"] / medians["start"],
        against="start and an empty database",
        rounds=bench.rounds,
    )


def _start(bench: Bench, root: Path, cache: Path, how: dict[str, object]) -> float:
    """Return what a process of its own has measured."""
    program = bench.work / "start.py"
    program.write_text(_START.format(**how))
    beside = replace(bench, environment={**bench.environment, kept.VARIABLE: str(cache)})
    return float(beside.run(root, [sys.executable, program, root]).output)


def _fresh(bench: Bench, postgres: Postgres) -> Row:
    """A database at head with a connection, against `alembic upgrade head` on an empty one."""
    url = postgres.fresh("testing_alembic")
    theirs = histories.history(bench.work, REVISIONS, url=url)

    def alembic() -> Cost:
        postgres.fresh("testing_alembic")
        return bench.alembic(theirs.root, "upgrade", "head")

    slow = statistics.median(alembic().wall for _ in range(min(3, bench.rounds)))
    ours = histories.history(bench.work, REVISIONS, url=url, tool="amigrate")
    each = asyncio.run(_clones(postgres.url("postgres"), ours.root))
    fast = statistics.median(each)
    return Row(
        f"a fresh migrated database with a connection, {REVISIONS} revisions",
        "ms wall",
        {"amigrate": fast * 1000, "alembic": slow * 1000},
        fast / slow,
        target=1 / 40,
        note="warm template; Alembic: `upgrade head`",
        rounds=CLONES,
    )


async def _clones(server: str, root: Path) -> list[float]:
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    from asyncmigrate import Migrator
    from asyncmigrate.testing import ephemeral_postgres

    migrator = Migrator.from_config(root)
    found = []
    async with ephemeral_postgres(server) as run:
        for number in range(CLONES + 3):
            started = time.perf_counter()
            async with run.database(migrator) as url:
                engine = create_async_engine(url, poolclass=NullPool)
                async with engine.connect() as connection:
                    await connection.exec_driver_sql("SELECT 1")
                    ended = time.perf_counter() - started
            if number >= 3:
                found.append(ended)
    return found


def _three_hundred(bench: Bench, postgres: Postgres) -> Row:
    """The time of the fixtures: a suite with a database for each test, less one without any."""
    root = histories.history(
        bench.work, REVISIONS, url=postgres.url("postgres"), tool="amigrate"
    ).root
    (root / "pytest.ini").write_text(INI.format(more=""))
    used = _WITH.format(fixture="amigrate_engine")
    text = _SUITE.format(imports="", tests=TESTS, fixture=", amigrate_engine", body=used)
    (root / "test_with.py").write_text(text)
    plain = _SUITE.format(imports="", tests=TESTS, fixture="", body="pass")
    (root / "test_without.py").write_text(plain)
    (root / "conftest.py").write_text(_FIXTURES)
    series = bench.compare(
        amigrate=lambda: run_pytest(bench, root, "test_with.py"),
        nothing=lambda: run_pytest(bench, root, "test_without.py"),
    )
    each = statistics.median(map(_in_fixtures, series["amigrate"].costs)) / TESTS
    whole = (series["amigrate"].median("wall") - series["nothing"].median("wall")) / TESTS
    return Row(
        f"{TESTS} tests with a database each: a test's share of the fixtures' time",
        "ms wall",
        {"amigrate": each * 1000},
        each / 0.015,
        target=1.0,
        against="15 ms",
        note=f"start of the server, copy and drop; {whole * 1000:.1f} ms with connect and query",
        rounds=len(series["amigrate"].costs),
    )


def _in_fixtures(cost: Cost) -> float:
    """Return the seconds that pytest has counted for setup and teardown."""
    return float(re.findall(r"^fixtures ([\d.]+)$", cost.output, re.MULTILINE)[0])


def _stairs(bench: Bench, postgres: Postgres) -> Iterator[Row]:
    """The tests of a history, against those of pytest-alembic (which compare the models only)."""
    bench = _alone(bench)
    beside = with_pytest_alembic(bench)
    url = postgres.url(STAIRS).replace("+asyncpg", "+psycopg")
    theirs = histories.history(bench.work, REVISIONS, url=url).root
    ours = histories.history(bench.work, REVISIONS, url=url, tool="amigrate").root
    (theirs / "alembic" / "env.py").write_text(SYNC_ENV)
    for root in (theirs, ours):
        (root / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
        (root / "models.py").write_text(_MODELS.format(count=REVISIONS))
    toml = ours / "asyncmigrate.toml"
    if _SETTINGS not in toml.read_text():
        toml.write_text(toml.read_text() + _SETTINGS)
    (theirs / "test_history.py").write_text(alembic_tests(postgres, STAIRS))
    (ours / "test_history.py").write_text(_READY)
    here = f"--amigrate-url={postgres.url('postgres')}"

    def alembic() -> Cost:
        return run_pytest(beside, theirs, "test_history.py", "-p", "pytest_alembic.plugin")

    def amigrate() -> Cost:
        plugin = "asyncmigrate.testing.plugin"
        return run_pytest(bench, ours, "test_history.py", "-p", plugin, here)

    series: dict[str, Series] = bench.compare(
        alembic=lambda: _with_server(postgres, alembic),
        amigrate=lambda: _with_server(postgres, amigrate),
    )
    note = "on one server, whose time is counted; ours looks at the database after the steps"
    title = f"every revision up, down, up; the models match; {REVISIONS} revisions"
    yield row(title, series, what="wall", target=0.5, note=note)


def _with_server(postgres: Postgres, run: Callable[[], Cost]) -> Cost:
    """Return what a run costs, with the server's part."""
    before = postgres.cpu()
    cost = run()
    return replace(cost, cpu=cost.cpu + postgres.cpu() - before)


def _alone(bench: Bench) -> Bench:
    """Let pytest load no plugin but those that are named."""
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return replace(bench, environment={**bench.environment, **alone})


def alembic_tests(postgres: Postgres, database: str) -> str:
    """Return a file of pytest-alembic's tests, which make the database anew for each."""
    url, control = (
        postgres.url(each).replace("+asyncpg", "+psycopg") for each in (database, "postgres")
    )
    return ALEMBIC.format(url=url, control=control, name=database)


def with_pytest_alembic(bench: Bench) -> Bench:
    """Return the environment with the folder that pytest-alembic was found in."""
    spec = importlib.util.find_spec("pytest_alembic")
    assert spec is not None
    assert spec.origin is not None
    folder = str(Path(spec.origin).parents[1])
    path = os.pathsep.join((bench.environment["PYTHONPATH"], folder))
    return replace(bench, environment={**bench.environment, "PYTHONPATH": path})


SYNC_ENV = """\
import models
from alembic import context

with context.config.attributes["connection"].connect() as connection:
    context.configure(
        connection=connection, transaction_per_migration=True, target_metadata=models.metadata
    )
    with context.begin_transaction():
        context.run_migrations()
"""


def run_pytest(bench: Bench, root: Path, file: str, *more: str) -> Cost:
    """Run one file of tests, which must pass."""
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", file, *more]
    return bench.run(root, [sys.executable, "-m", "pytest", *options])
