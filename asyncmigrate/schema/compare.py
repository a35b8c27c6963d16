"""Both sides of a comparison, and what has to change: pure, so a person can be asked in between.

Reading comes first and once (`scripts.autogenerate`). What follows is values: changes, questions
about renames, decisions, and changes again, without a connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from asyncmigrate.schema import renames as renaming
from asyncmigrate.schema.collector import uncollected
from asyncmigrate.schema.diff import diff
from asyncmigrate.schema.match import matched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.operations import Change
    from asyncmigrate.schema.renames import Question
    from asyncmigrate.schema.snapshot import Key, Snapshot


@dataclass(frozen=True, slots=True)
class Sides:
    """What the database holds and what models declare, with texts as this server prints them."""

    live: Snapshot
    declared: Snapshot
    unnamed: frozenset[Key]
    """The keys of declared objects whose names nobody chose."""
    forms: Forms
    not_compared: tuple[str, ...] = ()
    """What was left out, in words: silence means that everything is equal."""
    structure: tuple[str, ...] = ()
    """The statements of which the database is made, where it keeps them (SQLite)."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person has said about renames; paths as `Key.path` writes them."""

    renames: Mapping[str, str] = field(default_factory=dict)
    not_renamed: frozenset[str] = frozenset()
    """What goes, and did not become anything else."""
    no_renames: bool = False
    """Nothing was renamed beyond what `renames` and the models say."""

    def and_renamed(self, old: str, new: str) -> Decisions:
        """Return these decisions and one more."""
        return replace(self, renames={**self.renames, old: new})

    def and_not_renamed(self, old: str) -> Decisions:
        """Return these decisions and one more."""
        return replace(self, not_renamed=self.not_renamed | {old})


@dataclass(frozen=True, slots=True)
class Comparison:
    """What has to change for the database to be what models declare."""

    live: Snapshot
    """The database as it is after the renames."""
    declared: Snapshot
    """The models, everything named."""
    changes: tuple[Change, ...]
    """Renames first; otherwise in no order that a database could use: see `order`."""
    questions: tuple[Question, ...]
    """Drops and creations that may be renames; while there are any, the changes are not final."""
    forms: Forms
    not_compared: tuple[str, ...] = ()
    structure: tuple[str, ...] = ()


@uncollected()
def compare(
    sides: Sides, decisions: Decisions = Decisions(), takes: Callable[[Change], bool] | None = None
) -> Comparison:
    """Return what has to change. `takes` leaves changes out (`include_object`).

    Raises:
        ValueError: a rename was decided on that cannot be.
    """
    said, live = renaming.said(decisions.renames, sides.live, sides.declared)
    declared = matched(sides.declared, sides.unnamed, live)
    changes = diff(live, declared)
    twins = renaming.same_but_for_the_name(changes)
    if twins:
        live = renaming.apply(live, twins)
        changes = diff(live, declared)
    if takes is not None:
        changes = [each for each in changes if takes(each)]
    open_questions = [] if decisions.no_renames else renaming.questions(changes, live, declared)
    return Comparison(
        live,
        declared,
        (*said, *twins, *changes),
        tuple(q for q in open_questions if q.before.key.path not in decisions.not_renamed),
        sides.forms,
        sides.not_compared,
        sides.structure,
    )
