"""PostgreSQL crashes and starts again in the middle of a run, at any of its requests.

A process of the server that is killed takes all sessions with it: the server throws its memory
away and recovers from its log, as after `pg_ctl restart -m immediate`.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
import pytest

from asyncmigrate.testing import postgresql
from tests.chaos.dump import sync_url
from tests.chaos.faults.plan import Fault, How, When, Whose
from tests.chaos.faults.trial import Trials
from tests.chaos.histories import mixed

if TYPE_CHECKING:
    from tests.project import Project

pytestmark = pytest.mark.usefixtures("quick_collections")
CRASHES = int(os.environ.get("ASYNCMIGRATE_CRASHES", "6"))


def crashed(url: str, ports: list[int]) -> None:
    """Kill a process of the server; it does not come to an orderly end, nor does any other."""
    with suppress(psycopg.OperationalError), psycopg.connect(sync_url(url), autocommit=True) as one:
        query = "SELECT pid FROM pg_stat_activity WHERE client_port = ANY(%s) LIMIT 1"
        found = one.execute(query, [ports]).fetchone()
        os.kill(found[0] if found else one.info.backend_pid, signal.SIGKILL)


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
async def test_a_server_that_crashes_and_starts_again_has_lost_nothing(
    project: Project, driver: str
) -> None:
    with postgresql.start(durable=True) as server:
        trials = Trials(server.url(driver=driver), mixed(project, "postgresql"), crashed)
        await trials.begin()
        moments = list(When)

        for number in range(CRASHES):
            request = 1 + number * (trials.requests - 1) // max(CRASHES - 1, 1)
            when = moments[number % len(moments)]
            await trials.one(Fault(request, when, How.TERMINATE, Whose.THIS))

    assert len(trials.ended) == CRASHES
    assert set(trials.ended) != {"done"}
