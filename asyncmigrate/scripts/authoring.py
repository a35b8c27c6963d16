"""Writing a revision, from what was asked for to the file and its formatters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncmigrate.errors import UsageError
from asyncmigrate.history.plan import parents_for_merge, parents_for_new
from asyncmigrate.history.target import resolve
from asyncmigrate.scripts.hooks import HookFailure, hooks_from, run_hooks
from asyncmigrate.scripts.writer import NewScript, ScriptFolder, new_script

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from asyncmigrate.config import Config
    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Revision
    from asyncmigrate.scripts.loader import Script


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRequest:
    """What `amigrate revision` was asked for. `head` may be any target, `base` included.

    Bodies and imports are lines of code without indentation.
    """

    message: str = ""
    head: tuple[str, ...] = ("head",)
    splice: bool = False
    branch_labels: tuple[str, ...] = ()
    version_path: Path | None = None
    rev_id: str | None = None
    depends_on: tuple[str, ...] = ()
    head_only: bool = False
    imports: str = ""
    upgrades: str = ""
    downgrades: str = ""
    trial: Callable[[Script], None] | None = None
    """Is handed the imported script before it is written; what it raises keeps it unwritten."""


@dataclass(frozen=True, slots=True)
class ScriptWritten:
    """A new revision, and the post-write hooks that failed on it."""

    revision: Revision
    hook_failures: tuple[HookFailure, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the shape of `revision --json`."""
        return {
            "revision": self.revision.id,
            "down_revision": list(self.revision.parents),
            "path": self.revision.file,
            "hook_failures": [str(failure) for failure in self.hook_failures],
        }


def write_revision(config: Config, graph: RevisionGraph, wanted: RevisionRequest) -> ScriptWritten:
    """Write a new revision. Nothing is left on disk if it would not fit into the history.

    Raises:
        UsageError, ConfigError, HistoryError: see `new_script`; TargetError for `head`.
    """
    parents = parents_for_new(graph, wanted.head, splice=wanted.splice)
    return _write(config, graph, wanted, parents)


def write_merge(
    config: Config, graph: RevisionGraph, revisions: Sequence[str], wanted: RevisionRequest
) -> ScriptWritten:
    """Write a revision that joins others. Raises as `write_revision` does."""
    parents = parents_for_merge(graph, revisions, splice=wanted.splice)
    return _write(config, graph, wanted, parents)


def _write(
    config: Config, graph: RevisionGraph, wanted: RevisionRequest, parents: tuple[str, ...]
) -> ScriptWritten:
    settings = config.settings
    hooks = hooks_from(settings.post_write_hooks)
    folder = ScriptFolder(
        folder=config.script_folder,
        locations=config.version_folders,
        recursive=settings.recursive_version_locations,
        file_template=settings.file_template,
        truncate_slug_length=settings.truncate_slug_length,
        timezone=settings.timezone,
        output_encoding=settings.output_encoding,
        alembic_compatible=settings.alembic_compatible,
        template=config.template,
    )
    script = NewScript(
        message=wanted.message,
        rev_id=wanted.rev_id,
        parents=parents,
        depends_on=tuple(_dependency(graph, each) for each in wanted.depends_on),
        branch_labels=wanted.branch_labels,
        version_path=wanted.version_path,
        head_only=wanted.head_only,
        imports=wanted.imports,
        upgrades=wanted.upgrades,
        downgrades=wanted.downgrades,
        trial=wanted.trial,
    )
    revision = new_script(folder, list(graph.values()), script)
    assert revision.path is not None
    return ScriptWritten(revision, run_hooks(hooks, revision.path))


def _dependency(graph: RevisionGraph, text: str) -> str:
    """Return a whole id for an id or a prefix; a branch label stays a label."""
    if any(text in revision.labels for revision in graph.values()):
        return text
    found = resolve(graph, text)
    if len(found) != 1:
        raise UsageError(
            f"--depends-on {text} names {len(found)} revisions; it must name one.",
            next="Name a revision id or a branch label.",
        )
    return found[0].id
