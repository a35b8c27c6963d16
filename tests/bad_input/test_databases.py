"""Databases in a state that no run of ours left behind."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.bad_input.refused import Refused, case, contents, execute, nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project
    from tests.terminal import Terminal

ANY_ROW = "CREATE TABLE alembic_version (version_num)"


def after(*statements: str) -> Callable[[Project], None]:
    """Return an arrangement that runs SQL on the database."""

    def arrange(project: Project) -> None:
        execute(project, *statements)

    return arrange


def rows(*values: str) -> Callable[[Project], None]:
    """Return an arrangement that fills a version table without any types."""
    inserts = (f"INSERT INTO alembic_version VALUES ({value})" for value in values)
    return after("DROP TABLE alembic_version", ANY_ROW, *inserts)


def branch(project: Project) -> None:
    project.revision("c3", "a1")
    rows("'a1'", "'c3'")(project)


@pytest.mark.parametrize("typed", ["upgrade", "downgrade base", "plan", "current"])
@pytest.mark.parametrize(
    "refused",
    [
        case("a revision that no script has", "", 5, "UnknownHeadError",
             ["gone", "no script", "stamp --purge"],
             after("UPDATE alembic_version SET version_num = 'gone'")),
        case("a revision that no script has beside one that has", "", 5, "UnknownHeadError",
             ["gone", "stamp --purge"], after("INSERT INTO alembic_version VALUES ('gone')")),
        case("a revision and its ancestor", "", 5, "StateError", ["a1", "b2", "stamp --purge b2"],
             after("INSERT INTO alembic_version VALUES ('b2')")),
        case("a revision and its ancestor on a branch", "", 5, "StateError",
             ["a1", "c3", "stamp --purge c3"], branch),
        case("NULL", "", 5, "StateError", ["alembic_version", "None", "not text"], rows("NULL")),
        case("a number", "", 5, "StateError", ["alembic_version", "17", "not text"], rows("17")),
        case("bytes", "", 5, "StateError", ["alembic_version", "not text"], rows("x'6131'")),
        case("an empty string", "", 5, "StateError", ["alembic_version", "''"], rows("''")),
        case("a name in capitals", "", 5, "UnknownHeadError", "A1", rows("'A1'")),
        case("a name with a blank", "", 5, "UnknownHeadError", "a1 ", rows("'a1 '")),
        case("the same row twice", "", 5, "StateError", ["a1", "twice", "alembic_version"],
             rows("'a1'", "'a1'")),
        case("another shape", "", 1, "DatabaseRefusedError", ["version_num", "version_table"],
             after("DROP TABLE alembic_version", "CREATE TABLE alembic_version (other TEXT)")),
    ],
)  # fmt: skip
def test_a_version_table_that_makes_no_sense_is_refused(
    amigrate: Terminal, shop: Project, refused: Refused, typed: str
) -> None:
    Refused(typed.split(), refused.code, refused.type, refused.words, refused.arrange).check(
        amigrate, shop
    )


def test_a_version_table_that_is_a_view_cannot_be_written(
    amigrate: Terminal, shop: Project
) -> None:
    execute(
        shop,
        "DROP TABLE alembic_version",
        "CREATE VIEW alembic_version AS SELECT 'a1' AS version_num",
    )

    typed = amigrate("upgrade", "--json")

    error = typed.json["error"]
    assert (typed.code, error["type"]) == (1, "StepFailedError")
    assert "alembic_version because it is a view" in error["message"]
    assert "rolled back" in error["state"]
    with closing(sqlite3.connect(shop.root / "shop.db")) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE name = 'orders'")
        assert found.fetchall() == []


def test_status_shows_an_unknown_revision_instead_of_failing(
    amigrate: Terminal, shop: Project
) -> None:
    execute(shop, "UPDATE alembic_version SET version_num = 'gone'")

    found = amigrate.json("status")

    assert (found["current"], found["unknown"], found["is_up_to_date"]) == (
        ["gone"],
        ["gone"],
        False,
    )


def test_stamp_purge_mends_what_makes_no_sense(amigrate: Terminal, shop: Project) -> None:
    execute(shop, "INSERT INTO alembic_version VALUES ('gone'), ('b2')")

    amigrate.ok("stamp", "--purge", "a1")

    assert amigrate.json("status")["current"] == ["a1"]


@pytest.mark.parametrize("values", [["NULL"], ["17"], ["''"], ["'a1'", "'a1'"]], ids=str)
def test_stamp_purge_mends_rows_that_are_no_revisions(
    amigrate: Terminal, shop: Project, values: list[str]
) -> None:
    rows(*values)(shop)

    amigrate.ok("stamp", "--purge", "a1")

    assert amigrate.json("status")["current"] == ["a1"]


def test_a_table_that_is_there_already_stops_the_revision_that_creates_it(
    amigrate: Terminal, shop: Project
) -> None:
    execute(shop, "CREATE TABLE orders (id INTEGER)")

    typed = amigrate("upgrade", "--json")

    error = typed.json["error"]
    assert (typed.code, error["type"]) == (1, "StepFailedError")
    assert "table orders already exists" in error["message"]
    assert "at a1" in error["state"]
    assert amigrate.json("status")["current"] == ["a1"]


def test_a_table_that_is_missing_stops_the_revision_that_drops_it(
    amigrate: Terminal, shop: Project
) -> None:
    execute(shop, "DROP TABLE users")

    typed = amigrate("downgrade", "base", "--json")

    assert (typed.code, typed.json["error"]["type"]) == (1, "StepFailedError")
    assert "no such table: users" in typed.json["error"]["message"]
    assert amigrate.json("status")["current"] == ["a1"]


@pytest.mark.parametrize(
    "typed", [["upgrade"], ["downgrade", "base"], ["stamp", "head"], ["upgrade", "--atomic"]],
    ids=" ".join,
)  # fmt: skip
def test_a_database_that_another_connection_writes_to_is_waited_for_only_so_long(
    amigrate: Terminal, shop: Project, typed: list[str]
) -> None:
    with closing(sqlite3.connect(shop.root / "shop.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        words = ["another connection", "--lock-timeout"]

        Refused([*typed, "--lock-timeout", "0.05"], 4, "LockTimeoutError", words, nothing).check(
            amigrate, shop
        )


def test_a_question_is_answered_while_another_connection_writes(
    amigrate: Terminal, shop: Project
) -> None:
    with closing(sqlite3.connect(shop.root / "shop.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        assert amigrate.json("status")["current"] == ["a1"]


def test_a_failed_revision_leaves_the_database_as_it_was(amigrate: Terminal, shop: Project) -> None:
    shop.revision(
        "b2",
        "a1",
        upgrade="""
            op.execute("CREATE TABLE one (id INTEGER)")
            op.execute("INSERT INTO users VALUES (1)")
            raise RuntimeError("in the middle")
        """,
    )
    shop.write("asyncmigrate.toml", 'url = "sqlite+aiosqlite:///shop.db"\nhistory_table = ""\n')
    before = contents(shop.root)

    typed = amigrate("upgrade", "--json")

    assert typed.code == 1
    assert "RuntimeError: in the middle" in typed.json["error"]["message"]
    assert contents(shop.root) == before


def test_a_postgresql_schema_that_does_not_exist_is_named(
    amigrate: Terminal, shop: Project, postgres_url: str
) -> None:
    shop.write("asyncmigrate.toml", 'version_table_schema = "nowhere"\n')

    typed = amigrate("upgrade", "--url", postgres_url, "--json")

    assert typed.code in (1, 2, 5)
    assert "nowhere" in typed.json["error"]["message"]
    assert "Unexpected" not in typed.json["error"]["message"]
