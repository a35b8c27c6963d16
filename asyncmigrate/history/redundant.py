"""Which dependencies say nothing new.

A `depends_on` that some revision further down the same branch already has adds nothing,
and people write such ones all the time: every script of a branch names the same revision
of another branch. They are no edges of their own when revisions are put in order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from asyncmigrate.history.graph import RevisionGraph


def redundant_requirements(graph: RevisionGraph) -> dict[str, set[str]]:
    """Map each revision to the dependencies that one of its `down_revision` ancestors has too.

    Visits, for each dependency that several revisions share, what lies between the first
    and the last of them. A revision that is also a parent is never redundant.
    """
    redundant: dict[str, set[str]] = {}
    shared = {of: by for of, by in _required_by(graph).items() if len(by) > 1}
    if shared:
        depth = _depths(graph)
        for requirement, dependents in shared.items():
            for id in _with_dependent_below(graph, dependents, depth):
                redundant.setdefault(id, set()).add(requirement)
    for id, requirements in redundant.items():
        requirements.difference_update(graph[id].parents)
    return redundant


def _required_by(graph: RevisionGraph) -> dict[str, list[str]]:
    """Map each dependency to the revisions that name it."""
    found: dict[str, list[str]] = {}
    for id, requirements in graph.requirements.items():
        for requirement in requirements:
            found.setdefault(requirement, []).append(id)
    return found


def _with_dependent_below(
    graph: RevisionGraph, dependents: Iterable[str], depth: Mapping[str, int]
) -> set[str]:
    """Give those of `dependents` that follow another one of them."""
    wanted = set(dependents)
    deepest = max(depth[id] for id in wanted)
    seen: set[str] = set()
    todo = list(wanted)
    while todo:
        for child in graph.next(todo.pop()):
            if child not in seen and depth[child] <= deepest:
                seen.add(child)
                todo.append(child)
    return wanted & seen


def _depths(graph: RevisionGraph) -> dict[str, int]:
    """Give the length of the longest way down from each revision."""
    depth: dict[str, int] = {}
    for id in graph.parents_first():
        depth[id] = 1 + max((depth[parent] for parent in graph.parents(id)), default=0)
    return depth
