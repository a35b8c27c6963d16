"""No literal of a statement gets into a trace."""

from __future__ import annotations

import pytest

from asyncmigrate.engine.query_text import operation, without_values

SECRET = "s3cret"


@pytest.mark.parametrize(
    "literal",
    [
        f"'{SECRET}'",
        f"'it''s {SECRET}'",
        f"E'it\\'s {SECRET}'",
        f"N'{SECRET}'",
        f"$${SECRET}$$",
        f"$tag$ 'a' {SECRET} $tag$",
        f"ARRAY['{SECRET}']",
        f"/* {SECRET} */ 1",
        f"1 -- {SECRET}",
        f"('a\\', '{SECRET}')",
    ],
)
def test_no_literal_of_standard_sql_is_left(literal: str) -> None:
    assert SECRET not in without_values(f"INSERT INTO t VALUES ({literal})", "postgresql")


@pytest.mark.parametrize(
    "literal",
    [
        f'"{SECRET}"',
        f"'it\\'s {SECRET}'",
        f'"it\\"s {SECRET}"',
        f"'it''s {SECRET}'",
        f"1 # {SECRET}",
    ],
)
def test_no_literal_of_mysql_is_left(literal: str) -> None:
    assert SECRET not in without_values(f"INSERT INTO t VALUES ({literal})", "mysql")


def test_names_and_parameters_stay() -> None:
    sql = 'UPDATE "table 2" SET col1 = $1, x2 = :name, y = ? WHERE a.b1 = 42'

    assert without_values(sql) == sql.replace("42", "?")


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("CREATE TABLE a (b int)", "CREATE TABLE"),
        ("create or replace view v as select 1", "CREATE VIEW"),
        ("/* why */ ALTER TABLE a ADD b int", "ALTER TABLE"),
        ("INSERT INTO a VALUES (1)", "INSERT"),
        ("", ""),
    ],
)
def test_an_operation_is_one_word_or_two(sql: str, words: str) -> None:
    assert operation(sql) == words
