"""The checks that make a pile of scripts a history, each named after what it gives.

All of them run before anything else sees the scripts, so that the rest of the package can
follow edges without asking. Each is one pass.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from asyncmigrate.errors import (
    AmbiguousRevisionError,
    CycleError,
    DuplicateRevisionError,
    MissingRevisionError,
    ScriptError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from asyncmigrate.history.revision import Revision

RESERVED = frozenset({"base", "current", "head", "heads"})
"""Words of the target grammar, which no revision and no label may take."""

_ILLEGAL_IN_ID = re.compile(r"[@:+\-\s]")
_ILLEGAL_IN_LABEL = re.compile(r"[@:\s]")  # older projects have labels such as "my-branch"

# Shorter names match whole only: where only "20" exists, "2" is a mistake and not a prefix.
_SHORTEST_NAME_WITH_PREFIXES = 4


def where(revision: Revision) -> str:
    """Name a script for a person: its file, or its id when it was made in memory."""
    return revision.file or f"revision {revision.id}"


def by_id(revisions: Iterable[Revision]) -> dict[str, Revision]:
    """Index revisions by id, in the order given; refuse illegal and duplicate ids."""
    found: dict[str, Revision] = {}
    for revision in revisions:
        id = revision.id
        if id in found:
            raise _duplicate_id(found[id], revision)
        if id in RESERVED or not id.isalnum():  # the usual id passes without the regex
            _check_id(revision)
        found[id] = revision
    return found


def _duplicate_id(first: Revision, second: Revision) -> DuplicateRevisionError:
    return DuplicateRevisionError(
        f"Two scripts have the revision id {first.id}: {where(first)} and {where(second)}.",
        next="Give one of them another id, or delete the copy.",
    )


def _check_id(revision: Revision) -> None:
    id = revision.id
    if not id:
        problem = "has an empty revision id"
    elif id in RESERVED:
        problem = f"has the revision id {id!r}, which is a word of the target grammar"
    elif illegal := sorted(set(_ILLEGAL_IN_ID.findall(id))):
        shown = " ".join(map(repr, illegal))
        problem = f"has the revision id {id!r}, in which {shown} is not allowed"
    else:
        return
    raise ScriptError(
        f"{where(revision)} {problem}.",
        path=revision.file,
        next="Choose an id without spaces and without @ - + : in it.",
    )


def labels_of(revisions: Mapping[str, Revision]) -> dict[str, str]:
    """Map each branch label to the id of the revision that declares it."""
    labels: dict[str, str] = {}
    for revision in revisions.values():
        for label in revision.labels:
            taken = label if label in revisions else labels.get(label, revision.id)
            if taken != revision.id or label == revision.id:
                raise _label_taken(label, revision, revisions[taken])
            _check_label(label, revision)
            labels[label] = revision.id
    return labels


def _label_taken(label: str, revision: Revision, owner: Revision) -> DuplicateRevisionError:
    use = "the id" if label == owner.id else "a branch label"
    return DuplicateRevisionError(
        f"The branch label {label!r} of {where(revision)} is already {use} of {where(owner)}.",
        next="Choose another branch label.",
    )


def _check_label(label: str, revision: Revision) -> None:
    if not label or label in RESERVED or _ILLEGAL_IN_LABEL.search(label):
        raise ScriptError(
            f"{where(revision)} declares the branch label {label!r}, which nobody could type.",
            path=revision.file,
            next="Choose a label without spaces, @ and :, other than head, heads, base, current.",
        )


def requirements_of(
    revisions: Mapping[str, Revision], labels: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Map each revision that has a `depends_on` to the ids that it means.

    Raises:
        MissingRevisionError: no revision and no label has that name.
        AmbiguousRevisionError: the name is a prefix of several.
    """
    return {
        id: tuple(_required(revisions, labels, revision))
        for id, revision in revisions.items()
        if revision.requires
    }


def edges(
    revisions: Mapping[str, Revision], requirements: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Map each id to everything that must run before it: its parents, then what it requires.

    Raises:
        MissingRevisionError: a parent has no script.
    """
    found: dict[str, tuple[str, ...]] = {}
    for id, revision in revisions.items():
        parents = revision.parents
        for parent in parents:
            if parent not in revisions:
                raise _missing(revision, "down_revision", parent)
        if id in requirements:
            parents += requirements[id]
        found[id] = parents if len(parents) < 2 else tuple(dict.fromkeys(parents))
    return found


def _required(
    revisions: Mapping[str, Revision], labels: Mapping[str, str], revision: Revision
) -> Iterable[str]:
    for name in revision.requires:
        if name in revisions:
            yield name
        elif name in labels:
            yield labels[name]
        else:
            yield _required_by_prefix(revisions, labels, revision, name)


def _required_by_prefix(
    revisions: Mapping[str, Revision], labels: Mapping[str, str], revision: Revision, name: str
) -> str:
    # A script that another tool wrote may hold a shortened id. Rare, so a scan is good enough.
    fits = with_prefix(revisions, labels, name)
    if not fits:
        raise _missing(revision, "depends_on", name)
    if len(fits) > 1:
        raise AmbiguousRevisionError(
            f"{where(revision)} has depends_on {name!r}, which fits {', '.join(fits)}.",
            candidates=fits,
            next="Write the whole id.",
        )
    return fits[0]


def with_prefix(
    revisions: Iterable[str], labels: Mapping[str, str], prefix: str
) -> tuple[str, ...]:
    """Give the revisions whose id or label starts with `prefix`, in load order.

    >>> with_prefix(["ae10a", "ae10b", "27c6"], {"aero": "27c6"}, "ae1")
    ('ae10a', 'ae10b')
    """
    if not prefix:
        return ()
    fits = [name for name in revisions if name.startswith(prefix)]
    fits += [name for name in labels if name.startswith(prefix)]
    long = [name for name in fits if len(name) >= _SHORTEST_NAME_WITH_PREFIXES]
    return tuple(dict.fromkeys(labels.get(name, name) for name in long))


def _missing(revision: Revision, attribute: str, name: str) -> MissingRevisionError:
    return MissingRevisionError(
        f"{where(revision)} (revision {revision.id}) has {attribute} {name!r},"
        " and no script has that id.",
        next="A file may be missing here, for example because it was not committed or not merged"
        f" from another git branch. Add it, or correct {attribute}.",
    )


def children_first(parents: Mapping[str, tuple[str, ...]]) -> tuple[list[str], list[str]]:
    """Order the ids so that each comes before its ancestors, and give the tips among them.

    Raises:
        CycleError: some revision is its own ancestor.
    """
    waiting = dict.fromkeys(parents, 0)
    for above in parents.values():
        for id in above:
            waiting[id] += 1
    order = [id for id, count in waiting.items() if not count]
    tips = order.copy()
    for id in order:  # grows while it is walked
        for parent in parents[id]:
            waiting[parent] -= 1
            if not waiting[parent]:
                order.append(parent)
    if len(order) < len(parents):
        raise _cycle(parents, {id for id, count in waiting.items() if count})
    return order, tips


def _cycle(parents: Mapping[str, tuple[str, ...]], remaining: set[str]) -> CycleError:
    """Walk upwards in what could not be ordered: each has a child there, so it closes."""
    child = {parent: id for id in remaining for parent in parents[id] if parent in remaining}
    at = min(remaining)
    walked: dict[str, None] = {}
    while at not in walked:
        walked[at] = None
        at = child[at]
    ids = list(walked)
    circle = ids[ids.index(at) :]
    start = circle.index(min(circle))  # the same words whatever the order of the files
    circle = circle[start:] + circle[:start]
    if len(circle) == 1:
        message = f"Revision {circle[0]} is its own parent."
    else:
        message = f"These revisions run in a circle: {' -> '.join([*circle, circle[0]])}."
    return CycleError(
        message,
        revisions=circle,
        next="Correct down_revision or depends_on in one of their scripts.",
    )
