"""Up, down and up again, with a look at the database after each step.

The database must be after `downgrade` what it was before `upgrade`, and after the second `upgrade`
what it was after the first. Each look is one query that gives a digest. Only where two of
them differ are both databases read in full: the right one is made anew for that. After something
wrong the walk goes on in a new database, so that one run finds all there is.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmigrate.errors import MigrateError
from asyncmigrate.history import plan as planning
from asyncmigrate.history.revision import Direction, Plan, Step
from asyncmigrate.testing.recipe import bound
from asyncmigrate.testing.snapshots import differences, digest, moment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Heads
    from asyncmigrate.migrator import Migrator

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
    """Walk all of it, and return what is wrong. `stuck` are revisions that have no way back."""
    graph = migrator.graph()
    up = planning.upgrade(graph, frozenset(), ("heads",)).steps if graph.heads else ()
    walk = _Walk(migrator, graph, given)
    try:
        await walk.renew(frozenset())
        before = await walk.look()
        for step in up:
            if not await walk.goes(step, "upgrade", "upgrade() fails"):
                break
            after = await walk.look()
            if _id(step) not in stuck and not await walk.back_and_up(step, before, after):
                await walk.renew(step.after)
            before = after
    finally:
        await walk.close()
    return walk.found


@dataclass(slots=True)
class _Walk:
    """One walk: where it is, and what it has found."""

    migrator: Migrator
    graph: RevisionGraph
    given: Given
    found: list[Finding] = field(default_factory=list)
    _engine: AsyncEngine = field(init=False)
    _walker: Migrator = field(init=False)
    _exit: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def renew(self, heads: Heads) -> None:
        """Go on in a new database that is at these heads."""
        await self._exit.aclose()
        self._engine = await self._exit.enter_async_context(self._fresh(heads))
        settings = replace(self.migrator.config.settings, lock="off")
        self._walker = bound(self.migrator, self._engine)
        self._walker.config = replace(self.migrator.config, settings=settings)
        self._walker.graph = lambda: self.graph  # type: ignore[method-assign]  # read once

    async def close(self) -> None:
        """Let go of the database."""
        await self._exit.aclose()

    async def look(self) -> str:
        """Return the digest of the database."""
        return await digest(self._engine, self.migrator)

    async def goes(self, step: Step, command: str, failing: str) -> bool:
        """Run one step; False if it fails, which is found."""
        try:
            await self._walker._run(command, lambda _, heads: Plan(heads, (step,)))
        except MigrateError as error:
            self.found.append(Finding(f"{_named(step)}: {failing}. {error}", _id(step)))
            return False
        return True

    async def back_and_up(self, step: Step, before: str, after: str) -> bool:
        """Go down and up again; False where that fails or leads elsewhere, which is found."""
        down = Step(step.revision, Direction.DOWN, step.after, step.before)
        return (
            await self.goes(down, "downgrade", "downgrade() fails")
            and await self._is(before, step.before, step, "downgrade() leads elsewhere than before")
            and await self.goes(step, "upgrade", "upgrade() fails the second time")
            and await self._is(after, step.after, step, "the second upgrade() leads elsewhere")
        )

    async def _is(self, right: str, heads: Heads, step: Step, otherwise: str) -> bool:
        if await self.look() == right:
            return True
        async with self._fresh(heads) as engine:
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
