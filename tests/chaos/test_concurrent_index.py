"""CREATE INDEX CONCURRENTLY by the leader while followers wait: it ends, however it is disturbed.

It waits in the server for every transaction that is older. So a follower that waited for the lock
in the server would be waited for itself. A leader that is killed leaves half an index, and a
session that goes on with it: nobody tells the server that the process is gone.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import pytest

from asyncmigrate import Migrator
from asyncmigrate.events import LockWaiting, StepStarted
from tests.chaos.dump import dump, sync_url, versions
from tests.chaos.leftovers import PATIENCE, eventually, nothing_on_the_server
from tests.chaos.processes import amigrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from asyncmigrate.events import Event
    from tests.project import Project

BUILDS = "SELECT count(*) FROM pg_stat_progress_create_index WHERE lockers_total > lockers_done"
INVALID = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
CONCURRENTLY = 'op.create_index("ix_users_name", "users", ["name"], postgresql_concurrently=True)'


@pytest.fixture
def older(project: Project, postgres_url: str) -> Iterator[psycopg.Connection[tuple[int]]]:
    """A transaction that the build of b2 will wait for, on a database at a1."""
    create = 'op.create_table("users", sa.Column("id", sa.Integer), sa.Column("name", sa.Text))'
    project.revision("a1", upgrade=create)
    project.revision("b2", "a1", upgrade=CONCURRENTLY)
    project.revision("c3", "b2", upgrade="op.execute(\"INSERT INTO users VALUES (1, 'a')\")")
    asyncio.run(Migrator(postgres_url, script_location=project.script_location).upgrade("a1"))
    with psycopg.connect(sync_url(postgres_url)) as connection:
        connection.execute("INSERT INTO users VALUES (0, 'older')")
        yield connection


def is_building(url: str) -> bool:
    """Return whether an index is half built, and the build waits for somebody."""
    with psycopg.connect(sync_url(url), autocommit=True) as admin:
        return admin.execute(BUILDS).fetchone() != (0,)


def until_it_builds(url: str) -> None:
    eventually(lambda: not is_building(url) and "no index is being built")


class Followers:
    """Migrators that wait for the leader."""

    def __init__(self, project: Project, url: str, count: int) -> None:
        self._waiting = [asyncio.Event() for _ in range(count)]
        self.lead = asyncio.Event()
        """One of them has become the leader, and has begun."""
        self.migrators = [
            Migrator(url, script_location=project.script_location, observer=self._observer(each))
            for each in self._waiting
        ]

    def _observer(self, waiting: asyncio.Event) -> Callable[[Event], None]:
        def observe(event: Event) -> None:
            if isinstance(event, LockWaiting):
                waiting.set()
            elif isinstance(event, StepStarted):
                self.lead.set()

        return observe

    async def all_wait(self) -> None:
        await asyncio.gather(*(each.wait() for each in self._waiting))


def test_it_ends_while_followers_wait(
    project: Project, postgres_url: str, older: psycopg.Connection[tuple[int]]
) -> None:
    leader = Migrator(postgres_url, script_location=project.script_location)

    async def race() -> list[int]:
        followers = Followers(project, postgres_url, 3)
        leading = asyncio.create_task(leader.upgrade())
        await asyncio.to_thread(until_it_builds, postgres_url)
        following = [asyncio.create_task(each.upgrade()) for each in followers.migrators]
        await followers.all_wait()
        older.close()
        return [len(each.steps) for each in await asyncio.gather(leading, *following)]

    steps = asyncio.run(asyncio.wait_for(race(), PATIENCE * 4))

    assert steps == [2, 0, 0, 0]
    assert versions(dump(postgres_url)) == ["c3"]
    nothing_on_the_server(postgres_url)


@pytest.mark.parametrize("taken_over", ["at once", "later"])
@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_a_follower_builds_it_anew_when_the_leader_ends_in_the_middle(
    project: Project,
    postgres_url: str,
    older: psycopg.Connection[tuple[int]],
    end: str,
    taken_over: str,
) -> None:
    async def race() -> list[str]:
        followers = Followers(project, postgres_url, 2)
        with amigrate(project, postgres_url, "upgrade") as leader:
            await asyncio.to_thread(until_it_builds, postgres_url)
            following = [asyncio.create_task(each.upgrade()) for each in followers.migrators]
            await followers.all_wait()
            getattr(leader.popen, end)()
            await asyncio.to_thread(leader.ended)
            if taken_over == "at once":
                await followers.lead.wait()
            older.close()
            results = await asyncio.gather(*following)
        return sorted(str(step.revision) for each in results for step in each.steps)

    ran = asyncio.run(asyncio.wait_for(race(), PATIENCE * 4))

    assert ran == ["b2", "c3"]
    assert versions(dump(postgres_url)) == ["c3"]
    with psycopg.connect(sync_url(postgres_url), autocommit=True) as admin:
        assert admin.execute(INVALID).fetchone() == (0,)
        found = admin.execute("SELECT to_regclass('ix_users_name') IS NOT NULL").fetchone()
    assert found == (True,)
    nothing_on_the_server(postgres_url)
