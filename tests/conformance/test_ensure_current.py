"""`ensure_current`: whether the database is one that the application can run on."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator, __version__, ensure_current
from asyncmigrate.errors import DatabaseAheadError, NotUpToDateError, TargetError, UsageError
from asyncmigrate.events import BehindWaiting, Event

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


@pytest.fixture
def migrator(engine: AsyncEngine, project: Project) -> Migrator:
    """A migrator of three revisions, of which none is applied."""
    create = 'op.create_table("{0}", sa.Column("id", sa.Integer, primary_key=True))'
    project.revision("a1", upgrade=create.format("users"), message="create users")
    project.revision("b2", "a1", upgrade=create.format("notes"), message="create notes")
    project.revision("c3", "b2", upgrade=create.format("tags"), message="create tags")
    return Migrator(engine, script_location=project.script_location)


async def test_a_database_at_head_is_accepted_in_one_query_without_importing_a_script(
    migrator: Migrator, engine: AsyncEngine, project: Project
) -> None:
    await migrator.upgrade()
    imported = set(sys.modules)
    sent: list[str] = []

    @sa.event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(*arguments: object) -> None:
        sent.append(str(arguments[2]))

    found = await ensure_current(engine, script_location=project.script_location)

    assert found.is_accepted
    assert found.current == ("c3",)
    assert len(sent) == 1
    assert {name for name in set(sys.modules) - imported if "c3" in name} == set()


async def test_a_database_that_is_behind_is_refused_and_nothing_is_created(
    migrator: Migrator, engine: AsyncEngine
) -> None:
    with pytest.raises(NotUpToDateError, match="at base; this application needs 3 revisions more"):
        await ensure_current(migrator)

    async with engine.connect() as connection:
        assert await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names()) == []


@pytest.mark.parametrize("accept", ["b2:", "b2:c3", "a1:b2", "b2"])
async def test_a_range_of_revisions_is_accepted(migrator: Migrator, accept: str) -> None:
    await migrator.upgrade("b2")

    assert (await ensure_current(migrator, accept)).is_accepted


async def test_a_database_below_the_range_is_behind(migrator: Migrator) -> None:
    await migrator.upgrade("a1")

    with pytest.raises(NotUpToDateError, match="needs 1 revision more, up to b2"):
        await ensure_current(migrator, "b2:")


async def test_a_database_above_the_range_is_ahead(migrator: Migrator) -> None:
    await migrator.upgrade("c3")

    with pytest.raises(DatabaseAheadError, match=r"by 1 revision: c3 \(create tags\)") as caught:
        await ensure_current(migrator, "a1:b2")

    assert caught.value.revisions == ("c3",)


async def test_a_revision_that_no_script_provides_is_told_from_the_history_table(
    migrator: Migrator, project: Project
) -> None:
    await migrator.upgrade()
    (project.versions / "c3.py").unlink()

    with pytest.raises(DatabaseAheadError) as caught:
        await ensure_current(migrator)

    assert "c3 (create tags), upgraded 20" in caught.value.message
    assert caught.value.message.endswith(f"by asyncmigrate {__version__}.")


async def test_an_older_release_may_run_on_a_newer_database(
    migrator: Migrator, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    await migrator.upgrade()
    (project.versions / "c3.py").unlink()

    found = await ensure_current(migrator, ahead="warn")

    assert found.missing == ()
    assert found.ahead == ("c3",)
    assert found.to_json()["ahead"][0]["message"] == "create tags"
    assert "ahead of this application" in caplog.text


async def test_without_a_history_table_an_unknown_revision_is_named_all_the_same(
    engine: AsyncEngine, migrator: Migrator, project: Project
) -> None:
    plain = Migrator(engine, script_location=project.script_location, history_table="")
    await plain.upgrade()
    (project.versions / "c3.py").unlink()

    with pytest.raises(DatabaseAheadError, match="by 1 revision: c3"):
        await ensure_current(plain)

    assert (await ensure_current(plain, ahead="warn")).missing == ()


async def test_a_wait_ends_when_somebody_has_migrated(
    migrator: Migrator, engine: AsyncEngine, project: Project
) -> None:
    seen: list[Event] = []
    begun = asyncio.Event()

    def observe(event: Event) -> None:
        seen.append(event)
        begun.set()

    waiting = asyncio.create_task(ensure_current(migrator.observed(observe), behind="wait"))
    async with asyncio.timeout(120):
        await begun.wait()
        await Migrator(engine, script_location=project.script_location).upgrade()
        found = await waiting

    assert found.is_accepted
    assert isinstance(seen[0], BehindWaiting)
    assert seen[0].missing[0] == "a1"


async def test_a_wait_that_is_too_long_is_an_error(migrator: Migrator) -> None:
    with pytest.raises(NotUpToDateError):
        await ensure_current(migrator, behind="wait", timeout=0)


async def test_a_range_with_an_unknown_end_is_refused(migrator: Migrator) -> None:
    with pytest.raises(TargetError, match="c4"):
        await ensure_current(migrator, "a1:c4")


async def test_a_misspelt_policy_is_refused(migrator: Migrator) -> None:
    with pytest.raises(UsageError, match="behind='ignore'"):
        await ensure_current(migrator, behind="ignore")  # type: ignore[arg-type]
