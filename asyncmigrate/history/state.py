"""Where a database stands, judged by the rows of its version table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.errors import StateError, UnknownHeadError
from asyncmigrate.history.names import listing
from asyncmigrate.history.order import newest_first

if TYPE_CHECKING:
    from collections.abc import Collection

    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Heads, Revision


def unknown(graph: RevisionGraph, current: Heads) -> tuple[str, ...]:
    """Give the rows for which there is no script, sorted."""
    return tuple(sorted(id for id in current if id not in graph))


def check_state(graph: RevisionGraph, current: Heads) -> None:
    """Refuse rows from which no plan can be made.

    A row that another one only depends on says nothing new and does no harm: Alembic leaves such
    rows behind, when it undoes a merge of which one parent depends on the other.

    Raises:
        UnknownHeadError: a row has no script.
        StateError: a row is an ancestor of another, by `down_revision` alone.
    """
    if missing := unknown(graph, current):
        raise _unknown_head(missing)
    tips = graph.tips(current)
    if len(tips) < len(current) and (below := _followed(graph, current)):
        raise _nested(graph, current, current - below)


def pending(graph: RevisionGraph, current: Heads) -> tuple[Revision, ...]:
    """Give what `upgrade heads` would run, in that order; rows without a script count for nothing.

    Costs nothing at head, and never raises: a status must be shown whatever the rows are.
    """
    if current.issuperset(graph.real_heads):
        return ()
    missing = graph.keys() - graph.ancestors(id for id in current if id in graph)
    return tuple(graph[id] for id in reversed(newest_first(graph, missing)))


def all_current(graph: RevisionGraph, current: Heads) -> tuple[Revision, ...]:
    """Give the newest applied revision of every branch, in load order.

    These are the rows, and what has no row of its own because another row depends on it.
    Rows without a script are left out.
    """
    return tuple(graph[id] for id in standing(graph, [id for id in current if id in graph]))


def standing(graph: RevisionGraph, current: Collection[str]) -> tuple[str, ...]:
    """Give the applied revisions that no applied revision has as its `down_revision`."""
    applied = graph.ancestors(current)
    followed = {parent for id in applied for parent in graph[id].parents}
    return graph.in_load_order(applied - followed)


def _followed(graph: RevisionGraph, current: Heads) -> Heads:
    """Give the rows that come before another row, by `down_revision` alone."""
    seen: set[str] = set()
    todo = [parent for id in current for parent in graph[id].parents]
    while todo:
        id = todo.pop()
        if id not in seen:
            seen.add(id)
            todo += graph[id].parents
    return current & seen


def _unknown_head(ids: tuple[str, ...]) -> UnknownHeadError:
    several = len(ids) > 1
    return UnknownHeadError(
        f"The database is at {listing(ids)}, and there is no script for"
        f" {'these revisions' if several else 'this revision'}. Perhaps a script is missing from"
        " this checkout, a newer version of the application migrated the database, or the"
        " version table is another application's.",
        revisions=ids,
        next=f"Get the missing {'files' if several else 'file'}; or, when you are certain where"
        " the database really is, `amigrate stamp --purge REVISION`.",
    )


def _nested(graph: RevisionGraph, current: Heads, tips: Heads) -> StateError:
    below = listing(graph.in_load_order(current - tips))
    kept = " ".join(graph.in_load_order(tips))
    return StateError(
        f"The version table holds {listing(graph.in_load_order(current))}, but {below} already"
        " counts as applied, because another row comes after it.",
        next=f"If the database really is there, `amigrate stamp --purge {kept}` leaves the rows"
        " that are needed.",
    )
