"""Scripts that were edited after they had been applied, and the record of what was applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project import Project
    from tests.terminal import Terminal


@pytest.fixture
def edited(amigrate: Terminal, shop: Project) -> Path:
    """The script of b2, which was edited after it had been applied; c3 is pending."""
    amigrate.ok("upgrade", "b2")
    script = shop.versions / "b2.py"
    script.write_text(script.read_text().replace("sa.String(50)", "sa.String(60)"))
    return script


def test_status_names_a_script_that_was_edited_after_it_was_applied(
    amigrate: Terminal, edited: Path
) -> None:
    assert "edited    b2  (after it was applied)" in amigrate.ok("status").splitlines()
    assert amigrate.json("status")["edited"] == ["b2"]


def test_a_comment_and_other_formatting_are_no_edit(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade", "b2")
    script = shop.versions / "b2.py"
    script.write_text(script.read_text().replace('"name"', "# the full one\n        'name'"))

    assert amigrate.json("status")["edited"] == []


def test_a_script_that_was_undone_may_be_edited(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade", "b2")
    amigrate.ok("downgrade", "-1")
    script = shop.versions / "b2.py"
    script.write_text(script.read_text().replace("sa.String(50)", "sa.String(60)"))

    assert amigrate.json("status")["edited"] == []


@pytest.mark.usefixtures("edited")
def test_an_edited_script_does_not_keep_others_from_running(amigrate: Terminal) -> None:
    assert amigrate("upgrade").code == 0


def test_strict_history_refuses_to_run_while_a_script_is_edited(
    amigrate: Terminal, shop: Project, edited: Path
) -> None:
    shop.write("asyncmigrate.toml", 'url = "sqlite+aiosqlite:///shop.db"\nstrict_history = true\n')

    for command in (["upgrade"], ["downgrade", "-1"]):
        refused = amigrate(*command)

        assert refused.code == 5
        assert "The script of b2 was edited after it had been applied" in refused.err
        assert "amigrate repair" in refused.err
    assert amigrate.json("current")["revisions"][0]["revision"] == "b2"


@pytest.mark.usefixtures("edited")
def test_repair_records_the_edit_and_says_so_once(amigrate: Terminal, shop: Project) -> None:
    shop.write("asyncmigrate.toml", 'url = "sqlite+aiosqlite:///shop.db"\nstrict_history = true\n')

    assert amigrate.json("repair") == {"repaired": ["b2"]}
    assert (
        amigrate.ok("repair") == "Nothing to do: no script was edited after it had been applied.\n"
    )
    assert amigrate.json("status")["edited"] == []
    assert amigrate("upgrade").code == 0


@pytest.mark.usefixtures("edited")
def test_repair_of_a_script_that_was_not_edited_is_refused(amigrate: Terminal) -> None:
    refused = amigrate("repair", "a1")

    assert refused.code == 2
    assert "The script of a1 is the one that was applied" in refused.err


@pytest.mark.usefixtures("edited")
def test_repair_takes_the_names_that_other_commands_take(amigrate: Terminal) -> None:
    refused = amigrate("repair", "nosuch")

    assert refused.code == 2
    assert "No revision or branch label is called 'nosuch'" in refused.err
    assert amigrate.json("repair", "head-1") == {"repaired": ["b2"]}


def test_check_notes_a_script_that_was_edited(
    amigrate: Terminal, shop: Project, edited: Path
) -> None:
    amigrate.ok("upgrade")
    shop.write("shop_models.py", "import sqlalchemy as sa\nmetadata = sa.MetaData()\n")
    shop.write(
        "asyncmigrate.toml",
        'url = "sqlite+aiosqlite:///shop.db"\nmetadata = "shop_models:metadata"\n',
    )

    said = amigrate("check", "--allow-drop")

    assert "edited after it was applied: b2" in said.err


@pytest.mark.usefixtures("edited")
def test_history_applied_shows_the_ledger(amigrate: Terminal) -> None:
    amigrate.ok("downgrade", "-1")
    amigrate.ok("upgrade", "b2")
    lines = amigrate.ok("history", "--applied").splitlines()
    rows = amigrate.json("history", "--applied")["applied"]

    assert [row["outcome"] for row in rows] == ["upgraded", "upgraded", "downgraded", "upgraded"]
    assert "create users" in lines[0]
    assert [line.split()[2:4] for line in lines[1:]] == [
        ["upgraded", "b2"],
        ["downgraded", "b2"],
        ["upgraded", "b2"],
    ]


def test_history_applied_shows_why_a_revision_failed(amigrate: Terminal, shop: Project) -> None:
    shop.revision("c3", "b2", upgrade='op.execute("SELECT nonsense FROM nowhere")')
    amigrate("upgrade")

    lines = amigrate.ok("history", "--applied").splitlines()

    assert lines[2].split()[2:4] == ["failed", "c3"]
    assert "no such table: nowhere" in lines[3]


def test_history_applied_shows_a_database_and_takes_no_range(amigrate: Terminal) -> None:
    refused = amigrate("history", "--applied", "-r", "a1:b2")

    assert refused.code == 2
