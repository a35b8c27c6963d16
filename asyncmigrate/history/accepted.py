"""The revisions that an application can live with: a range of the history, not a point.

A release that reads a column which only the newest revision adds needs that revision; one that was
made ready for the next three revisions runs on any of them. So it says both ends: `ae10:head`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from asyncmigrate.history.order import newest_first
from asyncmigrate.history.target import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncmigrate.history.graph import RevisionGraph


@dataclass(frozen=True, slots=True)
class Accepted:
    """At least the revisions of `least` must be applied, and none that is not in `most`.

    >>> from asyncmigrate.history.graph import RevisionGraph
    >>> from asyncmigrate.history.revision import Revision
    >>> graph = RevisionGraph([Revision("a"), Revision("b", ("a",)), Revision("c", ("b",))])
    >>> accepted(graph, "a:b").missing(graph, ["c"]), accepted(graph, "a:b").beyond(graph, ["c"])
    ((), ('c',))
    >>> accepted(graph, "head").missing(graph, ["a"])
    ('b', 'c')
    """

    least: frozenset[str]
    most: frozenset[str]

    def missing(self, graph: RevisionGraph, current: Iterable[str]) -> tuple[str, ...]:
        """Return what would have to run first, in that order; rows without a script count not."""
        lacking = self.least - graph.ancestors(id for id in current if id in graph)
        return tuple(reversed(newest_first(graph, lacking))) if lacking else ()

    def beyond(self, graph: RevisionGraph, current: Iterable[str]) -> tuple[str, ...]:
        """Return what is applied and not accepted: rows without a script, sorted, come last."""
        rows = set(current)
        unknown = {id for id in rows if id not in graph}
        further = graph.ancestors(rows - unknown) - self.most
        known = tuple(reversed(newest_first(graph, further))) if further else ()
        return known + tuple(sorted(unknown))


def accepted(graph: RevisionGraph, text: str) -> Accepted:
    """Return what `text` accepts: one target, or `OLDEST:NEWEST`, of which either may be left out.

    `ae10:` is that revision and everything after it; `heads` is exactly the newest ones.

    Raises:
        TargetError: a side cannot be found.
    """
    oldest, colon, newest = text.partition(":")
    ends = (oldest or "base", newest or "heads") if colon else (text, text)
    least, most = (
        frozenset(graph.ancestors(revision.id for revision in resolve(graph, end))) for end in ends
    )
    return Accepted(least, most)
