"""Ready-made tests of a project's history: import them into a file of tests.

    from asyncmigrate.testing.ready import *

or set `ready = true` in `[tool.asyncmigrate.testing]`. What does not apply to a project is named in
`skip` there. The three with rows are there where `fuzz = true` is set. They are sync tests: no
plugin for asyncio is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Ready = Callable[[str], None]

__all__ = [
    "test_every_revision_can_be_applied_where_there_are_rows",
    "test_every_revision_can_be_undone_where_there_are_rows",
    "test_every_revision_goes_up_down_and_up_again",
    "test_every_script_has_a_message_and_a_way_back",
    "test_nothing_is_left_after_downgrade_base",
    "test_rows_are_what_they_were_after_upgrade_and_downgrade",
    "test_the_history_can_be_walked",
    "test_the_models_match_the_history",
    "test_the_sql_can_be_written_without_a_database",
    "test_there_is_one_head",
]


def test_there_is_one_head(amigrate_ready: Ready) -> None:
    """With two, `upgrade head` does not know which one is meant."""
    amigrate_ready("one_head")


def test_the_history_can_be_walked(amigrate_ready: Ready) -> None:
    """Each script can be reached from the base and be imported."""
    amigrate_ready("walkable")


def test_every_script_has_a_message_and_a_way_back(amigrate_ready: Ready) -> None:
    """Or its `downgrade()` raises, which says that there is none."""
    amigrate_ready("documented")


def test_the_sql_can_be_written_without_a_database(amigrate_ready: Ready) -> None:
    """`amigrate upgrade base:heads --sql` works."""
    amigrate_ready("offline")


def test_every_revision_goes_up_down_and_up_again(amigrate_ready: Ready) -> None:
    """And each time the database is what it was."""
    amigrate_ready("stairway")


def test_nothing_is_left_after_downgrade_base(amigrate_ready: Ready) -> None:
    """Neither tables nor types, functions, schemas."""
    amigrate_ready("no_trace")


def test_the_models_match_the_history(amigrate_ready: Ready) -> None:
    """What `amigrate check` compares."""
    amigrate_ready("models")


def test_every_revision_can_be_applied_where_there_are_rows(amigrate_ready: Ready) -> None:
    """The tables are filled with made-up rows before each of them."""
    amigrate_ready("rows_up")


def test_every_revision_can_be_undone_where_there_are_rows(amigrate_ready: Ready) -> None:
    """With rows that the new tables allow."""
    amigrate_ready("rows_down")


def test_rows_are_what_they_were_after_upgrade_and_downgrade(amigrate_ready: Ready) -> None:
    """In the columns that are there all the time."""
    amigrate_ready("rows_kept")
