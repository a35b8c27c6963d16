"""The revisions that a target means, given where the database is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.errors import TargetError
from asyncmigrate.history.grammar import on_branch, parse
from asyncmigrate.history.lookup import counted, multiple_heads, named, several_current, walk
from asyncmigrate.history.names import described
from asyncmigrate.history.state import check_state, standing

if TYPE_CHECKING:
    from collections.abc import Collection

    from asyncmigrate.history.grammar import Target
    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Heads, Revision


def resolve(graph: RevisionGraph, text: str, current: Heads = frozenset()) -> tuple[Revision, ...]:
    """Give the revisions that any target means; () for base.

    `current` is looked at only if the target counts from it.

    Raises:
        TargetError: it cannot be found, is not on its branch, or leaves the history.
        UnknownHeadError, StateError: it counts from rows that do not fit the history.
    """
    target = parse(graph, text)
    if not target.from_current:
        return tuple(graph[id] for id in named(graph, target))
    check_state(graph, current)
    return tuple(graph[id] for id in from_current(graph, current, target))


def upgrade_target(graph: RevisionGraph, current: Collection[str], text: str) -> tuple[str, ...]:
    """Give the revisions that an upgrade to `text` must reach; () if that is base.

    Raises:
        TargetError: it cannot be found, is below the database, or leaves the history.
    """
    target = parse(graph, text)
    if not target.from_current:
        return named(graph, target)
    if target.steps < 0:
        raise _wrong_way(target, "upgrade", "downgrade")
    return from_current(graph, current, target)


def from_current(
    graph: RevisionGraph, current: Collection[str], target: Target, *, stop_at_end: bool = False
) -> tuple[str, ...]:
    """Give what a target means that counts from the database, up or down; () if that is base."""
    starts = starting_points(graph, current, target)
    if not target.steps:
        return starts
    if len(starts) > 1:
        raise several_current(graph, starts, target)
    return counted(graph, target, starts, stop_at_end=stop_at_end)


def starting_points(
    graph: RevisionGraph, current: Collection[str], target: Target
) -> tuple[str, ...]:
    """Give where the database is on the target's branch.

    Those of its rows that are on the branch; if none is, the newest revisions of the branch
    that are applied because something else needs them.
    """
    rows = graph.in_load_order(target.only(current))
    if rows or target.branch is None:
        return rows
    if target.steps < 0:
        return target.only(standing(graph, current))
    return graph.in_load_order(graph.tips(target.only(graph.ancestors(current))))


def downgrade_target(
    graph: RevisionGraph, current: Collection[str], target: Target
) -> tuple[Target, str | None]:
    """Give the revision to go back to (None for base), and the target with its branch.

    Raises:
        TargetError: it is several revisions, above the database, or leaves the history.
    """
    if not target.from_current:
        reached = named(graph, target)
        if len(reached) > 1:
            raise multiple_heads(graph, reached, target.text)
        return target, reached[0] if reached else None
    if target.steps > 0:
        raise _wrong_way(target, "downgrade", "upgrade")
    starts = starting_points(graph, current, target)
    if not starts:
        raise _nothing_applied(target)
    if len(starts) > 1:
        raise several_current(graph, starts, target)
    if target.branch is None:
        # Only what hangs together with the one row may be undone.
        target = on_branch(graph, target, starts[0])
    return target, walk(graph, target, starts[0])


def _wrong_way(target: Target, command: str, other: str) -> TargetError:
    return TargetError(
        f"{target.text!r} does not lie in the direction of {command}.",
        next=f"Type `amigrate {other} {target.text}` if that is what you mean.",
    )


def _nothing_applied(target: Target) -> TargetError:
    where = f"on the branch {target.branch_text!r}" if target.branch_text else "yet"
    return TargetError(
        f"{target.text!r} counts from where the database is, and nothing is applied {where}.",
        next="`amigrate current` shows where the database is.",
    )


def not_applied(graph: RevisionGraph, current: Collection[str], id: str) -> TargetError:
    """Say that a downgrade cannot end where the database has never been."""
    at = described(graph, graph.in_load_order(current)) or "base"
    return TargetError(
        f"Revision {id} is not applied, so there is no way down to it. The database is at {at}.",
        next="`amigrate history -i` shows what is applied; `amigrate upgrade` goes up.",
    )
