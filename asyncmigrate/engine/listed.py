"""A revision as the listing commands give it.

Apart from `results`, because `amigrate heads` needs this and none of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Revision


@dataclass(frozen=True, slots=True)
class RevisionInfo:
    """One revision and its place in the history. `is_current` is None if nobody asked."""

    revision: Revision
    is_head: bool
    is_effective_head: bool
    """A head by `down_revision` alone that another revision depends on."""
    is_base: bool
    is_branch_point: bool
    is_merge_point: bool
    children: tuple[str, ...]
    branch_labels: tuple[str, ...]
    is_current: bool | None = None

    @classmethod
    def of(
        cls, graph: RevisionGraph, revision: Revision, current: frozenset[str] | None = None
    ) -> RevisionInfo:
        """Describe a revision of a graph."""
        id, parents = revision.id, revision.parents
        children = graph.next(id)  # asked once: there may be ten thousand of these
        return cls(
            revision,
            is_head=not children,
            is_effective_head=not children and not graph.is_real_head(id),
            is_base=not parents,
            is_branch_point=len(children) > 1,
            is_merge_point=len(parents) > 1,
            children=children,
            branch_labels=tuple(sorted(graph.labels(id))),
            is_current=None if current is None else id in current,
        )

    def to_json(self) -> dict[str, Any]:
        """Return one item of `history --json`."""
        return {
            "revision": self.revision.id,
            "down_revision": list(self.revision.parents),
            "depends_on": list(self.revision.requires),
            "branch_labels": list(self.branch_labels),
            "message": self.revision.message,
            "path": self.revision.file,
            "is_head": self.is_head,
            "is_base": self.is_base,
            "is_branch_point": self.is_branch_point,
            "is_merge_point": self.is_merge_point,
            "is_current": self.is_current,
        }
