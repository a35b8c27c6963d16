"""What people read: each command's text, on which stream, and with which exit code."""

from __future__ import annotations

from contextlib import closing
from sqlite3 import connect
from typing import TYPE_CHECKING

import pytest
from alembic.script import ScriptDirectory

from asyncmigrate._version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project import Project
    from tests.terminal import Terminal


def test_upgrade_prints_the_result_on_stdout_and_the_progress_on_stderr(
    amigrate: Terminal, shop: Project
) -> None:
    typed = amigrate("upgrade")

    assert typed.code == 0
    assert typed.out.startswith("Upgraded base -> c3 (3 revisions, ")
    assert [line.split()[:4] for line in typed.err.splitlines()[1:]] == [
        ["✓", "1/3", "+", "a1"],
        ["✓", "2/3", "+", "b2"],
        ["✓", "3/3", "+", "c3"],
    ]


def test_quiet_prints_no_progress(amigrate: Terminal, shop: Project) -> None:
    typed = amigrate("upgrade", "-q")

    assert (typed.code, typed.everything) == (0, "")


def test_an_upgrade_with_nothing_to_do_says_so(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade")

    assert amigrate("upgrade").out == "Nothing to do: the database is at c3.\n"


def test_downgrade_says_where_the_database_is_now(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade")

    typed = amigrate("downgrade", "-2")

    assert typed.out.startswith("Downgraded c3 -> a1 (2 revisions, ")
    assert "- c3" in typed.err


def test_stamp_says_where_the_database_is_now(amigrate: Terminal, shop: Project) -> None:
    assert amigrate.ok("stamp", "head").startswith("Stamped base -> c3 (1 revision, ")


def test_stamp_purge_forgets_what_nobody_knows(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade")
    (shop.versions / "c3.py").unlink()

    amigrate.ok("stamp", "--purge", "b2")

    assert amigrate.json("status")["current"] == ["b2"]


def test_plan_lists_what_would_run_and_touches_nothing(
    amigrate: Terminal, shop: Project, database: Path
) -> None:
    out = amigrate.ok("plan", "+2")

    assert out == "   1  + a1  create users\n   2  + b2  add name\n"
    assert not database.exists() or database.read_bytes() == b""


def test_plan_shows_what_a_downgrade_would_undo(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade")

    assert amigrate.ok("plan", "-1") == "   1  - c3  index name\n"


def test_status_shows_what_is_pending(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade", "b2")

    assert amigrate.ok("status").splitlines() == [
        "database  sqlite+aiosqlite:///shop.db",
        "current   b2",
        "heads     c3",
        "pending   c3  index name",
        "1 to run: `amigrate upgrade`",
    ]


def test_status_does_not_propose_an_upgrade_past_an_unknown_revision(
    amigrate: Terminal, shop: Project
) -> None:
    amigrate.ok("upgrade")
    (shop.versions / "c3.py").unlink()

    out = amigrate.ok("status")

    assert "unknown   c3  (no script has this revision)" in out
    assert "amigrate upgrade" not in out


def test_status_check_exits_with_3_until_the_database_is_up_to_date(
    amigrate: Terminal, shop: Project
) -> None:
    before = amigrate("status", "--check").code
    amigrate.ok("upgrade")
    after = amigrate("status", "--check").code

    assert (before, after) == (3, 0)


def test_current_check_heads_exits_with_3_and_names_what_is_missing(
    amigrate: Terminal, shop: Project
) -> None:
    amigrate.ok("upgrade", "b2")

    typed = amigrate("current", "--check-heads")

    assert typed.code == 3
    assert "b2" in typed.out
    assert "missing: c3" in typed.err


def test_current_check_heads_is_content_at_every_head(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade")

    assert amigrate("current", "--check-heads").code == 0


def test_current_says_that_a_revision_has_no_script(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade")
    (shop.versions / "c3.py").unlink()

    typed = amigrate("current")

    assert typed.code == 5
    assert "c3" in typed.err
    assert "no script" in typed.err


def test_history_is_one_line_per_revision(amigrate: Terminal, shop: Project) -> None:
    assert amigrate.ok("history").splitlines() == [
        "b2 -> c3 (head), index name",
        "a1 -> b2, add name",
        "<base> -> a1, create users",
    ]


def test_a_message_of_two_lines_is_printed_as_alembic_history_prints_it(
    amigrate: Terminal, shop: Project
) -> None:
    told = '"""Add an index,\nbecause of the report.\n\nRevision ID: d4\n"""\n'
    (shop.versions / "d4.py").write_text(told + "revision = 'd4'\ndown_revision = 'c3'\n")
    script = ScriptDirectory(str(shop.script_location)).get_revision("d4")

    assert amigrate.ok("history", "-r", "d4:") == f"{script.cmd_format(False, True, True, True)}\n"


@pytest.mark.parametrize(
    ("range_", "ids"),
    [
        ("a1:b2", ["b2", "a1"]),
        ("b2:", ["c3", "b2"]),
        (":b2", ["b2", "a1"]),
        ("base:head", ["c3", "b2", "a1"]),
        ("current:", ["c3", "b2"]),
        ("-1:current", ["b2", "a1"]),
        ("current:+1", ["c3", "b2"]),
    ],
)
def test_history_shows_a_range(
    amigrate: Terminal, shop: Project, range_: str, ids: list[str]
) -> None:
    amigrate.ok("upgrade", "b2")

    found = amigrate.json("history", "-r", range_)

    assert [each["revision"] for each in found["revisions"]] == ids


def test_history_i_marks_the_current_revision(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade", "b2")

    assert "a1 -> b2 (current), add name" in amigrate.ok("history", "-i").splitlines()


def test_history_v_shows_the_files(amigrate: Terminal, shop: Project) -> None:
    out = amigrate.ok("history", "-v")

    assert "Rev: c3 (head)" in out
    assert f"Path: {shop.versions / 'c3.py'}" in out


def test_heads_and_branches_of_a_branched_history(amigrate: Terminal, branched: Project) -> None:
    heads = amigrate.ok("heads").splitlines()
    branches = amigrate.ok("branches").splitlines()

    assert sorted(line.split(" -> ")[1].split()[0] for line in heads) == ["b1", "s2"]
    assert branches[0] == "a1 (branchpoint)"
    assert sorted(line.strip() for line in branches[1:]) == ["-> b1", "-> s1"]


def test_show_explains_one_revision(amigrate: Terminal, shop: Project) -> None:
    out = amigrate.ok("show", "b2")

    assert out.startswith("Rev: b2\nParent: a1\n")
    assert "add name" in out


def test_show_counts_from_the_database(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade", "b2")

    assert amigrate.ok("show", "current").startswith("Rev: b2")


def test_ensure_version_writes_the_sql_of_the_table(amigrate: Terminal, shop: Project) -> None:
    sql = amigrate.ok("ensure_version", "--sql")

    assert "CREATE TABLE IF NOT EXISTS alembic_version" in sql
    assert "INSERT" not in sql
    assert not (shop.root / "shop.db").exists()
    with closing(connect(shop.root / "by_hand.db")) as database:
        database.executescript(sql)
    found = amigrate.json("ensure_version", "--url", "sqlite:///by_hand.db")
    assert found["created"] is False


def test_ensure_version_makes_the_table_once(amigrate: Terminal, shop: Project) -> None:
    assert amigrate.ok("ensure_version") == "alembic_version created.\n"
    assert amigrate.ok("ensure_version") == "alembic_version is there already.\n"
    assert amigrate.json("status")["current"] == []


@pytest.mark.parametrize(
    "arguments",
    [["status"], ["current"], ["plan"], ["history", "-i"], ["status", "--check"]],
    ids=" ".join,
)
def test_reading_commands_create_nothing_in_the_database(
    amigrate: Terminal, shop: Project, database: Path, arguments: list[str]
) -> None:
    database.write_bytes(b"")

    amigrate(*arguments)

    assert database.read_bytes() == b""


@pytest.mark.parametrize(
    "arguments",
    [["status"], ["current"], ["plan"], ["history", "-i"], ["upgrade", "nope"]],
    ids=" ".join,
)
def test_a_database_file_that_is_missing_stays_missing(
    amigrate: Terminal, shop: Project, database: Path, arguments: list[str]
) -> None:
    amigrate(*arguments)

    assert not database.exists()


@pytest.mark.parametrize(
    "arguments", [["heads"], ["history"], ["branches"], ["show", "a1"]], ids=" ".join
)
def test_commands_about_files_need_no_database(
    amigrate: Terminal, shop: Project, arguments: list[str]
) -> None:
    shop.write("asyncmigrate.toml", 'url = "${NOT_SET_ANYWHERE}"\n')

    assert amigrate(*arguments).code == 0


def test_upgrade_sql_writes_a_script_and_runs_nothing(
    amigrate: Terminal, shop: Project, database: Path
) -> None:
    typed = amigrate("upgrade", "a1:head", "--sql")

    assert typed.code == 0
    assert "ALTER TABLE users ADD COLUMN name" in typed.out
    assert "CREATE TABLE users" not in typed.out
    assert typed.err == ""
    assert not database.exists()


def test_downgrade_and_stamp_write_sql_too(amigrate: Terminal, shop: Project) -> None:
    assert "DROP INDEX ix_users_name" in amigrate.ok("downgrade", "head:b2", "--sql")
    assert "'c3'" in amigrate.ok("stamp", "head", "--sql")


def test_downgrade_sql_needs_to_know_where_to_start(amigrate: Terminal, shop: Project) -> None:
    typed = amigrate("downgrade", "b2", "--sql")

    assert typed.code == 2
    assert "amigrate downgrade head:b2 --sql" in typed.err


def test_atomic_takes_all_or_nothing(amigrate: Terminal, shop: Project) -> None:
    shop.revision("d4", "c3", upgrade='op.execute("SELECT * FROM nowhere")')

    typed = amigrate("upgrade", "--atomic")

    assert typed.code == 1
    assert "All of this run was rolled back" in typed.err
    assert amigrate.json("status")["current"] == []


def test_without_atomic_the_revisions_before_the_broken_one_stay(
    amigrate: Terminal, shop: Project
) -> None:
    shop.revision("d4", "c3", upgrade='op.execute("SELECT * FROM nowhere")', message="broken")

    typed = amigrate("upgrade")

    assert typed.code == 1
    assert "✗ 4/4  + d4" in typed.err
    assert "d4 (broken) failed: no such table: nowhere" in typed.err
    assert f"{shop.versions / 'd4.py'}:" in typed.err
    assert amigrate.json("status")["current"] == ["c3"]


def test_an_error_has_three_parts_and_stays_off_stdout(amigrate: Terminal, shop: Project) -> None:
    typed = amigrate("upgrade", "c4")

    assert typed.out == ""
    assert typed.err.splitlines()[:2] == [
        "error: No revision or branch label is called 'c4'.",
        "  Nothing was changed in the database.",
    ]
    assert typed.err.splitlines()[2].startswith("  next: ")


def test_an_error_shows_its_traceback_only_when_asked(amigrate: Terminal, shop: Project) -> None:
    assert "Traceback" not in amigrate("upgrade", "nope").everything
    assert "Traceback" in amigrate("upgrade", "nope", "--traceback").err


def test_version_names_the_program(amigrate: Terminal) -> None:
    assert amigrate.ok("--version") == f"amigrate {__version__}\n"


def test_amigrate_alone_shows_help_and_exits_with_2(amigrate: Terminal) -> None:
    typed = amigrate()

    assert typed.code == 2
    assert typed.out == ""
    assert typed.err.startswith("Usage: amigrate [OPTIONS] COMMAND")


def test_a_misspelt_command_or_option_points_to_the_help(amigrate: Terminal) -> None:
    command, option = amigrate("upgarde"), amigrate("upgrade", "--atomc")

    assert (command.code, option.code) == (2, 2)
    assert "upgarde" in command.err
    assert "amigrate --help" in command.err
    assert "--atomic" in option.err
    assert "amigrate upgrade --help" in option.err
