"""What a new script stands on: the parents for `amigrate revision` and `amigrate merge`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from asyncmigrate.errors import MultipleHeadsError, TargetError, UsageError
from asyncmigrate.history.grammar import parse
from asyncmigrate.history.lookup import named
from asyncmigrate.history.names import described, listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from asyncmigrate.history.graph import RevisionGraph


def parents_for_new(
    graph: RevisionGraph, head: str | Sequence[str], *, splice: bool = False
) -> tuple[str, ...]:
    """Give the `down_revision` of a new revision on `head`; () for a new base.

    Each must be a head, unless `splice` allows a branch to start in the middle.

    Raises:
        TargetError: a revision cannot be found, occurs twice, is below another one, or is
            no head; `MultipleHeadsError` where `head` means several.
        UsageError: `base` beside other revisions, or a target that counts from a database.
    """
    texts = [head] if isinstance(head, str) else list(head)
    places = [_place(graph, text) for text in texts]
    if len(places) > 1 and not all(places):
        raise UsageError(
            "A new revision cannot stand on base and on another revision.",
            next="Leave base out.",
        )
    parents = [id for place in places for id in place]
    _check_distinct(parents)
    _check_unrelated(graph, parents)
    if not splice:
        _check_heads(graph, parents)
    return tuple(parents)


def parents_for_merge(
    graph: RevisionGraph, revisions: Sequence[str], *, splice: bool = False
) -> tuple[str, ...]:
    """Give the `down_revision` of a revision that joins several.

    `heads` means every head here, also one that another branch depends on: whatever makes
    `head` ambiguous can be merged.

    Raises:
        TargetError: as `parents_for_new`, or there are fewer than two revisions.
        UsageError: as `parents_for_new`.
    """
    expanded = [name for text in revisions for name in _expanded(graph, text)]
    parents = parents_for_new(graph, expanded, splice=splice)
    if len(parents) < 2:
        only = described(graph, parents)
        raise TargetError(
            f"A merge joins at least two revisions; {'this is only ' + only if only else 'none'}"
            f"{'' if only else ' was given'}.",
            next="`amigrate heads` lists what can be merged.",
        )
    return parents


def _expanded(graph: RevisionGraph, text: str) -> Sequence[str]:
    return graph.heads if text.strip() == "heads" else (text,)


def _place(graph: RevisionGraph, text: str) -> tuple[str, ...]:
    target = parse(graph, text)
    if target.from_current:
        raise UsageError(
            f"{text!r} counts from a database, and a new script stands on other scripts.",
            next="Name a revision, or type head, heads, base, label@head.",
        )
    try:
        return named(graph, target)
    except MultipleHeadsError as error:
        either = " or ".join(f"--head {head}" for head in error.heads[:4])
        raise MultipleHeadsError(
            error.message,
            heads=error.heads,
            next=f"Type {either} to follow one of them, or join them first with"
            " `amigrate merge heads`.",
        ) from None


def _check_distinct(ids: Iterable[str]) -> None:
    if twice := [id for id, count in Counter(ids).items() if count > 1]:
        raise TargetError(f"{listing(twice)} was given more than once.", next="Name it once.")


def _check_unrelated(graph: RevisionGraph, ids: Sequence[str]) -> None:
    for upper in ids if len(ids) > 1 else ():
        below = graph.ancestors(graph[upper].parents, include_dependencies=False)
        if lower := [id for id in ids if id in below]:
            raise TargetError(
                f"{upper} already comes after {listing(lower)}, so there is nothing to join.",
                next=f"Leave {listing(lower)} out.",
            )


def _check_heads(graph: RevisionGraph, ids: Iterable[str]) -> None:
    if inner := [id for id in ids if not graph.is_head(id)]:
        raise TargetError(
            f"{described(graph, inner)} is not a head: other revisions come after it.",
            next="Type --splice to start a new branch there, or label@head for the end of its"
            " branch.",
        )
