"""A step that goes wrong, tried again in new databases: with fewer rows, then simpler values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncmigrate.engine.connection import across
from asyncmigrate.errors import MigrateError
from asyncmigrate.testing.filling import Filling, columns, put, read, tables
from asyncmigrate.testing.fresh import fresh
from asyncmigrate.testing.losing import changed, shared
from asyncmigrate.testing.shrinking import simpler, smallest
from asyncmigrate.testing.steps import Steps, stepping, undoing
from asyncmigrate.testing.stored import shelf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Column, Table
    from sqlalchemy.ext.asyncio import AsyncEngine

    from asyncmigrate.history.revision import Step
    from asyncmigrate.migrator import Migrator
    from asyncmigrate.testing.fresh import Given
    from asyncmigrate.testing.losing import Columns
    from asyncmigrate.testing.stored import Held

FEWER = 60
"""New databases that are made to find the fewest rows."""
SIMPLER = 40
"""New databases that are made to find the simplest values."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step: the rows that were really there, and what went wrong if anything did."""

    rows: Sequence[Held]
    error: MigrateError | None = None
    changed: tuple[str, ...] = ()
    """The rows that an upgrade and its downgrade did not leave as they were."""

    @property
    def is_wrong(self) -> bool:
        """Whether it shows what is looked for."""
        return self.error is not None or bool(self.changed)

    @property
    def kind(self) -> tuple[object, ...]:
        """What went wrong, whatever values it is said with."""
        driver = getattr(self.error and self.error.__cause__, "orig", None)
        return type(self.error), type(driver), getattr(driver, "sqlstate", None)


@dataclass(frozen=True, slots=True)
class Trials:
    """Where trials are made."""

    migrator: Migrator
    given: Given
    filling: Filling
    keeps: bool = False
    """Try upgrade and downgrade, and compare the rows; else one step."""

    async def trial(self, step: Step, rows: Sequence[Held]) -> Outcome:
        """Run a step in a new database with these rows."""
        async with fresh(self.given, step.before) as engine:
            async with engine.begin() as connection:
                taken = await across(connection, put, rows) if rows else []
            try:
                async with stepping(self.migrator.on(engine)) as steps:
                    if self.keeps:
                        return Outcome(taken, None, await there_and_back(steps, step, engine, self))
                    await steps.run(step)
            except MigrateError as error:
                return Outcome(taken, None if self.keeps else error)
            return Outcome(taken)

    async def least(self, step: Step, worst: Outcome) -> Outcome:
        """Return the outcome with the fewest rows, and the simplest values, that is still wrong."""

        async def fails(some: Sequence[Held]) -> bool:
            nonlocal worst
            outcome = await self.trial(step, some)
            worst = outcome if outcome.is_wrong else worst
            return outcome.is_wrong

        await smallest(worst.rows, fails, trials=FEWER)
        return await self._simplest(step, worst)

    async def _simplest(self, step: Step, worst: Outcome) -> Outcome:
        async with fresh(self.given, step.before) as engine, engine.connect() as connection:
            there = await across(connection, tables)
        into, left = shelf(engine.dialect.name), SIMPLER
        for at, held in enumerate(worst.rows):
            for column in _free(there[held.table]):
                for value in simpler(held.row.get(column.name), nullable=bool(column.nullable)):
                    if left == 0:
                        return worst
                    left -= 1
                    some = list(worst.rows)
                    row = {**some[at].row, column.name: value}
                    some[at] = into.held(there[held.table], row)
                    outcome = await self.trial(step, some)
                    if outcome.kind == worst.kind and _is_with(outcome, some):
                        worst = outcome
                        break
        return worst

    async def rows(self, engine: AsyncEngine) -> list[Held]:
        """Return all rows of a database."""
        async with engine.connect() as connection:
            return await across(connection, read, self.filling)

    async def columns(self, engine: AsyncEngine) -> Columns:
        """Return the columns of a database."""
        async with engine.connect() as connection:
            return await across(connection, columns, self.filling)


async def there_and_back(
    steps: Steps, step: Step, engine: AsyncEngine, at: Trials
) -> tuple[str, ...]:
    """Go up and down; return the rows that are not what they were.

    Raises:
        MigrateError: there is no way up, or none back.
    """
    before, there = await at.rows(engine), await at.columns(engine)
    for each in (step, undoing(step)):
        await steps.run(each)
        there = shared(there, await at.columns(engine))
    return changed(before, await at.rows(engine), there)


def _free(table: Table) -> Iterator[Column[Any]]:
    """Give the columns that may hold something else: no key by which a row is known."""
    for column in table.columns:
        if not column.primary_key and column.computed is None and column.identity is None:
            yield column


def _is_with(outcome: Outcome, rows: Sequence[Held]) -> bool:
    return outcome.is_wrong and len(outcome.rows) == len(rows)
