"""The parts of the journal that hold no connection."""

from __future__ import annotations

import doctest
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from asyncmigrate.engine import journal_digest, journal_results, journal_table, journal_words
from asyncmigrate.engine.journal_digest import digest_of
from asyncmigrate.engine.journal_earlier import Earlier
from asyncmigrate.engine.journal_item import Item
from asyncmigrate.engine.journal_results import read, written
from asyncmigrate.engine.journal_session import Session
from asyncmigrate.engine.journal_table import BEGUN, DONE, Row
from asyncmigrate.errors import HalfDoneError

if TYPE_CHECKING:
    from types import ModuleType

ROW = "INSERT INTO a VALUES (?)"


def rows(*statements: str, checksum: str = "now") -> list[Row]:
    return [
        Row(number, digest_of(each, None), each, DONE, checksum)
        for number, each in enumerate(statements, 1)
    ]


def items(*statements: str) -> list[Item]:
    return [Item(each) for each in statements]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("CREATE TABLE a (b int)", None), ("\n create table a (b int)", None)),
        ((ROW, (1,)), (ROW, (2,))),
        ((ROW, (1,)), (ROW, ("1",))),
        ((ROW, [(1,), (2,)]), (ROW, [(1,), (3,)])),
        (("SELECT 'a'", None), ("SELECT 'b'", None)),
    ],
    ids=["case", "value", "type", "many", "literal"],
)
def test_what_differs_has_another_digest(
    one: tuple[str, object], other: tuple[str, object]
) -> None:
    assert digest_of(*one) != digest_of(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("CREATE TABLE a\n  (b int)", None), ("CREATE TABLE IF NOT EXISTS a (b int)", ())),
        (("INSERT INTO a VALUES (%(b)s)", {"b": 1}), ("INSERT INTO a VALUES ($1)", (1,))),
    ],
    ids=["guard", "driver"],
)
def test_the_same_statement_has_the_same_digest(
    one: tuple[str, object], other: tuple[str, object]
) -> None:
    assert digest_of(*one) == digest_of(*other)


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 7, 1.5, "ä", b"\xff", UUID(int=7), Decimal("1.10"), date(2026, 1, 2)),
        *(datetime(2026, 1, 2, 3, 4, 5), time(3, 4, 5), [1, "a"], {"a": 1, "b": 2}),
    ],
)
def test_values_are_read_as_they_were_written(value: object) -> None:
    text = written(value)

    assert text is not None
    assert read(text) == value


@pytest.mark.parametrize("value", [object(), "x" * 40_000], ids=["other", "long"])
def test_what_cannot_be_kept_is_not(value: object) -> None:
    assert written(value) is None


def test_an_edited_script_must_begin_with_what_is_done() -> None:
    earlier = Earlier(("a1", "upgrade", "j"), "now", rows("CREATE TABLE a (b)", checksum="then"))

    with pytest.raises(HalfDoneError, match="its script was edited") as caught:
        earlier.take("CREATE TABLE c (d)", None, [])

    assert caught.value.done == ("CREATE TABLE a (b)",)
    assert caught.value.exit_code == 5


def test_a_script_that_is_the_same_may_leave_out_what_it_finds_done() -> None:
    earlier = Earlier(("a1", "upgrade", "j"), "now", rows("CREATE TABLE a (b)", "DROP TABLE e"))

    found = [earlier.take(each, None, []) for each in ("CREATE TABLE c (d)", "DROP TABLE e")]
    earlier.check([])

    assert [row and row.statement for row in found] == [None, "DROP TABLE e"]
    assert earlier.texts() == ["CREATE TABLE a (b)"]


def test_an_edited_script_that_ends_before_what_is_done_is_refused() -> None:
    earlier = Earlier(("a1", "upgrade", "j"), "now", rows("CREATE TABLE a (b)", checksum="then"))

    with pytest.raises(HalfDoneError, match="it says nothing now"):
        earlier.check([])


def test_what_was_begun_and_is_not_known_may_not_be_edited_away() -> None:
    begun = Row(1, digest_of("CALL p()", None), "CALL p()", BEGUN, "then")
    earlier = Earlier(("a1", "upgrade", "j"), "now", [], begun)

    with pytest.raises(HalfDoneError, match="was begun, and may be done"):
        earlier.take("CALL q()", None, [])


def test_what_was_begun_and_is_not_known_is_sent_again() -> None:
    begun = Row(1, digest_of("CALL p()", None), "CALL p()", BEGUN, "then")
    earlier = Earlier(("a1", "upgrade", "j"), "now", [], begun)

    assert earlier.take("CALL p()", None, []) is None
    assert earlier.give_up() is begun
    assert earlier.known == []


def test_a_rollback_to_a_savepoint_takes_back_what_came_after_it() -> None:
    session, pending = Session(), items("one")
    for text in ("SAVEPOINT a", "SAVEPOINT b"):
        session.follow(text, pending, locks=False)
        pending += items(text)

    session.follow("ROLLBACK TO SAVEPOINT a", pending, locks=False)

    assert [item.text for item in pending] == ["one"]
    assert session.savepoints == 1


def test_a_rollback_takes_back_everything() -> None:
    session, pending = Session(), items("one", "two")

    session.follow("ROLLBACK", pending, locks=False)

    assert pending == []


def test_a_temporary_table_is_known_until_it_is_dropped() -> None:
    session = Session()
    known = []
    for text in ("CREATE TEMPORARY TABLE a (b int)", "SELECT 1", "DROP TEMPORARY TABLE a"):
        session.follow(text, [], locks=False)
        known.append(session.has_temporary("INSERT INTO a VALUES (1)"))

    assert known == [True, True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("COMMIT", (True, True)), ("BEGIN", (True, False))),
        *(("LOCK TABLES a WRITE", (True, False)), ("ROLLBACK", (False, False))),
        *(("SELECT 1", (False, False)), ("RELEASE a", (False, False))),
    ],
)
def test_what_commits_depends_on_the_database(text: str, expected: tuple[bool, bool]) -> None:
    session = Session()

    found = tuple(
        session.is_committed_by(text, ddl_commits=each, outside=False) for each in (True, False)
    )

    assert found == expected


@pytest.mark.parametrize(
    "module",
    [journal_digest, journal_results, journal_table, journal_words],
    ids=lambda m: m.__name__,
)
def test_the_examples_in_the_docstrings_are_true(module: ModuleType) -> None:
    found = doctest.testmod(module)

    assert (found.failed, found.attempted > 0) == (0, True)
