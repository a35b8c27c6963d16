"""What a migrator does while another one is at work: wait, skip, fail."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.asgi import MigrationGate, lifespan
from asyncmigrate.errors import ConfigError, LockTimeoutError
from asyncmigrate.events import Event, LockWaiting
from tests.asgi_client import PATIENCE, ask, hello, served, until
from tests.conformance.held import Held, held

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


@pytest.fixture
async def other(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    """The follower's engine."""
    engine = create_async_engine(postgres_url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def leading(
    project: Project, postgres_url: str
) -> AsyncIterator[tuple[Held, asyncio.Task[object]]]:
    """A migrator that has run a1, and stands still in b2."""
    history = held(project)
    leader = Migrator(postgres_url, script_location=project.script_location)
    task = asyncio.ensure_future(leader.upgrade())
    async with asyncio.timeout(PATIENCE):
        while await leader.rows() != {"a1"}:  # noqa: ASYNC110 -- it is a server
            await asyncio.sleep(0.01)
    yield history, task
    history.let_go()
    await task


async def test_who_waits_is_told_how_far_the_other_has_got(
    project: Project, other: AsyncEngine, leading: tuple[Held, asyncio.Task[object]]
) -> None:
    seen: list[Event] = []
    history, task = leading

    def observe(event: Event) -> None:
        seen.append(event)
        history.let_go()

    follower = Migrator(other, script_location=project.script_location, observer=observe)
    result = await follower.upgrade()

    assert isinstance(seen[0], LockWaiting)
    assert seen[0].at == ("a1",)
    assert seen[0].holder.startswith("amigrate:")
    assert " since 20" in seen[0].holder
    assert (result.steps, result.after) == ((), ("c3",))
    await task


async def test_who_skips_returns_at_once_and_says_for_whom(
    project: Project, other: AsyncEngine, leading: tuple[Held, asyncio.Task[object]]
) -> None:
    follower = Migrator(other, script_location=project.script_location, when_locked="skip")

    result = await follower.upgrade()

    assert not leading[1].done()
    assert result.skipped.startswith("amigrate:")
    assert (result.steps, result.after) == ((), ("a1",))
    assert result.to_json()["skipped"] == result.skipped


async def test_who_fails_does_so_at_once_and_names_the_holder(
    project: Project, other: AsyncEngine, leading: tuple[Held, asyncio.Task[object]]
) -> None:
    follower = Migrator(other, script_location=project.script_location, when_locked="fail")

    with pytest.raises(LockTimeoutError, match="held by amigrate:"):
        await follower.upgrade()

    assert not leading[1].done()


async def test_an_application_that_skips_serves_only_when_the_other_is_done(
    project: Project, other: AsyncEngine, leading: tuple[Held, asyncio.Task[object]]
) -> None:
    follower = Migrator(other, script_location=project.script_location, when_locked="skip")
    app = lifespan(follower, mode="background").wrap(MigrationGate(hello, follower))

    async with served(app):
        ready = await until(app, "/readyz", lambda answer: answer.json["state"] == "waiting")
        early = await ask(app, "/users")
        leading[0].let_go()
        await until(app, "/users", lambda answer: answer.status == 200)

    assert (ready.status, early.status) == (503, 503)
    assert await follower.rows() == {"c3"}


def test_a_word_that_is_none_of_these_is_refused(project: Project) -> None:
    project.write("asyncmigrate.toml", 'when_locked = "ignore"\n')

    with pytest.raises(ConfigError, match="must be one of wait, skip, fail"):
        Migrator.from_config(project.root)
