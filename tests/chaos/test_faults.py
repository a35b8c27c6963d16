"""Faults between a migrator and its server, at every request of a run and inside of it.

Some by default; `ASYNCMIGRATE_FAULTS=500` does so many, over all drivers together.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url

from tests.chaos.dump import dump, without_traces
from tests.chaos.emptying import emptied
from tests.chaos.faults.plan import Fault, How, When, Whose, planned
from tests.chaos.faults.trial import PATIENCE, Trials
from tests.chaos.histories import mixed

if TYPE_CHECKING:
    from tests.project import Project

pytestmark = pytest.mark.usefixtures("quick_collections")

DRIVERS = {
    "postgresql+asyncpg": "postgres_url",
    "postgresql+psycopg": "postgres_url",
    "mysql+asyncmy": "mysql_url",
    "mysql+aiomysql": "mysql_url",
}
FAULTS = int(os.environ.get("ASYNCMIGRATE_FAULTS", "48"))


@pytest.fixture(params=DRIVERS)
def url(request: pytest.FixtureRequest) -> str:
    url = make_url(request.getfixturevalue(DRIVERS[request.param]))
    return url.set(drivername=request.param).render_as_string(hide_password=False)


async def test_whatever_happens_to_a_connection_a_rerun_ends_as_if_nothing_had_happened(
    project: Project, url: str
) -> None:
    trials = Trials(url, mixed(project, make_url(url).get_backend_name()))
    await trials.begin()
    failed = {}

    for fault in planned(FAULTS // len(DRIVERS), trials.requests):
        try:
            await trials.one(fault)
        except Exception as error:
            failed[str(fault)] = error

    assert failed == {}


async def test_a_commit_whose_answer_is_lost_is_not_called_rolled_back(
    project: Project, url: str
) -> None:
    trials = Trials(url, mixed(project, make_url(url).get_backend_name()))
    await trials.begin()
    await trials.one(Fault(trials.last_commit, When.AFTER, How.RESET, Whose.THIS))

    assert "was being committed" in trials.said
    assert "it was committed" in trials.said


async def test_a_connection_that_dies_as_it_is_given_back_keeps_no_place_in_the_pool(
    project: Project, url: str
) -> None:
    trials = Trials(url, mixed(project, make_url(url).get_backend_name()))
    await trials.begin()

    for request in range(trials.last_commit + 1, trials.requests + 1):
        await trials.one(Fault(request, When.HALF, How.TERMINATE, Whose.ALL))

    assert "done" in trials.ended


async def test_a_run_ends_although_nothing_gets_through_to_its_lock_any_more(
    project: Project, url: str
) -> None:
    trials = Trials(url, mixed(project, make_url(url).get_backend_name()))
    await trials.begin()
    await asyncio.to_thread(emptied, url)
    stalled = Fault(trials.last_commit, When.BEFORE, How.STALL, Whose.OTHERS)

    async with trials.proxied(stalled) as (proxy, migrator), asyncio.timeout(PATIENCE):
        await migrator.upgrade()
        hit = proxy.hit.is_set()
        proxy.heal()

    assert hit
    assert without_traces(dump(url)) == trials.undisturbed
