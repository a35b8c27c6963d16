"""Faults between a migrator and its server, at every request of a run and inside of it.

Some by default; `ASYNCMIGRATE_FAULTS=500` does so many, over all drivers together.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.engine import make_url

from asyncmigrate.engine import database, settle
from tests.chaos.dump import dump, without_traces
from tests.chaos.emptying import emptied
from tests.chaos.faults.plan import Fault, How, When, Whose, planned
from tests.chaos.faults.trial import PATIENCE, SHUTDOWN, Trials
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
HOLES = 1 + max(FAULTS - 48, 0) // 16
"""Per driver and lock."""


@pytest.fixture
def short_farewells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each goodbye to a server that does not hear it take less than the seconds it may."""
    if FAULTS == 48:
        monkeypatch.setattr(settle, "FAREWELL", 0.3)
        monkeypatch.setattr(database, "FAREWELL", 0.3)


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


LOCKS: dict[str, dict[str, Any]] = {
    "session": {"lock": "session"},
    "lease": {"lock": "lease", "lease_seconds": 1.0},
}


@pytest.mark.parametrize("lock", LOCKS)
async def test_a_run_that_is_cancelled_when_nothing_gets_through_any_more_ends_in_time(
    project: Project, url: str, lock: str, short_farewells: None
) -> None:
    history = mixed(project, make_url(url).get_backend_name())
    trials = Trials(url, history, settings=LOCKS[lock])
    await trials.begin()
    moments, holes = list(When), min(HOLES, trials.requests)

    for number in range(holes):
        request = 1 + (2 * number + 1) * trials.requests // (2 * holes)
        when = moments[(number + trials.requests) % len(moments)]
        await trials.one(Fault(request, when, How.BLACK_HOLE, Whose.ALL))

    assert max(trials.seconds) < SHUTDOWN


@pytest.mark.parametrize("lock", LOCKS)
async def test_a_run_ends_although_nothing_gets_through_to_its_lock_any_more(
    project: Project, url: str, lock: str
) -> None:
    settings = LOCKS[lock] | {"lease_seconds": 600.0}
    history = mixed(project, make_url(url).get_backend_name())
    trials = Trials(url, history, settings=settings)
    await trials.begin()
    await asyncio.to_thread(emptied, url)
    stalled = Fault(trials.last_commit, When.BEFORE, How.STALL, Whose.OTHERS)

    async with trials.proxied(stalled) as (proxy, migrator), asyncio.timeout(PATIENCE):
        await migrator.upgrade()
        hit = proxy.hit.is_set()
        proxy.heal()

    assert hit
    assert without_traces(dump(url)) == trials.undisturbed
