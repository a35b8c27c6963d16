"""What a history knows about its revisions, and which piles of scripts are none."""

from __future__ import annotations

import pytest

from asyncmigrate.errors import (
    AmbiguousRevisionError,
    CycleError,
    DuplicateRevisionError,
    MissingRevisionError,
    ScriptError,
)
from asyncmigrate.history.graph import RevisionGraph
from asyncmigrate.history.revision import Revision
from tests.laws.graphs import graph

SHOP = "a; b < a; c:web < a; d < b c; n1:net; n2 < n1 @ a"


def test_a_history_is_a_mapping_from_ids_to_revisions_in_load_order() -> None:
    shop = graph(SHOP)

    assert list(shop) == ["a", "b", "c", "d", "n1", "n2"]
    assert len(shop) == 6
    assert shop["d"].parents == ("b", "c")
    assert "n1" in shop
    assert "net" not in shop


def test_heads_follow_parents_only_and_real_heads_follow_dependencies_too() -> None:
    history = graph("a1; n1; n2 < n1 @ a1")

    assert history.heads == ("a1", "n2")
    assert history.real_heads == ("n2",)
    assert history.is_head("a1")
    assert not history.is_real_head("a1")


def test_bases_are_the_revisions_without_a_parent_even_if_they_depend_on_others() -> None:
    history = graph("a1; n1 @ a1")

    assert history.bases == ("a1", "n1")
    assert history.is_base("n1")


def test_parents_come_as_written_and_before_dependencies() -> None:
    history = graph("a; b; c; d < c a @ b")

    assert history.parents("d") == ("c", "a", "b")


def test_a_revision_that_is_parent_and_dependency_is_named_once() -> None:
    assert graph("a; b < a @ a").parents("b") == ("a",)


def test_children_come_in_load_order_and_next_leaves_dependents_out() -> None:
    shop = graph(SHOP)

    assert shop.children("a") == ("b", "c", "n2")
    assert shop.next("a") == ("b", "c")


def test_branch_points_and_merge_points_follow_parents_only() -> None:
    shop = graph(SHOP)

    assert shop.is_branch_point("a")
    assert not shop.is_branch_point("n1")
    assert shop.is_merge_point("d")
    assert not shop.is_merge_point("n2")


def test_a_label_reaches_up_to_the_heads_and_down_to_the_branch_point() -> None:
    history = graph("t; x < t; y < t; x2:web < x; x3 < x2; x4 < x3")

    assert [history.labels(id) for id in ("x", "x2", "x4")] == [("web",)] * 3
    assert history.labels("t") == ()
    assert history.labels("y") == ()


def test_a_label_on_a_merge_does_not_reach_below_it() -> None:
    history = graph("a; b; m:both < a b; c < m")

    assert history.labels("a") == ()
    assert history.labels("c") == ("both",)


def test_a_revision_after_a_merge_carries_the_labels_of_both_branches() -> None:
    assert graph("a:left; b:right; m < a b").labels("m") == ("left", "right")


def test_a_dependency_may_be_named_by_label() -> None:
    history = graph("a:web; a2 < a; n @ web")

    assert history.parents("n") == ("a",)


def test_a_dependency_may_be_named_by_the_start_of_an_id() -> None:
    assert graph("27c6a30; n @ 27c6").parents("n") == ("27c6a30",)


def test_a_dependency_that_fits_two_ids_lists_both() -> None:
    with pytest.raises(AmbiguousRevisionError, match=r"n\.py has depends_on '27c6'") as caught:
        graph("27c6a30; 27c6b40; n @ 27c6")

    assert caught.value.candidates == ("27c6a30", "27c6b40")


def test_ancestors_and_descendants_include_where_they_start() -> None:
    shop = graph(SHOP)

    assert shop.ancestors(["n2"]) == {"n2", "n1", "a"}
    assert shop.ancestors(["n2"], include_dependencies=False) == {"n2", "n1"}
    assert shop.descendants(["a"]) == set("abcd") | {"n2"}
    assert shop.descendants(["a"], include_dependencies=False) == set("abcd")
    assert shop.descendants(["a"], within={"a", "b", "d"}) == {"a", "b", "d"}


def test_tips_are_below_no_other_even_with_gaps_between() -> None:
    assert graph("a; b < a; c < b; x").tips({"a", "c", "x"}) == {"c", "x"}


def test_an_empty_history_has_no_ends() -> None:
    empty = graph("")

    assert (empty.heads, empty.real_heads, empty.bases) == ((), (), ())


def test_ten_thousand_revisions_deep_is_not_too_deep() -> None:
    deep = RevisionGraph(
        Revision(f"r{number}", (f"r{number - 1}",) if number else ()) for number in range(10_000)
    )

    assert len(deep.ancestors(deep.heads)) == 10_000


# --- piles of scripts that are no history ---


def test_two_scripts_with_one_id_are_named_both() -> None:
    with pytest.raises(DuplicateRevisionError, match=r"id a: one\.py and two\.py"):
        RevisionGraph([Revision("a", file="one.py"), Revision("a", file="two.py")])


@pytest.mark.parametrize(
    ("text", "owner"),
    [("a:web; b:web < a", "a branch label of a.py"), ("web; b:web < web", "the id of web.py")],
)
def test_a_label_that_is_taken_names_who_has_it(text: str, owner: str) -> None:
    with pytest.raises(DuplicateRevisionError, match=f"'web' of b.py is already {owner}"):
        graph(text)


def test_a_revision_may_not_be_labelled_with_its_own_id() -> None:
    with pytest.raises(DuplicateRevisionError, match="already the id of"):
        graph("web:web")


@pytest.mark.parametrize("id", ["a@b", "a-b", "a+b", "a:b", "a b", "a\tb", " "])
def test_an_id_that_the_grammar_could_not_read_is_refused(id: str) -> None:
    with pytest.raises(ScriptError, match="not allowed") as caught:
        RevisionGraph([Revision(id, file="bad.py")])

    assert caught.value.path == "bad.py"


def test_an_empty_id_is_refused() -> None:
    with pytest.raises(ScriptError, match="empty revision id"):
        RevisionGraph([Revision("", file="bad.py")])


@pytest.mark.parametrize("word", ["head", "heads", "base", "current"])
def test_a_word_of_the_grammar_is_no_id_and_no_label(word: str) -> None:
    with pytest.raises(ScriptError, match="word of the target grammar"):
        RevisionGraph([Revision(word)])
    with pytest.raises(ScriptError, match="nobody could type"):
        RevisionGraph([Revision("a", labels=(word,))])


def test_a_missing_parent_names_the_script_that_wants_it_not_a_key_error() -> None:
    with pytest.raises(MissingRevisionError, match=r"b\.py .* down_revision 'gone'") as caught:
        graph("a; b < gone")

    assert "not merged from another git branch" in caught.value.next


def test_a_missing_dependency_names_the_script_that_wants_it_not_a_key_error() -> None:
    with pytest.raises(MissingRevisionError, match=r"b\.py .* depends_on 'gone'"):
        graph("a; b < a @ gone")


def test_a_parent_must_be_a_whole_id() -> None:
    with pytest.raises(MissingRevisionError, match="'27c6'"):
        graph("27c6a30; b < 27c6")


@pytest.mark.parametrize("text", ["a < a", "a @ a"])
def test_a_revision_that_is_its_own_parent_is_a_circle_of_one(text: str) -> None:
    with pytest.raises(CycleError, match="Revision a is its own parent") as caught:
        graph(text)

    assert caught.value.revisions == ("a",)


@pytest.mark.parametrize(
    "text",
    [
        "ok; a < c; b < a; c < b; tail < c",
        "c < b; a < c ok; b < a; ok",
        "ok < c; a @ c; b < a; c < b",
    ],
)
def test_a_circle_lists_its_own_revisions_and_no_others(text: str) -> None:
    with pytest.raises(CycleError, match="a -> b -> c -> a") as caught:
        graph(text)

    assert caught.value.revisions == ("a", "b", "c")
