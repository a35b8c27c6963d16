"""The JSON shapes that programs rely on: keys, types, one object on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project import Project
    from tests.terminal import Terminal


def shape(value: Any) -> Any:
    """Return the types of a JSON value: keys stay, a list is described by its first item."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


STEP = {"revision": "str", "direction": "str", "message": "str", "before": [], "after": ["str"]}
TRIED = STEP | {"seconds": "float", "outcome": "str"}
REVISION = {
    "revision": "str",
    "down_revision": [],
    "depends_on": [],
    "branch_labels": [],
    "message": "str",
    "path": "str",
    "is_head": "bool",
    "is_base": "bool",
    "is_branch_point": "bool",
    "is_merge_point": "bool",
    "is_current": "NoneType",
}


def test_status_says_where_an_empty_database_is(amigrate: Terminal, shop: Project) -> None:
    assert amigrate.json("status") == {
        "database": "sqlite+aiosqlite:///shop.db",
        "current": [],
        "heads": ["c3"],
        "pending": [
            {"revision": "a1", "message": "create users"},
            {"revision": "b2", "message": "add name"},
            {"revision": "c3", "message": "index name"},
        ],
        "unknown": [],
        "edited": [],
        "is_up_to_date": False,
    }


def test_status_says_that_a_database_is_up_to_date(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade")

    assert amigrate.json("status") == {
        "database": "sqlite+aiosqlite:///shop.db",
        "current": ["c3"],
        "heads": ["c3"],
        "pending": [],
        "unknown": [],
        "edited": [],
        "is_up_to_date": True,
    }


def test_status_names_a_revision_that_no_script_has(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade")
    (shop.versions / "c3.py").unlink()

    found = amigrate.json("status")

    assert (found["current"], found["unknown"]) == (["c3"], ["c3"])
    assert found["is_up_to_date"] is False


@pytest.mark.parametrize("command", ["history", "heads"])
def test_history_and_heads_give_every_fact_of_a_revision(
    amigrate: Terminal, shop: Project, command: str
) -> None:
    found = amigrate.json(command)

    assert list(found) == ["revisions"]
    assert shape(found["revisions"][0]) == REVISION | {"down_revision": ["str"]}
    assert found["revisions"][0] == {
        "revision": "c3",
        "down_revision": ["b2"],
        "depends_on": [],
        "branch_labels": [],
        "message": "index name",
        "path": str(shop.versions / "c3.py"),
        "is_head": True,
        "is_base": False,
        "is_branch_point": False,
        "is_merge_point": False,
        "is_current": None,
    }


def test_history_is_newest_first(amigrate: Terminal, shop: Project) -> None:
    found = amigrate.json("history")

    assert [each["revision"] for each in found["revisions"]] == ["c3", "b2", "a1"]


def test_history_marks_what_is_current_when_asked(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade", "b2")

    found = amigrate.json("history", "-i")

    assert [each["is_current"] for each in found["revisions"]] == [False, True, False]


def test_branches_dependencies_and_labels_are_in_the_history(
    amigrate: Terminal, branched: Project
) -> None:
    rows = {each["revision"]: each for each in amigrate.json("history")["revisions"]}

    assert rows["a1"]["is_branch_point"] is True
    assert rows["a1"]["is_base"] is True
    assert rows["b1"]["depends_on"] == ["s1"]
    assert rows["b1"]["branch_labels"] == ["blog"]
    assert {each for each, row in rows.items() if row["is_head"]} == {"s2", "b1"}


def test_plan_lists_steps(amigrate: Terminal, shop: Project) -> None:
    found = amigrate.json("plan")

    assert shape(found) == {"steps": [STEP]}
    assert [each["revision"] for each in found["steps"]] == ["a1", "b2", "c3"]
    assert found["steps"][1] == {
        "revision": "b2",
        "direction": "upgrade",
        "message": "add name",
        "before": ["a1"],
        "after": ["b2"],
    }


def test_plan_of_nothing_is_an_empty_list(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade")

    assert amigrate.json("plan") == {"steps": []}


def test_upgrade_tells_what_became_of_each_step(amigrate: Terminal, shop: Project) -> None:
    found = amigrate.json("upgrade")

    assert shape(found) == {"before": [], "after": ["str"], "steps": [TRIED]}
    assert (found["before"], found["after"]) == ([], ["c3"])
    assert {each["outcome"] for each in found["steps"]} == {"done"}


def test_downgrade_tells_what_became_of_each_step(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade")

    found = amigrate.json("downgrade", "-1")

    assert shape(found["steps"][0]) == TRIED | {"before": ["str"]}
    assert (found["before"], found["after"]) == (["c3"], ["b2"])
    assert found["steps"][0]["direction"] == "downgrade"


def test_stamp_tells_what_became_of_each_step(amigrate: Terminal, shop: Project) -> None:
    found = amigrate.json("stamp", "b2")

    assert shape(found) == {"before": [], "after": ["str"], "steps": [TRIED]}
    assert (found["before"], found["after"]) == ([], ["b2"])
    assert found["steps"][0]["direction"] == "stamp"


def test_an_upgrade_with_nothing_to_do_has_no_steps(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("upgrade")

    assert amigrate.json("upgrade") == {"before": ["c3"], "after": ["c3"], "steps": []}


def test_revision_names_the_file_it_wrote(amigrate: Terminal, shop: Project) -> None:
    found = amigrate.json("revision", "-m", "add age", "--rev-id", "d4")

    assert found == {
        "revision": "d4",
        "down_revision": ["c3"],
        "path": str(shop.versions / "d4_add_age.py"),
        "hook_failures": [],
    }


def test_sql_is_one_string(amigrate: Terminal, shop: Project) -> None:
    found = amigrate.json("upgrade", "--sql")

    assert list(found) == ["sql"]
    assert "CREATE TABLE users" in found["sql"]


def test_init_names_what_it_made(amigrate: Terminal, project: Project) -> None:
    project.versions.rmdir()
    project.script_location.rmdir()

    assert amigrate.json("init") == {
        "created": [
            str(project.script_location / "README.md"),
            str(project.versions / ".gitkeep"),
        ],
        "settings": str(project.root / "asyncmigrate.toml"),
        "metadata": [],
    }


def test_ensure_version_says_whether_it_made_the_table(amigrate: Terminal, shop: Project) -> None:
    first, second = amigrate.json("ensure_version"), amigrate.json("ensure_version")

    assert first == {"version_table": "alembic_version", "created": True}
    assert second == {"version_table": "alembic_version", "created": False}


def test_the_version_is_json_too(amigrate: Terminal) -> None:
    assert list(amigrate.json("--version")) == ["version"]


@pytest.mark.parametrize(
    ("arguments", "code", "type_"),
    [
        (["upgrade", "nope"], 2, "UnknownRevisionError"),
        (["upgrade", "--nope"], 2, "UsageError"),
        (["nope"], 2, "UsageError"),
        (["downgrade"], 2, "UsageError"),
        (["stamp"], 2, "UsageError"),
        (["show"], 2, "UsageError"),
        (["upgrade", "--lock-timeout", "soon"], 2, "UsageError"),
        (["status", "extra"], 2, "UsageError"),
        (["status", "-x", "=1"], 2, "UsageError"),
        (["-c", "nope.toml", "status"], 2, "ConfigError"),
        (["-n", "nope", "status"], 2, "ConfigError"),
        (["stamp", "head", "--sql", "--purge"], 2, "UsageError"),
        (["status", "--url", "nonsense"], 2, "UrlError"),
        (["current", "--check-heads"], 3, "NotUpToDateError"),
        ([], 2, "UsageError"),
    ],
    ids=str,
)
def test_every_failure_is_one_json_object_with_four_strings(
    amigrate: Terminal, shop: Project, arguments: list[str], code: int, type_: str
) -> None:
    typed = amigrate(*arguments, "--json")

    assert typed.code == code
    assert shape(typed.json) == {
        "error": {"type": "str", "message": "str", "state": "str", "next": "str"}
    }
    assert typed.json["error"]["type"] == type_
    assert typed.json["error"]["message"]


def test_a_failed_step_says_what_was_rolled_back(amigrate: Terminal, shop: Project) -> None:
    shop.revision("d4", "c3", upgrade='op.execute("SELECT * FROM nowhere")', message="broken")

    typed = amigrate("upgrade", "--json")

    assert typed.code == 1
    error = typed.json["error"]
    assert error["type"] == "StepFailedError"
    assert "d4 (broken)" in error["message"]
    assert "no such table: nowhere" in error["message"]
    assert "The database is at c3" in error["state"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["upgrade"],
        ["downgrade", "base"],
        ["stamp", "head"],
        ["plan"],
        ["current"],
        ["history", "-i"],
        ["heads"],
        ["branches"],
        ["show", "a1"],
        ["ensure_version"],
        ["revision", "-m", "x"],
    ],
    ids=" ".join,
)
def test_with_json_nothing_but_the_object_is_printed(
    amigrate: Terminal, shop: Project, database: Path, arguments: list[str]
) -> None:
    typed = amigrate("--json", *arguments)

    assert typed.code == 0
    assert isinstance(typed.json, dict)
    assert typed.err == ""
