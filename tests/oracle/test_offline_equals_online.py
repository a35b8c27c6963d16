"""The same scripts as SQL text, fed to the database's own shell: what the live run leaves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from asyncmigrate import Migrator
from asyncmigrate.errors import MigrateError, OfflineError
from tests.oracle.collected import BY_NAME, CASES
from tests.oracle.sides import differing
from tests.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.oracle.sides import Sides


@dataclass(frozen=True, slots=True)
class Asking:
    """Scripts that no text can stand for, and why."""

    reason: str
    scripts: tuple[str, ...]
    databases: tuple[str, ...] = ("sqlite", "postgresql", "mariadb")


ASKING = [
    Asking(
        "they look at what is in the database, and what they do depends on it",
        (
            "a look through the inspector",
            "a look through the inspector at indexes and keys",
            "a reflected table",
            "a savepoint",
            "rows that are read and written",
            "rows that are read through Core",
            "rows through a session",
        ),
    ),
    Asking(
        "MODIFY writes the whole column again, and the text would lose what the script leaves out: "
        "the type, NOT NULL, the default, the comment, AUTO_INCREMENT",
        (
            "NOT NULL, a script that does not name the type",
            "NOT NULL, a script that does not name the default",
            "another type, a script that says nothing else",
            "another type, a script that does not name the default",
            "a comment that a script does not name",
            "a key that gets bigger, a script that does not say that it counts",
        ),
        ("mariadb",),
    ),
    Asking(
        "SET DEFAULT and DROP DEFAULT take away an ON UPDATE that the script does not rule out",
        ("the time as a default, a script that does not name it",),
        ("mariadb",),
    ),
    Asking(
        "SQLite has no IF NOT EXISTS for columns; the catalog is asked",
        ("a column if it is not there",),
        ("sqlite",),
    ),
]


def asks(database: str, script: str) -> bool:
    return any(database in each.databases and script in each.scripts for each in ASKING)


ONLINE = [case for case in CASES if asks(*case)]
OFFLINE = [case for case in CASES if case not in ONLINE]


@pytest.mark.parametrize(("database", "name"), OFFLINE)
def test_the_text_leaves_what_the_live_run_leaves(database: str, name: str, sides: Sides) -> None:
    script = BY_NAME[name]
    text = sides.sql(script)

    fed = sides.fed(text)

    assert isinstance(fed, dict), fed
    assert differing(ours=sides.ours(script), other=fed) == {}


@pytest.mark.parametrize(("database", "name"), ONLINE)
def test_a_script_that_asks_is_refused_as_text(database: str, name: str, sides: Sides) -> None:
    with pytest.raises(MigrateError) as caught:
        sides.sql(BY_NAME[name])

    assert caught.value.next


@pytest.mark.parametrize("script", ASKING[0].scripts)
def test_a_script_that_asks_is_told_in_which_line(script: str, tmp_path: Path) -> None:
    project = Project(tmp_path)
    file = project.revision("0001", upgrade=BY_NAME[script].upgrade)
    migrator = Migrator("sqlite+aiosqlite:///x", script_location=project.script_location)

    with pytest.raises(OfflineError, match=re.escape(f"{file}:")):
        migrator.sql("upgrade", "head")


@pytest.mark.parametrize("each", ASKING, ids=lambda each: each.reason[:40])
def test_every_exclusion_is_about_scripts_that_there_are(each: Asking) -> None:
    assert set(each.scripts) <= set(BY_NAME)
