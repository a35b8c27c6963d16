"""Up, down and up again, with a look at the database after each step.

The database must be after `downgrade` what it was before `upgrade`, and after the second `upgrade`
what it was after the first. Each look is one query (see `looks`). Only where two of them differ
are both databases read in full: the right one is made anew for that. After something wrong the
walk goes on in a new database, so that one run finds all there is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmigrate.engine.connection import opened
from asyncmigrate.errors import MigrateError
from asyncmigrate.history import plan as planning
from asyncmigrate.history.revision import Direction, Step
from asyncmigrate.testing.looks import look
from asyncmigrate.testing.recipe import bound
from asyncmigrate.testing.snapshots import differences, moment
from asyncmigrate.testing.steps import Steps, stepping

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from asyncmigrate.history.revision import Heads
    from asyncmigrate.migrator import Migrator
    from asyncmigrate.testing.looks import Look

LONG = 40
"""A history of fewer revisions is not worth a second database."""

Given: TypeAlias = Callable[..., AbstractAsyncContextManager[str]]
"""Gives the URL of a database at targets: see `DatabaseServer.database`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with what differs."""

    text: str
    revision: str = ""
    differences: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return it as people read it."""
        return "\n".join([self.text, *(f"    {each}" for each in self.differences)])


async def stairway(migrator: Migrator, given: Given, stuck: frozenset[str]) -> list[Finding]:
    """Walk all of it, and return what is wrong. `stuck` are revisions that have no way back.

    Two walk a long history, each a half of it: while one waits for the server, the other goes on.
    """
    graph = migrator.graph()
    up = planning.upgrade(graph, frozenset(), ("heads",)).steps if graph.heads else ()
    half = len(up) // 2 if len(up) >= LONG else len(up)
    parts = [part for part in (up[:half], up[half:]) if part]
    walks = [_Walk(migrator, given) for _ in parts]
    pairs = zip(walks, parts, strict=True)
    work = (walk.whole(part, stuck) for walk, part in pairs)
    for error in filter(None, await asyncio.gather(*work, return_exceptions=True)):
        raise error
    return _together(walks)


def _together(walks: list[_Walk]) -> list[Finding]:
    """Return what was found; who could not begin adds nothing to who found out why."""
    found = [each for walk in walks for each in walk.found]
    return found or [Finding(walk.no_way) for walk in walks if walk.no_way]


@dataclass(slots=True)
class _Walk:
    """One walk: where it is, and what it has found."""

    migrator: Migrator
    given: Given
    found: list[Finding] = field(default_factory=list)
    no_way: str = ""
    """Why there is no way to where the walk begins; empty if there is one."""
    _engine: AsyncEngine = field(init=False)
    _eye: AsyncConnection = field(init=False)
    _steps: Steps = field(init=False)
    _exit: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def whole(self, up: Sequence[Step], stuck: frozenset[str]) -> None:
        """Go up from where the first step begins, down and up again at each step."""
        try:
            if not await self._begins(up[0].before):
                return
            before = await self.look()
            for step in up:
                if not await self.goes(step, "upgrade() fails"):
                    break
                after = await self.look(before)
                if _id(step) not in stuck:
                    there = await self.back_and_up(step, before, after)
                    if there is None:
                        await self.renew(step.after)
                    after = there or await self.look()
                before = after
        finally:
            await self.close()

    async def _begins(self, heads: Heads) -> bool:
        try:
            await self.renew(heads)
        except MigrateError as error:
            self.no_way = str(error)
            return False
        return True

    async def renew(self, heads: Heads) -> None:
        """Go on in a new database that is at these heads."""
        await self._exit.aclose()
        self._engine = await self._exit.enter_async_context(self._fresh(heads))
        walker = bound(self.migrator, self._engine)
        self._steps = await self._exit.enter_async_context(stepping(walker))
        eye = await self._exit.enter_async_context(opened(self._engine))
        self._eye = await eye.execution_options(isolation_level="AUTOCOMMIT")

    async def close(self) -> None:
        """Let go of the database."""
        await self._exit.aclose()

    async def look(self, earlier: Look | None = None) -> Look:
        """Look at the database, with what an earlier look has found out."""
        return await look(self._eye, self.migrator, earlier)

    async def goes(self, step: Step, failing: str) -> bool:
        """Run one step; False if it fails, which is found."""
        try:
            await self._steps.run(step)
        except MigrateError as error:
            self.found.append(Finding(f"{_named(step)}: {failing}. {error}", _id(step)))
            return False
        return True

    async def back_and_up(self, step: Step, before: Look, after: Look) -> Look | None:
        """Go down and up again; None where that fails or leads elsewhere, which is found."""
        down = Step(step.revision, Direction.DOWN, step.after, step.before)
        if not await self.goes(down, "downgrade() fails"):
            return None
        back = await self.look(before)
        if not await self._is(back, before, down, "downgrade() leads elsewhere than before"):
            return None
        if not await self.goes(step, "upgrade() fails the second time"):
            return None
        again = await self.look(back)
        if not await self._is(again, after, step, "the second upgrade() leads elsewhere"):
            return None
        return again

    async def _is(self, found: Look, right: Look, step: Step, otherwise: str) -> bool:
        """Say whether a step led to the right place; if it may not have, by all that is there."""
        if found == right:
            return True
        async with self._fresh(step.after) as engine:
            was = await moment(engine, self.migrator)
        left = differences(was, await moment(self._engine, self.migrator))
        if left:
            self.found.append(Finding(f"{_named(step)}: {otherwise}.", _id(step), left))
        return not left

    @asynccontextmanager
    async def _fresh(self, heads: Heads) -> AsyncIterator[AsyncEngine]:
        async with self.given(*(sorted(heads) or ["base"])) as url, _engine(url) as engine:
            yield engine


async def trace(migrator: Migrator, given: Given) -> list[Finding]:
    """Go up and down in one go, and return what is left."""
    async with (
        given("base") as empty,
        given() as full,
        _engine(empty) as first,
        _engine(full) as second,
    ):
        if migrator.graph().heads:
            await bound(migrator, second).downgrade("base")
        before = await moment(first, migrator)
        left = differences(before, await moment(second, migrator))
    return [Finding("After `downgrade base` this is left:", "", left)] if left else []


@asynccontextmanager
async def _engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()


def _id(step: Step) -> str:
    return step.revision.id if step.revision else ""


def _named(step: Step) -> str:
    assert step.revision is not None
    return f"{step.revision.id} ({step.revision.message})"
