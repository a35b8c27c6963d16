"""Which statements commit, as told from their text."""

from __future__ import annotations

import doctest

import pytest
import sqlalchemy as sa

from asyncmigrate.dialects import by_name
from asyncmigrate.engine import ddl_commits
from asyncmigrate.engine.ddl_commits import Effects, refuse_promises
from asyncmigrate.errors import UsageError


def effects_of(*statements: str) -> Effects:
    """Run statements on a database that knows no better, as one that commits at DDL."""
    effects = Effects(by_name("mysql"))
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, effects.watched(connection):
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
    return effects


CREATE = "CREATE TABLE a (x int)"
ROW = "INSERT INTO a VALUES (1)"


def test_rows_wait_for_the_next_ddl() -> None:
    effects = effects_of(CREATE, ROW)

    assert (effects.stayed, effects.pending) == ([CREATE], [ROW])


def test_ddl_commits_what_came_before_it() -> None:
    effects = effects_of(CREATE, ROW, "DROP TABLE a")

    assert (effects.stayed, effects.pending) == ([CREATE, ROW, "DROP TABLE a"], [])


@pytest.mark.parametrize(
    "statement",
    [
        "/* why */ -- because\n  create table b (x int)",
        "CREATE TABLE b (x int);",
        "ALTER TABLE a RENAME TO b",
        "CREATE INDEX ix ON a (x)",
    ],
)
def test_ddl_is_seen_behind_comments_and_in_any_case(statement: str) -> None:
    assert effects_of(CREATE, statement).stayed == [CREATE, statement]


@pytest.mark.parametrize("statement", ["SELECT 1", "CREATE TEMPORARY TABLE b (x int)"])
def test_what_changes_nothing_for_good_is_not_listed(statement: str) -> None:
    effects = effects_of(statement)

    assert (effects.stayed, effects.pending) == ([], [])


def test_a_long_list_is_cut_and_says_so() -> None:
    many = [f"CREATE TABLE t{n} (x int, y varchar(100) default '{'a' * 200}')" for n in range(25)]

    told = effects_of(*many).told(None)

    assert "(20) CREATE TABLE t19" in told
    assert told.endswith("and 5 more")
    assert len(told) < 3500


def test_nothing_is_watched_where_ddl_rolls_back() -> None:
    effects = Effects(by_name("postgresql"))
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, effects.watched(connection):
        connection.exec_driver_sql(CREATE)
    engine.dispose()

    assert effects.told(None) == ""


@pytest.mark.parametrize(("atomic", "joined"), [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("name", ["mysql", "mariadb", "oracle", "klingon"])
def test_promises_that_cannot_be_kept_are_refused(name: str, atomic: bool, joined: bool) -> None:
    with pytest.raises(UsageError):
        refuse_promises(by_name(name), atomic=atomic, joined=joined)


@pytest.mark.parametrize("name", ["postgresql", "sqlite", "mssql"])
def test_promises_are_made_where_ddl_rolls_back(name: str) -> None:
    refuse_promises(by_name(name), atomic=True, joined=True)


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(ddl_commits).failed == 0
