"""Logging: a run says what it does, and leaves the application's own loggers alone."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from asyncmigrate import Migrator
from asyncmigrate.asgi import lifespan
from asyncmigrate.engine.logs import logged
from asyncmigrate.errors import StepFailedError
from asyncmigrate.events import Noted, StatementRunning
from tests.terminal import REPOSITORY

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


Picture = dict[str, tuple[int, bool, bool, list[logging.Handler], list[object]]]


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
    before = picture()

    async with lifespan(migrator, "a1")(None):
        pass
    with pytest.raises(StepFailedError):
        await migrator.upgrade()

    after = picture()
    assert {name: after[name] for name in before} == before


_APPLICATION = """
import asyncio, io, logging, sys
application = logging.getLogger("application")
application.setLevel(logging.DEBUG)
application.addHandler(logging.StreamHandler(io.StringIO()))
application.propagate = False
muted = logging.getLogger("muted")
muted.disabled = True
logging.getLogger().addHandler(logging.StreamHandler(io.StringIO()))
{early}
def picture():
    there = {{"": logging.getLogger(), **logging.Logger.manager.loggerDict}}
    return {{
        name: (each.level, each.propagate, each.disabled, each.handlers[:], each.filters[:])
        for name, each in there.items() if isinstance(each, logging.Logger)
    }}

before, disabled, factory = picture(), logging.root.manager.disable, logging.getLogRecordFactory()
from asyncmigrate import Migrator
from asyncmigrate.asgi import lifespan

async def main():
    migrator = Migrator(sys.argv[1], script_location=sys.argv[2])
    async with lifespan(migrator, "a1")(None):
        pass
    try:
        await migrator.upgrade()
    except Exception:
        pass

asyncio.run(main())
after = picture()
assert {{name: after[name] for name in before}} == before, (before, after)
assert (logging.root.manager.disable, logging.getLogRecordFactory()) == (disabled, factory)
ours = [name for name in set(after) - set(before) if name.startswith("asyncmigrate")]
assert all(after[name][:3] == (0, True, False) for name in ours), after
"""


@pytest.mark.parametrize("early", ["", "import asyncmigrate.asgi, asyncmigrate.op"])
def test_importing_and_running_changes_no_logger_and_prints_nothing(
    sqlite_url: str, project: Project, early: str
) -> None:
    project.revision("a1", message="first")
    project.revision("b2", "a1", upgrade='op.execute("SELECT nonsense FROM nowhere")')
    program = _APPLICATION.format(early=early)
    command = [sys.executable, "-c", program, sqlite_url, str(project.script_location)]

    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_is_logged_of_a_long_statement_is_every_tenth_second_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    observe = logged(lambda _: None)
    waits = ("report (server process 7)",)

    with caplog.at_level(logging.INFO, logger="asyncmigrate"):
        for second in range(1, 35):
            blockers = waits if second < 15 else ()
            observe(StatementRunning("a1", "ALTER TABLE t", second + 0.02, blockers, 3))

    said = "a1 has been running for {}: ALTER TABLE t"
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", said.format("10 s; 3 sessions wait behind it; it waits for " + waits[0])),
        ("INFO", said.format("20 s; 3 sessions wait behind it")),
        ("INFO", said.format("30 s; 3 sessions wait behind it")),
    ]
    fields = vars(caplog.records[0])
    assert fields["migration_event"] == "StatementRunning"
    assert (fields["migration_waiting_on"], fields["migration_queued"]) == (waits, 3)
    assert fields["migration_elapsed"] == 10.02


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
