"""What `history` lists for a range."""

from __future__ import annotations

import pytest

from asyncmigrate.errors import AmbiguousRevisionError, TargetError, UnknownHeadError
from asyncmigrate.history.plan import history
from tests.laws.graphs import graph, heads

LINE = "a; b < a; c < b; d < c"
SHOP = "t1; t2 < t1; w1:web < t2; w2 < w1; n1:net; n2 < n1 @ t1; n3 < n2"


def listed(text: str, start: str | None = None, end: str | None = None, current: str = "") -> str:
    return " ".join(each.id for each in history(graph(text), start, end, heads(current)))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, "d c b a"),
        ("", "", "d c b a"),
        ("b", None, "d c b"),
        (None, "c", "c b a"),
        ("b", "c", "c b"),
        ("b", "b", "b"),
        ("base", "b", "b a"),
        ("b", "+1", "c b"),
        ("b", "+9", "d c b"),
        (None, "+2", "b a"),
        ("b", "d-1", "c b"),
        ("-2", None, "d c b"),
        ("-1", "c", "c b"),
        ("current", None, "d c b"),
        (None, "current", "b a"),
        ("-1", "current", "b a"),
        ("current", "+1", "c b"),
        ("current-1", "current+1", "c b a"),
    ],
)
def test_a_range_includes_both_its_ends(start: str | None, end: str | None, expected: str) -> None:
    assert listed(LINE, start, end, current="b") == expected


def test_an_empty_history_lists_nothing() -> None:
    assert listed("") == ""


def test_an_upgrade_view_shows_what_the_branch_needs_from_others() -> None:
    assert listed(SHOP, None, "net@head") == "n3 n2 n1 t1"


def test_a_downgrade_view_shows_the_branch_alone() -> None:
    assert listed(SHOP, "net@base") == "n3 n2 n1"


def test_the_view_of_a_branch_whose_head_another_one_needs_is_not_empty() -> None:
    assert listed("a:web; n:net @ a", "web@base") == "a"


def test_a_start_on_a_branch_leaves_the_others_out() -> None:
    assert listed(SHOP, "web@t1") == "w2 w1 t2 t1"


# --- what users saw with Alembic ---


def test_a_range_over_a_branch_and_a_dependency_does_not_crash() -> None:
    assert listed("a1; a2 < a1; n1; n2 < n1 @ a2", "a1", "heads") == "a2 a1"


def test_minus_n_past_the_first_revision_lists_everything() -> None:
    assert listed(LINE, "-99") == "d c b a"


def test_a_start_may_count_from_a_revision() -> None:
    assert listed(LINE, "d-2") == "d c b"


def test_minus_one_with_several_heads_says_which_branch_it_could_be() -> None:
    with pytest.raises(AmbiguousRevisionError, match="the range has 2 there: w2, n3") as caught:
        listed(SHOP, "-1")

    assert "web@-1, net@-1" in caught.value.next


def test_minus_one_of_a_branch_counts_from_its_head() -> None:
    assert listed(SHOP, "web@-1") == "w2 w1"


def test_a_range_that_runs_backwards_is_refused() -> None:
    with pytest.raises(TargetError, match="starts at c, which is not below its end, b"):
        listed(LINE, "c", "b")


def test_an_end_that_is_not_on_the_branch_is_refused() -> None:
    with pytest.raises(TargetError, match="'n3', which is not on the branch 'web'"):
        listed(SHOP, "web@base", "n3")


@pytest.mark.parametrize(("start", "end"), [("+1", None), (None, "-1"), ("-1", "+1")])
def test_counting_from_nothing_is_refused(start: str | None, end: str | None) -> None:
    with pytest.raises(TargetError, match="nothing to count from"):
        listed(LINE, start, end)


def test_current_with_a_row_without_a_script_says_which() -> None:
    with pytest.raises(UnknownHeadError, match="zz"):
        listed(LINE, "current", None, current="zz")


def test_a_range_that_does_not_say_current_does_not_look_at_the_rows() -> None:
    assert listed(LINE, "c", None, current="zz") == "d c"
