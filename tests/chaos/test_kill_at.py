"""The migrating process is killed, or frozen, at an exact request, and inside of it.

A few moments of each driver by default; `ASYNCMIGRATE_FAULTS=500` goes through all of them.
"""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from tests.chaos.children import Nursery, nursery
from tests.chaos.dump import dump, without_traces
from tests.chaos.emptying import emptied
from tests.chaos.faults.plan import Fault, How, When, Whose
from tests.chaos.faults.proxy import Proxy
from tests.chaos.faults.trial import RUNS, Trials
from tests.chaos.histories import mixed
from tests.chaos.leftovers import nothing_on_the_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.project import Project

DRIVERS = {
    "postgresql+asyncpg": "postgres_url",
    "postgresql+psycopg": "postgres_url",
    "mysql+asyncmy": "mysql_url",
}
MORE = max(int(os.environ.get("ASYNCMIGRATE_FAULTS", "48")) - 48, 0)
KILLS, FREEZES = 2 + MORE // 4, 1 + MORE // 30
"""Per driver."""
LEASE = 0.5
FROZEN = 3 * LEASE
"""Seconds."""


@pytest.fixture(params=DRIVERS)
def url(request: pytest.FixtureRequest) -> str:
    url = make_url(request.getfixturevalue(DRIVERS[request.param]))
    return url.set(drivername=request.param).render_as_string(hide_password=False)


@pytest.fixture
def history(project: Project, url: str) -> Project:
    return mixed(project, make_url(url).get_backend_name())


def moments(count: int, requests: int) -> Iterator[Fault]:
    """Give so many moments, spread over all requests of a run; in turn before, in and behind it."""
    count = min(count, 4 * requests)
    for number in range(count):
        request = 1 + (2 * number + 1) * requests // (2 * count)
        when = list(When)[(number + requests) % len(When)]
        yield Fault(request, when, How.TERMINATE, Whose.THIS)


def through(proxy: Proxy, url: str) -> str:
    return make_url(url).set(port=proxy.port).render_as_string(hide_password=False)


def proxied(url: str, fault: Fault | None, hit: Callable[[], None]) -> Proxy:
    """Return a proxy to a server that calls a function at a moment, if there is one."""

    async def terminate(_: list[int]) -> None:
        hit()

    parsed = make_url(url)
    assert parsed.port is not None
    return Proxy(parsed.get_backend_name(), parsed.port, fault, terminate)


async def counted(url: str, history: Project, children: Nursery, **order: Any) -> int:
    """Return how many requests a child makes that nobody disturbs: the fewest of some children.

    It is another number than that of a migrator which was handed an engine.
    """
    counts = []
    for _ in range(RUNS):
        await asyncio.to_thread(emptied, url)
        async with proxied(url, None, lambda: None) as proxy:
            start = partial(children.upgrade, through(proxy, url), history, **order)
            assert await asyncio.to_thread(start) == "exited 0"
            counts.append(proxy.requests)
    return min(counts)


async def killed_at(fault: Fault, url: str, history: Project, children: Nursery) -> str:
    """Upgrade in a child that is killed at a moment; return how it ended."""
    async with proxied(url, fault, partial(children.send, signal.SIGKILL)) as proxy:
        return await asyncio.to_thread(children.upgrade, through(proxy, url), history)


async def test_a_process_that_is_killed_at_any_request_can_simply_be_run_again(
    history: Project, url: str
) -> None:
    trials = Trials(url, history)
    await trials.begin()
    ended = []

    with nursery() as children:
        for fault in moments(KILLS, await counted(url, history, children)):
            await asyncio.to_thread(emptied, url)
            ended.append(await killed_at(fault, url, history, children))
            await asyncio.to_thread(nothing_on_the_server, url)

            assert await asyncio.to_thread(children.upgrade, url, history) == "exited 0", str(fault)
            assert without_traces(dump(url)) == trials.undisturbed, str(fault)
            await asyncio.to_thread(nothing_on_the_server, url)

    # One that is to be killed at its very last request may end by itself just before.
    assert ended.count("killed") >= len(ended) - max(1, len(ended) // 50)


async def frozen_at(
    fault: Fault, url: str, history: Project, children: Nursery, settings: dict[str, Any]
) -> str:
    """Upgrade in a child that is frozen at a moment, while another migrator wants to work.

    Returns how the child ended when it was let go on; nothing, if it came to its end before that
    moment: how many heartbeats there are among the requests of a run is another number each time.
    """
    stopped = asyncio.Event()

    def freeze() -> None:
        children.send(signal.SIGSTOP)
        stopped.set()

    engine = create_async_engine(url)
    async with proxied(url, fault, freeze) as proxy:
        start = partial(children.upgrade, through(proxy, url), history, settings=settings)
        frozen = asyncio.create_task(asyncio.to_thread(start))
        moment = asyncio.create_task(stopped.wait())
        await asyncio.wait({frozen, moment}, return_when=asyncio.FIRST_COMPLETED)
        if not stopped.is_set():
            moment.cancel()
            assert await frozen == "exited 0"
            await engine.dispose()
            return ""
        other = Migrator(engine, script_location=history.script_location, **settings)
        work = asyncio.create_task(other.upgrade())
        await asyncio.sleep(FROZEN)
        children.send(signal.SIGCONT)
        ended = await frozen
        await work
    await engine.dispose()
    return ended


@pytest.mark.parametrize("lock", ["session", "lease"])
async def test_a_process_that_is_frozen_at_any_request_does_nothing_twice(
    history: Project, url: str, lock: str
) -> None:
    settings: dict[str, Any] = {"lock": lock, "lease_seconds": LEASE}
    trials = Trials(url, history, settings=settings)
    await trials.begin()

    ends = ["", "exited 0"] if lock == "session" else ["", "exited 0", "exited 1"]
    ended = []

    with nursery() as children:
        for fault in moments(FREEZES, await counted(url, history, children, settings=settings)):
            await asyncio.to_thread(emptied, url)
            ended.append(await frozen_at(fault, url, history, children, settings))

            assert ended[-1] in ends
            assert without_traces(dump(url)) == trials.undisturbed, str(fault)
            await asyncio.to_thread(nothing_on_the_server, url)

    assert ended.count("") <= len(ended) // 4


# --- SQLite has no requests ----------------------------------------------------------------------

STRIDES = {"kill_at_statement": (19, 1), "kill_at_tick": (190, 10)}
"""By default, and when all are gone through."""


@pytest.mark.parametrize("what", STRIDES)
def test_a_process_that_is_killed_inside_of_sqlite_can_simply_be_run_again(
    project: Project, sqlite_url: str, what: str
) -> None:
    stride = STRIDES[what][bool(MORE)]
    killed, at = 0, stride // 2 + 1
    mixed(project, "sqlite")
    with nursery() as children:
        assert children.upgrade(sqlite_url, project) == "exited 0"
        undisturbed = dump(sqlite_url)
        emptied(sqlite_url)
        while children.upgrade(sqlite_url, project, **{what: at}) == "killed":
            nothing_on_the_server(sqlite_url)
            assert children.upgrade(sqlite_url, project) == "exited 0", at
            assert dump(sqlite_url) == undisturbed, at
            emptied(sqlite_url)
            killed, at = killed + 1, at + stride

    assert killed >= 2
