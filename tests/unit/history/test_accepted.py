"""Ranges of revisions that an application accepts."""

from __future__ import annotations

import pytest

from asyncmigrate.errors import TargetError
from asyncmigrate.history.accepted import accepted
from asyncmigrate.history.graph import RevisionGraph
from asyncmigrate.history.revision import Revision

GRAPH = RevisionGraph(
    [
        Revision("a1"),
        Revision("b2", ("a1",)),
        Revision("c3", ("b2",)),
        Revision("x1", ("a1",)),
    ]
)


@pytest.mark.parametrize(
    ("text", "current", "missing", "beyond"),
    [
        ("heads", ["c3", "x1"], (), ()),
        ("heads", ["b2", "x1"], ("c3",), ()),
        ("heads", [], ("a1", "x1", "b2", "c3"), ()),
        ("b2", ["b2"], (), ()),
        ("b2", ["a1"], ("b2",), ()),
        ("b2", ["c3"], (), ("c3",)),
        ("a1:b2", ["a1"], (), ()),
        ("a1:b2", ["b2"], (), ()),
        ("a1:b2", ["c3"], (), ("c3",)),
        ("b2:", ["a1"], ("b2",), ()),
        ("b2:", ["c3", "x1"], (), ()),
        (":b2", [], (), ()),
        (":b2", ["c3", "x1"], (), ("c3", "x1")),
        ("heads", ["c3", "f00d"], ("x1",), ("f00d",)),
    ],
)
def test_what_is_missing_and_what_is_beyond(
    text: str, current: list[str], missing: tuple[str, ...], beyond: tuple[str, ...]
) -> None:
    found = accepted(GRAPH, text)

    assert set(found.missing(GRAPH, current)) == set(missing)
    assert set(found.beyond(GRAPH, current)) == set(beyond)


def test_what_is_missing_comes_in_the_order_in_which_it_would_run() -> None:
    assert accepted(GRAPH, "c3").missing(GRAPH, []) == ("a1", "b2", "c3")


def test_an_end_that_is_no_revision_is_refused() -> None:
    with pytest.raises(TargetError, match="c4"):
        accepted(GRAPH, "a1:c4")


def test_an_empty_history_accepts_an_empty_database() -> None:
    empty = RevisionGraph([])

    assert accepted(empty, "heads").missing(empty, []) == ()
