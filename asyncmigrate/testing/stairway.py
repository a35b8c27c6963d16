"""Up, down and up again, with looks at the database on the way.

The database must be after `downgrade` what it was before `upgrade`, and after the second `upgrade`
what it was after the first. Each look is one query (see `looks`), and as long as all is well there
are two for each revision. When something is wrong, the revisions that it can come from are gone
again in a new database, with a look after each step; only where two looks differ are both databases
read in full: the right one is made anew for that. After something wrong the walk goes on in a new
database, so that one run finds all there is.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.engine.connection import opened
from asyncmigrate.errors import MigrateError
from asyncmigrate.history import plan as planning
from asyncmigrate.testing.fresh import engine_of, fresh
from asyncmigrate.testing.looks import look
from asyncmigrate.testing.snapshots import differences, moment
from asyncmigrate.testing.steps import Steps, named, revision_of, stepping, undoing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from asyncmigrate.history.revision import Heads, Step
    from asyncmigrate.migrator import Migrator
    from asyncmigrate.testing.fresh import Given
    from asyncmigrate.testing.looks import Look

LONG = 40
"""A history of fewer revisions is not worth a second database."""


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
    walks = [_Walk(migrator, given, stuck) for _ in parts]
    work = (walk.whole(part) for walk, part in zip(walks, parts, strict=True))
    for error in filter(None, await asyncio.gather(*work, return_exceptions=True)):
        raise error
    return _together(walks)


def _together(walks: list[_Walk]) -> list[Finding]:
    """Return what was found; who could not begin adds nothing to who found out why."""
    found = [each for walk in walks for each in walk.found]
    return found or [Finding(walk.no_way) for walk in walks if walk.no_way]


@dataclass(frozen=True, slots=True)
class _At:
    """Where a walk is: what was seen last, and what is to be there now."""

    seen: Look
    right: Look
    unseen: Step | None = None
    """The step whose second upgrade led here, if nobody has looked at the database since."""


@dataclass(slots=True)
class _Walk:
    """One walk: where it is, and what it has found."""

    migrator: Migrator
    given: Given
    stuck: frozenset[str]
    found: list[Finding] = field(default_factory=list)
    no_way: str = ""
    """Why there is no way to where the walk begins; empty if there is one."""
    _engine: AsyncEngine = field(init=False)
    _eye: AsyncConnection = field(init=False)
    _steps: Steps = field(init=False)
    _exit: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def whole(self, up: Sequence[Step]) -> None:
        """Go up from where the first step begins, down and up again at each step."""
        try:
            if not await self._begins(up[0].before):
                return
            await self._steps.read(up)
            at: _At | None = await self._standing()
            for step in up:
                assert at is not None
                doubtful = [each for each in (at.unseen, step) if each is not None]
                at = await self.quickly(step, at) or await self.slowly(doubtful)
                if at is None:
                    return
            if at is not None and at.unseen is not None and not await self._is_right(at):
                await self.slowly([at.unseen])
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
        self._engine = await self._exit.enter_async_context(fresh(self.given, heads))
        walker = self.migrator.on(self._engine)
        self._steps = await self._exit.enter_async_context(stepping(walker))
        eye = await self._exit.enter_async_context(opened(self._engine))
        self._eye = await eye.execution_options(isolation_level="AUTOCOMMIT")

    async def close(self) -> None:
        """Let go of the database."""
        await self._exit.aclose()

    async def look(self, earlier: Look | None = None) -> Look:
        """Look at the database, with what an earlier look has found out."""
        return await look(self._eye, self.migrator, earlier)

    async def _standing(self) -> _At:
        here = await self.look()
        return _At(here, here)

    # --- as long as all is well -------------------------------------------------------------------

    async def quickly(self, step: Step, at: _At) -> _At | None:
        """Go up, down and up with two looks; None if anything is wrong, here or before.

        There is no look after the second upgrade: what is there then is there again after the next
        step's downgrade.
        """
        is_stuck = revision_of(step).id in self.stuck
        if is_stuck and at.unseen is not None and not await self._is_right(at):
            return None
        if not await self._runs(step):
            return None
        after = await self.look(at.seen)
        if is_stuck:
            return _At(after, after)
        if not await self._runs(undoing(step)):
            return None
        back = await self.look(at.seen)
        if await self._left(back, at.right, step.before) or not await self._runs(step):
            return None
        return _At(back, after, step)

    async def _is_right(self, at: _At) -> bool:
        assert at.unseen is not None
        return not await self._left(await self.look(at.seen), at.right, at.unseen.after)

    async def _runs(self, step: Step) -> bool:
        try:
            await self._steps.run(step)
        except MigrateError:
            return False
        return True

    # --- to find out what is wrong ----------------------------------------------------------------

    async def slowly(self, steps: Sequence[Step]) -> _At | None:
        """Go the steps in a new database, and look after each; None if there is no way on."""
        await self.renew(steps[0].before)
        before = await self.look()
        for step in steps:
            if not await self.goes(step, "upgrade() fails"):
                return None
            after = await self.look(before)
            if revision_of(step).id not in self.stuck:
                there = await self.back_and_up(step, before, after)
                if there is None:
                    await self.renew(step.after)
                after = there or await self.look()
            before = after
        return _At(before, before)

    async def goes(self, step: Step, failing: str) -> bool:
        """Run one step; False if it fails, which is found."""
        try:
            await self._steps.run(step)
        except MigrateError as error:
            self.found.append(Finding(f"{named(step)}: {failing}. {error}", revision_of(step).id))
            return False
        return True

    async def back_and_up(self, step: Step, before: Look, after: Look) -> Look | None:
        """Go down and up again; None where that fails or leads elsewhere, which is found."""
        down = undoing(step)
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
        """Say whether a step led to the right place."""
        left = await self._left(found, right, step.after)
        if left:
            self.found.append(Finding(f"{named(step)}: {otherwise}.", revision_of(step).id, left))
        return not left

    async def _left(self, found: Look, right: Look, heads: Heads) -> tuple[str, ...]:
        """Return what differs from a database at these heads: by all that is there, if it may."""
        if found == right:
            return ()
        async with fresh(self.given, heads) as engine:
            was = await moment(engine, self.migrator)
        return differences(was, await moment(self._engine, self.migrator))


async def trace(migrator: Migrator, given: Given) -> list[Finding]:
    """Go up and down in one go, and return what is left."""
    async with (
        given("base") as empty,
        given() as full,
        engine_of(empty) as first,
        engine_of(full) as second,
    ):
        if migrator.graph().heads:
            await migrator.on(second).downgrade("base")
        before = await moment(first, migrator)
        left = differences(before, await moment(second, migrator))
    return [Finding("After `downgrade base` this is left:", "", left)] if left else []
