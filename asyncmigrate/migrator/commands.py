"""The async command layer: each command makes a plan, then runs it.

Every command that changes a database goes through `Commands._run`: read the heads, make the plan,
take the lock, read the heads again under it, make the plan again if they moved, import every
script, run. A new command is a planning function; it cannot forget a step. Nothing here prints.
"""

from __future__ import annotations

import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from asyncmigrate.engine.aside import aside, imported
from asyncmigrate.engine.listed import RevisionInfo
from asyncmigrate.errors import ConfigError
from asyncmigrate.history.revision import Direction
from asyncmigrate.migrator.planners import direction_of, planner_of
from asyncmigrate.migrator.project import Project, ids

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from asyncmigrate.engine.database import Database
    from asyncmigrate.engine.holder import Holder
    from asyncmigrate.engine.ledger import Applied
    from asyncmigrate.engine.probe import Probed
    from asyncmigrate.engine.results import PlanResult, RunResult, Status
    from asyncmigrate.engine.store import Store
    from asyncmigrate.events import Event, Observer
    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Heads, Plan
    from asyncmigrate.migrator.planners import Planner


class Commands(Project):
    """The commands that read or change where a database is: see `Migrator`."""

    # --- reading the database: nothing is created in it ---------------------------------------

    async def status(self, *, scripts: bool = False) -> Status:
        """Return where the database is. Reads only; one query as a rule.

        With `scripts`, look for scripts that were edited after they had been applied, too: one
        more query, and all of them are read.
        """
        from asyncmigrate.engine.results import Status
        from asyncmigrate.history import plan as planning

        graph = await self.read_graph()
        name, rows = await self.read_rows()
        unknown = planning.unknown(graph, rows)
        pending = await aside(planning.pending, graph, rows - frozenset(unknown))
        return Status(
            database=name,
            current=tuple(sorted(rows)),
            heads=tuple(graph.real_heads),
            pending=pending,
            unknown=tuple(unknown),
            edited=await self._edited(graph, rows) if scripts else (),
        )

    async def _edited(self, graph: RevisionGraph, rows: Heads) -> tuple[str, ...]:
        from asyncmigrate.migrator.edited import edited, edited_on, has_recorded

        settings = self.config.settings
        if not has_recorded(settings, graph, rows):
            return ()
        probed = await self._probed(history=settings.history_table)
        if probed is not None:
            return await edited(graph, rows, probed.checksums, cache=settings.cache)
        async with self.open_database() as database:
            await database.set_autocommit()
            return await edited_on(database, self.store(), settings, graph, rows)

    async def rows(self) -> Heads:
        """Return what the version table holds. Reads only."""
        _, rows = await self.read_rows()
        return rows

    async def ledger(self) -> tuple[Applied, ...]:
        """Return what the history table holds, oldest first. Reads only."""
        from asyncmigrate.engine.ledger import entries

        if await self.missing_file() is not None:
            return ()
        async with self.open_database() as database:
            await database.set_autocommit()
            return await database.run(entries, self.store())

    async def read_rows(self) -> tuple[str, Heads]:
        """Return the database's name and heads; a SQLite file that is missing stays missing."""
        probed = await self._probed()
        if probed is not None:
            return probed.name, probed.rows
        missing = await self.missing_file()
        if missing is not None:
            return missing, frozenset()
        async with self.open_database() as database:
            return database.name, await heads_in(database, self.store())

    async def current(self) -> tuple[RevisionInfo, ...]:
        """Return the revisions that the database is at, with those that dependencies imply.

        Raises:
            UnknownHeadError: the database records a revision that no script provides.
            StateError: it records a revision and, beside it, one that comes before it.
        """
        from asyncmigrate.history import plan as planning

        graph = await self.read_graph()
        rows = await self.rows()

        def found() -> tuple[RevisionInfo, ...]:
            planning.check_state(graph, rows)
            current = planning.all_current(graph, rows)
            marked = ids(current)
            return tuple(RevisionInfo.of(graph, each, marked) for each in current)

        return await aside(found)

    async def plan(self, *targets: str, direction: Direction | None = None) -> PlanResult:
        """Return what `upgrade` (or `downgrade`) would run, in order. Touches nothing.

        Without a `direction`, `base` and `-N` are downgrades and everything else an upgrade.
        """
        from asyncmigrate.engine.results import PlanResult

        graph = await self.read_graph()
        rows = await self.rows()
        planner = planner_of(direction or direction_of(targets), targets)
        return await aside(lambda: PlanResult.of(planner(graph, rows)))

    # --- changing the database ------------------------------------------------------------------

    async def upgrade(self, *targets: str, atomic: bool = False) -> RunResult:
        """Run the revisions up to the targets (`head` if none is given).

        One transaction per revision; with `atomic`, one for all of them. At the target already:
        one query, no lock, no script imported.

        Raises:
            StepFailedError: a revision failed and was rolled back; earlier ones stay.
            LockTimeoutError: another migrator was at work for too long.
            TargetError, UnknownHeadError: there is no way from here to there.
        """
        targets = targets or ("head",)
        planner = planner_of(Direction.UP, targets)
        return await self._run("upgrade", planner, atomic=atomic, targets=targets)

    async def downgrade(self, target: str, *, atomic: bool = False) -> RunResult:
        """Undo the revisions after the target. Raises as `upgrade` does.

        Raises:
            IrreversibleError: one of them has no `downgrade()`; found before anything runs.
        """
        planner = planner_of(Direction.DOWN, (target,))
        return await self._run("downgrade", planner, atomic=atomic, targets=(target,))

    async def stamp(self, *targets: str, purge: bool = False) -> RunResult:
        """Record the targets in the version table without running anything.

        `purge` forgets first whatever the table holds, known or not.
        """
        from asyncmigrate.history import plan as planning

        def planner(graph: RevisionGraph, heads: Heads) -> Plan:
            return planning.stamp(graph, heads, targets or ("head",), purge=purge)

        return await self._run("stamp", planner, purging=purge)

    async def ensure_version(self) -> bool:
        """Create the version table (and the history table) if missing; True if it was."""
        await imported("asyncmigrate.engine.run")
        from asyncmigrate.engine.run import ensure_tables

        async with self.open_database() as database:
            return await ensure_tables(database, self.store(), self.config.settings, self.observer)

    async def lock_holder(self) -> Holder | None:
        """Return who holds the migration lock, or None. Waits for nothing."""
        from asyncmigrate.engine.holder import holder_of
        from asyncmigrate.engine.lock import lock_key

        if await self.missing_file() is not None:
            return None
        async with self.open_database() as database:
            store = self.store()
            return await holder_of(database, store, lock_key(store.full_name))

    async def release_lock(self) -> Holder | None:
        """Take the migration lock away from a process that is dead; return it, if there was one.

        Raises:
            LockHeldError: it is not certain that the holder is dead.
        """
        from asyncmigrate.engine.holder import release
        from asyncmigrate.engine.lock import lock_key

        if await self.missing_file() is not None:
            return None
        async with self.open_database() as database:
            store = self.store()
            return await release(database, store, lock_key(store.full_name))

    async def repair(self, *revisions: str) -> tuple[str, ...]:
        """Record the checksums that edited scripts have now; of all of them if none is named.

        Returns the revisions. Nothing else changes: the ledger says that somebody has decided.

        Raises:
            UsageError: a named one was not edited.
            TargetError: there is none of that name.
        """
        from asyncmigrate.engine.ledger import record_checksums
        from asyncmigrate.engine.logs import logged
        from asyncmigrate.history.target import resolve
        from asyncmigrate.migrator.edited import chosen, repairs

        graph, rows = await self.read_graph(), await self.rows()
        named = [each.id for name in revisions for each in resolve(graph, name, rows)]
        found = chosen(await self._edited(graph, rows), named)
        if found:
            async with self.open_database() as database:
                settings, entries = self.config.settings, repairs(graph, found)
                observer = logged(self.observer)
                await record_checksums(database, self.store(), entries, settings, observer)
        return found

    @asynccontextmanager
    async def upgrade_events(
        self, *targets: str, atomic: bool = False
    ) -> AsyncIterator[AsyncIterator[Event]]:
        """Run an upgrade and iterate over its events while it runs.

        Leaving the block early cancels the run. The iteration raises what the run raises.

        Example:
            >>> async def show(m):                                # doctest: +SKIP
            ...     async with m.upgrade_events("head") as events:
            ...         async for event in events:
            ...             print(event)
        """
        from asyncmigrate.engine.stream import stream

        def start(observer: Observer) -> Any:
            return self.observed(observer).upgrade(*targets, atomic=atomic)

        async with stream(start, self.observer) as events:
            yield events

    # --- how every command runs -----------------------------------------------------------------

    async def _run(
        self,
        command: str,
        planner: Planner,
        *,
        atomic: bool = False,
        purging: bool = False,
        targets: tuple[str, ...] = (),
    ) -> RunResult:
        from asyncmigrate.engine.results import RunResult

        started = time.perf_counter()
        graph = await self.read_graph()
        probed = await self._probed()
        if probed is not None and not planner(graph, probed.rows).steps:
            at = tuple(sorted(probed.rows))
            return RunResult(command, probed.name, at, at)
        if await self.missing_file() is not None:
            planner(graph, frozenset())  # what cannot be must not leave an empty file behind
        async with self.open_database() as database:
            store = self.store(purging=purging)
            rows = await heads_in(database, store)
            before = tuple(sorted(rows))
            plan = await aside(planner, graph, rows)
            if not plan.steps:
                return RunResult(command, database.name, before, before)
            if self.config.settings.strict_history:
                from asyncmigrate.migrator.edited import edited_on, refuse

                refuse(await edited_on(database, store, self.config.settings, graph, rows), graph)
            await imported("asyncmigrate.engine.run")
            from asyncmigrate.engine.run import Run
            from asyncmigrate.scripts.surroundings import surrounded

            # env.py is imported here, and with it perhaps all of the application.
            around = surrounded(await aside(self.surroundings, graph, targets))
            with around, self._told(command, database) as observer:
                run = Run(
                    command=command,
                    database=database,
                    store=store,
                    planner=lambda heads: planner(graph, heads),
                    settings=self.config.settings,
                    metadata=self.metadata,
                    observer=observer,
                    started=started,
                    x=self.x,
                    statements=self.statements,
                )
                return await run.under_lock(plan, atomic=atomic)

    @contextmanager
    def _told(self, command: str, database: Database) -> Iterator[Observer]:
        """Give the run in the block its observer: the log, the traces and our own one."""
        from asyncmigrate.engine.logs import logged

        observer = logged(self.observer)
        if not self.config.settings.opentelemetry:
            yield observer
            return
        try:
            from asyncmigrate.engine.telemetry import traced
        except ModuleNotFoundError as error:
            raise ConfigError(
                f"The setting opentelemetry is true, and there is no module {error.name}.",
                next="Run `pip install 'asyncmigrate[opentelemetry]'`, or set it to false.",
            ) from error
        with traced(command, database, observer) as watched:
            yield watched

    async def _probed(self, *, history: str = "") -> Probed | None:
        """Ask for the heads without SQLAlchemy, where that is sure to be the same."""
        from asyncmigrate.engine.probe import probe

        bind, settings = await self.bind(), self.config.settings
        if self.declared().on_connect is not None:
            return None
        return await probe(bind, settings.version_table, settings.version_table_schema, history)


async def heads_in(database: Database, store: Store) -> Heads:
    """Return what the version table of an open database holds. Reads only."""
    if database.joined:
        return await database.run(store.heads_in_transaction)
    await database.set_autocommit()
    return await database.run(store.heads)
