"""What a new revision and a merge stand on."""

from __future__ import annotations

import pytest

from asyncmigrate.errors import MultipleHeadsError, TargetError, UsageError
from asyncmigrate.history.plan import parents_for_merge, parents_for_new
from tests.laws.graphs import graph

LINE = "a; b < a; c < b"
SPLIT = "a; b:web < a; c < a"


@pytest.mark.parametrize(
    ("text", "head", "expected"),
    [
        (LINE, "head", ("c",)),
        (LINE, "c", ("c",)),
        (LINE, "base", ()),
        ("", "head", ()),
        (SPLIT, "web@head", ("b",)),
        (SPLIT, "heads", ("b", "c")),
        (SPLIT, ["c", "b"], ("c", "b")),
    ],
)
def test_a_new_revision_stands_on_its_head(
    text: str, head: str | list[str], expected: tuple[str, ...]
) -> None:
    assert parents_for_new(graph(text), head) == expected


def test_a_revision_in_the_middle_needs_splice() -> None:
    with pytest.raises(TargetError, match="a is not a head") as caught:
        parents_for_new(graph(LINE), "a")

    assert "--splice" in caught.value.next
    assert parents_for_new(graph(LINE), "a", splice=True) == ("a",)


def test_several_heads_are_listed_with_what_to_type() -> None:
    with pytest.raises(MultipleHeadsError) as caught:
        parents_for_new(graph(SPLIT), "head")

    assert caught.value.heads == ("b", "c")


def test_the_same_head_twice_is_refused() -> None:
    with pytest.raises(TargetError, match="c was given more than once"):
        parents_for_new(graph(LINE), ["c", "head"])


def test_a_revision_and_its_ancestor_are_not_two_parents() -> None:
    with pytest.raises(TargetError, match="c already comes after a"):
        parents_for_new(graph(LINE), ["a", "c"], splice=True)


def test_base_is_no_parent_beside_others() -> None:
    with pytest.raises(UsageError, match="base"):
        parents_for_new(graph(LINE), ["base", "c"])


@pytest.mark.parametrize("head", ["+1", "-1", "current"])
def test_a_new_revision_cannot_count_from_a_database(head: str) -> None:
    with pytest.raises(UsageError, match="counts from a database"):
        parents_for_new(graph(LINE), head)


def test_a_merge_joins_all_heads() -> None:
    assert parents_for_merge(graph(SPLIT), ["heads"]) == ("b", "c")
    assert parents_for_merge(graph(SPLIT), ["c", "b"]) == ("c", "b")


def test_a_merge_of_heads_joins_also_one_that_another_depends_on() -> None:
    assert parents_for_merge(graph("a; n @ a"), ["heads"]) == ("a", "n")


def test_a_merge_of_one_revision_is_not_a_merge() -> None:
    with pytest.raises(TargetError, match="at least two revisions; this is only c"):
        parents_for_merge(graph(LINE), ["head"])


def test_a_merge_in_an_empty_history_is_not_a_merge() -> None:
    with pytest.raises(TargetError, match="none was given"):
        parents_for_merge(graph(""), ["heads"])


def test_a_merge_in_the_middle_needs_splice() -> None:
    text = "a; b < a; c < a; d < b"

    with pytest.raises(TargetError, match="b is not a head"):
        parents_for_merge(graph(text), ["b", "c"])
    assert parents_for_merge(graph(text), ["b", "c"], splice=True) == ("b", "c")
