"""A constraint that nobody named is the live one that is equal in all but its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.match import matched, with_server_names
from tests.unit.schema.made import snapshot, table, unique

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncmigrate.schema.forms import Forms


class Naming:
    """The one thing that matching asks a database's forms for."""

    def __init__(self, template: str) -> None:
        self._template = template

    def constraint_name(self, kind: str, table: str, columns: Sequence[str]) -> str:
        """Return a name, or nothing."""
        return self._template.format(kind=kind, table=table, columns="_".join(columns))


NAMES = cast("Forms", Naming("{table}_{columns}_{kind}"))
NAMELESS = cast("Forms", Naming(""))


def test_it_takes_the_name_of_its_twin_in_the_database() -> None:
    declared = snapshot(*table("users"), unique("users", "", "id"))
    live = snapshot(*table("users"), unique("users", "legacy_uq", "id"))

    named, free = with_server_names(declared, NAMES)

    assert unique("users", "legacy_uq", "id").key in matched(named, free, live)


def test_without_a_twin_it_gets_the_name_that_the_database_would_give() -> None:
    declared = snapshot(unique("users", "", "id"))

    named, free = with_server_names(declared, NAMES)

    assert [each.name for each in matched(named, free, {})] == ["users_id_unique"]


def test_where_the_database_names_nothing_it_gets_a_name_of_ours() -> None:
    declared = snapshot(unique("users", "", "id"))

    named, free = with_server_names(declared, NAMELESS)

    assert [each.name for each in matched(named, free, {})] == ["users_id_key"]


def test_it_stays_without_a_name_if_its_twin_has_none() -> None:
    declared = snapshot(unique("users", "", "id"))

    named, free = with_server_names(declared, NAMELESS)

    assert matched(named, free, declared) == declared


def test_a_twin_that_a_declared_name_has_taken_is_not_taken_again() -> None:
    declared = snapshot(unique("users", "uq", "id"), unique("users", "", "id"))
    live = snapshot(unique("users", "uq", "id"))

    named, free = with_server_names(declared, NAMES)

    assert {key.name for key in matched(named, free, live)} == {"uq", "users_id_unique"}


def test_a_primary_key_without_a_name_has_the_one_in_the_database() -> None:
    declared = snapshot(PrimaryKey("", "users", "", ("id", "part")))
    live = snapshot(PrimaryKey("", "users", "legacy_pk", ("id",)))

    named, free = with_server_names(declared, NAMES)

    (found,) = matched(named, free, live).values()
    assert found.name == "legacy_pk"  # type: ignore[attr-defined]


def test_two_that_take_each_others_names_are_both_kept() -> None:
    declared = snapshot(unique("t", "", "a"), unique("t", "", "b"))
    live = snapshot(unique("t", "t_a_unique", "b"), unique("t", "t_b_unique", "a"))

    named, free = with_server_names(declared, NAMES)

    assert matched(named, sorted(free), live) == live
    assert matched(named, sorted(free, reverse=True), live) == live
