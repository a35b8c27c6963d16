"""From what is recorded and what is asked to the steps in between.

Every function here is pure and finds every error before the first step exists. The rows of
the version table are always the newest applied revisions: once a step has run, they are the
tips of what was applied before, plus or minus that step's revision.

What the commands need besides (`stamp`, `pending`, `history` …) lives in modules of its own and
is named here too: this is the module that they import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.history.grammar import parse, parse_range
from asyncmigrate.history.listing import history
from asyncmigrate.history.new import parents_for_merge, parents_for_new
from asyncmigrate.history.order import newest_first
from asyncmigrate.history.revision import Direction, Plan, Step
from asyncmigrate.history.stamping import stamp
from asyncmigrate.history.state import all_current, check_state, pending, standing, unknown
from asyncmigrate.history.target import downgrade_target, not_applied, upgrade_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Heads

__all__ = [
    "all_current",
    "check_state",
    "downgrade",
    "history",
    "parents_for_merge",
    "parents_for_new",
    "parse_range",
    "pending",
    "stamp",
    "unknown",
    "upgrade",
]


def upgrade(graph: RevisionGraph, current: Heads, targets: Sequence[str]) -> Plan:
    """Plan what must run to reach every target, with all that they need.

    Empty when the database is there already, and for an empty history.

    >>> from asyncmigrate.history.graph import RevisionGraph
    >>> from asyncmigrate.history.revision import Revision
    >>> graph = RevisionGraph([Revision("a"), Revision("b", ("a",))])
    >>> [step.revision.id for step in upgrade(graph, frozenset(), ["head"]).steps]
    ['a', 'b']

    Raises:
        UnknownHeadError, StateError: no plan can be made from `current`.
        TargetError: a target cannot be found or reached.
    """
    check_state(graph, current)
    wanted = {id for text in targets for id in upgrade_target(graph, current, text)}
    if wanted <= current:
        return Plan(current)
    missing = graph.ancestors(wanted) - graph.ancestors(current)
    return Plan(current, tuple(_steps_up(graph, current, newest_first(graph, missing))))


def _steps_up(graph: RevisionGraph, heads: Heads, newest: list[str]) -> Iterable[Step]:
    for id in reversed(newest):
        after = heads.difference(graph.parents(id)) | {id}
        yield Step(graph[id], Direction.UP, heads, after)
        heads = after


def downgrade(graph: RevisionGraph, current: Heads, target: str) -> Plan:
    """Plan what must be undone so that `target` is the newest on its branch.

    That is everything above it that is applied, with all that depends on those. What they
    depend on themselves stays. `label@…` undoes that branch only, as far as nothing else
    stands on it.

    Raises:
        UnknownHeadError, StateError: no plan can be made from `current`.
        TargetError: the target cannot be found, is several revisions, or is not applied.
    """
    check_state(graph, current)
    asked = parse(graph, target)
    if asked.from_current and not asked.steps:
        return Plan(current)
    place, id = downgrade_target(graph, current, asked)
    applied = graph.ancestors(current)
    roots = place.only(graph.bases if id is None else graph.next(id))
    undone = graph.descendants(roots, within=applied)
    if not undone and id is not None and id not in standing(graph, current):
        raise not_applied(graph, current, id)
    return Plan(current, tuple(_steps_down(graph, current, applied, newest_first(graph, undone))))


def _steps_down(
    graph: RevisionGraph, heads: Heads, applied: set[str], newest: list[str]
) -> Iterable[Step]:
    holding: dict[str, int] = {}  # how many applied revisions stand on each, once it matters
    for id in newest:
        after = heads - {id}
        for parent in graph.parents(id):
            if parent not in holding:
                holding[parent] = sum(child in applied for child in graph.children(parent))
            holding[parent] -= 1
            if not holding[parent]:
                after |= {parent}
        yield Step(graph[id], Direction.DOWN, heads, after)
        heads = after
