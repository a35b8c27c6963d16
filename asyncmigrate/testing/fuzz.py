"""Every revision on tables that hold rows: finds what works only while they are empty.

Two walks. `rows_up` goes from the base to the heads: before each revision, the tables are filled
as they are then, and the rows go along. `rows_down` goes back, and each revision up and down once
more. What a walk meets is tried again in new databases with fewer and fewer rows, until the fewest
are found with which it still happens. A revision that fails without any row is left to `stairway`.

The rows depend on the seed, the revision and the table, and on nothing else: a new revision does
not change those of the others.
"""

from __future__ import annotations

import re
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate.dialects import by_name
from asyncmigrate.engine.connection import across
from asyncmigrate.errors import MigrateError
from asyncmigrate.history import plan as planning
from asyncmigrate.history.revision import Direction, Step
from asyncmigrate.testing.checks import Check, NotApplicableError, says_irreversible
from asyncmigrate.testing.filling import Filling, fill, put, read
from asyncmigrate.testing.recipe import bound
from asyncmigrate.testing.settings import values_of
from asyncmigrate.testing.shrinking import smallest
from asyncmigrate.testing.snapshots import own_tables
from asyncmigrate.testing.stairway import Finding
from asyncmigrate.testing.steps import Steps, stepping

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from asyncmigrate.history.revision import Heads
    from asyncmigrate.migrator import Migrator
    from asyncmigrate.testing.making import Row
    from asyncmigrate.testing.settings import TestingSettings
    from asyncmigrate.testing.stairway import Given
    from asyncmigrate.testing.stored import Held

TRIALS = 60
"""New databases that are made to find the fewest rows."""


@dataclass(frozen=True, slots=True)
class RowsFinding(Finding):
    """A revision that fails on rows, and the fewest rows that were found to make it fail."""

    rows: tuple[tuple[str, Row], ...] = ()
    seed: int = 0


def fuzz_checks(found: TestingSettings) -> tuple[Check, ...]:
    """Return the tests with rows. Raises ConfigError: `fuzz_values` cannot be imported."""
    return (
        Check(
            "rows_up",
            f"Every revision can be applied where there are rows (seed {found.fuzz_seed})",
            "In production the tables are not empty. Mend the revision; or, if such rows cannot "
            "be there, say so with a constraint, or in fuzz_values.",
            of_database=partial(_walk_up, found),
        ),
        Check(
            "rows_down",
            f"Every revision can be undone where there are rows (seed {found.fuzz_seed})",
            "A downgrade is needed when the new version has been in use, and has written rows.",
            of_database=partial(_walk_down, found),
        ),
    )


async def _walk_up(found: TestingSettings, migrator: Migrator, given: Given) -> list[Finding]:
    async with _walking(found, migrator, given) as (walk, steps):
        for step in steps:
            await walk.fill(step.before, step)
            if not await walk.goes(step) and not await walk.renewed(step.after):
                break
    return [*walk.found, *walk.unfilled()]


async def _walk_down(found: TestingSettings, migrator: Migrator, given: Given) -> list[Finding]:
    async with _walking(found, migrator, given) as (walk, steps):
        if steps and not await walk.renewed(steps[-1].after):
            raise NotApplicableError("the history does not reach its end: see stairway")
        for step in reversed(steps):
            assert step.revision is not None
            await walk.fill(step.after, step)
            if says_irreversible(step.revision) or not await walk.down_up_down(step):
                await walk.renewed(step.before)
    return walk.found


@asynccontextmanager
async def _walking(
    found: TestingSettings, migrator: Migrator, given: Given
) -> AsyncIterator[tuple[_Walk, Sequence[Step]]]:
    graph = migrator.graph()
    filling = Filling(
        rows=found.fuzz_rows,
        exclude=found.fuzz_exclude,
        values=values_of(found),
        own=own_tables(migrator),
    )
    walk = _Walk(migrator, given, filling, found.fuzz_seed)
    try:
        await walk.renewed(frozenset())
        steps = planning.upgrade(graph, frozenset(), ("heads",)).steps if graph.heads else ()
        yield walk, [each for each in steps if each.revision is not None]
    finally:
        await walk.close()


@dataclass(slots=True)
class _Walk:
    """One walk: the database that it is in, and what it has found."""

    migrator: Migrator
    given: Given
    filling: Filling
    seed: int
    found: list[Finding] = field(default_factory=list)
    _engine: AsyncEngine = field(init=False)
    _steps: Steps = field(init=False)
    _known: Mapping[str, str] = field(default_factory=dict)
    _empty: dict[str, str] = field(default_factory=dict)
    """The tables that no row could be made for, and what the database said."""
    _exit: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def renewed(self, heads: Heads) -> bool:
        """Go on in a new database without rows; False if there is no way to these heads."""
        await self.close()
        self._known = {}
        try:
            self._engine = await self._exit.enter_async_context(self._fresh(heads))
            walker = bound(self.migrator, self._engine)
            self._steps = await self._exit.enter_async_context(stepping(walker))
        except MigrateError:
            return False
        return True

    async def close(self) -> None:
        """Let go of the database."""
        await self._exit.aclose()

    async def fill(self, heads: Heads, step: Step) -> None:
        """Fill the tables that are new or have changed."""
        at = "+".join(sorted(heads)) or "base"
        wanted = replace(self.filling, seed=f"{self.seed}/{at}/{step.direction.value}")
        async with self._engine.begin() as connection:
            came = await across(connection, fill, wanted, known=self._known)
        self._known = came.shapes
        self._empty |= came.empty
        for table in set(came.rows) - set(came.empty):
            self._empty.pop(table, None)

    def unfilled(self) -> list[Finding]:
        """Return the tables that no row could be made up for: nothing was tested with them."""
        say = "Say what its columns hold (fuzz_values), or leave it out (fuzz_exclude)."
        return [
            Finding(f"No row could be made up for {table}: {said or 'it has no column'}. {say}")
            for table, said in sorted(self._empty.items())
        ]

    async def goes(self, step: Step, when: str = "") -> bool:
        """Run one step; False if it fails, which is found."""
        before = None if self._rolls_back() else await self._rows()
        try:
            await self._steps.run(step)
        except MigrateError as error:
            rows = await self._rows() if before is None else before
            self.found.append(await self._finding(step, rows, error, when))
            return False
        return True

    async def down_up_down(self, step: Step) -> bool:
        """Go down, up and down again; False if anything fails, which is found."""
        down = Step(step.revision, Direction.DOWN, step.after, step.before)
        return (
            await self.goes(down)
            and await self.goes(step, " after downgrade()")
            and await self.goes(down, " the second time")
        )

    async def _rows(self) -> list[Held]:
        async with self._engine.connect() as connection:
            return await across(connection, read, self.filling)

    def _rolls_back(self) -> bool:
        return by_name(self._engine.dialect.name).transactional_ddl

    # --- the fewest rows -------------------------------------------------------------------

    async def _finding(
        self, step: Step, rows: list[Held], error: MigrateError, when: str
    ) -> Finding:
        """Return what is wrong, with the fewest rows that show it."""
        named = f"{_named(step)}: {step.direction.value}() fails{when}"
        empty = await self._trial(step, [])
        if empty.error is not None:
            return Finding(f"{named}, without any row, too. {_said(empty.error)}", _id(step))
        last = await self._trial(step, rows)
        if last.error is None:
            text = f"{named} on rows that came through the revisions before it. {_said(error)}"
            return RowsFinding(text, _id(step), (), (), self.seed)

        async def fails(some: Sequence[Held]) -> bool:
            nonlocal last
            trial = await self._trial(step, some)
            last = last if trial.error is None else trial
            return trial.error is not None

        await smallest(rows, fails, trials=TRIALS)
        return self._explained(step, named, last)

    def _explained(self, step: Step, named: str, trial: _Trial) -> Finding:
        assert trial.error is not None
        rows = trial.rows
        held = f"{len(rows)} row{'s' if len(rows) != 1 else ''}"
        return RowsFinding(
            f"{named} where there {'are' if len(rows) != 1 else 'is'} {held}. {_said(trial.error)}",
            _id(step),
            tuple(map(str, rows)),
            tuple((each.table, each.row) for each in rows),
            self.seed,
        )

    async def _trial(self, step: Step, rows: Sequence[Held]) -> _Trial:
        """Run a step in a new database with these rows."""
        async with self._fresh(step.before) as engine:
            async with engine.begin() as connection:
                taken = await across(connection, put, rows) if rows else []
            try:
                async with stepping(bound(self.migrator, engine)) as steps:
                    await steps.run(step)
            except MigrateError as error:
                return _Trial(taken, error)
            return _Trial(taken)

    @asynccontextmanager
    async def _fresh(self, heads: Heads) -> AsyncIterator[AsyncEngine]:
        async with self.given(*(sorted(heads) or ["base"])) as url:
            engine = create_async_engine(url, **_options(url))
            try:
                yield engine
            finally:
                await engine.dispose()


@dataclass(frozen=True, slots=True)
class _Trial:
    """What came of a step: the rows that were really there, and the error if it failed."""

    rows: Sequence[Held]
    error: MigrateError | None = None


def _said(error: MigrateError) -> str:
    """Return an error's words, without the length of the texts that were made up."""
    return re.sub(r"(.)\1{40,}", r"\1\1\1…", error.message)


def _options(url: str) -> dict[str, Any]:
    """SQLite's file is opened anew each time: what is switched on in a connection stays in it."""
    return {"poolclass": NullPool} if url.startswith("sqlite") else {}


def _id(step: Step) -> str:
    return step.revision.id if step.revision else ""


def _named(step: Step) -> str:
    assert step.revision is not None
    return f"{step.revision.id} ({step.revision.message})"
