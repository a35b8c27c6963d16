"""Histories written as text, and random ones.

    a; b < a; c:web < a; d < b c; n1; n2 < n1 @ a

`<` gives the parents (`down_revision`), `@` what is required (`depends_on`), `:` the
branch labels of a revision (`c:web,api`). The order of the text is the load order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from asyncmigrate.history.graph import RevisionGraph
from asyncmigrate.history.revision import Revision

if TYPE_CHECKING:
    from random import Random

    from asyncmigrate.history.revision import Heads, Plan


def revisions(text: str) -> list[Revision]:
    """The revisions of a text."""
    return [_revision(part) for part in text.split(";") if part.strip()]


def graph(text: str) -> RevisionGraph:
    """The history that a text describes."""
    return RevisionGraph(revisions(text))


def as_text(history: RevisionGraph) -> str:
    """The text of a history, for a failing example."""
    return "; ".join(_text(revision) for revision in history.values())


def heads(text: str = "") -> Heads:
    """Rows of the version table: `heads("b c")`."""
    return frozenset(text.split())


def ran(plan: Plan) -> str:
    """The ids of a plan's steps in order, base as `-`."""
    return " ".join(step.revision.id if step.revision else "-" for step in plan.steps)


def rows(plan: Plan) -> list[str]:
    """The rows after each step."""
    return [" ".join(sorted(step.after)) for step in plan.steps]


def _revision(text: str) -> Revision:
    before, _, requires = text.partition("@")
    name, _, parents = before.partition("<")
    id, _, labels = name.strip().partition(":")
    return Revision(
        id,
        parents=tuple(parents.split()),
        requires=tuple(requires.split()),
        labels=tuple(label for label in labels.split(",") if label),
        file=f"{id}.py",
    )


def _text(revision: Revision) -> str:
    labels = ":" + ",".join(revision.labels) if revision.labels else ""
    parents = " < " + " ".join(revision.parents) if revision.parents else ""
    requires = " @ " + " ".join(revision.requires) if revision.requires else ""
    return revision.id + labels + parents + requires


# --- random histories ---


@st.composite
def histories(draw: st.DrawFn, *, most: int = 25) -> RevisionGraph:
    """A history of branches, merges, labels and dependencies, loaded in any order."""
    size = draw(st.integers(1, most))
    random = draw(st.randoms(use_true_random=False))
    made: list[Revision] = []
    open_heads: list[str] = []
    for id in _ids(random, size):
        parents = _random_parents(random, [each.id for each in made], open_heads)
        open_heads = [each for each in open_heads if each not in parents] + [id]
        made.append(
            Revision(
                id,
                parents,
                requires=_random_requires(random, made),
                labels=(f"label{len(made):02d}",) if random.random() < 0.2 else (),
                file=f"{id}.py",
            )
        )
    return RevisionGraph(sorted(made, key=lambda revision: revision.file))


def _ids(random: Random, size: int) -> list[str]:
    """Ids that sort in no order and share their first characters now and then."""
    start = random.randrange(1000)
    return [f"{(number * 40503) % 65536:04x}e" for number in range(start, start + size)]


def _random_parents(random: Random, made: list[str], open_heads: list[str]) -> tuple[str, ...]:
    chance = random.random()
    if not made or chance < 0.1:
        return ()
    if chance < 0.28 and len(open_heads) > 1:
        return tuple(random.sample(open_heads, random.randint(2, min(3, len(open_heads)))))
    if chance < 0.32 and len(made) > 1:
        return tuple(random.sample(made, 2))
    return (random.choice(made if chance < 0.5 else open_heads),)


def _random_requires(random: Random, made: list[Revision]) -> tuple[str, ...]:
    if not made or random.random() > 0.25:
        return ()
    some = random.sample(made, min(len(made), random.choice((1, 1, 1, 2))))
    return tuple(random.choice((each.id, *each.labels)) for each in some)


@st.composite
def states(draw: st.DrawFn, history: RevisionGraph) -> Heads:
    """Rows that upgrades can lead to: anything applied comes with all that is below it."""
    some = draw(st.lists(st.sampled_from(list(history)), max_size=3))
    return frozenset(history.tips(some))


@st.composite
def targets(draw: st.DrawFn, history: RevisionGraph) -> str:
    """A target of any form, most of them meaningful."""
    ids, labels = list(history), list(history.label_owners)
    name = st.sampled_from(ids + [id[:3] for id in ids] + labels * 2)
    place = draw(st.one_of(st.sampled_from(["head", "heads", "base", ""]), name))
    branch = draw(st.one_of(st.none(), name))
    steps = draw(st.sampled_from([-3, -2, -1, 1, 2, 3] if not place else [0, 0, 0, -2, -1, 1, 2]))
    counted = f"{steps:+d}" if steps else ""
    return f"{branch}@{place}{counted}" if branch else f"{place}{counted}"
