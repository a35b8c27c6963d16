"""The values of a history: a revision, a step, a plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

Heads: TypeAlias = frozenset[str]
"""What the version table holds: one id per head."""

_TEMPLATE = ("Revision ID:", "Revises:", "Create Date:")
"""What the template puts below the message; some projects leave out the empty line between."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One migration script's header.

    `parents` is the script's `down_revision`, `requires` its `depends_on`, both as written
    (`requires` may hold branch labels). `file` is a string, because a history of ten thousand
    scripts makes ten thousand of these on the way to "nothing to do".
    """

    id: str
    parents: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    doc: str = ""
    file: str = ""

    @property
    def paragraph(self) -> str:
        """The first paragraph of the docstring, with its line breaks."""
        return self.doc.strip().split("\n\n", 1)[0]

    @property
    def message(self) -> str:
        r"""The first paragraph on one line, without what the template writes below the message.

        >>> Revision("b2", doc="Add a price.\nRevision ID: b2\nRevises: a1").message
        'Add a price.'
        """
        lines = map(str.strip, self.paragraph.split("\n"))
        return " ".join(" ".join(each for each in lines if not each.startswith(_TEMPLATE)).split())

    @property
    def path(self) -> Path | None:
        """Where the script is, or None for a revision that was made in memory."""
        return Path(self.file) if self.file else None


class Direction(StrEnum):
    """Which way a step goes."""

    UP = "upgrade"
    DOWN = "downgrade"
    STAMP = "stamp"


@dataclass(frozen=True, slots=True)
class Step:
    """One revision to run (or, for a stamp, to record), with the heads before and after it.

    `revision` is None only for a stamp to base.
    """

    revision: Revision | None
    direction: Direction
    before: Heads
    after: Heads


@dataclass(frozen=True, slots=True)
class Plan:
    """What would run, in order. Empty when there is nothing to do."""

    before: Heads
    steps: tuple[Step, ...] = ()

    @property
    def after(self) -> Heads:
        """The heads once every step has run."""
        return self.steps[-1].after if self.steps else self.before
