"""Stamps: which rows a target replaces."""

from __future__ import annotations

import pytest

from asyncmigrate.errors import (
    MultipleHeadsError,
    StateError,
    TargetError,
    UnknownHeadError,
    UsageError,
)
from asyncmigrate.history.plan import stamp
from asyncmigrate.history.revision import Direction
from tests.laws.graphs import graph, heads, ran, rows

LINE = "a; b < a; c < b"
SHOP = "t; w1:web < t; w2 < w1; y < t; n1:net; n2 < n1 @ t"


def after(text: str, current: str, *targets: str, purge: bool = False) -> str:
    return " ".join(sorted(stamp(graph(text), heads(current), targets, purge=purge).after))


@pytest.mark.parametrize(
    ("current", "target", "expected"),
    [
        ("", "head", "c"),
        ("a", "c", "c"),
        ("c", "a", "a"),
        ("c", "base", ""),
        ("b", "+1", "c"),
        ("b", "-1", "a"),
        ("a", "-1", ""),
        ("b", "current", "b"),
    ],
)
def test_a_stamp_moves_the_row_of_a_line(current: str, target: str, expected: str) -> None:
    assert after(LINE, current, target) == expected


@pytest.mark.parametrize(
    ("current", "target", "expected"),
    [
        ("n1", "w2", "n1 w2"),
        ("w2 y", "t", "t"),
        ("w1 y", "w2", "w2 y"),
        ("w2 n2", "web@base", "n2"),
        ("w2 n1", "web@base", "n1"),
        ("w2 n1", "base", ""),
        ("", "heads", "n2 w2 y"),
        ("w1 n1", "n1-1", "w1"),
        ("", "web@-0", ""),
    ],
)
def test_a_stamp_replaces_related_rows_and_leaves_the_others(
    current: str, target: str, expected: str
) -> None:
    assert after(SHOP, current, target) == expected


def test_a_stamp_to_where_the_database_is_has_no_step() -> None:
    assert stamp(graph(LINE), heads("c"), ["head"]).steps == ()


def test_each_target_is_a_step_and_base_is_a_step_without_a_revision() -> None:
    plan = stamp(graph(SHOP), heads("n1"), ["w2", "y"])
    emptied = stamp(graph(SHOP), heads("w2 n1"), ["base"])

    assert (ran(plan), rows(plan)) == ("w2 y", ["n1 w2", "n1 w2 y"])
    assert (ran(emptied), rows(emptied)) == ("-", [""])
    assert {step.direction for step in (*plan.steps, *emptied.steps)} == {Direction.STAMP}


def test_a_second_target_does_not_take_the_first_away() -> None:
    assert after("a; b < a; c < a", "a", "b", "c") == "b c"
    assert after("a; b < a; c < a; d < b; e < c", "b c", "d", "e") == "d e"


def test_a_branch_can_be_emptied_while_another_is_stamped() -> None:
    assert after(SHOP, "w2", "n1", "web@base") == "n1"


def test_a_target_and_its_own_descendant_are_refused_by_name() -> None:
    with pytest.raises(TargetError, match="a is an ancestor of c") as caught:
        after(LINE, "", "a", "c")

    assert "amigrate stamp c" in caught.value.next


def test_the_same_target_twice_is_one_target() -> None:
    assert after(LINE, "", "head", "c") == "c"


def test_several_heads_are_listed_when_one_is_asked_for() -> None:
    with pytest.raises(MultipleHeadsError):
        after(SHOP, "", "head")


def test_a_row_without_a_script_is_refused_without_purge() -> None:
    with pytest.raises(UnknownHeadError):
        after(LINE, "zz", "head")
    with pytest.raises(StateError):
        after(LINE, "a c", "head")


def test_purge_forgets_whatever_was_there() -> None:
    plan = stamp(graph(LINE), heads("zz a"), ["b"], purge=True)

    assert plan.before == heads("zz a")
    assert rows(plan) == ["b"]


def test_purge_to_base_empties_the_table() -> None:
    assert after(LINE, "zz", "base", purge=True) == ""


def test_purge_cannot_count_from_rows_that_it_forgets() -> None:
    with pytest.raises(UsageError, match="--purge disregards"):
        after(LINE, "a", "+1", purge=True)


def test_a_branch_head_that_another_head_needs_gets_no_row() -> None:
    text = "t:all; x < t; y < t @ x"

    assert after(text, "", "all@heads") == "y"
