"""Recording where a database is without running anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.errors import TargetError, UsageError
from asyncmigrate.history.grammar import parse
from asyncmigrate.history.lookup import named
from asyncmigrate.history.names import find
from asyncmigrate.history.revision import Direction, Plan, Step
from asyncmigrate.history.state import check_state
from asyncmigrate.history.target import from_current

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from asyncmigrate.history.grammar import Target
    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Heads

_WORDS = ("base", "head", "heads")


def stamp(
    graph: RevisionGraph, current: Heads, targets: Sequence[str], *, purge: bool = False
) -> Plan:
    """Plan the rows as if the database had been migrated to the targets.

    A target replaces the rows that are above or below it and leaves the others. `base` takes
    all rows away, `label@base` those that have to do with that branch. With `purge` the rows
    that are there count for nothing, also those without a script.

    >>> from asyncmigrate.history.graph import RevisionGraph
    >>> from asyncmigrate.history.revision import Revision
    >>> graph = RevisionGraph([Revision("a"), Revision("b", ("a",))])
    >>> stamp(graph, frozenset({"a"}), ["head"]).after
    frozenset({'b'})

    Raises:
        UnknownHeadError, StateError: without `purge`, no plan can be made from `current`.
        TargetError: a target cannot be found, or one is an ancestor of another.
        UsageError: with `purge`, a target that counts from the rows.
    """
    if not purge:
        check_state(graph, current)
    asked = [parse(graph, text) for text in targets]
    known: Heads = frozenset() if purge else current
    if purge:
        _check_absolute(asked)
    places = [(target, _place(graph, known, target)) for target in asked]
    _check_unrelated(graph, {id for _, ids in places for id in ids})
    return Plan(current, tuple(_steps(graph, current, known, places)))


def _place(graph: RevisionGraph, rows: Heads, target: Target) -> tuple[str, ...]:
    if target.from_current:
        return from_current(graph, rows, target)
    reached = named(graph, target)
    # `label@heads` may list a head that another one depends on: that one needs no row.
    return graph.in_load_order(graph.tips(reached))


def _steps(
    graph: RevisionGraph, recorded: Heads, rows: Heads, places: list[tuple[Target, tuple[str, ...]]]
) -> Iterator[Step]:
    for target, ids in sorted(places, key=lambda place: bool(place[1])):  # removals first
        for id in ids or (None,):
            rows = _rows_below(graph, rows, target) if id is None else _rows_with(graph, rows, id)
            if rows != recorded:
                yield Step(None if id is None else graph[id], Direction.STAMP, recorded, rows)
                recorded = rows


def _rows_with(graph: RevisionGraph, rows: Heads, id: str) -> Heads:
    return frozenset(rows - _related(graph, id) | {id})


def _rows_below(graph: RevisionGraph, rows: Heads, target: Target) -> Heads:
    """Give the rows that are left at base: of the branch, or of the revision counted from."""
    if target.from_current and not target.steps:
        return rows
    anchor = target.branch
    if anchor is None and target.place and target.place not in _WORDS:
        anchor = find(graph, target.place)
    return frozenset() if anchor is None else frozenset(rows - _related(graph, anchor))


def _related(graph: RevisionGraph, id: str) -> set[str]:
    return graph.ancestors([id]) | graph.descendants([id])


def _check_absolute(targets: Sequence[Target]) -> None:
    for target in targets:
        if target.from_current:
            raise UsageError(
                f"{target.text!r} counts from where the database is, which --purge disregards.",
                next="Name the revision.",
            )


def _check_unrelated(graph: RevisionGraph, ids: set[str]) -> None:
    tips = graph.tips(ids)
    if len(tips) == len(ids):
        return
    lower = graph.in_load_order(ids - tips)[0]
    upper = next(id for id in graph.in_load_order(tips) if lower in graph.ancestors([id]))
    raise TargetError(
        f"{lower} is an ancestor of {upper}, so a database at {upper} already has it.",
        next=f"`amigrate stamp {upper}` is enough.",
    )
