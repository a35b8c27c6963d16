"""The order of revisions, newest first."""

from __future__ import annotations

import pytest

from asyncmigrate.history.order import newest_first
from tests.laws.graphs import graph


def newest(text: str, members: str = "", between: str = "") -> str:
    history = graph(text)
    return " ".join(newest_first(history, members.split() or history, between=between.split()))


def test_a_line_is_walked_from_its_head() -> None:
    assert newest("a; b < a; c < b") == "c b a"


def test_one_branch_is_finished_before_the_next_begins() -> None:
    assert newest("a; b1 < a; b2 < b1; c1 < a; c2 < c1") == "b2 b1 c2 c1 a"


def test_the_branch_loaded_first_is_walked_first() -> None:
    assert newest("c2 < c1; c1 < a; b2 < b1; b1 < a; a") == "c2 c1 b2 b1 a"


def test_a_merge_walks_its_parents_as_they_are_written() -> None:
    assert newest("a; b < a; c < a; m < c b") == "m c b a"


def test_a_dependency_comes_after_everything_that_needs_it() -> None:
    assert newest("a1; a2 < a1; n1; n2 < n1 @ a1") == "a2 n2 n1 a1"


def test_a_dependency_that_the_branch_has_already_changes_nothing() -> None:
    text = "a1; n1 @ a1; n2 < n1{}; n3 < n2{}"

    assert newest(text.format(" @ a1", " @ a1")) == newest(text.format("", ""))


def test_several_dependencies_keep_the_order_in_which_they_are_written() -> None:
    assert newest("a; b; c; m @ c a b") == "m c a b"


def test_only_the_members_are_listed() -> None:
    assert newest("a; b < a; c < b", members="b c") == "c b"


def test_members_on_both_sides_of_a_gap_stay_in_order() -> None:
    assert newest("a; b < a; c < b", members="a c", between="b") == "c a"


def test_a_gap_with_no_way_round_does_not_crash() -> None:
    assert sorted(newest("a; b < a; c < b", members="a c").split()) == ["a", "c"]


def test_nothing_in_nothing_out() -> None:
    assert newest("") == ""


@pytest.mark.parametrize("members", ["a b c d", "d c b a", "c a d b"])
def test_the_order_does_not_depend_on_the_order_of_the_set(members: str) -> None:
    assert newest("a; b < a; c < a; d", members=members) == "b c a d"
