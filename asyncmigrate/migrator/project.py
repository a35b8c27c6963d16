"""A folder of scripts with its settings: what can be answered or written without a database.

Nothing of SQLAlchemy or asyncio is imported before a command needs it: `heads` and `history` only
read files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from asyncmigrate.engine.aside import aside
from asyncmigrate.engine.listed import RevisionInfo
from asyncmigrate.migrator.setup import Setup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from asyncmigrate.history.revision import Heads, Revision
    from asyncmigrate.scripts.authoring import ScriptWritten


class Project(Setup):
    """The commands that work on files; `Migrator` adds those that talk to a database."""

    # --- the history on disk -----------------------------------------------------

    def heads(self, *, resolve_dependencies: bool = False) -> tuple[RevisionInfo, ...]:
        """Return the heads; with `resolve_dependencies`, without those others depend on."""
        graph = self.graph()
        found = graph.real_heads if resolve_dependencies else graph.heads
        return tuple(RevisionInfo.of(graph, graph[each]) for each in found)

    def branches(self) -> tuple[RevisionInfo, ...]:
        """Return the revisions that more than one other follows."""
        from asyncmigrate.history import plan as planning

        graph = self.graph()
        return tuple(
            RevisionInfo.of(graph, revision)
            for revision in planning.history(graph, None, None, frozenset())
            if graph.is_branch_point(revision.id)
        )

    def history(
        self, start: str | None = None, end: str | None = None, *, current: Heads | None = None
    ) -> tuple[RevisionInfo, ...]:
        """Return the revisions from `start` to `end`, both included, newest first.

        `current` is what the database is at: it marks those revisions, and gives the words
        `current` and `-1` their meaning in a range.
        """
        from asyncmigrate.history import plan as planning

        graph = self.graph()
        rows = planning.history(graph, start, end, current or frozenset())
        marked = None if current is None else ids(planning.all_current(graph, current))
        return tuple(RevisionInfo.of(graph, each, marked) for each in rows)

    def show(self, *targets: str, current: Heads = frozenset()) -> tuple[RevisionInfo, ...]:
        """Return the revisions that the targets name."""
        from asyncmigrate.history.target import resolve

        graph = self.graph()
        found = [each for target in targets for each in resolve(graph, target, current)]
        return tuple(RevisionInfo.of(graph, each) for each in found)

    # --- writing scripts ------------------------------------------------------------------------

    async def revision(
        self,
        message: str = "",
        *,
        head: str | Sequence[str] = "head",
        splice: bool = False,
        branch_label: str | Sequence[str] = (),
        version_path: str | Path | None = None,
        rev_id: str | None = None,
        depends_on: str | Sequence[str] = (),
        head_only: bool = False,
    ) -> ScriptWritten:
        """Write a new, empty revision that follows `head`.

        Nothing is left on disk if the revision would not fit into the history.

        Raises:
            TargetError: `head` names no head, or several (and `splice` is not given).
            UsageError, ConfigError, HistoryError: an id, label or setting that cannot be.
        """
        from asyncmigrate.scripts.authoring import RevisionRequest, write_revision

        wanted = RevisionRequest(
            message=message,
            head=_several(head),
            splice=splice,
            branch_labels=_several(branch_label),
            version_path=None if version_path is None else Path(version_path),
            rev_id=rev_id,
            depends_on=_several(depends_on),
            head_only=head_only,
        )
        graph = await self.read_graph()
        return await aside(write_revision, self.config, graph, wanted)

    async def merge(
        self,
        *revisions: str,
        message: str = "",
        branch_label: str | Sequence[str] = (),
        rev_id: str | None = None,
        splice: bool = False,
    ) -> ScriptWritten:
        """Write a revision that joins others (`heads` if none is named). Raises as `revision`."""
        from asyncmigrate.scripts.authoring import RevisionRequest, write_merge

        wanted = RevisionRequest(
            message=message, branch_labels=_several(branch_label), rev_id=rev_id, splice=splice
        )
        graph = await self.read_graph()
        joined = revisions or ("heads",)
        return await aside(write_merge, self.config, graph, joined, wanted)

    def sql(self, command: str, *targets: str) -> str:
        """Return the SQL of `upgrade`, `downgrade` or `stamp` over `FROM:TO`. Asks no database.

        `ensure_version` is the SQL that makes the version table; it takes no target.

        Raises:
            OfflineError: a script asked the database something.
            UsageError: `downgrade` without FROM.
        """
        from asyncmigrate.engine.offline import OfflineRun, dialect_of, offline_plan
        from asyncmigrate.scripts.surroundings import surrounded

        graph = self.graph()
        plan = None if command == "ensure_version" else offline_plan(command, graph, targets)
        lines: list[str] = []
        run = OfflineRun(
            dialect_of(self.url()), self.store(), lines.append, self.metadata(), self.x, graph
        )
        with surrounded(self.surroundings(graph, targets, as_sql=True)):
            run.ensure_version() if plan is None else run.run(command, plan)
        return "".join(lines)


def _several(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def ids(revisions: Iterable[Revision]) -> frozenset[str]:
    """Return the ids of revisions."""
    return frozenset(revision.id for revision in revisions)
