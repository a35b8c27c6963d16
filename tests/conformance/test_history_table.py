"""The history table that an older version of this tool has made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from asyncmigrate import Migrator

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


async def test_a_history_table_without_messages_gets_them_and_keeps_its_rows(
    engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", message="create users")
    migrator = Migrator(engine, script_location=project.script_location)
    await migrator.upgrade()
    async with engine.begin() as connection:
        await connection.execute(sa.text("ALTER TABLE amigrate_history DROP COLUMN message"))
    before = await migrator.ledger()
    project.revision("b2", "a1", message="add names")

    await migrator.upgrade()

    after = await migrator.ledger()
    assert [(row.revision, row.message) for row in before] == [("a1", None)]
    assert [(row.revision, row.message) for row in after] == [("a1", None), ("b2", "add names")]


async def test_a_database_without_a_history_table_has_an_empty_ledger_and_none_is_made(
    engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1")

    assert await Migrator(engine, script_location=project.script_location).ledger() == ()

    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
    assert names == []
