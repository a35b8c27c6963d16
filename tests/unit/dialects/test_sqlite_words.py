"""SQL of SQLite in one spelling: what says the same looks the same, and nothing else does."""

from __future__ import annotations

import doctest
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate.dialects import sqlite_statements, sqlite_types, sqlite_words
from asyncmigrate.dialects.sqlite_statements import view_statement
from asyncmigrate.dialects.sqlite_types import sa_type
from asyncmigrate.dialects.sqlite_words import Names, collation, default, expression, type_words
from asyncmigrate.schema.types import RawType

if TYPE_CHECKING:
    from types import ModuleType

NAMES = Names.of("t", ["a", "userName", "key", "match", "Straße"])


@pytest.mark.parametrize(
    "spelling",
    [
        "a > 0 AND length(b) <> 1",
        "((a>0 and LENGTH (b)!=1))",
        '"a" > 0 /* > */ AND length(`b`) != 1 -- said',
        "[a]>0\n\tAnd Length( b )<>1",
    ],
)
def test_spellings_of_one_expression_become_one(spelling: str) -> None:
    assert expression(spelling) == "a > 0 AND length(b) != 1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 'x'", "a = 'X'"),
        ("a = 'x  y'", "a = 'x y'"),
        ("a = 1", "a = 1.0"),
        ("a = 10", "a = 1e1"),
        ("(a + b) * c", "a + b * c"),
        ("(a) + (b)", "a + b"),
        ("a < b", "a <= b"),
        ('"a b"', '"a  b"'),
    ],
)
def test_different_expressions_stay_different(one: str, other: str) -> None:
    assert expression(one) != expression(other)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("a - -1", "a - -1"),
        ("- - a", "- -a"),
        ("a--1\n+ 2", "a + 2"),
        ("a BETWEEN -1 AND +2", "a BETWEEN -1 AND +2"),
        ("CASE WHEN a THEN -1 END -1", "CASE WHEN a THEN -1 END - 1"),
        ("~a|~b", "~a | ~b"),
        ("a->>'$.b'", "a ->> '$.b'"),
        ("cast(a as integer)", "CAST(a AS INTEGER)"),
        ("cast((a) as double precision)", "CAST((a) AS DOUBLE PRECISION)"),
        ("cast(a as Varchar (3))+B", "CAST(a AS VARCHAR(3)) + b"),
        ("a collate \"nocase\" = x'ab'", "a COLLATE NOCASE = X'ab'"),
        ("a in (1,2)", "a IN (1, 2)"),
        ("coalesce(a,(b))", "coalesce(a, (b))"),
    ],
)
def test_an_expression_is_written_as_a_person_would(typed: str, written: str) -> None:
    assert expression(typed) == written
    assert expression(written) == written


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("USERNAME > A", "username > a"),
        ('"userName" > "A"', "username > a"),
        ("t.a > T.[userName]", "a > username"),
        ("key = 1 AND match = 2", 'key = 1 AND "match" = 2'),
        ("Straße = 1", '"straße" = 1'),
        ('a = "Foo"', "a = 'Foo'"),
        ('a = "rowid"', "a = rowid"),
        ("lower(a) = Lower(A)", "lower(a) = lower(a)"),
    ],
)
def test_with_the_names_of_the_table_it_is_known_what_is_a_name(typed: str, written: str) -> None:
    assert expression(typed, NAMES) == written
    assert expression(written, NAMES) == written


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("NULL", None),
        ("(null)", None),
        ("5", "5"),
        ("(5)", "5"),
        ("- 5", "-5"),
        ("(-5)", "-5"),
        ("+1.5e-3", "+1.5e-3"),
        ("'5'", "'5'"),
        ("'It''s  (x)'", "'It''s  (x)'"),
        ('"It\'s"', "'It''s'"),
        ("abc", "'abc'"),
        ("true", "TRUE"),
        ("x'00'", "X'00'"),
        ("current_timestamp", "CURRENT_TIMESTAMP"),
        ("((CURRENT_TIMESTAMP))", "CURRENT_TIMESTAMP"),
        ("datetime('now')", "(datetime('now'))"),
        ("(1)+(2)", "((1) + (2))"),
        ("('a' || 'b')", "('a' || 'b')"),
    ],
)
def test_a_default_has_one_spelling_that_can_stand_after_default(
    typed: str, written: str | None
) -> None:
    assert default(typed) == written


@pytest.mark.parametrize("spelling", ["VARCHAR(10)", "varchar (10)", "Varchar\n( 10 )"])
def test_spellings_of_one_type_become_one(spelling: str) -> None:
    assert type_words(spelling) == "VARCHAR(10)"
    assert str(sa_type(spelling)) == "VARCHAR(10)"


def test_a_type_without_its_length_is_another_type() -> None:
    assert type_words("VARCHAR") != type_words("VARCHAR(10)")
    assert type_words("FLOAT") != type_words("DOUBLE")


@pytest.mark.parametrize(
    ("typed", "class_", "shown"),
    [
        ("INTEGER", sa.INTEGER, "INTEGER"),
        ("numeric(8,2)", sa.NUMERIC, "NUMERIC(8, 2)"),
        ("DOUBLE PRECISION", sa.DOUBLE_PRECISION, "DOUBLE PRECISION"),
        ("datetime", sa.DATETIME, "DATETIME"),
        ("JSON", sa.JSON, "JSON"),
        ("INT", RawType, "INT"),
        ("FLOAT(24)", RawType, "FLOAT(24)"),
        ("BLOB(3)", RawType, "BLOB(3)"),
        ("DATE(3)", RawType, "DATE(3)"),
        ("Money", RawType, "Money"),
        ("JSON(3)", RawType, "JSON(3)"),
        ("DATETIME_CHAR", RawType, "DATETIME_CHAR"),
        ("", RawType, ""),
    ],
)
def test_a_type_becomes_one_that_writes_the_same_words(
    typed: str, class_: type[sa.types.TypeEngine[object]], shown: str
) -> None:
    from sqlalchemy.dialects import sqlite

    found = sa_type(typed)

    assert isinstance(found, class_)
    assert found.compile(dialect=sqlite.dialect()) == shown


@pytest.mark.parametrize(
    ("given", "name"),
    [(None, None), ("binary", None), ('"nocase"', "NOCASE"), ("[my own]", "MY OWN")],
)
def test_a_collation_has_one_spelling(given: str | None, name: str | None) -> None:
    assert collation(given) == name


@pytest.mark.parametrize(
    ("statement", "select"),
    [
        ('create view v as select "a", B From t;', 'SELECT a, "B" FROM t'),
        ("CREATE TEMP VIEW IF NOT EXISTS x.v AS (SELECT 1)", "SELECT 1"),
        ('CREATE VIEW "my view" AS VALUES (1)', "VALUES (1)"),
        (
            'CREATE VIEW "my view"(n, "M") AS SELECT a, b FROM t',
            'WITH "my view" (n, "M") AS (SELECT a, b FROM t) SELECT * FROM "my view"',
        ),
    ],
)
def test_the_select_of_a_view_has_one_spelling(statement: str, select: str) -> None:
    assert view_statement(statement, "my view") == select


@pytest.mark.parametrize("module", [sqlite_statements, sqlite_types, sqlite_words])
def test_the_examples_in_the_docstrings_are_true(module: ModuleType) -> None:
    found = doctest.testmod(module)

    assert (found.failed, found.attempted > 0) == (0, True)
