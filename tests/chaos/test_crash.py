"""The server ends and starts again in the middle of a run, at any of its requests.

It is told to end (SIGTERM, SIGINT), to end at once (SIGQUIT), or it is killed. Of PostgreSQL one
process may be killed, too: that takes all sessions with it, and the server recovers from its log
without going away.

Some restarts by default; `ASYNCMIGRATE_CRASHES=100` does so many in each test.
"""

from __future__ import annotations

import os
import signal
from contextlib import closing, suppress
from itertools import cycle
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.chaos.dump import mysql_admin, sync_url
from tests.chaos.faults.plan import Fault, How, When, Whose
from tests.chaos.faults.trial import Trials
from tests.chaos.histories import mixed
from tests.servers.restarting import mariadb_server, postgresql_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.project import Project
    from tests.servers.restarting import Restarting

pytestmark = pytest.mark.usefixtures("quick_collections")
CRASHES = int(os.environ.get("ASYNCMIGRATE_CRASHES", "0"))


def crashed(url: str, ports: list[int]) -> None:
    """Kill a process of the server; it does not come to an orderly end, nor does any other."""
    with suppress(psycopg.OperationalError), psycopg.connect(sync_url(url), autocommit=True) as one:
        query = "SELECT pid FROM pg_stat_activity WHERE client_port = ANY(%s) LIMIT 1"
        found = one.execute(query, [ports]).fetchone()
        os.kill(found[0] if found else one.info.backend_pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Restarting]:
    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="module")
def maria() -> Iterator[Restarting]:
    with mariadb_server() as server:
        with closing(mysql_admin(server.server.url())) as admin, admin.cursor() as cursor:
            cursor.execute("CREATE DATABASE shop")
        yield server


async def disturbed(trials: Trials, crashes: int) -> None:
    """End the server at so many requests, spread over a run, in turn at each moment of one."""
    await trials.begin()
    moments = list(When)
    for number in range(crashes):
        request = 1 + number * (trials.requests - 1) // max(crashes - 1, 1)
        when = moments[(number + 2) % len(moments)]
        await trials.one(Fault(request, when, How.TERMINATE, Whose.THIS))

    assert len(trials.ended) == crashes
    assert set(trials.ended) != {"done"}


def restarting(server: Restarting, *signals: signal.Signals) -> Callable[[str, list[int]], None]:
    """Return what ends a server and starts it again, by each signal in turn."""
    turns = cycle(signals)
    return lambda *_: server.restart(next(turns))


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
async def test_a_server_that_crashes_and_starts_again_has_lost_nothing(
    project: Project, postgres: Restarting, driver: str
) -> None:
    url = postgres.server.url(driver=driver)
    await disturbed(Trials(url, mixed(project, "postgresql"), crashed), CRASHES or 4)


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
async def test_a_postgresql_that_is_restarted_has_lost_nothing(
    project: Project, postgres: Restarting, driver: str
) -> None:
    restarted = restarting(postgres, signal.SIGINT, signal.SIGQUIT)
    url = postgres.server.url(driver=driver)
    await disturbed(Trials(url, mixed(project, "postgresql"), restarted), CRASHES or 3)


@pytest.mark.parametrize("driver", ["asyncmy", "aiomysql"])
async def test_a_mariadb_that_is_restarted_has_lost_nothing(
    project: Project, maria: Restarting, driver: str
) -> None:
    restarted = restarting(maria, signal.SIGKILL, signal.SIGTERM)
    url = maria.server.url("shop", driver=driver)
    await disturbed(Trials(url, mixed(project, "mysql"), restarted), CRASHES or 3)
