"""Every live database: a history is run, recorded, shown and undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator
from asyncmigrate.errors import (
    IrreversibleError,
    MigrateError,
    StepFailedError,
    UnknownHeadError,
    VersionTableError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


@pytest.fixture
def three(project: Project) -> Project:
    """A chain of three revisions."""
    project.users_in_three_steps()
    return project


async def tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names()))


async def scalars(engine: AsyncEngine, statement: str) -> list[object]:
    async with engine.connect() as connection:
        return list((await connection.exec_driver_sql(statement)).scalars())


def migrator(engine: AsyncEngine, project: Project) -> Migrator:
    return Migrator(engine, script_location=project.script_location)


async def test_an_upgrade_to_head_runs_every_revision_in_order(
    engine: AsyncEngine, three: Project
) -> None:
    result = await migrator(engine, three).upgrade("head")

    assert [step.revision for step in result.steps] == ["a1", "b2", "c3"]
    assert (result.before, result.after) == ((), ("c3",))
    assert await scalars(engine, "SELECT version_num FROM alembic_version") == ["c3"]


async def test_every_run_is_written_to_the_history_table(
    engine: AsyncEngine, three: Project
) -> None:
    m = migrator(engine, three)
    await m.upgrade("head")
    await m.downgrade("-1")

    rows = await scalars(engine, "SELECT revision FROM amigrate_history ORDER BY id")
    outcomes = await scalars(engine, "SELECT outcome FROM amigrate_history ORDER BY id")

    assert rows == ["a1", "b2", "c3", "c3"]
    assert outcomes == ["upgraded", "upgraded", "upgraded", "downgraded"]


async def test_a_downgrade_to_base_leaves_no_table_of_the_application(
    engine: AsyncEngine, three: Project
) -> None:
    m = migrator(engine, three)
    await m.upgrade("head")

    result = await m.downgrade("base")

    assert [step.revision for step in result.steps] == ["c3", "b2", "a1"]
    assert await tables(engine) == {"alembic_version", "amigrate_history"}


async def test_an_upgrade_at_head_does_nothing(engine: AsyncEngine, three: Project) -> None:
    m = migrator(engine, three)
    await m.upgrade("head")

    result = await m.upgrade("head")

    assert result.steps == ()
    assert result.after == ("c3",)


async def test_status_tells_what_is_pending_and_creates_nothing(
    engine: AsyncEngine, three: Project
) -> None:
    m = migrator(engine, three)

    status = await m.status()

    assert [revision.id for revision in status.pending] == ["a1", "b2", "c3"]
    assert not status.is_up_to_date
    assert await tables(engine) == set()


async def test_a_failing_revision_is_rolled_back_whole_and_earlier_ones_stay(
    rolls_back: AsyncEngine, three: Project
) -> None:
    three.revision(
        "d4",
        "c3",
        upgrade='op.create_table("pets", sa.Column("id", sa.Integer))\n'
        'op.execute("SELECT * FROM nowhere")',
    )

    with pytest.raises(StepFailedError) as caught:
        await migrator(rolls_back, three).upgrade("head")

    assert caught.value.revision == "d4"
    assert caught.value.applied == ("a1", "b2", "c3")
    assert "nowhere" in caught.value.message
    assert "pets" not in await tables(rolls_back)
    assert await scalars(rolls_back, "SELECT version_num FROM alembic_version") == ["c3"]
    failed = await scalars(
        rolls_back, "SELECT error FROM amigrate_history WHERE outcome = 'failed'"
    )
    assert len(failed) == 1


async def test_an_atomic_upgrade_takes_all_revisions_or_none(
    rolls_back: AsyncEngine, three: Project
) -> None:
    three.revision("d4", "c3", upgrade='op.execute("SELECT * FROM nowhere")')

    with pytest.raises(StepFailedError):
        await migrator(rolls_back, three).upgrade("head", atomic=True)

    assert "users" not in await tables(rolls_back)
    assert await scalars(rolls_back, "SELECT version_num FROM alembic_version") == []


async def test_an_atomic_upgrade_that_succeeds_is_committed(
    rolls_back: AsyncEngine, three: Project
) -> None:
    result = await migrator(rolls_back, three).upgrade("head", atomic=True)

    assert [step.outcome for step in result.steps] == ["done"] * 3
    assert await scalars(rolls_back, "SELECT version_num FROM alembic_version") == ["c3"]


async def test_what_runs_in_autocommit_stays_when_the_revision_fails_later(
    rolls_back: AsyncEngine, three: Project
) -> None:
    three.revision(
        "d4",
        "c3",
        upgrade='with op.autocommit():\n    op.execute("CREATE TABLE kept (id INTEGER)")\n'
        'op.execute("CREATE TABLE gone (id INTEGER)")\nop.execute("SELECT * FROM nowhere")',
    )

    with pytest.raises(StepFailedError, match="autocommit"):
        await migrator(rolls_back, three).upgrade("head")

    found = await tables(rolls_back)
    assert "kept" in found
    assert "gone" not in found


async def test_a_connection_in_a_transaction_is_joined_and_its_owner_commits(
    rolls_back: AsyncEngine, three: Project
) -> None:
    async with rolls_back.connect() as connection, connection.begin() as transaction:
        result = await Migrator(connection, script_location=three.script_location).upgrade()
        await transaction.rollback()

    assert result.committed is False
    assert await tables(rolls_back) == set()


async def test_a_connection_without_a_transaction_is_migrated_for_good(
    engine: AsyncEngine, three: Project
) -> None:
    async with engine.connect() as connection:
        await Migrator(connection, script_location=three.script_location).upgrade()

    assert await scalars(engine, "SELECT version_num FROM alembic_version") == ["c3"]


async def test_a_statement_before_us_on_the_connection_does_not_lose_the_upgrade(
    rolls_back: AsyncEngine, three: Project
) -> None:
    async with rolls_back.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
        await Migrator(connection, script_location=three.script_location).upgrade()
        await connection.commit()

    assert await scalars(rolls_back, "SELECT version_num FROM alembic_version") == ["c3"]


async def test_a_revision_without_downgrade_is_refused_before_anything_is_undone(
    engine: AsyncEngine, three: Project
) -> None:
    path = three.revision("d4", "c3", upgrade='op.execute("SELECT 1")')
    path.write_text(path.read_text().split("def downgrade")[0])
    m = migrator(engine, three)
    await m.upgrade()

    with pytest.raises(IrreversibleError):
        await m.downgrade("a1")

    assert await scalars(engine, "SELECT version_num FROM alembic_version") == ["d4"]


async def test_an_unknown_revision_in_the_database_is_named_and_can_be_purged(
    engine: AsyncEngine, three: Project
) -> None:
    m = migrator(engine, three)
    await m.stamp("b2")
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'gone'")

    with pytest.raises(UnknownHeadError, match="gone"):
        await m.upgrade()
    assert (await m.status()).unknown == ("gone",)
    await m.stamp("a1", purge=True)

    assert await scalars(engine, "SELECT version_num FROM alembic_version") == ["a1"]


async def test_a_version_row_that_vanishes_meanwhile_is_an_error(
    engine: AsyncEngine, three: Project
) -> None:
    three.revision("d4", "c3", upgrade='op.execute("DELETE FROM alembic_version")')

    with pytest.raises(MigrateError, match="alembic_version"):
        await migrator(engine, three).upgrade()

    assert await scalars(engine, "SELECT version_num FROM alembic_version") == ["c3"]


async def test_a_script_that_commits_by_itself_is_an_error(
    engine: AsyncEngine, three: Project
) -> None:
    three.revision("d4", "c3", upgrade="op.get_bind().commit()")

    with pytest.raises(StepFailedError, match="autocommit"):
        await migrator(engine, three).upgrade()

    assert VersionTableError.exit_code == 1


async def test_events_can_be_iterated_while_it_runs(engine: AsyncEngine, three: Project) -> None:
    async with migrator(engine, three).upgrade_events("head") as events:
        names = [type(event).__name__ async for event in events]

    assert names == [
        "RunStarted",
        *["StepStarted", "StepFinished"] * 3,
        "RunFinished",
    ]


async def test_an_engine_is_left_without_listeners_of_ours(
    engine: AsyncEngine, three: Project
) -> None:
    await migrator(engine, three).upgrade()

    listeners = list(engine.sync_engine.dialect.dispatch.do_execute)

    assert listeners == []


async def test_current_names_a_revision_that_no_script_has(
    engine: AsyncEngine, three: Project
) -> None:
    m = migrator(engine, three)
    await m.stamp("b2")
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'gone'")

    with pytest.raises(UnknownHeadError, match="gone"):
        await m.current()


async def test_a_migrator_for_another_database_leaves_the_first_as_it_is(
    three: Project, tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}"
    first = Migrator(f"{url}/one.db", script_location=three.script_location)

    second = first.on(f"{url}/two.db")
    await second.upgrade("head")

    assert (await first.rows(), await second.rows()) == (frozenset(), {"c3"})
