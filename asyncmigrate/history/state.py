"""Where a database stands, judged by the rows of its version table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.errors import UnknownHeadError
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

    A row that comes before another row says nothing new and does no harm: Alembic leaves such ones
    behind, when it undoes a merge of which one parent depends on the other.

    Raises:
        UnknownHeadError: a row has no script.
    """
    if missing := unknown(graph, current):
        raise _unknown_head(missing)


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
