"""The target grammar: every form, and every way to get it wrong."""

from __future__ import annotations

import pytest

from asyncmigrate.errors import (
    AmbiguousRevisionError,
    MultipleHeadsError,
    TargetError,
    UnknownHeadError,
    UnknownRevisionError,
    UsageError,
)
from asyncmigrate.history.grammar import parse_range
from asyncmigrate.history.target import resolve
from tests.laws.graphs import graph, heads

LINE = "1975ea; ae1027 < 1975ea; 27c6a3 < ae1027"
SHOP = "t1; t2 < t1; w1:web < t2; w2 < w1; n1:net; n2 < n1 @ t1"


def meaning(text: str, target: str, current: str = "") -> str:
    return " ".join(revision.id for revision in resolve(graph(text), target, heads(current)))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("head", "27c6a3"),
        ("heads", "27c6a3"),
        ("base", ""),
        ("ae1027", "ae1027"),
        ("ae1", "ae1027"),
        ("1", "1975ea"),
        (" head ", "27c6a3"),
        ("head-1", "ae1027"),
        ("head-2", "1975ea"),
        ("head-3", ""),
        ("base+1", "1975ea"),
        ("1975ea+2", "27c6a3"),
        ("ae1+1", "27c6a3"),
        ("27c6a3-1", "ae1027"),
        ("ae1@head", "27c6a3"),
        ("ae1@base", ""),
        ("ae1@1975", "1975ea"),
    ],
)
def test_a_line_of_revisions_understands(target: str, expected: str) -> None:
    assert meaning(LINE, target) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("heads", "w2 n2"),
        ("web", "w1"),
        ("web@head", "w2"),
        ("web@heads", "w2"),
        ("web@base", ""),
        ("web@t2", "t2"),
        ("web@t1+1", "t2"),
        ("web@base+3", "w1"),
        ("web@head-1", "w1"),
        ("web+1", "w2"),
        ("net@head", "n2"),
        ("n1@head", "n2"),
    ],
)
def test_a_history_with_branches_understands(target: str, expected: str) -> None:
    assert meaning(SHOP, target) == expected


@pytest.mark.parametrize(
    ("target", "current", "expected"),
    [
        ("current", "t1 n1", "t1 n1"),
        ("current", "", ""),
        ("web@current", "t1 n1", "t1"),
        ("+1", "t1", "t2"),
        ("-1", "t2", "t1"),
        ("-1", "t1", ""),
        ("current+1", "t1", "t2"),
        ("current-1", "t2", "t1"),
        ("+0", "t2", "t2"),
        ("web@+1", "", "t1"),
        ("web@+1", "t1 n1", "t2"),
        ("web@+2", "n2", "w1"),
        ("web@-1", "w1 n1", "t2"),
        ("net@-1", "w2 n2", "n1"),
    ],
)
def test_counting_starts_where_the_database_is(target: str, current: str, expected: str) -> None:
    assert meaning(SHOP, target, current) == expected


def test_a_branch_that_is_applied_only_because_of_a_dependency_can_be_counted_from() -> None:
    assert meaning("a1:web; a2 < a1; n1:net @ a2", "web@-1", "n1") == "a1"


def test_counting_down_at_a_merge_follows_the_branch() -> None:
    assert meaning("a:left; b:right; m < a b", "right@m-1") == "b"


@pytest.mark.parametrize(
    ("target", "expected"),
    [("release-2", "b"), ("release-2@head", "c"), ("my-branch", "a"), ("release-2+1", "c")],
)
def test_a_label_that_looks_like_counting_is_still_a_label(target: str, expected: str) -> None:
    assert meaning("a:my-branch; b:release-2 < a; c < b", target) == expected


def test_a_label_may_be_shortened_like_an_id() -> None:
    assert meaning("a:networking; b < a", "netw@head") == "b"


def test_an_id_of_digits_is_not_a_number() -> None:
    assert meaning("1975; 1976 < 1975", "1975") == "1975"


def test_a_short_id_is_never_meant_by_its_start() -> None:
    with pytest.raises(UnknownRevisionError):
        meaning("20; 21 < 20", "2")


def test_an_empty_history_has_nothing_at_head_and_at_heads() -> None:
    assert meaning("", "head") == meaning("", "heads") == ""


# --- what users saw with Alembic, and what is said here ---


def test_walking_past_the_end_is_not_a_bare_assertion_error() -> None:
    with pytest.raises(TargetError, match=r"'ae1027\+9' goes too far: there is only 1 revision"):
        meaning(LINE, "ae1027+9")


def test_walking_past_the_beginning_is_not_a_bare_assertion_error() -> None:
    with pytest.raises(TargetError, match="'1975ea-2' goes too far: there is no revision below"):
        meaning(LINE, "1975ea-2")


def test_going_down_from_base_does_not_start_again_at_the_head() -> None:
    with pytest.raises(TargetError, match="no revision below base"):
        meaning(LINE, "base-1")


def test_more_steps_than_revisions_says_how_many_there_are() -> None:
    with pytest.raises(TargetError, match=r"'\+99' goes too far: there are only 2 revisions"):
        meaning(LINE, "+99", "1975ea")


def test_an_ambiguous_start_lists_the_candidates_instead_of_cannot_locate() -> None:
    with pytest.raises(AmbiguousRevisionError, match="'ae10' fits 2 revisions") as caught:
        meaning("ae10a; ae10b < ae10a", "ae10")

    assert caught.value.candidates == ("ae10a", "ae10b")


def test_a_branch_that_does_not_exist_lists_those_that_do() -> None:
    with pytest.raises(UnknownRevisionError, match="Branch labels of this history: web, net"):
        meaning(SHOP, "shop@head")


def test_a_branch_of_a_history_without_labels_says_so() -> None:
    with pytest.raises(UnknownRevisionError, match="Branch labels of this history: none"):
        meaning(LINE, "shop@head")


def test_an_unknown_id_offers_the_nearest_ones() -> None:
    with pytest.raises(UnknownRevisionError, match="'ae1072'") as caught:
        meaning(LINE, "ae1072")

    assert caught.value.next == "Did you mean ae1027?"


def test_a_misspelt_word_offers_the_word() -> None:
    with pytest.raises(UnknownRevisionError, match="'haed'") as caught:
        meaning(LINE, "haed")

    assert caught.value.next == "Did you mean head or heads?"


def test_a_revision_of_another_branch_is_named_as_such() -> None:
    with pytest.raises(TargetError, match="Revision n1 is not on the branch 'web'"):
        meaning(SHOP, "web@n1")


def test_the_start_of_an_id_of_another_branch_is_found_and_refused() -> None:
    with pytest.raises(TargetError, match="Revision ae10a is not on the branch 'web'"):
        meaning("ae10a; b:web", "web@ae10")


def test_several_heads_are_listed_with_what_to_type() -> None:
    with pytest.raises(MultipleHeadsError, match="there are 2: w2, n2") as caught:
        meaning(SHOP, "head")

    assert caught.value.heads == ("w2", "n2")
    assert "web@head or net@head" in caught.value.next
    assert "amigrate merge heads" in caught.value.next
    assert "Type heads" in caught.value.next


def test_several_ways_up_are_listed() -> None:
    with pytest.raises(AmbiguousRevisionError, match="above t there are x, y") as caught:
        meaning("t; x < t; y < t", "t+1")

    assert caught.value.candidates == ("x", "y")


def test_several_ways_down_are_listed() -> None:
    with pytest.raises(AmbiguousRevisionError, match="below m there are x, y"):
        meaning("x; y; m < x y", "m-1")


def test_counting_from_several_current_heads_lists_what_to_type() -> None:
    with pytest.raises(AmbiguousRevisionError, match="it is at 2 revisions: w1, n1") as caught:
        meaning(SHOP, "-1", "w1 n1")

    assert caught.value.next == "Say which branch is meant: web@-1, net@-1."


def test_heads_without_a_label_of_their_own_are_listed_by_id() -> None:
    with pytest.raises(AmbiguousRevisionError) as caught:
        meaning("t:all; x < t; y < t", "+1", "x y")

    assert "x@+1, y@+1" in caught.value.next


def test_counting_from_rows_without_a_script_says_which() -> None:
    with pytest.raises(UnknownHeadError, match="gone"):
        meaning(LINE, "+1", "gone")


@pytest.mark.parametrize("text", ["", "@", "@head", "web@", "web@net@head"])
def test_a_target_with_a_hole_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a target"):
        meaning(SHOP, text)


def test_a_range_is_refused_where_one_target_is_wanted() -> None:
    with pytest.raises(UsageError, match="is a range"):
        meaning(LINE, "1975ea:head")


def test_something_after_the_number_is_not_ignored() -> None:
    with pytest.raises(UnknownRevisionError, match=r"'ae10\+1xyz'"):
        meaning(LINE, "ae10+1xyz")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a:b", ("a", "b")), ("a:", ("a", "")), (":b", ("", "b")), (":", ("", ""))],
)
def test_a_range_may_leave_out_its_ends(text: str, expected: tuple[str, str]) -> None:
    assert parse_range(text) == expected


@pytest.mark.parametrize("text", ["a:b:c", "a", ""])
def test_a_range_with_two_colons_or_none_is_not_a_value_error(text: str) -> None:
    with pytest.raises(UsageError, match="not a range"):
        parse_range(text)
