"""Which revisions a listing shows: `history -r start:end`.

A range is what an upgrade from start to end would run, with start itself, and only what is
above start on `down_revision`. `label@base:` is the other view: the branch alone, as a
downgrade would see it, without what other branches had to give.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from asyncmigrate.errors import TargetError
from asyncmigrate.history.grammar import CURRENT, parse
from asyncmigrate.history.lookup import counted, named, several_starts
from asyncmigrate.history.names import described
from asyncmigrate.history.order import newest_first
from asyncmigrate.history.state import check_state
from asyncmigrate.history.target import from_current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncmigrate.history.grammar import Target
    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Heads, Revision


def history(
    graph: RevisionGraph,
    start: str | None = None,
    end: str | None = None,
    current: Heads = frozenset(),
) -> tuple[Revision, ...]:
    """Give the revisions from `start` to `end`, both included, newest first.

    Without a start from base, without an end to all heads (of the start's branch, if it has
    one). `-N` as the start counts back from the end, `+N` as the end counts from the start;
    both stop where the history stops. `current` is looked at only where a side says so.

    >>> from asyncmigrate.history.graph import RevisionGraph
    >>> from asyncmigrate.history.revision import Revision
    >>> graph = RevisionGraph([Revision("a"), Revision("b", ("a",)), Revision("c", ("b",))])
    >>> [revision.id for revision in history(graph, "-1")]
    ['c', 'b']

    Raises:
        TargetError: a side cannot be found, or the start is not below the end.
        UnknownHeadError, StateError: a side says `current` and the rows do not fit the history.
    """
    first = parse(graph, start or "base")
    last = _end(graph, end, first)
    if CURRENT in (first.place, last.place):
        check_state(graph, current)
    starts, ends = _sides(graph, first, last, current)
    reached = graph.ancestors(ends)
    _check_below(graph, starts, ends, reached)
    between = reached - graph.ancestors(starts)
    shown = between.union(starts)
    if starts:
        shown &= graph.descendants(starts, include_dependencies=False)
    return tuple(graph[id] for id in newest_first(graph, shown, between=between))


def _end(graph: RevisionGraph, end: str | None, first: Target) -> Target:
    last = parse(graph, end or "heads")
    if first.branch is not None and last.text == "heads":
        return replace(last, branch=first.branch, members=first.members)
    return last


def _sides(
    graph: RevisionGraph, first: Target, last: Target, current: Heads
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not last.place:
        if not first.place or last.steps < 0:
            raise _nothing_to_count_from(last)
        starts = _side(graph, first, current)
        return starts, _count(graph, last, starts)
    ends = first.only(_side(graph, last, current))
    if not ends and len(graph) and last.place != "base" and first.branch is not None:
        raise _no_end_on_branch(first, last)
    starts = _side(graph, first, current) if first.place else _count_back(graph, first, ends)
    if not starts and first.branch is not None:
        starts = first.only(graph.bases)
    return starts, ends


def _side(graph: RevisionGraph, target: Target, current: Heads) -> tuple[str, ...]:
    if target.place == CURRENT:
        return from_current(graph, current, target, stop_at_end=True)
    return named(graph, target, stop_at_end=True)


def _count(graph: RevisionGraph, target: Target, starts: Sequence[str]) -> tuple[str, ...]:
    if len(starts) > 1:
        where = f"one revision, and the range has {len(starts)} there"
        raise several_starts(graph, starts, target, where)
    return counted(graph, target, starts, stop_at_end=True)


def _count_back(graph: RevisionGraph, target: Target, ends: Sequence[str]) -> tuple[str, ...]:
    if target.steps > 0:
        raise _nothing_to_count_from(target)
    return _count(graph, target, ends)


def _check_below(
    graph: RevisionGraph, starts: Sequence[str], ends: Sequence[str], reached: set[str]
) -> None:
    if above := [id for id in starts if id not in reached]:
        raise TargetError(
            f"The range starts at {described(graph, above)}, which is not below its end,"
            f" {described(graph, ends) or 'base'}.",
            next="Write the older side first: older:newer.",
        )


def _nothing_to_count_from(target: Target) -> TargetError:
    return TargetError(
        f"In a range, {target.text!r} has nothing to count from here.",
        next="Write -N: for the newest N, start:+N to count from the start, or a name (head-2).",
    )


def _no_end_on_branch(first: Target, last: Target) -> TargetError:
    return TargetError(
        f"The range ends at {last.text!r}, which is not on the branch {first.branch_text!r}.",
        next="Leave the branch out of the start, or end on that branch.",
    )
