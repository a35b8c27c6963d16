"""Nothing is guessed: a rename is said, hinted, or asked about."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
import sqlalchemy as sa

from asyncmigrate.schema.compare import Decisions, Sides, compare
from asyncmigrate.schema.diff import diff
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.column import Column
from asyncmigrate.schema.operations import Drop, Rename
from asyncmigrate.schema.renames import apply, questions
from asyncmigrate.schema.snapshot import Key
from tests.unit.schema.made import enum, index, reference, snapshot, table, unique

NO_FORMS = cast("object", None)


def sides(live: list[object], declared: list[object]) -> Sides:
    """Two sides in which everything has a name."""
    return Sides(snapshot(*live), snapshot(*declared), frozenset(), NO_FORMS)  # type: ignore[arg-type]


def test_a_column_that_goes_and_one_like_it_that_comes_are_a_question() -> None:
    both = sides(table("users", "id", "name"), table("users", "id", "full_name"))

    found = compare(both).questions

    assert [str(each) for each in found] == ["column users.name → users.full_name?"]


def test_a_column_of_another_type_is_no_candidate() -> None:
    declared = [*table("users", "id"), Column("", "users", "born", "DATE")]

    assert compare(sides(table("users", "id", "name"), declared)).questions == ()


def test_a_question_that_was_answered_is_a_rename_and_nothing_else() -> None:
    both = sides(table("users", "id", "name"), table("users", "id", "full_name"))

    found = compare(both, Decisions({"users.name": "users.full_name"}))

    assert [type(each) for each in found.changes] == [Rename]
    assert found.questions == ()


def test_a_question_that_was_answered_with_no_is_not_asked_again() -> None:
    both = sides(table("users", "id", "name"), table("users", "id", "full_name"))

    found = compare(both, Decisions().and_not_renamed("users.name"))

    assert found.questions == ()
    assert [type(each).__name__ for each in found.changes] == ["Create", "Drop"]


def test_a_model_says_itself_what_a_column_was_called() -> None:
    element = sa.Column("full_name", sa.Integer, info={"was": "name"})
    declared = table("users", "id", "full_name")
    declared[2] = replace(declared[2], element=element)  # type: ignore[type-var]

    found = compare(sides(table("users", "id", "name"), declared))

    assert found.changes == (Rename(table("users", "id", "name")[2], "full_name"),)


def test_a_hint_that_was_followed_long_ago_does_nothing() -> None:
    element = sa.Column("full_name", sa.Integer, info={"was": "name"})
    declared = table("users", "id", "full_name")
    declared[2] = replace(declared[2], element=element)  # type: ignore[type-var]

    assert compare(sides(table("users", "id", "full_name"), declared)).changes == ()


def test_a_table_and_its_column_are_renamed_at_once_by_either_name_of_the_table() -> None:
    both = sides(table("users", "id", "name"), table("people", "id", "full_name"))

    by_old = compare(both, Decisions({"users": "people", "users.name": "people.full_name"}))
    by_new = compare(both, Decisions({"users": "people", "people.name": "people.full_name"}))

    assert [type(each) for each in by_old.changes] == [Rename, Rename]
    assert by_old.changes == by_new.changes


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("users.nme", "users.full_name"), "the database has no users.nme"),
        (("users.name", "users.fll_name"), "the models have no column users.fll_name"),
        (("users.name", "posts.id"), "only the last part of a name can change"),
    ],
)
def test_a_rename_that_cannot_be_is_refused(pair: tuple[str, str], said: str) -> None:
    both = sides(
        table("users", "id", "name"), [*table("users", "id", "full_name"), *table("posts", "id")]
    )

    with pytest.raises(ValueError, match=said):
        compare(both, Decisions(dict([pair])))


def test_an_index_that_is_equal_in_all_but_its_name_is_renamed_without_a_question() -> None:
    live = [*table("users", "id"), index("users", "ix_old", "id")]
    declared = [*table("users", "id"), index("users", "ix_new", "id")]

    found = compare(sides(live, declared))

    assert found.changes == (Rename(live[2], "ix_new"),)


def test_an_enum_value_that_goes_and_one_that_comes_in_its_place_are_a_question() -> None:
    both = sides([enum("mood", "sad", "ok")], [enum("mood", "unhappy", "ok")])

    found = compare(both)
    answered = compare(both, Decisions({"mood.sad": "mood.unhappy"}))

    assert [each.before.key.path for each in found.questions] == ["mood.sad"]
    assert [type(each) for each in answered.changes] == [Rename]


def test_an_enum_value_that_goes_may_be_each_of_those_that_come() -> None:
    both = sides([enum("mood", "sad", "ok")], [enum("mood", "fine", "unhappy", "ok")])

    (question,) = compare(both).questions

    assert str(question) == "enum_value mood.sad → mood.fine or mood.unhappy?"


def test_an_enum_value_that_only_comes_is_no_question() -> None:
    both = sides([enum("mood", "sad")], [enum("mood", "sad", "ok")])

    assert compare(both).questions == ()


def test_whatever_mentions_a_renamed_column_mentions_its_new_name() -> None:
    column = table("users", "id", "age")[2]
    live = snapshot(
        *table("users", "id", "age"),
        index("users", "ix", "age", "id"),
        unique("users", "uq", "age"),
        Check("", "users", "ck", "age > 0 AND page = 'age'"),
        reference("posts", "users"),
    )

    found = apply(live, [Rename(column, "years")])

    check = found[Key("check", "", "users", "ck")]
    assert check.text == "years > 0 AND page = 'age'"  # type: ignore[attr-defined]
    assert found[Key("index", "", "users", "ix")] == index("users", "ix", "years", "id")
    assert found[Key("unique", "", "users", "uq")] == unique("users", "uq", "years")
    assert Drop(column).key not in found


def test_a_new_name_may_hold_a_backslash() -> None:
    column = table("users", "id")[-1]
    check = Check("", "users", "ck", "id > 0")

    after = apply(snapshot(column, check), [Rename(column, r"a\1\q")])

    assert cast("Check", after[check.key]).text == r"a\1\q > 0"


def test_whatever_belongs_or_refers_to_a_renamed_table_follows_it() -> None:
    live = snapshot(*table("users", "id"), *table("posts"), reference("posts", "users"))

    found = apply(live, [Rename(table("users")[0], "people")])

    assert Key("column", "", "people", "id") in found
    assert found[reference("posts", "users").key].referred.name == "people"  # type: ignore[attr-defined]


class Counting(dict[Key, object]):
    """A snapshot that knows how often somebody has walked through all of it."""

    walks = 0

    def items(self):  # type: ignore[no-untyped-def]
        self.walks += 1
        return super().items()


def test_the_questions_about_a_hundred_renamed_tables_need_no_look_at_everything_for_each() -> None:
    names = [f"t{number}" for number in range(100)]
    live = Counting(
        snapshot(*(each for name in names for each in table(f"old_{name}", "id", name)))
    )
    declared = Counting(snapshot(*(each for name in names for each in table(name, "id", name))))
    changes = diff(live, declared)  # type: ignore[arg-type]

    found = questions(changes, live, declared)  # type: ignore[arg-type]

    assert [str(each) for each in found[:2]] == ["table old_t0 → t0?", "table old_t1 → t1?"]
    assert len(found) == 100
    assert live.walks + declared.walks < 6
