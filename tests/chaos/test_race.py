"""Many migrators start at once on an empty database: every revision runs once."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from tests.chaos.dump import dump, sync_url, upgraded, versions
from tests.chaos.histories import IDS, twelve
from tests.chaos.leftovers import PATIENCE, nothing_on_the_server
from tests.chaos.processes import amigrate

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


def ran_once(url: str) -> None:
    """Assert that each revision ran exactly once, in order, and that nothing is left behind."""
    found = dump(url)
    assert [row[0] for row in found["journal"]] == list(IDS)
    assert upgraded(found) == list(IDS)
    assert len(found["amigrate_history"]) == len(IDS)
    assert versions(found) == [IDS[-1]]
    nothing_on_the_server(url)


@pytest.mark.parametrize(
    ("driver", "count"),
    [("sqlite+aiosqlite", 8), ("postgresql+asyncpg", 8), ("postgresql+psycopg", 4)],
)
def test_processes_that_start_at_once_run_every_revision_once(
    project: Project, request: pytest.FixtureRequest, driver: str, count: int
) -> None:
    fixture = "sqlite_url" if driver.startswith("sqlite") else "postgres_url"
    url = make_url(request.getfixturevalue(fixture)).set(drivername=driver)
    text = url.render_as_string(hide_password=False)
    twelve(project)

    with ExitStack() as stack:
        crowd = [stack.enter_context(amigrate(project, text, "upgrade")) for _ in range(count)]
        ended = [process.ended() for process in crowd]

    assert [code for code, _ in ended] == [0] * count, ended
    ran_once(text)


def migrator(engine: AsyncEngine, project: Project) -> Migrator:
    return Migrator(engine, script_location=project.script_location)


async def test_eight_tasks_with_engines_of_their_own_run_every_revision_once(
    project: Project, database_url: str
) -> None:
    twelve(project)
    engines = [create_async_engine(database_url) for _ in range(8)]

    results = await asyncio.gather(*(migrator(each, project).upgrade() for each in engines))

    assert sorted(step.revision or "" for each in results for step in each.steps) == list(IDS)
    await asyncio.gather(*(each.dispose() for each in engines))
    ran_once(database_url)


async def test_tasks_that_share_a_pool_of_one_connection_do_not_wait_for_themselves(
    project: Project, database_url: str
) -> None:
    twelve(project)
    engine = create_async_engine(database_url, pool_size=1, max_overflow=0)

    async with asyncio.timeout(60):
        await asyncio.gather(*(migrator(engine, project).upgrade() for _ in range(4)))

    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    await engine.dispose()
    ran_once(database_url)


async def test_a_status_that_is_asked_for_meanwhile_is_always_answered(
    project: Project, database_url: str
) -> None:
    twelve(project)
    engine = create_async_engine(database_url)
    m = migrator(engine, project)
    upgrade = asyncio.create_task(m.upgrade())
    seen = [await m.status()]
    while not upgrade.done():
        seen.append(await m.status())
    await upgrade
    await engine.dispose()

    counts = [len(each.pending) for each in seen]
    assert counts == sorted(counts, reverse=True)
    ran_once(database_url)


WAITS = """
SELECT count(*) > 0 FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%alembic_version%'
"""


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
async def test_a_version_table_that_somebody_else_makes_at_the_same_moment_is_used(
    project: Project, postgres_url: str, driver: str
) -> None:
    twelve(project)
    m = Migrator(postgres_url.replace("asyncpg", driver), script_location=project.script_location)
    with (
        psycopg.connect(sync_url(postgres_url), autocommit=True) as admin,
        psycopg.connect(sync_url(postgres_url)) as other,
    ):
        other.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        upgrade = asyncio.create_task(m.upgrade())
        async with asyncio.timeout(PATIENCE):
            while admin.execute(WAITS).fetchone() != (True,):  # noqa: ASYNC110 -- in the server
                await asyncio.sleep(0.01)
        other.commit()
        await upgrade

    assert versions(dump(postgres_url)) == [IDS[-1]]
