"""`on_version_apply`: a project's own functions, called after each revision, in its transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncmigrate.alembic.runtime.migration import MigrationContext
from asyncmigrate.alembic.script.base import Script
from asyncmigrate.history.revision import Direction
from asyncmigrate.scripts.surroundings import surroundings

if TYPE_CHECKING:
    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Step
    from asyncmigrate.scripts.sink import LiveSink


@dataclass(frozen=True, slots=True)
class MigrationInfo:
    """One step of a run, as Alembic describes it."""

    revision_map: RevisionGraph | None
    is_upgrade: bool
    is_stamp: bool
    up_revision_ids: tuple[str, ...]
    down_revision_ids: tuple[str, ...]

    @property
    def is_migration(self) -> bool:
        """Whether a script has run."""
        return not self.is_stamp

    @property
    def up_revision_id(self) -> str | None:
        """The revision that the step is about; None for a stamp to base."""
        return self.up_revision_ids[0] if self.up_revision_ids else None

    @property
    def source_revision_ids(self) -> tuple[str, ...]:
        """What the database was at."""
        return self.down_revision_ids if self.is_upgrade else self.up_revision_ids

    @property
    def destination_revision_ids(self) -> tuple[str, ...]:
        """What the database is at."""
        return self.up_revision_ids if self.is_upgrade else self.down_revision_ids

    @property
    def up_revision(self) -> Script | None:
        """The revision that the step is about."""
        found = self.up_revisions
        return found[0] if found else None

    @property
    def up_revisions(self) -> tuple[Script, ...]:
        """The revisions above."""
        return self._scripts(self.up_revision_ids)

    @property
    def down_revisions(self) -> tuple[Script, ...]:
        """The revisions below."""
        return self._scripts(self.down_revision_ids)

    @property
    def source_revisions(self) -> tuple[Script, ...]:
        """What the database was at."""
        return self._scripts(self.source_revision_ids)

    @property
    def destination_revisions(self) -> tuple[Script, ...]:
        """What the database is at."""
        return self._scripts(self.destination_revision_ids)

    def _scripts(self, ids: tuple[str, ...]) -> tuple[Script, ...]:
        graph = self.revision_map
        return () if graph is None else tuple(Script(graph, graph[each]) for each in ids)


def is_awaited() -> bool:
    """Return whether the project of this run wants to hear of each revision."""
    return bool(surroundings().on_version_apply)


def announce(sink: LiveSink, step: Step, metadata: Any) -> None:
    """Call the project's functions. What they raise fails the step, as its script would."""
    run = surroundings()
    if not run.on_version_apply:
        return
    context = MigrationContext.of_run(sink, metadata)
    info = _info(step, run.graph)
    for each in run.on_version_apply:
        each(ctx=context, step=info, heads=set(step.after), run_args={})


def _info(step: Step, graph: RevisionGraph | None) -> MigrationInfo:
    if step.direction is Direction.STAMP or step.revision is None:
        before, after = tuple(sorted(step.before)), tuple(sorted(step.after))
        is_upgrade = step.revision is not None and step.revision.id in step.after
        up, down = (after, before) if is_upgrade else (before, after)
        return MigrationInfo(graph, is_upgrade, True, up, down)
    is_upgrade = step.direction is Direction.UP
    return MigrationInfo(graph, is_upgrade, False, (step.revision.id,), step.revision.parents)
