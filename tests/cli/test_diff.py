"""`amigrate diff` and `diff --explain`: what differs, and both sides of one object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project
    from tests.terminal import Terminal

    Declare = Callable[..., None]

USERS = """
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50), index=True))
"""


@pytest.fixture
def differing(drawn: Project, declare: Declare, amigrate: Terminal) -> Project:
    """A project whose models have a longer name than the database."""
    declare(USERS)
    amigrate.ok("revision", "--autogenerate", "-m", "begin", "--rev-id", "a1")
    amigrate.ok("upgrade")
    declare(USERS.replace("50", "60"))
    return drawn


def test_differences_are_shown_and_are_no_failure(differing: Project, amigrate: Terminal) -> None:
    assert amigrate.ok("diff") == "~ column users.name (type: VARCHAR(50) → VARCHAR(60))\n"


def test_differences_as_json_are_those_of_check(differing: Project, amigrate: Terminal) -> None:
    assert amigrate.json("diff") == amigrate("check", "--json").json


def test_models_without_tables_are_shown_as_drops(
    differing: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare("")

    assert amigrate.ok("diff") == "- table users\n"


def test_explain_shows_both_sides_and_marks_what_differs(
    differing: Project, amigrate: Terminal
) -> None:
    lines = amigrate.ok("diff", "--explain", "users.name").splitlines()

    assert lines[0] == "column users.name: different"
    assert lines[1].split() == ["database", "models"]
    assert lines[2].split() == ["~", "type", "VARCHAR(50)", "VARCHAR(60)"]
    assert lines[3].split() == ["nullable", "yes", "yes"]


def test_explain_shows_what_is_equal_too(differing: Project, amigrate: Terminal) -> None:
    assert amigrate.ok("diff", "--explain", "users.id").startswith("column users.id: equal\n")


def test_explain_as_json(differing: Project, amigrate: Terminal) -> None:
    found = amigrate.json("diff", "--explain", "users.name")

    assert (found["kind"], found["object"], found["is_equal"]) == ("column", "users.name", False)
    assert found["before"]["type"] == "VARCHAR(50)"
    assert found["after"]["type"] == "VARCHAR(60)"


def test_explain_of_what_one_side_lacks(
    differing: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(USERS + 'sa.Table("tags", metadata, sa.Column("id", sa.Integer))\n')

    assert "(none)" in amigrate.ok("diff", "--explain", "tags")
    assert amigrate.json("diff", "--explain", "tags")["before"] is None


@pytest.mark.parametrize(
    ("path", "kind"),
    [("users", "table"), ("users.ix_users_name", "index"), ("index users.ix_users_name", "index")],
)
def test_explain_finds_objects_of_every_kind(
    differing: Project, amigrate: Terminal, path: str, kind: str
) -> None:
    assert amigrate.json("diff", "--explain", path)["kind"] == kind


def test_explain_of_nothing_offers_what_is_like_it(differing: Project, amigrate: Terminal) -> None:
    typed = amigrate("diff", "--explain", "users.nam")

    assert (typed.code, typed.out) == (2, "")
    assert "Did you mean users.name" in typed.err


def test_explain_from_history(differing: Project, amigrate: Terminal) -> None:
    (differing.root / "shop.db").unlink()

    found = amigrate.json("diff", "--explain", "users.name", "--from", "history")

    assert found["before"]["type"] == "VARCHAR(50)"
    assert not (differing.root / "shop.db").exists()


def test_a_database_that_is_behind_is_not_compared(differing: Project, amigrate: Terminal) -> None:
    differing.revision("b2", "a1")

    assert amigrate("diff").code == 3
    assert amigrate("diff", "--explain", "users").code == 3
