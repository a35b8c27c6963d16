"""Looking a target up: words and names first, then the counting from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.errors import (
    AmbiguousRevisionError,
    MultipleHeadsError,
    TargetError,
    UnknownRevisionError,
)
from asyncmigrate.history.names import described, find, listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from asyncmigrate.history.grammar import Target
    from asyncmigrate.history.graph import RevisionGraph


def named(graph: RevisionGraph, target: Target, *, stop_at_end: bool = False) -> tuple[str, ...]:
    """Give what a target means that does not count from the database; () for base.

    With `stop_at_end`, counting further than the history goes ends at its end.

    Raises:
        TargetError: nothing has that name, it is not on the branch, it is several where
            one is needed, or counting from it leaves the history.
    """
    starts = _words(graph, target)
    if not target.steps:
        return starts
    if len(starts) > 1:
        raise multiple_heads(graph, starts, target.text)
    return counted(graph, target, starts, stop_at_end=stop_at_end)


def counted(
    graph: RevisionGraph, target: Target, starts: Sequence[str], *, stop_at_end: bool = False
) -> tuple[str, ...]:
    """Walk from the one revision in `starts`, or from base when there is none; () for base."""
    reached = walk(graph, target, starts[0] if starts else None, stop_at_end=stop_at_end)
    return () if reached is None else (reached,)


def _words(graph: RevisionGraph, target: Target) -> tuple[str, ...]:
    match target.place:
        case "base":
            return ()
        case "heads":
            return graph.real_heads if target.branch is None else target.only(graph.heads)
        case "head":
            return _one_head(graph, target)
        case _:
            return (_revision(graph, target),)


def _one_head(graph: RevisionGraph, target: Target) -> tuple[str, ...]:
    heads = target.only(graph.heads)
    if len(heads) > 1:
        raise multiple_heads(graph, heads, target.text)
    return heads


def _revision(graph: RevisionGraph, target: Target) -> str:
    if target.members is None:
        return find(graph, target.place)
    try:
        id = find(graph, target.place, among=target.members)
    except UnknownRevisionError:
        id = find(graph, target.place)  # it exists, so the branch is what is wrong
    if id not in target.members:
        raise TargetError(
            f"Revision {id} is not on the branch {target.branch_text!r}.",
            next="Leave the branch out, or name a revision that is above or below it.",
        )
    return id


def walk(
    graph: RevisionGraph, target: Target, start: str | None, *, stop_at_end: bool = False
) -> str | None:
    """Go `target.steps` up or down from `start`; None is base.

    With `stop_at_end` a walk that would leave the history ends at its last revision.

    Raises:
        TargetError: there are not that many revisions.
        AmbiguousRevisionError: there are several ways on.
    """
    at = start
    step = 1 if target.steps > 0 else -1
    for taken in range(0, target.steps, step):
        ways = _ways(graph, target, at, step)
        if len(ways) > 1:
            raise _fork(graph, target, at, ways)
        if not ways:
            if stop_at_end:
                return at
            raise _walked_too_far(target, start, abs(taken))
        (at,) = ways
    return at


def _ways(
    graph: RevisionGraph, target: Target, at: str | None, step: int
) -> tuple[str | None, ...]:
    if step > 0:
        return target.only(graph.bases if at is None else graph.next(at))
    if at is None:
        return ()
    below = tuple(dict.fromkeys(graph[at].parents))
    if len(below) > 1:
        below = target.only(below) or below
    return below or (None,)


def _fork(
    graph: RevisionGraph, target: Target, at: str | None, ways: tuple[str | None, ...]
) -> AmbiguousRevisionError:
    candidates = [id for id in ways if id is not None]
    direction = "above" if target.steps > 0 else "below"
    return AmbiguousRevisionError(
        f"{target.text!r} has no single meaning: {direction} {at or 'base'} there are"
        f" {described(graph, candidates)}.",
        candidates=candidates,
        next=f"Type the one that is meant, or its branch: label@{target.steps:+d}.",
    )


def _walked_too_far(target: Target, start: str | None, taken: int) -> TargetError:
    direction = "above" if target.steps > 0 else "below"
    branch = f" on the branch {target.branch_text!r}" if target.branch_text else ""
    # Going down, the last step is base, which is a place but no revision.
    there_are = taken if target.steps > 0 else max(taken - 1, 0)
    count = f"only {there_are}" if there_are else "no"
    noun = "revision" if there_are < 2 else "revisions"
    return TargetError(
        f"{target.text!r} goes too far: there {'is' if there_are < 2 else 'are'} {count} {noun}"
        f" {direction} {start or 'base'}{branch}.",
        next="Use a smaller number, or head or base for the end of the history.",
    )


# --- errors that several commands share ---


def multiple_heads(graph: RevisionGraph, heads: Iterable[str], text: str) -> MultipleHeadsError:
    """Say that one head was asked for and which ones there are."""
    ids = tuple(heads)
    forms = " or ".join(f"{name}@head" for name in distinct_names(graph, ids))
    return MultipleHeadsError(
        f"{text!r} needs one head and there are {len(ids)}: {described(graph, ids)}.",
        heads=ids,
        next=f"Type heads for all of them, or one: {forms}; or join them with"
        ' `amigrate merge heads -m "merge"`.',
    )


def several_current(graph: RevisionGraph, starts: Iterable[str], target: Target) -> TargetError:
    """Say that the database, from which a target counts, is at several revisions."""
    ids = graph.in_load_order(starts)
    where = f"where the database is, and it is at {len(ids)} revisions"
    return several_starts(graph, ids, target, where)


def several_starts(
    graph: RevisionGraph, ids: Sequence[str], target: Target, where: str
) -> AmbiguousRevisionError:
    """Say that a target counts from several revisions, and list what to type instead."""
    forms = listing(f"{name}@{target.steps:+d}" for name in distinct_names(graph, ids))
    return AmbiguousRevisionError(
        f"{target.text!r} counts from {where}: {described(graph, ids)}.",
        candidates=ids,
        next=f"Say which branch is meant: {forms}.",
    )


def distinct_names(graph: RevisionGraph, ids: Iterable[str]) -> list[str]:
    """Give for each revision a label that only it has among `ids`, or else its id."""
    given = list(ids)
    labels = {id: graph.labels(id) for id in given}
    everywhere = [label for reached in labels.values() for label in reached]
    return [
        next((label for label in labels[id] if everywhere.count(label) == 1), id) for id in given
    ]
