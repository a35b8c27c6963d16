"""What is needed comes first; what needs it goes first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.dialects import sqlite

from asyncmigrate.dialects.sqlite_forms import SQLiteForms
from asyncmigrate.schema.operations import Alter, Create, Drop, Execute, Rename
from asyncmigrate.schema.order import order
from tests.unit.schema.made import enum, index, reference, snapshot, table, unique, view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncmigrate.schema.operations import Operation


def said(operations: Iterable[Operation]) -> list[str]:
    """The verbs and paths, in order."""
    return [
        f"{type(each).__name__} {each.key.kind} {each.key.path}"
        for each in operations
        if not isinstance(each, Execute)
    ]


def test_a_table_is_made_after_the_one_that_it_refers_to() -> None:
    objects = [*table("a"), *table("b"), reference("a", "b")]

    found = said(order([Create(each) for each in objects], {}))

    assert found.index("Create table b") < found.index("Create table a")


def test_a_table_goes_before_the_one_that_it_refers_to() -> None:
    objects = [*table("a"), *table("b"), *table("c"), reference("a", "b"), reference("b", "c")]

    found = said(order([Drop(each) for each in reversed(objects)], snapshot(*objects)))

    tables = [each for each in found if each.startswith("Drop table")]
    assert tables == ["Drop table a", "Drop table b", "Drop table c"]


def test_a_foreign_key_of_tables_in_a_circle_comes_after_all_of_them() -> None:
    objects = [*table("a"), *table("b"), reference("a", "b"), reference("b", "a")]

    found = said(order([Create(each) for each in objects], {}))

    last = max(found.index("Create table a"), found.index("Create table b"))
    assert [each for each in found[last:] if "foreign_key" in each]


def test_a_foreign_key_of_tables_in_a_circle_goes_before_all_of_them() -> None:
    objects = [*table("a"), *table("b"), reference("a", "b"), reference("b", "a")]

    found = said(order([Drop(each) for each in objects], snapshot(*objects)))

    first = min(found.index("Drop table a"), found.index("Drop table b"))
    assert [each for each in found[:first] if "foreign_key" in each]


def test_an_index_on_a_new_column_comes_after_the_column() -> None:
    live = table("a", "id")
    new = table("a", "id", "name")[-1]

    found = said(order([Create(index("a", "ix", "name")), Create(new)], snapshot(*live)))

    assert found == ["Create column a.name", "Create index a.ix"]


def test_an_index_goes_before_the_column_that_it_is_on() -> None:
    live = [*table("a", "id", "name"), index("a", "ix", "name")]

    found = said(order([Drop(each) for each in live[2:]], snapshot(*live)))

    assert found == ["Drop index a.ix", "Drop column a.name"]


def test_new_columns_come_in_the_order_of_the_model() -> None:
    live = table("a", "id")
    new = table("a", "id", "z", "b")[2:]

    found = said(order([Create(each) for each in reversed(new)], snapshot(*live)))

    assert found == ["Create column a.z", "Create column a.b"]


def test_an_index_that_changes_is_dropped_and_made_again() -> None:
    before = index("a", "ix", "id")
    after = replace(before, unique=True)

    found = said(order([Alter(before, after)], snapshot(*table("a"), before)))

    assert found == ["Drop index a.ix", "Create index a.ix"]


def test_a_type_is_made_before_the_table_that_uses_it_and_goes_after_it() -> None:
    objects = [*table("a"), enum("mood", "sad")]

    made = said(order([Create(each) for each in objects], {}))
    gone = said(order([Drop(each) for each in objects], snapshot(*objects)))

    assert made[0] == "Create enum mood"
    assert gone[-1] == "Drop enum mood"


def test_a_foreign_key_stays_while_a_unique_index_of_some_rows_goes() -> None:
    whole = replace(index("a", "ix", "id"), unique=True)
    some = replace(whole, where="id > 5")
    live = [*table("a", "id"), *table("b", "a_id"), reference("b", "a")]

    assert said(order([Drop(some)], snapshot(*live, some))) == ["Drop index a.ix"]
    assert len(order([Drop(whole)], snapshot(*live, whole))) == 3


def test_a_view_is_made_again_around_a_change_of_what_it_reads() -> None:
    live = [*table("a", "id"), view("v", "a")]
    column = live[1]

    found = said(order([Alter(column, replace(column, type="BIGINT"))], snapshot(*live)))

    assert found == ["Drop view v", "Alter column a.id", "Create view v"]


def test_a_view_that_reads_nothing_of_a_change_is_left_alone() -> None:
    live = [*table("a", "id"), *table("b"), view("v", "b")]
    column = live[1]

    found = said(order([Alter(column, replace(column, type="BIGINT"))], snapshot(*live)))

    assert found == ["Alter column a.id"]


def test_renames_come_first_tables_before_their_columns() -> None:
    live = table("a", "id")

    found = said(order([Create(table("c")[0]), Rename(live[1], "key"), Rename(live[0], "b")], {}))

    assert found == ["Rename table a", "Rename column a.id", "Create table c"]


def test_sql_of_a_person_comes_last() -> None:
    operations = order([Execute("SELECT 1"), Create(table("c")[0])], {})

    assert operations[-1] == Execute("SELECT 1")


def test_the_order_does_not_depend_on_the_order_in_which_changes_are_given() -> None:
    objects = [
        *table("a"),
        *table("b"),
        reference("a", "b"),
        unique("b", "uq", "id"),
        enum("e", "x"),
    ]

    one = order([Create(each) for each in objects], {})
    other = order([Create(each) for each in reversed(objects)], {})

    assert one == other


def test_where_a_table_is_made_anew_its_foreign_keys_change_along_with_it() -> None:
    live = [*table("a"), *table("b"), *table("c"), reference("b", "a", called="old")]
    changes = [
        Drop(live[-1]),
        Create(reference("b", "a", called="new")),
        Create(unique("b", "key", "id")),
        Create(unique("c", "key", "id")),
        Create(reference("c", "b")),
    ]
    forms = SQLiteForms(sqlite.dialect())

    found = said(order(changes, snapshot(*live), forms))

    assert found == [
        "Drop foreign_key b.old",
        "Create unique b.key",
        "Create foreign_key b.new",
        "Create unique c.key",
        "Create foreign_key c.c_b_fkey",  # what it refers to changes, too
    ]
