"""Faults between a migrator and its server, at every request of a run and inside of it.

Some by default; `ASYNCMIGRATE_FAULTS=500` does so many, over all drivers together.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url

from tests.chaos.faults.plan import planned
from tests.chaos.faults.trial import Trials
from tests.chaos.histories import mixed

if TYPE_CHECKING:
    from tests.project import Project

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
