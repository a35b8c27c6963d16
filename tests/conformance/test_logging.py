"""Logging: a run says what it does, and leaves the application's own loggers alone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from asyncmigrate import Migrator
from asyncmigrate.asgi import lifespan
from asyncmigrate.errors import StepFailedError
from asyncmigrate.events import Noted

if TYPE_CHECKING:
    from tests.project import Project


async def test_a_run_is_logged_and_no_logger_of_the_application_is_touched(
    sqlite_url: str, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    project.revision("a1", message="first")
    application = logging.getLogger("application.of.the.user")
    before = (application.disabled, application.level, list(logging.getLogger().handlers))

    with caplog.at_level(logging.INFO, logger="asyncmigrate"):
        await Migrator(sqlite_url, script_location=project.script_location).upgrade()

    assert [record.getMessage().split(":")[0] for record in caplog.records][1] == "upgrade a1 first"
    after = (application.disabled, application.level, list(logging.getLogger().handlers))
    assert after == before


Picture = dict[str, tuple[int, bool, bool, list[logging.Handler], list[logging.Filter]]]


def picture() -> Picture:
    """Take a picture of every logger that there is, and of the root."""
    manager = logging.Logger.manager
    there = {
        name: each for name, each in manager.loggerDict.items() if isinstance(each, logging.Logger)
    }
    return {
        name: (each.level, each.propagate, each.disabled, each.handlers[:], list(each.filters))
        for name, each in ({"": logging.getLogger()} | there).items()
    }


async def test_no_logger_is_changed_by_runs_that_succeed_and_fail_in_an_application(
    sqlite_url: str, project: Project
) -> None:
    project.revision("a1", message="first")
    project.revision("b2", "a1", upgrade='op.execute("SELECT nonsense FROM nowhere")')
    migrator = Migrator(sqlite_url, script_location=project.script_location)
    await migrator.status()
    before = picture()

    async with lifespan(migrator, "a1")(None):
        pass
    with pytest.raises(StepFailedError):
        await migrator.upgrade()

    after = picture()
    assert {name: after[name] for name in before} == before


async def test_records_have_the_fields_of_what_they_tell(
    sqlite_url: str, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    project.revision("a1", message="first")

    with caplog.at_level(logging.DEBUG, logger="asyncmigrate"):
        await Migrator(sqlite_url, script_location=project.script_location).upgrade()

    fields = [vars(record) for record in caplog.records]
    assert [each["migration_event"] for each in fields] == [
        "RunStarted",
        "StepStarted",
        "StepFinished",
        "RunFinished",
    ]
    assert fields[2]["migration_revision"] == "a1"
    assert fields[2]["migration_message"] == "first"
    assert fields[2]["migration_seconds"] > 0
    assert fields[3]["migration_after"] == ("a1",)


async def test_a_url_without_an_async_driver_is_mapped_and_the_run_says_so(
    sqlite_url: str, project: Project
) -> None:
    project.revision("a1", message="first")
    events: list[object] = []
    bare = sqlite_url.replace("+aiosqlite", "")

    await Migrator(bare, script_location=project.script_location, observer=events.append).upgrade()

    assert Noted("sqlite:// is used as sqlite+aiosqlite://") in events
