"""SQLite's file comes free in the middle of a revision, in `op.autocommit()`: who gets it then."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from asyncmigrate import Migrator
from asyncmigrate.errors import LockTimeoutError
from asyncmigrate.events import Event, LockWaiting
from tests.chaos.dump import dump, sync_url, upgraded, versions
from tests.chaos.leftovers import nothing_on_the_server
from tests.chaos.processes import SLOW_START, amigrate

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from tests.project import Project

WORDS = [("before",), ("first",), ("second",), ("after",)]
_HALVES = """
import pathlib
once = pathlib.Path({once!r})
def is_first():
    try:
        once.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
op.execute("INSERT INTO words VALUES ('before')")
{before}
with op.autocommit():
    op.execute("INSERT INTO words VALUES ('first')")
    {between}
    op.execute("INSERT INTO words VALUES ('second')")
    {behind}
op.execute("INSERT INTO words VALUES ('after')")
"""


def halves(project: Project, **what: str) -> Path:
    """Write a revision in two halves; what is to happen in it happens to the first run only."""
    once = project.root / "once"
    given = {"before": "pass", "between": "pass", "behind": "pass", **what}
    project.revision("a1", upgrade='op.create_table("words", sa.Column("word", sa.Text))')
    project.revision("b2", "a1", upgrade=_HALVES.format(once=str(once), **given))
    return once


def migrator(project: Project, url: str, **settings: Any) -> Migrator:
    return Migrator(url, script_location=project.script_location, **settings)


def ended_once(url: str) -> None:
    """Assert that everything was done once, and nothing tells of what happened on the way."""
    found = dump(url)
    assert found["words"] == sorted(WORDS)
    assert versions(found) == ["b2"]
    assert upgraded(found) == ["a1", "b2"]
    assert "amigrate_journal" not in found
    nothing_on_the_server(url)


_WRITES = """if is_first():
        import sqlite3
        from tests.chaos.test_file import APPLICATIONS
        application = sqlite3.connect({file!r}, check_same_thread=False, isolation_level=None)
        application.execute("BEGIN IMMEDIATE")
        APPLICATIONS.append(application)"""
APPLICATIONS: list[sqlite3.Connection] = []
"""What writes to the file at the end of `op.autocommit()`."""


async def application_at_work() -> sqlite3.Connection:
    async with asyncio.timeout(SLOW_START):
        while not APPLICATIONS:  # noqa: ASYNC110 -- it is in a script
            await asyncio.sleep(0.01)
    return APPLICATIONS.pop()


async def test_an_application_that_writes_as_a_revision_leaves_autocommit_is_waited_for(
    project: Project, sqlite_url: str
) -> None:
    halves(project, behind=_WRITES.format(file=sync_url(sqlite_url)))
    run = asyncio.create_task(migrator(project, sqlite_url).upgrade())

    with closing(await application_at_work()):
        await asyncio.sleep(0.1)
        assert not run.done()
    await run

    ended_once(sqlite_url)


async def test_one_that_goes_on_writing_is_an_error_and_a_rerun_goes_on(
    project: Project, sqlite_url: str
) -> None:
    halves(project, behind=_WRITES.format(file=sync_url(sqlite_url)))

    with pytest.raises(LockTimeoutError):
        await migrator(project, sqlite_url, lock_timeout=0.2).upgrade()
    (await application_at_work()).close()
    await migrator(project, sqlite_url).upgrade()

    ended_once(sqlite_url)


async def test_a_run_that_waits_there_can_be_cancelled(project: Project, sqlite_url: str) -> None:
    halves(project, behind=_WRITES.format(file=sync_url(sqlite_url)))
    run = asyncio.create_task(migrator(project, sqlite_url, shutdown_grace=600).upgrade())

    with closing(await application_at_work()):
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    await migrator(project, sqlite_url).upgrade()

    ended_once(sqlite_url)


async def test_who_waited_goes_on_behind_what_a_killed_migrator_had_done(
    project: Project, sqlite_url: str
) -> None:
    wait = """
if is_first():
    (once.parent / "at_work").touch()
    while not (once.parent / "let_go").exists():
        op.get_bind().exec_driver_sql("SELECT 1")
"""
    die = """if not (once.parent / "killed").exists():
        import os
        (once.parent / "killed").touch()
        os.kill(os.getpid(), 9)"""
    halves(project, before=wait, between=die)
    waits = asyncio.Event()

    def see(event: Event) -> None:
        if isinstance(event, LockWaiting):
            waits.set()

    with amigrate(project, sqlite_url, "upgrade") as killed:
        await asyncio.to_thread(killed.wait_until_at_work)
        run = asyncio.create_task(migrator(project, sqlite_url).observed(see).upgrade())
        await waits.wait()
        (project.root / "let_go").touch()
        await run

    assert killed.popen.returncode == -9
    ended_once(sqlite_url)


_ANOTHER = """if is_first():
        import asyncio, threading
        from tests.chaos.test_file import migrator
        from tests.project import Project
        other = migrator(Project(once.parent), {url!r})
        thread = threading.Thread(target=lambda: asyncio.run(other.upgrade()))
        thread.start()
        thread.join()"""


@pytest.mark.parametrize("where", ["between", "behind"])
async def test_who_was_overtaken_in_autocommit_does_nothing_twice(
    project: Project, sqlite_url: str, where: str
) -> None:
    halves(project, **{where: _ANOTHER.format(url=sqlite_url)})

    result = await migrator(project, sqlite_url).upgrade()

    assert result.after == ("b2",)
    ended_once(sqlite_url)


async def test_who_was_overtaken_before_its_first_statement_does_nothing_twice(
    project: Project, sqlite_url: str
) -> None:
    once = halves(project)
    other = _ANOTHER.format(url=sqlite_url)
    body = f"""
import pathlib
once = pathlib.Path({str(once)!r})
is_first = lambda: not once.exists() and not once.touch()
with op.autocommit():
    {other}
    op.execute("INSERT INTO words VALUES ('last')")
"""
    project.revision("c3", "b2", upgrade=body)

    await migrator(project, sqlite_url).upgrade()

    assert dump(sqlite_url)["words"].count(("last",)) == 1
    assert upgraded(dump(sqlite_url)) == ["a1", "b2", "c3"]
