"""Upgrades and downgrades as values: which revisions, in which order, and the rows after each."""

from __future__ import annotations

import pytest

from asyncmigrate.errors import (
    AmbiguousRevisionError,
    MultipleHeadsError,
    StateError,
    TargetError,
    UnknownHeadError,
)
from asyncmigrate.history.plan import all_current, downgrade, pending, unknown, upgrade
from asyncmigrate.history.revision import Direction
from tests.laws.graphs import graph, heads, ran, rows

LINE = "a; b < a; c < b"
SPLIT = "a; b < a; c < a; d < b c"
SHOP = "t1; t2 < t1; w1:web < t2; w2 < w1; n1:net; n2 < n1 @ t1"


def up(text: str, current: str, *targets: str) -> str:
    return ran(upgrade(graph(text), heads(current), targets))


def down(text: str, current: str, target: str) -> str:
    return ran(downgrade(graph(text), heads(current), target))


# --- upgrade ---


def test_an_upgrade_runs_what_is_missing_oldest_first() -> None:
    assert up(LINE, "a", "head") == "b c"


def test_an_upgrade_to_something_applied_is_an_empty_plan() -> None:
    assert up(LINE, "c", "a") == ""
    assert up(LINE, "c", "head") == ""


@pytest.mark.parametrize("target", ["current", "+0", "base"])
def test_an_upgrade_to_where_the_database_is_has_nothing_to_do(target: str) -> None:
    assert up(LINE, "b", target) == ""


def test_an_empty_history_is_up_to_date() -> None:
    assert up("", "", "head") == up("", "", "heads") == ""


def test_an_upgrade_of_one_branch_leaves_the_others_and_runs_its_dependencies() -> None:
    assert up(SHOP, "", "net@head") == "t1 n1 n2"


def test_several_targets_are_one_upgrade_even_if_they_overlap() -> None:
    assert up(LINE, "", "a", "b") == "a b"
    assert up(SPLIT, "a", "b", "c") == "c b"


def test_a_merge_replaces_the_rows_of_both_its_parents() -> None:
    plan = upgrade(graph(SPLIT), heads(), ["head"])

    assert rows(plan) == ["a", "c", "b c", "d"]
    assert plan.before == heads()
    assert plan.after == heads("d")


def test_a_row_disappears_when_another_revision_depends_on_it() -> None:
    plan = upgrade(graph("a; n @ a"), heads(), ["heads"])

    assert rows(plan) == ["a", "n"]


def test_each_step_starts_from_the_rows_that_the_one_before_left() -> None:
    steps = upgrade(graph(SPLIT), heads(), ["head"]).steps

    assert [step.before for step in steps[1:]] == [step.after for step in steps[:-1]]
    assert {step.direction for step in steps} == {Direction.UP}


def test_an_upgrade_by_minus_one_points_to_downgrade() -> None:
    with pytest.raises(TargetError, match="'-1' does not lie in the direction of upgrade") as it:
        up(LINE, "b", "-1")

    assert "amigrate downgrade -1" in it.value.next


def test_the_label_counts_steps_on_its_own_branch_from_the_trunk() -> None:
    assert up(SHOP, "t1", "web@+2") == "t2 w1"


# --- downgrade ---


def test_a_downgrade_undoes_newest_first_and_keeps_its_target() -> None:
    assert down(LINE, "c", "a") == "c b"
    assert down(LINE, "c", "-1") == "c"
    assert down(LINE, "c", "base") == "c b a"


def test_undoing_a_merge_brings_back_the_rows_of_both_parents() -> None:
    plan = downgrade(graph(SPLIT), heads("d"), "a")

    assert rows(plan) == ["b c", "c", "a"]
    assert {step.direction for step in plan.steps} == {Direction.DOWN}


def test_a_parent_that_another_branch_still_stands_on_gets_no_row() -> None:
    assert rows(downgrade(graph("a; b < a; c < a"), heads("b c"), "b@-1")) == ["c"]


def test_downgrading_below_a_dependency_leaves_the_dependency_applied() -> None:
    plan = downgrade(graph(SHOP), heads("n2"), "net@base")

    assert ran(plan) == "n2 n1"
    assert plan.after == heads("t1")


def test_what_depends_on_an_undone_revision_is_undone_first() -> None:
    assert down(SHOP, "t2 n2", "n1@base") == "n2 n1"
    assert down(SHOP, "t2 n2", "web@base") == "t2 n2 t1"


def test_undoing_one_branch_leaves_the_other() -> None:
    assert down(SHOP, "w2 n2", "web@t2") == "w2 w1"


def test_a_downgrade_from_base_to_base_has_nothing_to_do() -> None:
    assert down(LINE, "", "base") == ""


@pytest.mark.parametrize("target", ["current", "c", "head"])
def test_a_downgrade_to_where_the_database_is_has_nothing_to_do(target: str) -> None:
    assert down(LINE, "c", target) == ""


def test_a_downgrade_to_current_with_several_heads_has_nothing_to_do() -> None:
    assert down(SHOP, "w2 n2", "current") == ""


def test_a_downgrade_to_a_revision_that_only_a_dependency_keeps_has_nothing_to_do() -> None:
    assert down("a1; a2 < a1; n @ a1", "n", "a1") == ""


def test_a_downgrade_to_something_not_applied_says_where_the_database_is() -> None:
    with pytest.raises(TargetError, match=r"Revision c is not applied.* The database is at b\."):
        down(LINE, "b", "c")


def test_a_downgrade_with_nothing_applied_says_so() -> None:
    with pytest.raises(TargetError, match="nothing is applied yet"):
        down(LINE, "", "-1")
    with pytest.raises(TargetError, match="nothing is applied on the branch 'web'"):
        down("a; w:web; n:net", "n", "web@-1")


def test_a_downgrade_by_plus_one_points_to_upgrade() -> None:
    with pytest.raises(TargetError, match="does not lie in the direction of downgrade"):
        down(LINE, "b", "+1")


def test_minus_one_with_several_heads_does_not_pick_whichever_row_comes_first() -> None:
    with pytest.raises(AmbiguousRevisionError) as caught:
        down(SHOP, "w2 n2", "-1")

    assert "web@-1, net@-1" in caught.value.next


def test_a_downgrade_to_several_heads_is_refused() -> None:
    with pytest.raises(MultipleHeadsError):
        down(SHOP, "w2 n2", "heads")


def test_a_downgrade_by_more_than_is_applied_says_how_many_there_are() -> None:
    with pytest.raises(TargetError, match="'-9' goes too far: there are only 2 revisions below c"):
        down(LINE, "c", "-9")


def test_a_downgrade_of_a_branch_that_started_in_the_middle_stops_at_its_branch_point() -> None:
    assert down("t; x1:x < t; x2 < x1; y < t", "x2 y", "x@t") == "x2 x1"


# --- the state of the database ---


def test_a_row_without_a_script_names_it_and_the_likely_causes() -> None:
    with pytest.raises(UnknownHeadError, match="The database is at zz") as caught:
        up(LINE, "zz", "head")

    assert caught.value.revisions == ("zz",)
    assert "missing from this checkout" in caught.value.message
    assert "newer version" in caught.value.message
    assert "another application" in caught.value.message
    assert "amigrate stamp --purge" in caught.value.next


def test_a_row_without_a_script_stops_a_downgrade_too() -> None:
    with pytest.raises(UnknownHeadError):
        down(LINE, "zz", "base")


def test_a_row_that_another_row_implies_is_refused() -> None:
    with pytest.raises(StateError, match="but a already counts as applied") as caught:
        up(LINE, "a c", "head")

    assert "amigrate stamp --purge c" in caught.value.next


def test_unknown_rows_are_listed_in_order() -> None:
    assert unknown(graph(LINE), heads("zz a yy")) == ("yy", "zz")


def test_pending_is_what_an_upgrade_to_heads_would_run() -> None:
    assert [each.id for each in pending(graph(SPLIT), heads("c"))] == ["b", "d"]
    assert pending(graph(SPLIT), heads("d")) == ()


def test_pending_is_shown_even_if_a_row_has_no_script() -> None:
    assert [each.id for each in pending(graph(LINE), heads("zz b"))] == ["c"]


def test_current_includes_heads_that_are_implied_by_a_dependency() -> None:
    found = all_current(graph("a1; a2 < a1; n1; n2 < n1 @ a1"), heads("n2"))

    assert [each.id for each in found] == ["a1", "n2"]


def test_current_leaves_out_rows_without_a_script() -> None:
    assert [each.id for each in all_current(graph(LINE), heads("b zz"))] == ["b"]
