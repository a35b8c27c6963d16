"""What people type to say where to go, and the revisions that it means.

    target   := [branch '@'] place
    place    := 'head' | 'heads' | 'base' | 'current' | name | [name or word] ('+' | '-') N
    name     := a whole id | a unique start of one | a branch label
    branch   := a branch label | an id or a unique start of one
    range    := [target] ':' [target]

Without a name, `+N` and `-N` count from where the database is. `label` alone is the revision
that declares it; `label@head` is the end of its branch.

Going up, `+N` follows `down_revision` only, and inside the branch if one is given. Going
down, a merge is a fork in the road: the branch decides if it can, else it is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from asyncmigrate.errors import UsageError
from asyncmigrate.history.names import find_branch, lineage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncmigrate.history.graph import RevisionGraph

_COUNTED = re.compile(r"(.*?)([+-]\d+)", re.DOTALL)

_DIGITS = 10  # no history is longer, and Python refuses to read numbers that are much longer

CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Target:
    """A target, taken apart but not yet looked up.

    `place` is "" where the text only counts (`+2`, `label@-1`); `steps` is 0 where it does not.
    `branch` is the revision that stands for the branch, `members` what is on it.
    """

    text: str
    place: str
    steps: int = 0
    branch: str | None = None
    members: frozenset[str] | None = None

    @property
    def from_current(self) -> bool:
        """True if this counts from where the database is."""
        return self.place in ("", CURRENT)

    @property
    def branch_text(self) -> str:
        """The branch as it was typed, or "" if none was."""
        return self.text.rpartition("@")[0]

    def only(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Give those of `ids` that are on the branch, if there is one."""
        return tuple(id for id in ids if self.members is None or id in self.members)


def parse(graph: RevisionGraph, text: str) -> Target:
    """Take a target apart and look its branch up.

    >>> from asyncmigrate.history.graph import RevisionGraph
    >>> parse(RevisionGraph([]), "ae10+2")
    Target(text='ae10+2', place='ae10', steps=2, branch=None, members=None)

    Raises:
        UsageError: it is empty, a range, or has a hole.
        UnknownRevisionError, AmbiguousRevisionError: the branch cannot be found.
    """
    text = text.strip()
    branch, at, rest = text.rpartition("@")
    if not rest or (at and not branch) or "@" in branch:
        raise UsageError(
            f"{text!r} is not a target.",
            next="A target is head, heads, base, current, a revision, +1, -1 or branch@head.",
        )
    if ":" in text:
        raise UsageError(
            f"{text!r} is a range, and one target is wanted here.",
            next="Ranges (from:to) are for `history -r` and for --sql.",
        )
    target = Target(text, *_place(graph, rest))
    if not at:
        return target
    return on_branch(graph, target, find_branch(graph, branch))


def on_branch(graph: RevisionGraph, target: Target, id: str) -> Target:
    """Narrow a target to what is above and below the revision `id`."""
    return replace(target, branch=id, members=frozenset(lineage(graph, id)))


def _place(graph: RevisionGraph, text: str) -> tuple[str, int]:
    counted = _COUNTED.fullmatch(text)
    if counted is None or text in graph.label_owners:  # a label may be "release-2"
        return text, 0
    return counted[1], int(counted[2][:_DIGITS])


def parse_range(text: str) -> tuple[str, str]:
    """Split `start:end`; a side that was left out is "".

    >>> parse_range("ae10:"), parse_range(":head")
    (('ae10', ''), ('', 'head'))

    Raises:
        UsageError: there is no colon, or more than one.
    """
    start, colon, end = text.strip().partition(":")
    if not colon or ":" in end:
        raise UsageError(
            f"{text!r} is not a range.",
            next="A range is start:end, start: or :end, for example ae10:head.",
        )
    return start.strip(), end.strip()
