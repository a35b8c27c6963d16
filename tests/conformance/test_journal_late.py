"""Projects that want no table of ours: the journal is made only by a revision that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from asyncmigrate import Migrator
from asyncmigrate.errors import StepFailedError
from tests.conformance.half_done import mended
from tests.conformance.test_upgrade import scalars, tables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

pytestmark = pytest.mark.parametrize(
    "database_url", ["postgresql+asyncpg", "mysql+asyncmy"], indirect=True
)

REFLECTS_ALL = """
pets = op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True))
with op.autocommit():
    op.execute("INSERT INTO pets (id) VALUES (1)")
    op.create_table("owners", sa.Column("id", sa.Integer, primary_key=True))
found = sa.MetaData()
found.reflect(op.get_bind())
for table in found.sorted_tables:
    op.create_table(f"shadow_{table.name}", sa.Column("id", sa.Integer, primary_key=True))
"""
HALF = """
with op.autocommit():
    op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO pets (id) VALUES (1)")
    count = op.get_bind().execute(sa.text("UPDATE pets SET id = 2")).rowcount
    assert count == 1
    op.execute("SELECT nonsense")
"""


def without_history(engine: AsyncEngine, project: Project) -> Migrator:
    return Migrator(engine, script_location=project.script_location, history_table="")


async def test_a_script_that_reflects_all_tables_finds_none_of_ours(
    engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade='op.create_table("first", sa.Column("id", sa.Integer))')
    project.revision("b2", "a1", upgrade=REFLECTS_ALL)

    await without_history(engine, project).upgrade("head")

    made = {"first", "pets", "owners", "alembic_version"}
    assert await tables(engine) == made | {f"shadow_{each}" for each in made}


async def test_a_revision_that_failed_half_way_goes_on_all_the_same(
    engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade=HALF)
    with pytest.raises(StepFailedError):
        await without_history(engine, project).upgrade("head")
    assert "amigrate_journal" in await tables(engine)
    mended(project, "a1", "SELECT nonsense", "INSERT INTO pets (id) VALUES (3)")

    await without_history(engine, project).upgrade("head")

    assert await tables(engine) == {"pets", "alembic_version"}
    assert await scalars(engine, "SELECT id FROM pets ORDER BY id") == [2, 3]


async def test_a_revision_that_fails_twice_is_still_known(
    engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade=HALF)
    for _ in range(2):
        with pytest.raises(StepFailedError):
            await without_history(engine, project).upgrade("head")
    mended(project, "a1", "SELECT nonsense", "SELECT 1")

    await without_history(engine, project).upgrade("head")

    assert await tables(engine) == {"pets", "alembic_version"}
    assert await scalars(engine, "SELECT id FROM pets") == [2]


async def test_a_revision_whose_first_statement_fails_leaves_no_table(
    engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade='op.execute("SELECT nonsense")')

    with pytest.raises(StepFailedError):
        await without_history(engine, project).upgrade("head")

    assert not {each for each in await tables(engine) if each.startswith("amigrate")}
