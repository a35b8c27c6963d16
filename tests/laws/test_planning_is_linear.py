"""Twice the revisions are twice the work, counted in lines of code and not in seconds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from asyncmigrate.history import plan as planning
from asyncmigrate.history.graph import RevisionGraph
from asyncmigrate.history.revision import Revision

if TYPE_CHECKING:
    from collections.abc import Callable


def lines_run(call: Callable[[], object]) -> int:
    """How many lines of the history package a call executes: work, whatever the machine."""
    count = 0

    def per_line(_frame: Any, event: str, _arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return per_line

    def per_call(frame: Any, _event: str, _arg: Any) -> Any:
        return per_line if "asyncmigrate/history/" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(per_call)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def every_command(revisions: list[Revision]) -> None:
    history = RevisionGraph(revisions)
    plan = planning.upgrade(history, frozenset(), ["heads"])
    planning.downgrade(history, plan.after, "base")
    planning.history(history)
    planning.all_current(history, plan.after)
    planning.pending(history, frozenset())


def chain(name: str, length: int, *, first: str = "", needs: str = "") -> list[Revision]:
    """`name0 < first`, `name1 < name0`, …, each with `needs` filled in as what it requires."""
    return [
        Revision(
            f"{name}{number}",
            parents=(f"{name}{number - 1}",) if number else tuple(first.split()),
            requires=(needs.format(number),) if needs else (),
        )
        for number in range(length)
    ]


def ladder(size: int) -> list[Revision]:
    rungs = [
        [
            Revision(f"left{number}", (f"rung{number}",)),
            Revision(f"right{number}", (f"rung{number}",)),
            Revision(f"rung{number + 1}", (f"left{number}", f"right{number}")),
        ]
        for number in range(size // 3)
    ]
    return [Revision("rung0"), *(revision for rung in rungs for revision in rung)]


def long_branches(size: int) -> list[Revision]:
    branches = [chain(f"branch{number}x", size // 8, first="root") for number in range(8)]
    end = Revision("end", tuple(branch[-1].id for branch in branches))
    return [Revision("root"), *(revision for branch in branches for revision in branch), end]


SHAPES: dict[str, Callable[[int], list[Revision]]] = {
    "a line": lambda size: chain("r", size),
    "a merge after every two": ladder,
    "eight long branches": long_branches,
    "a head for every revision": lambda size: [
        Revision("root"),
        *(Revision(f"leaf{number}", ("root",)) for number in range(size)),
    ],
    "every revision depends on the same one": lambda size: [
        *chain("a", 1),
        *chain("b", size, needs="a0"),
    ],
    "every revision depends on its neighbour": lambda size: [
        *chain("a", size // 2),
        *chain("b", size // 2, needs="a{}"),
    ],
    "two branches depend on a third all along": lambda size: [
        *chain("a", size // 3),
        *chain("b", size // 3, needs="a{}"),
        *chain("c", size // 3, needs="a{}"),
    ],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_revisions_are_twice_the_work(shape: str) -> None:
    small, large = (lines_run(lambda n=n: every_command(SHAPES[shape](n))) for n in (240, 480))

    assert small > 240
    assert large < 2.1 * small
