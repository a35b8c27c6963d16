"""`amigrate revision --autogenerate`: what is written, what is asked, what is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.terminal import on_a_terminal

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
RENAMED = USERS.replace('"name"', '"full_name"')
REQUIRED = USERS.replace("sa.String(50)", 'sa.String(50)), sa.Column("age", sa.Integer, nullable=0')
EQUAL = "The models and the database are equal.\n"


@pytest.fixture
def equal(drawn: Project, declare: Declare, amigrate: Terminal) -> Project:
    """A project whose database is what its models say: one table."""
    declare(USERS)
    amigrate.ok("revision", "--autogenerate", "-m", "begin", "--rev-id", "a1")
    amigrate.ok("upgrade")
    return drawn


def scripts(project: Project) -> list[str]:
    return sorted(each.name for each in project.versions.glob("*.py"))


def text(project: Project, name: str) -> str:
    return (project.versions / name).read_text(encoding="utf-8")


# --- what is written --------------------------------------------------------------------------


def test_the_differences_are_printed_then_the_path(
    drawn: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(USERS)

    out = amigrate.ok("revision", "--autogenerate", "-m", "add users", "--rev-id", "a1")

    assert out == "+ table users\nWrote migrations/versions/a1_add_users.py\n"
    assert "def upgrade() -> None:" in text(drawn, "a1_add_users.py")
    assert 'op.drop_table("users")' in text(drawn, "a1_add_users.py")


def test_after_the_upgrade_nothing_differs_and_the_downgrade_takes_it_back(
    equal: Project, amigrate: Terminal, declare: Declare, database: Path
) -> None:
    declare(USERS.replace("50", "60") + 'sa.Table("tags", metadata, sa.Column("id", sa.Integer))')

    amigrate.ok("revision", "--autogenerate", "-m", "change", "--rev-id", "b2")
    amigrate.ok("upgrade")

    assert amigrate.ok("check") == EQUAL
    amigrate.ok("downgrade", "-1")
    with closing(sqlite3.connect(database)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
        columns = [row[2] for row in connection.execute("PRAGMA table_info(users)")]
    assert "tags" not in tables
    assert columns == ["INTEGER", "VARCHAR(50)"]


def test_without_a_difference_no_file_is_written(equal: Project, amigrate: Terminal) -> None:
    assert amigrate.ok("revision", "--autogenerate", "-m", "nothing") == EQUAL
    assert scripts(equal) == ["a1_begin.py"]


def test_json_has_the_script_and_the_differences(
    drawn: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(USERS)

    found = amigrate.json("revision", "--autogenerate", "-m", "add", "--rev-id", "a1")

    assert (found["revision"], found["down_revision"]) == ("a1", [])
    assert found["path"].endswith("migrations/versions/a1_add.py")
    assert [(each["change"], each["object"]) for each in found["differences"]] == [
        ("create", "users")
    ]
    assert found["differences"][0]["before"] is None


def test_json_of_nothing_has_no_revision(equal: Project, amigrate: Terminal) -> None:
    assert amigrate.json("revision", "--autogenerate", "-m", "nothing") == {
        "revision": None,
        "differences": [],
        "not_compared": [],
    }


def test_the_same_difference_is_written_in_the_same_words(
    equal: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(REQUIRED.replace("nullable=0", "index=True"))
    said = ("revision", "--autogenerate", "-m", "same", "--rev-id", "b2")

    amigrate.ok(*said)
    first = text(equal, "b2_same.py")
    (equal.versions / "b2_same.py").unlink()
    amigrate.ok(*said)

    assert _body(text(equal, "b2_same.py")) == _body(first)


def _body(script: str) -> str:
    return script.partition("def upgrade")[2]


def test_it_takes_its_place_in_the_history(
    equal: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(USERS.replace("50", "60"))

    found = amigrate.json(
        *("revision", "--autogenerate", "-m", "wider", "--rev-id", "b2"),
        *("--head", "a1", "--branch-label", "wide", "--depends-on", "a1"),
    )

    script = text(equal, "b2_wider.py")
    assert found["down_revision"] == ["a1"]
    assert 'branch_labels: str | Sequence[str] | None = "wide"' in script
    assert 'depends_on: str | Sequence[str] | None = "a1"' in script


@pytest.mark.parametrize(
    "option",
    [
        ["--rename", "a=b"],
        ["--backfill", "a.b=c"],
        ["--no-renames"],
        ["--allow-drop"],
        ["--scratch", "sqlite"],
        ["--from", "history"],
    ],
    ids=str,
)
def test_its_options_are_refused_without_it(
    equal: Project, amigrate: Terminal, option: list[str]
) -> None:
    typed = amigrate("revision", "-m", "x", *option)

    assert typed.code == 2
    assert "These options are for --autogenerate." in typed.err


def test_head_only_and_autogenerate_contradict_each_other(
    equal: Project, amigrate: Terminal
) -> None:
    typed = amigrate("revision", "--autogenerate", "--head-only", "-m", "x")

    assert typed.code == 2
    assert "--head-only" in typed.err


# --- refused, and nothing is written --------------------------------------------------------------


def test_a_database_that_is_behind_is_refused(
    equal: Project, amigrate: Terminal, declare: Declare
) -> None:
    equal.revision("b2", "a1")
    declare(RENAMED)

    typed = amigrate("revision", "--autogenerate", "-m", "x")

    assert (typed.code, typed.out) == (3, "")
    assert "amigrate upgrade heads" in typed.err
    assert scripts(equal) == ["a1_begin.py", "b2.py"]


def test_what_may_be_a_rename_is_refused_with_the_candidates(
    equal: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(RENAMED)

    typed = amigrate("revision", "--autogenerate", "-m", "x")
    error = amigrate("revision", "--autogenerate", "-m", "x", "--json").json["error"]

    assert (typed.code, typed.out) == (5, "")
    assert "column users.name → users.full_name?" in typed.err
    assert "--rename users.name=users.full_name, or --no-renames" in typed.err
    assert error["type"] == "RenameQuestionError"
    assert error["questions"] == {"users.name": ["users.full_name"]}
    assert scripts(equal) == ["a1_begin.py"]


def test_a_rename_that_is_said_is_written(
    equal: Project, amigrate: Terminal, declare: Declare, database: Path
) -> None:
    declare(RENAMED)
    _insert(database, "INSERT INTO users VALUES (1, 'ada')")

    out = amigrate.ok(
        *("revision", "--autogenerate", "-m", "x", "--rename", "users.name=users.full_name")
    )
    amigrate.ok("upgrade")

    assert out.splitlines()[0] == "~ column users.name → users.full_name"
    assert _rows(database, "SELECT full_name FROM users") == [("ada",)]
    assert amigrate.ok("check") == EQUAL


def test_a_hint_in_the_model_is_followed_once(
    equal: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(RENAMED.replace("sa.String(50)", 'sa.String(50), info={"was": "name"}'))

    amigrate.ok("revision", "--autogenerate", "-m", "x", "--rev-id", "b2")
    amigrate.ok("upgrade")

    assert "rename" in text(equal, "b2_x.py") or "new_column_name" in text(equal, "b2_x.py")
    assert amigrate.ok("check") == EQUAL


def test_no_renames_drops_and_creates(equal: Project, amigrate: Terminal, declare: Declare) -> None:
    declare(RENAMED)

    out = amigrate.ok("revision", "--autogenerate", "-m", "x", "--no-renames", "--rev-id", "b2")

    assert out.splitlines()[:2] == ["+ column users.full_name", "- column users.name"]
    assert "op.drop_column(" in text(equal, "b2_x.py")


def test_a_column_that_needs_a_value_is_refused(
    equal: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(REQUIRED)

    typed = amigrate("revision", "--autogenerate", "-m", "x")

    assert typed.code == 5
    assert "users.age (INTEGER)" in typed.err
    assert "--backfill users.age=" in typed.err
    error = amigrate("revision", "--autogenerate", "-m", "x", "--json").json["error"]
    assert (error["type"], error["columns"]) == ("MissingValueError", ["users.age"])
    assert scripts(equal) == ["a1_begin.py"]


def test_a_value_that_is_said_fills_the_rows(
    equal: Project, amigrate: Terminal, declare: Declare, database: Path
) -> None:
    declare(REQUIRED)
    _insert(database, "INSERT INTO users VALUES (1, 'ada')")

    amigrate.ok("revision", "--autogenerate", "-m", "x", "--backfill", "users.age=length(name)")
    amigrate.ok("upgrade")

    assert _rows(database, "SELECT age FROM users") == [(3,)]
    assert amigrate.ok("check") == EQUAL


def test_models_that_were_not_imported_are_suspected(
    equal: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare("")

    typed = amigrate("revision", "--autogenerate", "-m", "x")

    assert typed.code == 5
    assert "Were your models imported?" in typed.err
    assert scripts(equal) == ["a1_begin.py"]


def test_allow_drop_writes_it(equal: Project, amigrate: Terminal, declare: Declare) -> None:
    declare("")

    out = amigrate.ok("revision", "--autogenerate", "-m", "x", "--allow-drop", "--rev-id", "b2")

    assert out.startswith("- table users\n")
    amigrate.ok("upgrade")
    amigrate.ok("downgrade", "-1")
    declare(USERS)
    (equal.versions / "b2_x.py").unlink()
    assert amigrate.ok("check") == EQUAL


def _insert(database: Path, statement: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(statement)
        connection.commit()


def _rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


# --- questions on a terminal ------------------------------------------------------------------


def test_on_a_terminal_a_rename_is_asked(equal: Project, declare: Declare) -> None:
    declare(RENAMED)

    talk = on_a_terminal(equal.root, "revision", "--autogenerate", "-m", "x", "--rev-id", "b2")
    talk.answer("Number", "7\n")
    talk.answer("Number", "1\n")

    assert talk.ended() == 0
    assert "column users.name is gone. What became of it?" in talk.written
    assert "1  it is users.full_name now" in talk.written
    assert "~ column users.name → users.full_name" in talk.written
    assert scripts(equal) == ["a1_begin.py", "b2_x.py"]


def test_on_a_terminal_nought_is_dropped(equal: Project, declare: Declare) -> None:
    declare(RENAMED)

    talk = on_a_terminal(equal.root, "revision", "--autogenerate", "-m", "x", "--rev-id", "b2")
    talk.answer("Number", "0\n")

    assert talk.ended() == 0
    assert "- column users.name" in talk.written


def test_on_a_terminal_a_value_is_asked(equal: Project, declare: Declare) -> None:
    declare(REQUIRED)

    talk = on_a_terminal(equal.root, "revision", "--autogenerate", "-m", "x", "--rev-id", "b2")
    talk.answer("Their value, as SQL", "17\n")

    assert talk.ended() == 0
    assert "users.age (INTEGER) takes no NULL" in talk.written
    assert 'sa.text("17")' in text(equal, "b2_x.py")


def test_on_a_terminal_no_value_is_a_refusal(equal: Project, declare: Declare) -> None:
    declare(REQUIRED)

    talk = on_a_terminal(equal.root, "revision", "--autogenerate", "-m", "x")
    talk.answer("Their value, as SQL", "\n")

    assert talk.ended() == 5
    assert scripts(equal) == ["a1_begin.py"]


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_a_question_can_be_left_and_nothing_is_written(
    equal: Project, declare: Declare, key: str
) -> None:
    declare(RENAMED)

    talk = on_a_terminal(equal.root, "revision", "--autogenerate", "-m", "x")
    talk.answer("Number", key)

    assert talk.ended(pressing=key) == 130
    assert "The question was not answered." in talk.written
    assert "Traceback" not in talk.written
    assert scripts(equal) == ["a1_begin.py"]
