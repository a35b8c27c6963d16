"""One connection on which single steps run, this way and that, with nothing between them.

An upgrade of one revision reads the scripts, asks for the heads and takes a lock. Who walks up and
down a history, in a database that nobody else knows, does all of that once.
"""

from __future__ import annotations

import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from asyncmigrate.engine.executor import Executor
from asyncmigrate.engine.run import Run, create_tables
from asyncmigrate.errors import ScriptError
from asyncmigrate.history.revision import Direction, Plan, Step
from asyncmigrate.scripts.surroundings import surrounded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from asyncmigrate.history.revision import Heads, Revision
    from asyncmigrate.migrator import Migrator
    from asyncmigrate.scripts.loader import Script


@dataclass(slots=True)
class Steps:
    """What runs steps; a script that has been imported once is not read again."""

    _run: Run
    _scripts: dict[str, Script]
    _executor: Executor
    _carry_out: Callable[[Plan], Awaitable[None]]

    async def read(self, steps: Sequence[Step]) -> None:
        """Import the scripts of many steps at once; what is wrong with one, running it says."""
        with suppress(ScriptError):
            found = await self._run.import_scripts(Plan(steps[0].before, tuple(steps)))
            self._scripts.update(found)

    async def run(self, step: Step) -> None:
        """Run a step as an upgrade or a downgrade would, in a transaction of its own.

        Raises:
            StepFailedError: it failed and was rolled back.
            ScriptError, IrreversibleError: there is nothing that could run.
        """
        plan = Plan(step.before, (step,))
        script = self._scripts.get(revision_of(step).id)
        if script is None or script.downgrade is None:
            self._scripts.update(await self._run.import_scripts(plan))
        self._executor.done.clear()  # or an error would tell of all that went well
        await self._carry_out(plan)


@asynccontextmanager
async def stepping(migrator: Migrator) -> AsyncIterator[Steps]:
    """Open the migrator's database, with the tables that a walk needs there, for the block."""
    settings, observer = migrator.config.settings, migrator.observer
    graph = migrator.graph()
    async with migrator.open_database() as database:
        store = migrator.store()
        if database.dialect.transactional_ddl:  # nobody will ask a walk what it has done when
            store = replace(store, history_table="")
        run = Run(
            command="upgrade",
            database=database,
            store=store,
            planner=lambda heads: Plan(heads, ()),
            settings=settings,
            metadata=migrator.metadata,
            observer=observer,
            started=time.perf_counter(),
            x=migrator.x,
        )
        await run.import_models()
        timeout = settings.lock_timeout
        await create_tables(database, run.store, timeout=timeout, observer=observer)
        scripts: dict[str, Script] = {}
        executor = Executor(
            database=database,
            store=run.store,
            scripts=scripts,
            replan=_unexpected,
            observer=observer,
            metadata=run.imported,
            x=run.x,
        )
        with surrounded(migrator.surroundings(graph, ())):
            if not database.dialect.transactional_ddl:  # each step has a journal, and tidies up
                yield Steps(run, scripts, executor, executor.run)
                return
            async with executor.begun(Plan(frozenset(), ())):
                yield Steps(run, scripts, executor, executor.run_each)


def undoing(step: Step) -> Step:
    """Return the way back of an upgrade's step."""
    return Step(step.revision, Direction.DOWN, step.after, step.before)


def revision_of(step: Step) -> Revision:
    """Return the revision of a step that runs a script."""
    assert step.revision is not None
    return step.revision


def named(step: Step) -> str:
    """Return a step's revision as people read it."""
    return f"{revision_of(step).id} ({revision_of(step).message})"


def _unexpected(heads: Heads) -> Plan:
    raise AssertionError(f"Somebody else has moved the database to {sorted(heads)}.")
