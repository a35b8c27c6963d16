"""A run that is cancelled while it connects to a server far away leaves no connection behind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from tests.chaos.leftovers import no_complaints, nothing_on_the_server
from tests.servers.proxy import CountingProxy

if TYPE_CHECKING:
    from tests.project import Project

DELAY = 0.04
"""Seconds that each direction takes; opening takes more than half a second so."""


@pytest.mark.parametrize("turns", [1, 3, 6])
async def test_a_run_that_is_cancelled_while_it_connects_leaves_no_connection_behind(
    project: Project, postgres_url: str, turns: int
) -> None:
    project.revision("a1")
    there = make_url(postgres_url)
    assert there.port is not None

    with no_complaints():
        async with CountingProxy(there.port, delay=DELAY) as proxy:
            engine = create_async_engine(there.set(port=proxy.port))
            upgrade = asyncio.create_task(
                Migrator(engine, script_location=project.script_location).upgrade()
            )
            while proxy.turns < turns:  # noqa: ASYNC110 -- it is a proxy
                await asyncio.sleep(0.005)
            upgrade.cancel()
            with pytest.raises(asyncio.CancelledError):
                await upgrade
            checked_out = engine.pool.checkedout()  # type: ignore[attr-defined]
            await engine.dispose()
            del upgrade, engine

    assert checked_out == 0
    nothing_on_the_server(postgres_url)
