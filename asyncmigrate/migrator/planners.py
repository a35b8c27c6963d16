"""How a command makes its plan, from the graph and what the database is at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.errors import UsageError
from asyncmigrate.history.revision import Direction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Heads, Plan

    Planner = Callable[[RevisionGraph, Heads], Plan]


def direction_of(targets: Sequence[str]) -> Direction:
    """Return which way the targets of `plan` lead: down for `base` and `-N`, else up."""
    down = len(targets) == 1 and (
        targets[0].startswith("-") or targets[0].rpartition("@")[2] == "base"
    )
    return Direction.DOWN if down else Direction.UP


def planner_of(direction: Direction, targets: Sequence[str]) -> Planner:
    """Return the function that plans an upgrade or a downgrade.

    Raises:
        UsageError: a downgrade to none or to several targets.
    """
    from asyncmigrate.history import plan as planning

    if direction is Direction.UP:
        return lambda graph, heads: planning.upgrade(graph, heads, targets or ("head",))
    if len(targets) != 1:
        raise UsageError(
            f"A downgrade needs one target; {len(targets)} were given.",
            next="For example `-1`, `base`, or a revision id.",
        )
    return lambda graph, heads: planning.downgrade(graph, heads, targets[0])
