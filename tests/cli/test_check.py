"""`amigrate check`: what differs between the models and the database, in words, JSON and SQL."""

from __future__ import annotations

import gc
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.project import Project
    from tests.terminal import Terminal

    Declare = Callable[..., None]

USERS = """
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)))
"""
TWO = USERS + 'sa.Table("tags", metadata, sa.Column("id", sa.Integer, primary_key=True))\n'


@pytest.fixture
def equal(drawn: Project, declare: Declare, amigrate: Terminal) -> Project:
    """A project whose database is what its models say: two tables."""
    declare(TWO)
    amigrate.ok("revision", "--autogenerate", "-m", "begin", "--rev-id", "a1")
    amigrate.ok("upgrade")
    return drawn


def sql(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        for statement in statements:
            connection.executescript(statement)


# --- equal, different, not comparable ----------------------------------------------------------


def test_equal_is_said_and_exits_with_0(equal: Project, amigrate: Terminal) -> None:
    typed = amigrate("check")

    assert typed == type(typed)(0, "The models and the database are equal.\n", "")


@pytest.mark.usefixtures("equal")
@pytest.mark.parametrize("server", [(), ("--scratch", "sqlite")])
def test_a_source_that_there_is_not_is_refused(amigrate: Terminal, server: tuple[str, ...]) -> None:
    refused = amigrate("check", "--from", "histry", *server)

    assert refused.code == 2
    assert "--from histry: there is no such source." in refused.err
    assert "It is `database` or `history`." in refused.err


def test_what_the_signs_mean_and_what_to_type_is_said_beside_the_lines(
    equal: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(USERS)

    database, history = amigrate("check"), amigrate("check", "--from", "history")

    assert (database.code, database.out) == (3, "- table tags\n")
    assert "- only in the database" in database.err
    assert "- only in the history" in history.err
    assert "amigrate revision --autogenerate" in database.err
    assert amigrate("-q", "check").err == amigrate("check", "--json").err == ""


def test_each_difference_is_a_line_and_the_exit_code_is_3(
    equal: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare("""
        sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(60)), sa.Column("email", sa.Text, index=True))
        """)

    typed = amigrate("check")

    assert typed.code == 3
    assert typed.out.splitlines() == [
        "- table tags",
        "+ column users.email",
        "~ column users.name (type: VARCHAR(50) → VARCHAR(60))",
        "+ index users.ix_users_email",
    ]


def test_the_differences_as_one_json_object(
    equal: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(TWO.replace("50", "60"))

    typed = amigrate("check", "--json")

    assert typed.code == 3
    (difference,) = typed.json["differences"]
    assert (typed.json["is_equal"], typed.json["not_compared"]) == (False, [])
    assert typed.json["database"] == "sqlite+aiosqlite:///shop.db"
    assert "sql" not in typed.json
    assert (difference["change"], difference["kind"], difference["object"]) == (
        "alter",
        "column",
        "users.name",
    )
    assert difference["before"]["type"] == "VARCHAR(50)"
    assert difference["after"] == difference["before"] | {"type": "VARCHAR(60)"}


def test_equal_as_json(equal: Project, amigrate: Terminal) -> None:
    assert amigrate.json("check") == {
        "database": "sqlite+aiosqlite:///shop.db",
        "is_equal": True,
        "differences": [],
        "not_compared": [],
        "edited": [],
    }


def test_a_database_that_is_behind_is_not_compared(
    equal: Project, amigrate: Terminal, declare: Declare
) -> None:
    equal.revision("b2", "a1")

    typed = amigrate("check")

    assert (typed.code, typed.out) == (3, "")
    assert "The database is at a1, the history at b2" in typed.err
    assert "amigrate upgrade heads" in typed.err


def test_behind_as_json_is_an_error(equal: Project, amigrate: Terminal) -> None:
    equal.revision("b2", "a1")

    typed = amigrate("check", "--json")

    assert (typed.code, typed.json["error"]["type"]) == (3, "NotUpToDateError")


def test_it_changes_nothing_in_the_database(
    equal: Project, amigrate: Terminal, declare: Declare, database: Path
) -> None:
    before = database.read_bytes()
    declare(TWO.replace("50", "60"))

    amigrate("check")
    amigrate("check", "--from", "history")

    assert database.read_bytes() == before


def test_a_sqlite_file_that_is_missing_stays_missing(
    drawn: Project, amigrate: Terminal, declare: Declare, database: Path
) -> None:
    declare(USERS)

    typed = amigrate("check")

    assert (typed.code, typed.out) == (3, "+ table users\n")
    assert not database.exists()


def test_a_missing_sqlite_file_is_behind_a_history(
    drawn: Project, amigrate: Terminal, declare: Declare, database: Path
) -> None:
    declare(USERS)
    drawn.revision("a1")

    typed = amigrate("check")

    assert (typed.code, typed.out) == (3, "")
    assert "The database is at base, the history at a1" in typed.err
    assert not database.exists()


# --- what is not compared ------------------------------------------------------------------------


def test_what_is_of_no_known_kind_is_listed(
    equal: Project, amigrate: Terminal, database: Path
) -> None:
    sql(
        database,
        "CREATE TRIGGER audit AFTER INSERT ON users BEGIN SELECT 1; END",
        "CREATE TRIGGER other AFTER INSERT ON tags BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE words USING fts5 (text)",
    )

    typed = amigrate("check")
    found = amigrate.json("check")

    assert typed.code == 0
    assert typed.err.splitlines() == [
        "not compared: 2 triggers: tags.other, users.audit",
        "not compared: 1 virtual table: words",
    ]
    assert found["not_compared"] == [
        "2 triggers: tags.other, users.audit",
        "1 virtual table: words",
    ]


# --- options --------------------------------------------------------------------------------


def test_the_sql_makes_them_equal(
    equal: Project, amigrate: Terminal, declare: Declare, database: Path
) -> None:
    declare("""
        sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(60), nullable=False, server_default="it's"),
            sa.Column("email", sa.Text, index=True, unique=True))
        sa.Table("posts", metadata, sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("user_id", sa.ForeignKey("users.id", name="fk"), nullable=False),
            sa.CheckConstraint("id > 0", name="positive"))
        """)
    sql(database, "INSERT INTO users VALUES (1, 'ada')")

    typed = amigrate("check", "--sql")

    assert typed.code == 3
    subprocess.run(["sqlite3", "-bail", str(database)], input=typed.out, text=True, check=True)
    assert amigrate.ok("check") == "The models and the database are equal.\n"


def test_the_sql_is_part_of_the_json(equal: Project, amigrate: Terminal, declare: Declare) -> None:
    declare(USERS)

    typed = amigrate("check", "--sql", "--json")

    assert "DROP TABLE tags" in typed.json["sql"]


def test_no_sql_where_nothing_differs(equal: Project, amigrate: Terminal) -> None:
    assert amigrate.ok("check", "--sql") == ""


def test_sql_that_needs_a_value_says_how_to_give_it(
    equal: Project, amigrate: Terminal, declare: Declare, database: Path
) -> None:
    declare(TWO.replace("sa.String(50)", 'sa.String(50)), sa.Column("age", sa.Integer, nullable=0'))

    without = amigrate("check", "--sql")
    given = amigrate("check", "--sql", "--backfill", "users.age=17")

    assert without.out == (
        "-- Not all of it can be written: users.age (INTEGER) needs a value for its rows. "
        'Say it: --backfill users.age="…"\n'
    )
    assert (without.code, given.code) == (3, 3)
    subprocess.run(["sqlite3", "-bail", str(database)], input=given.out, text=True, check=True)
    assert amigrate("check").code == 0


def test_a_rename_is_believed_when_it_is_said(
    equal: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(TWO.replace('"name"', '"full_name"'))

    plain = amigrate("check")
    said = amigrate("check", "--rename", "users.name=users.full_name")

    assert plain.out.splitlines() == ["+ column users.full_name", "- column users.name"]
    assert said.out.splitlines() == ["~ column users.name → users.full_name"]
    assert (plain.code, said.code) == (3, 3)


def test_from_history_needs_no_database(
    equal: Project, amigrate: Terminal, declare: Declare, database: Path
) -> None:
    database.unlink()

    assert amigrate("check", "--from", "history").code == 0
    declare(USERS)
    assert amigrate("check", "--from", "history").out == "- table tags\n"
    assert not database.exists()


def test_from_history_what_the_database_holds_does_not_count(
    equal: Project, amigrate: Terminal, database: Path
) -> None:
    sql(database, "CREATE TABLE other (a)", "DROP TABLE tags")
    equal.revision("b2", "a1")
    before = database.read_bytes()

    assert amigrate.ok("check", "--from", "history") == "The models and the database are equal.\n"
    assert database.read_bytes() == before


def test_from_history_a_script_that_fails_is_an_error_of_the_run(
    equal: Project, amigrate: Terminal
) -> None:
    equal.revision("b2", "a1", upgrade='op.execute("SELECT nonsense")')

    typed = amigrate("check", "--from", "history", "--json")

    assert (typed.code, typed.json["error"]["type"]) == (1, "StepFailedError")
    assert "no such column: nonsense" in typed.json["error"]["message"]
    assert typed.json["error"]["state"] == (
        "That was on a scratch database, which is gone. Nothing was changed in the database."
    )
    assert "run this command again" in typed.json["error"]["next"]


def test_from_history_says_what_takes_its_time(equal: Project, amigrate: Terminal) -> None:
    typed = amigrate("check", "--from", "history")

    assert typed.err == "note: replaying 1 revision on a scratch database\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "nowhere"], "--from nowhere"),
        (["--scratch", "nonsense"], "--scratch nonsense"),
        (["--rename", "users.name"], "--rename users.name"),
        (["--rename", "gone=here"], "gone"),
        (["--rename", "users.name=users.nowhere"], "nowhere"),
        (["--backfill", "users.gone=1"], "users.gone"),
    ],
    ids=str,
)
def test_an_option_that_makes_no_sense_is_refused(
    equal: Project, amigrate: Terminal, arguments: list[str], words: str
) -> None:
    typed = amigrate("check", *arguments)

    assert (typed.code, typed.out) == (2, "")
    assert words in typed.err
    assert "next: " in typed.err


# --- were your models imported? ------------------------------------------------------------------


def test_models_that_were_not_imported_are_suspected(
    equal: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare("")

    typed = amigrate("check")

    assert typed.code == 5
    assert "0 tables, and 2 that the database has would be dropped: tags, users." in typed.err
    assert "Were your models imported? Looked in: app, app.models." in typed.err
    assert "--allow-drop" in typed.err


def test_models_that_env_py_declares_are_suspected_too(equal: Project, amigrate: Terminal) -> None:
    equal.write("migrations/env.py", "import sqlalchemy as sa\n\ntarget_metadata = sa.MetaData()\n")

    typed = amigrate("check")

    assert typed.code == 5
    assert "Looked in: target_metadata of env.py." in typed.err


def test_suspected_as_json(equal: Project, amigrate: Terminal, declare: Declare) -> None:
    declare("")

    typed = amigrate("check", "--json")

    assert (typed.code, typed.json["error"]["type"]) == (5, "UnwantedDropError")
    assert typed.json["error"]["tables"] == ["tags", "users"]


def test_allow_drop_believes_it(equal: Project, amigrate: Terminal, declare: Declare) -> None:
    declare("")

    typed = amigrate("check", "--allow-drop")

    assert (typed.code, typed.out) == (3, "- table tags\n- table users\n")


def test_one_table_of_two_may_go(equal: Project, amigrate: Terminal, declare: Declare) -> None:
    declare(USERS)

    assert amigrate("check").out == "- table tags\n"


def test_without_metadata_a_database_with_tables_is_refused(
    equal: Project, amigrate: Terminal
) -> None:
    equal.write("asyncmigrate.toml", 'url = "sqlite+aiosqlite:///shop.db"\n')

    typed = amigrate("check")

    assert typed.code == 5
    assert "Looked in: no module." in typed.err
    assert "the setting `metadata`" in typed.err


def test_models_without_tables_and_a_database_without_any_are_no_comparison(
    drawn: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare("")

    typed = amigrate("check")

    assert (typed.code, typed.out) == (2, "")
    assert "The models declare no table. Looked in: app, app.models." in typed.err


# --- which tables --------------------------------------------------------------------------------


def test_tables_that_the_settings_exclude_are_nobodys_business(
    equal: Project, amigrate: Terminal, database: Path
) -> None:
    sql(database, "CREATE TABLE tmp_1 (a)", "CREATE TABLE cache (a)")
    text = (equal.root / "asyncmigrate.toml").read_text()

    unset = amigrate("check")
    equal.write("asyncmigrate.toml", f'{text}exclude = ["tmp_*", "cache"]\n')

    assert unset.out.splitlines() == ["- table cache", "- table tmp_1"]
    assert amigrate.ok("check") == "The models and the database are equal.\n"


def test_only_tables_that_the_settings_include_are_compared(
    equal: Project, amigrate: Terminal, declare: Declare, database: Path
) -> None:
    sql(database, "CREATE TABLE other (a)")
    text = (equal.root / "asyncmigrate.toml").read_text()
    equal.write("asyncmigrate.toml", f'{text}include = ["users"]\n')
    declare(TWO.replace("50", "60").replace('"tags"', '"labels"'))

    assert amigrate("check").out.splitlines() == [
        "~ column users.name (type: VARCHAR(50) → VARCHAR(60))"
    ]


def test_several_metadatas_are_one_schema(
    drawn: Project, amigrate: Terminal, declare: Declare
) -> None:
    drawn.write(
        "asyncmigrate.toml",
        """\
        url = "sqlite+aiosqlite:///shop.db"
        metadata = ["app.models:metadata", "app.more:metadata"]
        """,
    )
    declare(USERS)
    declare('sa.Table("tags", metadata, sa.Column("id", sa.Integer))', "more")

    assert amigrate("check").out.splitlines() == ["+ table tags", "+ table users"]


def test_a_named_environment_has_models_and_a_history_of_its_own(
    drawn: Project, amigrate: Terminal, declare: Declare
) -> None:
    drawn.write(
        "asyncmigrate.toml",
        """\
        url = "sqlite+aiosqlite:///shop.db"
        metadata = "app.models:metadata"

        [environments.log]
        url = "sqlite+aiosqlite:///log.db"
        metadata = "app.events:metadata"
        script_location = "log_migrations"
        """,
    )
    drawn.write("log_migrations/versions/.gitkeep", "")
    declare(USERS)
    declare('sa.Table("events", metadata, sa.Column("id", sa.Integer, primary_key=True))', "events")

    amigrate.ok("-n", "log", "revision", "--autogenerate", "-m", "events")
    amigrate.ok("-n", "log", "upgrade")

    assert amigrate.ok("-n", "log", "check") == "The models and the database are equal.\n"
    assert amigrate("check").out == "+ table users\n"
    assert [each.name for each in drawn.versions.iterdir()] == []


# --- the process ---------------------------------------------------------------------------------


def test_the_garbage_collector_works_again_afterwards(equal: Project, amigrate: Terminal) -> None:
    amigrate("check")
    amigrate("check", "--from", "nowhere")

    assert gc.isenabled()


def test_views_of_scripts_stay_where_alembic_runs_them_and_no_model_declares_one(
    equal: Project,
    amigrate: Terminal,
    declare: Declare,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sql(database, "CREATE VIEW names AS SELECT name FROM users")
    left_alone = "view names: no model declares a view, so it stays"

    ours = amigrate("check")
    monkeypatch.setenv("AMIGRATE_ALEMBIC_COMPATIBLE", "true")
    both = amigrate("check")
    declare(
        "from asyncmigrate import View\n" + TWO + 'View("ids", "SELECT id FROM users", metadata)\n'
    )
    declared = amigrate("check")

    assert (ours.code, ours.out) == (3, "- view names\n")
    assert both.code == 0
    assert left_alone in both.err
    assert (declared.code, declared.out) == (3, "+ view ids\n- view names\n")
