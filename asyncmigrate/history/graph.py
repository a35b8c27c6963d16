"""Every revision of a history and how they hang together.

Two kinds of edge: *parents* (`down_revision`) make the branches that people see; *requires*
(`depends_on`) only says what must have run before. Whatever is about order or about what is
applied follows both; heads, branch points and labels follow parents alone.

Building checks everything and costs one pass; whatever a command may not need (children,
ranks, labels) is made when it is first asked for. Nothing recurses and nothing keeps a set
per revision: a history may be ten thousand revisions deep.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from asyncmigrate.history import labels, validate

if TYPE_CHECKING:
    from asyncmigrate.history.revision import Revision


class RevisionGraph(Mapping[str, "Revision"]):
    """The revisions by id, in load order. Never changes once it is built.

    `label_owners` maps each branch label to the revision that declares it, `requirements`
    each revision that has a `depends_on` to the ids that it means.

    >>> from asyncmigrate.history.revision import Revision
    >>> graph = RevisionGraph([Revision("a"), Revision("b", ("a",)), Revision("c", ("a",))])
    >>> graph.heads, graph.bases, graph.is_branch_point("a")
    (('b', 'c'), ('a',), True)

    Raises:
        ScriptError: an id or a label is empty, reserved, or has a character with a meaning.
        DuplicateRevisionError: an id or a label occurs twice.
        MissingRevisionError: a parent or a dependency has no script.
        CycleError: a revision is its own ancestor.
    """

    def __init__(self, revisions: Iterable[Revision]) -> None:
        self._revisions = validate.by_id(revisions)
        self.label_owners: Mapping[str, str] = validate.labels_of(self._revisions)
        self.requirements: Mapping[str, tuple[str, ...]] = validate.requirements_of(
            self._revisions, self.label_owners
        )
        self._parents = validate.edges(self._revisions, self.requirements)
        self._children_first, tips = validate.children_first(self._parents)
        self.real_heads: tuple[str, ...] = tuple(tips)

    def __getitem__(self, id: str) -> Revision:
        return self._revisions[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._revisions)

    def __len__(self) -> int:
        return len(self._revisions)

    def __contains__(self, id: object) -> bool:
        return id in self._revisions

    # --- the ends ---

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """The revisions that are nobody's `down_revision`, in load order.

        `real_heads` leaves out those that some other revision depends on.
        """
        followed = {parent for revision in self.values() for parent in revision.parents}
        return tuple(id for id in self if id not in followed)

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """The revisions without a `down_revision`, in load order."""
        return tuple(id for id, revision in self.items() if not revision.parents)

    # --- one revision ---

    def parents(self, id: str) -> tuple[str, ...]:
        """Give what must run right before: `down_revision`, then `depends_on`, as written."""
        return self._parents[id]

    def children(self, id: str) -> tuple[str, ...]:
        """Give what names this one in `down_revision` or `depends_on`, in load order."""
        return tuple(self._children.get(id, ()))

    def next(self, id: str) -> tuple[str, ...]:
        """Give what names this one in `down_revision`, in load order."""
        return tuple(self._next.get(id, ()))

    def labels(self, id: str) -> tuple[str, ...]:
        """Give the branch labels that reach this revision, in the order of their scripts."""
        reaching = self._labels.get(id, ())
        if len(reaching) < 2:
            return tuple(reaching)
        return tuple(label for label in self.label_owners if label in reaching)

    def is_head(self, id: str) -> bool:
        """Tell whether no revision has this one as its `down_revision`."""
        return not self._next.get(id)

    def is_real_head(self, id: str) -> bool:
        """Tell whether no revision follows this one or depends on it."""
        return not self._children.get(id)

    def is_base(self, id: str) -> bool:
        """Tell whether this revision has no `down_revision`."""
        return not self._revisions[id].parents

    def is_branch_point(self, id: str) -> bool:
        """Tell whether several revisions have this one as their `down_revision`."""
        return len(self._next.get(id, ())) > 1

    def is_merge_point(self, id: str) -> bool:
        """Tell whether this revision has several parents."""
        return len(self._revisions[id].parents) > 1

    def rank(self, id: str) -> int:
        """Give a number that is lower than that of every ancestor."""
        return self._ranks[id]

    # --- many revisions ---

    def parents_first(self) -> Iterator[str]:
        """Walk all revisions so that each comes after its ancestors."""
        return reversed(self._children_first)

    def ancestors(self, ids: Iterable[str], *, include_dependencies: bool = True) -> set[str]:
        """Give `ids` and all that is below them."""
        return _reach(self._parents if include_dependencies else self._down, ids)

    def descendants(
        self,
        ids: Iterable[str],
        *,
        include_dependencies: bool = True,
        within: set[str] | None = None,
    ) -> set[str]:
        """Give `ids` and all that is above them; with `within`, walk through those only."""
        edges = self._children if include_dependencies else self._next
        return _reach(edges, ids) if within is None else _reach_within(edges, ids, within)

    def tips(self, ids: Iterable[str]) -> set[str]:
        """Give those of `ids` that are below no other of them."""
        chosen = set(ids)
        if len(chosen) < 2:
            return chosen
        return chosen - self.ancestors(above for id in chosen for above in self._parents[id])

    def in_load_order(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Give `ids` once each, in the order in which their scripts were loaded."""
        chosen = set(ids)
        return tuple(chosen) if len(chosen) < 2 else tuple(id for id in self if id in chosen)

    # --- made when first asked for ---

    @cached_property
    def _down(self) -> dict[str, tuple[str, ...]]:
        return {id: revision.parents for id, revision in self.items()}

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        return _reversed(self._parents)

    @cached_property
    def _next(self) -> dict[str, list[str]]:
        return _reversed(self._down)

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {id: rank for rank, id in enumerate(self._children_first)}

    @cached_property
    def _labels(self) -> dict[str, frozenset[str]]:
        return labels.reaching(
            self, self.label_owners, parents_first=self.parents_first(), children=self._children
        )


def _reversed(parents: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {}
    for id, above in parents.items():
        for parent in above:
            children.setdefault(parent, []).append(id)
    return children


def _reach(edges: Mapping[str, Iterable[str]], ids: Iterable[str]) -> set[str]:
    seen = set(ids)
    todo = list(seen)
    while todo:
        for id in edges.get(todo.pop(), ()):
            if id not in seen:
                seen.add(id)
                todo.append(id)
    return seen


def _reach_within(
    edges: Mapping[str, Iterable[str]], ids: Iterable[str], within: set[str]
) -> set[str]:
    seen = within.intersection(ids)
    todo = list(seen)
    while todo:
        for id in edges.get(todo.pop(), ()):
            if id in within and id not in seen:
                seen.add(id)
                todo.append(id)
    return seen
