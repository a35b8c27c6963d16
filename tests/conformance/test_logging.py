"""Logging: a run says what it does, and leaves the application's own loggers alone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from asyncmigrate import Migrator
from asyncmigrate.events import Noted

if TYPE_CHECKING:
    import pytest

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


async def test_a_url_without_an_async_driver_is_mapped_and_the_run_says_so(
    sqlite_url: str, project: Project
) -> None:
    project.revision("a1", message="first")
    events: list[object] = []
    bare = sqlite_url.replace("+aiosqlite", "")

    await Migrator(bare, script_location=project.script_location, observer=events.append).upgrade()

    assert Noted("sqlite:// is used as sqlite+aiosqlite://") in events
