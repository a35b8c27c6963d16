"""The order in which revisions run.

A set of revisions is walked from its newest ones down. The walk keeps a list of *slots*,
one per branch that is open, and stays on one branch as long as it can: when a revision
has run out of open children it is emitted, and its slot moves on to its first parent;
further parents open slots at the end of the list. A revision that still has an open child
waits, and the walk goes on in the first slot that is above it. A slot with nowhere to go
closes, and the walk goes on in the slot before it.

This is the order that Alembic's planner gives, so a project that changes tools runs the
same scripts in the same order. Alembic keeps the set of all ancestors of every slot; here
each revision only counts its open children, which makes the walk about linear. Where
Alembic walks a Python set (several dependencies of one revision), the order here is the
one in which the script lists them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.history.redundant import redundant_requirements

if TYPE_CHECKING:
    from collections.abc import Collection, Container

    from asyncmigrate.history.graph import RevisionGraph


def newest_first(
    graph: RevisionGraph, members: Collection[str], *, between: Collection[str] = ()
) -> list[str]:
    """Order `members` so that each comes before its ancestors.

    `between` are revisions that are not wanted but may lie on a path from one member to
    another: a listing that leaves out a middle piece still has to be in order.

    >>> from asyncmigrate.history.graph import RevisionGraph
    >>> from asyncmigrate.history.revision import Revision
    >>> graph = RevisionGraph([Revision("a"), Revision("b", ("a",)), Revision("c", ("a",))])
    >>> newest_first(graph, {"a", "b", "c"})
    ['b', 'c', 'a']
    """
    return _Walk(graph, frozenset(members), frozenset(between) - frozenset(members)).run()


class _Walk:
    """One walk over a history; everything that it changes is its own."""

    def __init__(
        self, graph: RevisionGraph, members: frozenset[str], between: frozenset[str]
    ) -> None:
        self.graph = graph
        self.between = between
        self.waiting_for = _open_children(graph, members | between)
        self.searches: dict[str, _Search] = {}
        self.emitted: list[str] = []
        self.followed = _slot_parents(graph, members)
        self.slots = _Slots()

    def run(self) -> list[str]:
        below = {parent for parents in self.followed.values() for parent in parents}
        for id in self.graph.in_load_order(self.followed.keys() - below):
            self.slots.append(id)
        for id in [id for id in self.between if not self.waiting_for[id]]:
            self._close(id)
        slot = self.slots.first
        while slot is not None:
            id = self.slots.held[slot]
            slot = self._slot_above(slot, id) if self.waiting_for[id] else self._emit(slot, id)
        return self.emitted

    def _emit(self, slot: int, id: str) -> int | None:
        self.emitted.append(id)
        self.searches.pop(id, None)
        self._close(id)
        fresh = [parent for parent in self.followed[id] if parent not in self.slots.of]
        return self.slots.advance(slot, fresh)

    def _close(self, id: str) -> None:
        """Count a revision off; one that is only passed through then closes by itself."""
        todo = [id]
        while todo:
            closed = todo.pop()
            del self.waiting_for[closed]
            for parent in self.graph.parents(closed):
                if parent in self.waiting_for:
                    self.waiting_for[parent] -= 1
                    if not self.waiting_for[parent] and parent in self.between:
                        todo.append(parent)

    def _slot_above(self, slot: int, id: str) -> int | None:
        """Find the first slot that holds a descendant of `id`, which waits for one."""
        at = self._first_possible(slot, id)
        search = self.searches.setdefault(id, _Search(id))
        if at is not None:
            search.go_on(self.graph, self.waiting_for, self.slots.held[at])
        while at is not None and self.slots.held[at] not in search.found:
            at = self.slots.after[at]
        return at

    def _first_possible(self, slot: int, id: str) -> int | None:
        """Give the first other slot whose revision could be above `id`, judged by rank alone."""
        rank = self.graph.rank(id)
        at = self.slots.first
        while at is not None and (at == slot or self.graph.rank(self.slots.held[at]) > rank):
            at = self.slots.after[at]
        return at


class _Search:
    """What has been found above a waiting revision so far.

    A revision may wait many times, once for each branch above it. What is above it does not
    change meanwhile, so the search goes on where it was left.
    """

    def __init__(self, id: str) -> None:
        self.found: set[str] = set()
        self._todo = [id]

    def go_on(self, graph: RevisionGraph, still_open: Container[str], goal: str) -> None:
        """Search until `goal` is found, or else to the end."""
        while self._todo and goal not in self.found:
            for child in graph.children(self._todo.pop()):
                if child in still_open and child not in self.found:
                    self.found.add(child)
                    self._todo.append(child)


class _Slots:
    """A list from which items go at any place, and which only grows at its end.

    A slot's number never changes and numbers grow along the list, so that "the first of
    these slots" is the smallest number.
    """

    def __init__(self) -> None:
        self.held: list[str] = []
        self.before: list[int | None] = []
        self.after: list[int | None] = []
        self.first: int | None = None
        self.last: int | None = None
        self.of: dict[str, int] = {}

    def append(self, id: str) -> None:
        slot = len(self.held)
        self.held.append(id)
        self.before.append(self.last)
        self.after.append(None)
        if self.last is None:
            self.first = slot
        else:
            self.after[self.last] = slot
        self.last = slot
        self.of[id] = slot

    def advance(self, slot: int, ids: list[str]) -> int | None:
        """Put the first of `ids` here and open slots for the others; give where to go on."""
        del self.of[self.held[slot]]
        if not ids:
            return self._remove(slot)
        self.held[slot] = ids[0]
        self.of[ids[0]] = slot
        for id in ids[1:]:
            self.append(id)
        return slot

    def _remove(self, slot: int) -> int | None:
        before, after = self.before[slot], self.after[slot]
        if before is None:
            self.first = after
        else:
            self.after[before] = after
        if after is None:
            self.last = before
        else:
            self.before[after] = before
        return self.first if before is None else before


def _open_children(graph: RevisionGraph, scope: frozenset[str]) -> dict[str, int]:
    """Count the children that each one has in the scope."""
    count = dict.fromkeys(scope, 0)
    for id in scope:
        for parent in graph.parents(id):
            if parent in count:
                count[parent] += 1
    return count


def _slot_parents(graph: RevisionGraph, members: frozenset[str]) -> dict[str, list[str]]:
    """List the parents that a walk goes on to: in the set, and needed by no parent already."""
    redundant = redundant_requirements(graph)
    followed = {id: [parent for parent in graph.parents(id) if parent in members] for id in members}
    for id in members & redundant.keys():
        followed[id] = [parent for parent in followed[id] if parent not in redundant[id]]
    return followed
