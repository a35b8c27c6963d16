"""Every revision on tables that hold rows: finds what works only while they are empty.

Three walks. `rows_up` goes from the base to the heads: before each revision, the tables are filled
as they are then, and the rows go along. `rows_down` goes back, and each revision up and down once
more. `rows_kept` goes up, down and up, and compares the rows. What a walk meets is tried again in
new databases with fewer and fewer rows and simpler values (see `trials`), until the least is found
with which it still happens. A revision that fails without any row is left to `stairway`.

The rows depend on the seed, the revision and the table, and on nothing else: a new revision does
not change those of the others.
"""

from __future__ import annotations

import re
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from asyncmigrate.dialects import by_name
from asyncmigrate.engine.connection import across
from asyncmigrate.errors import ConfigError, MigrateError, TargetError
from asyncmigrate.history import plan as planning
from asyncmigrate.history.names import find
from asyncmigrate.testing.checks import CHECKS, Check, NotApplicableError, says_irreversible
from asyncmigrate.testing.filling import Filling, fill
from asyncmigrate.testing.fresh import fresh
from asyncmigrate.testing.settings import values_of
from asyncmigrate.testing.snapshots import own_tables
from asyncmigrate.testing.stairway import Finding
from asyncmigrate.testing.steps import Steps, named, revision_of, stepping, undoing
from asyncmigrate.testing.trials import Trials, there_and_back

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncEngine

    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Heads, Step
    from asyncmigrate.migrator import Migrator
    from asyncmigrate.testing.fresh import Given
    from asyncmigrate.testing.making import Row
    from asyncmigrate.testing.settings import TestingSettings
    from asyncmigrate.testing.stored import Held
    from asyncmigrate.testing.trials import Outcome

SHOWN = 6
"""Rows that are shown of those that were lost or have come."""


@dataclass(frozen=True, slots=True)
class RowsFinding(Finding):
    """A revision that fails on rows, and the fewest rows that were found to make it fail."""

    rows: tuple[tuple[str, Row], ...] = ()
    seed: int = 0


def named_checks(found: TestingSettings) -> dict[str, Check]:
    """Return every ready-made test by its name, those with rows last.

    Raises:
        ConfigError: the setting `skip` names one that there is not.
    """
    named = {each.name: each for each in (*CHECKS, *fuzz_checks(found))}
    for name in found.skip:
        if name not in named:
            raise ConfigError(
                f"The setting testing.skip names {name!r}, and there is no such test.",
                next=f"There are {', '.join(named)}.",
            )
    return named


def fuzz_checks(found: TestingSettings) -> tuple[Check, ...]:
    """Return the tests with rows."""
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
        Check(
            "rows_kept",
            f"Rows are what they were after upgrade and downgrade (seed {found.fuzz_seed})",
            "A downgrade that loses data is found when it has. Mend it; or let it raise "
            "NotImplementedError, or name the revision in fuzz_lossy.",
            of_database=partial(_walk_there_and_back, found),
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
            await walk.fill(step.after, step)
            if says_irreversible(revision_of(step)) or not await walk.down_up_down(step):
                await walk.renewed(step.before)
    return walk.found


async def _walk_there_and_back(
    found: TestingSettings, migrator: Migrator, given: Given
) -> list[Finding]:
    lossy = _lossy(found, migrator.graph())
    async with _walking(found, migrator, given) as (walk, steps):
        for step in steps:
            await walk.fill(step.before, step)
            revision = revision_of(step)
            may_lose = revision.id in lossy or says_irreversible(revision)
            passes = walk.passes if may_lose else walk.keeps
            if not await passes(step) and not await walk.renewed(step.after):
                break
    return walk.found


def _lossy(found: TestingSettings, graph: RevisionGraph) -> set[str]:
    """Return the revisions that the settings allow to lose rows.

    Raises:
        ConfigError: one of them is not in the history, or is the start of several ids.
    """
    try:
        return {find(graph, name) for name in found.fuzz_lossy}
    except TargetError as error:
        raise ConfigError(
            f"The setting testing.fuzz_lossy: {error.message}", next=error.next
        ) from None


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
            self._engine = await self._exit.enter_async_context(fresh(self.given, heads))
            walker = self.migrator.on(self._engine)
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
        down = undoing(step)
        return (
            await self.goes(down)
            and await self.goes(step, " after downgrade()")
            and await self.goes(down, " the second time")
        )

    async def passes(self, step: Step) -> bool:
        """Run one step; False if it fails, which is another test's to find."""
        try:
            await self._steps.run(step)
        except MigrateError:
            return False
        return True

    async def keeps(self, step: Step) -> bool:
        """Go up, down and up; rows that are not what they were are found. False as for `passes`."""
        before = await self._rows()
        try:
            changed = await there_and_back(self._steps, step, self._engine, self._trials)
        except MigrateError:
            return False
        if changed:
            self.found.append(await self._loss(step, before, changed))
        return await self.passes(step)

    @property
    def _trials(self) -> Trials:
        return Trials(self.migrator, self.given, self.filling)

    async def _rows(self) -> list[Held]:
        return await self._trials.rows(self._engine)

    def _rolls_back(self) -> bool:
        return by_name(self._engine.dialect.name).transactional_ddl

    # --- what is said of it ----------------------------------------------------------------

    async def _finding(
        self, step: Step, rows: list[Held], error: MigrateError, when: str
    ) -> Finding:
        """Return what is wrong, with the least that shows it."""
        what = f"{named(step)}: {step.direction.value}() fails{when}"
        empty = await self._trials.trial(step, [])
        if empty.error is not None:
            return Finding(
                f"{what}, without any row, too. {_said(empty.error)}", revision_of(step).id
            )
        full = await self._trials.trial(step, rows)
        if full.error is None:
            text = f"{what} on rows that came through the revisions before it. {_said(error)}"
            return RowsFinding(text, revision_of(step).id, (), (), self.seed)
        least = await self._trials.least(step, full)
        assert least.error is not None
        return self._with_rows(step, f"{what}{_where(least)}. {_said(least.error)}", least)

    async def _loss(self, step: Step, rows: list[Held], changed: tuple[str, ...]) -> Finding:
        """Return what does not come back, with the fewest rows that show it."""
        what = f"{named(step)}: after upgrade() and downgrade() rows are not what they were"
        trials = replace(self._trials, keeps=True)
        full = await trials.trial(step, rows)
        if not full.is_wrong:
            return RowsFinding(f"{what}.", revision_of(step).id, changed[:SHOWN], (), self.seed)
        least = await trials.least(step, full)
        text = "; ".join(least.changed[:SHOWN])
        return self._with_rows(step, f"{what}{_where(least)}: {text}.", least)

    def _with_rows(self, step: Step, text: str, least: Outcome) -> Finding:
        rows = least.rows
        held = tuple((each.table, each.row) for each in rows)
        return RowsFinding(text, revision_of(step).id, tuple(map(str, rows)), held, self.seed)


def _where(least: Outcome) -> str:
    count = len(least.rows)
    return " where there is 1 row" if count == 1 else f" where there are {count} rows"


def _said(error: MigrateError) -> str:
    """Return an error's words, without the length of the texts that were made up."""
    return re.sub(r"(.)\1{40,}", r"\1\1\1…", error.message)
