"""How far a branch label reaches.

A label belongs to everything above the revision that declares it, and to the stretch of
history right below it: down to, and without, the nearest branch point or merge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from asyncmigrate.history.revision import Revision

_NONE: frozenset[str] = frozenset()


def reaching(
    revisions: Mapping[str, Revision],
    owners: Mapping[str, str],
    *,
    parents_first: Iterable[str],
    children: Mapping[str, Sequence[str]],
) -> dict[str, frozenset[str]]:
    """Map each revision that some label reaches to those labels.

    Revisions of one branch share one set, so this costs about one visit per revision.
    """
    reached: dict[str, frozenset[str]] = {}
    if not owners:
        return reached
    for id in parents_first:
        labels = frozenset(revisions[id].labels)
        for parent in revisions[id].parents:
            labels = _union(reached.get(parent, _NONE), labels)
        if labels:
            reached[id] = labels
    for label, owner in owners.items():
        for id in _stretch_below(owner, revisions, children):
            reached[id] = reached.get(id, _NONE) | {label}
    return reached


def _union(inherited: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    return inherited if other <= inherited else inherited | other


def _stretch_below(
    owner: str, revisions: Mapping[str, Revision], children: Mapping[str, Sequence[str]]
) -> Iterable[str]:
    """Walk down from `owner` until there is more than one way, up or down."""
    at, parents = owner, revisions[owner].parents
    while len(children.get(at, ())) < 2 and len(parents) < 2:
        yield at
        if not parents:
            return
        (at,) = parents
        parents = revisions[at].parents
