"""What a statement does, told from its text."""

from __future__ import annotations

import doctest

import pytest

from asyncmigrate.dialects import statement_kinds
from asyncmigrate.dialects.statement_kinds import (
    Kind,
    changes,
    commits,
    fits_transaction,
    kinds_of,
    pieces,
    tells_apart,
)


@pytest.mark.parametrize(
    "statement",
    [
        "/* why */ -- because\n  create table b (x int)",
        "CREATE TABLE b (x int);",
        "ALTER TABLE a RENAME TO b",
        "/*!50001 CREATE TABLE b (x int) */",
        "/*M!100100 CREATE TABLE b (x int) */",
        "# a comment of MySQL's\nDROP TABLE b",
        "TRUNCATE b",
    ],
)
def test_ddl_is_seen_behind_comments_and_in_any_case(statement: str) -> None:
    assert kinds_of(statement) == (Kind.SCHEMA,)
    assert commits(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        "CREATE TEMPORARY TABLE b (x int)",
        "CREATE TEMP TABLE b (x int)",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "SET @a = 1",
        "DO SLEEP(1)",
        "PRAGMA foreign_keys = ON",
        "-- nothing",
        "ROLLBACK TO SAVEPOINT a",
    ],
)
def test_what_changes_nothing_for_good_is_known(statement: str) -> None:
    assert kinds_of(statement) == (Kind.READS,)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO a VALUES ('x; DROP TABLE b')",
        'UPDATE a SET b = "it\'s; DROP TABLE b"',
        "DELETE FROM `a; DROP TABLE b`",
        "WITH a AS (SELECT 1) UPDATE b SET c = 1",
        "INSERT INTO a VALUES ('it''s; DROP TABLE b', 'a\\'; DROP TABLE b')",
    ],
)
def test_what_stands_in_quotes_is_no_statement(statement: str) -> None:
    assert kinds_of(statement) == (Kind.ROWS,)
    assert pieces(statement) == [statement]


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; END",
        "CREATE DEFINER = `a`@`b` PROCEDURE p() BEGIN SELECT 1; END",
        "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN RETURN 1; END",
    ],
)
def test_a_routine_is_one_statement(text: str) -> None:
    assert pieces(text) == [text]
    assert kinds_of(text) == (Kind.SCHEMA,)


@pytest.mark.parametrize("text", ["CALL p()", "EXECUTE s", "BEGIN NOT ATOMIC CALL p(); END", "FOO"])
def test_what_is_not_known_may_do_anything(text: str) -> None:
    assert kinds_of(text) == (Kind.UNSURE,)
    assert changes(text)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE UNIQUE INDEX CONCURRENTLY i ON t (c)",
        "DROP INDEX CONCURRENTLY i",
        "VACUUM ANALYZE t",
        "CREATE DATABASE d",
        "ALTER SYSTEM SET a = 1",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
        "CALL p()",
        "DO $$ BEGIN COMMIT; END $$",
    ],
)
def test_what_may_not_run_in_a_transaction_is_known(text: str) -> None:
    assert not fits_transaction(text)


@pytest.mark.parametrize(
    "text", ["ALTER TYPE t ADD VALUE 'concurrently'", "CREATE TABLE a (b int)"]
)
def test_everything_else_may(text: str) -> None:
    assert fits_transaction(text)


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE a SET b = %s",
        "DELETE FROM a WHERE b = %s",
        "INSERT IGNORE INTO a VALUES (%s)",
        "INSERT INTO a VALUES ($1) ON CONFLICT DO NOTHING",
        "INSERT INTO a VALUES (%s) ON DUPLICATE KEY UPDATE b = 1",
    ],
)
def test_what_gives_way_to_rows_that_are_there_may_run_with_other_values(text: str) -> None:
    assert not tells_apart(text)


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(statement_kinds).failed == 0


@pytest.mark.parametrize(
    "statement",
    [
        "update a set b = 1",
        "INSERT INTO a VALUES (1);",
        "  SELECT a FROM b WHERE c = '--'",
        "DROP TEMPORARY TABLE a",
        "create temp table a (b int)",
        "CREATE TABLE temp (a int)",
        "WITH a AS (SELECT 1) DELETE FROM b",
        "DO LANGUAGE plpgsql $$BEGIN END$$",
        "DO SLEEP(1)",
        "SET autocommit = 1",
        "SET PASSWORD = 'x'",
        "ROLLBACK TO a",
        "ROLLBACK WORK",
        "LOCK TABLES a READ",
        "CALL a",
        "BEGIN NOT ATOMIC DROP TABLE a; END",
    ],
)
def test_a_comment_in_front_changes_nothing_of_what_a_statement_is(statement: str) -> None:
    assert kinds_of(statement) == kinds_of(f"-- why\n{statement}")
