"""Drops that nobody can have meant."""

from __future__ import annotations

from asyncmigrate.schema.diff import diff
from asyncmigrate.schema.guard import suspicious_drops
from tests.unit.schema.made import snapshot, table


def found(live: list[str], declared: list[str]) -> list[str]:
    """The tables whose drop looks wrong."""
    before = snapshot(*(each for name in live for each in table(name)))
    after = snapshot(*(each for name in declared for each in table(name)))
    return [key.name for key in suspicious_drops(diff(before, after), before, after)]


def test_models_without_any_table_would_drop_everything() -> None:
    assert found(["a"], []) == ["a"]


def test_most_of_the_tables_would_go() -> None:
    assert found(["a", "b", "c"], ["a"]) == ["b", "c"]


def test_one_table_of_several_may_go() -> None:
    assert found(["a", "b", "c"], ["a", "b"]) == []


def test_the_only_table_may_be_replaced_by_another() -> None:
    assert found(["a"], ["b"]) == []


def test_an_empty_database_is_no_reason_to_worry() -> None:
    assert found([], ["a", "b"]) == []
