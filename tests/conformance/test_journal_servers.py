"""What each server adds to a revision that goes on: MySQL's catalog, PostgreSQL's invalid index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.half_done import mended, open_gate
from tests.conformance.test_journal_scripts import failed, script
from tests.conformance.test_upgrade import migrator, scalars, tables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


async def test_a_column_that_is_read_before_it_is_written_again_is_known_to_be_done(
    keeps_ddl: AsyncEngine, project: Project
) -> None:
    twice = """
    op.create_table("pets", sa.Column("name", sa.String(9), comment="n"))
    op.alter_column("pets", "name", type_=sa.String(20), nullable=False)
    op.alter_column("pets", "name", new_column_name="title", type_=sa.String(30))
    op.create_unique_constraint("uq", "pets", ["title"])
    op.rename_constraint("pets", "uq", "uq2")
    op.drop_constraint("uq2", "pets")
    op.execute("SELECT 1 FROM gate_0")
    """
    project.revision("a1", upgrade=twice)
    error = await failed(keeps_ddl, project)
    await open_gate(keeps_ddl, 0)

    await migrator(keeps_ddl, project).upgrade("head")

    assert len(error.stayed) == 6
    assert await scalars(keeps_ddl, "SHOW COLUMNS FROM pets") == ["title"]
    assert await tables(keeps_ddl) == {"pets", "gate_0", "alembic_version", "amigrate_history"}


async def test_the_last_id_of_the_session_is_known_again(
    keeps_ddl: AsyncEngine, project: Project
) -> None:
    asking = """
    id = sa.Column("id", sa.Integer, primary_key=True)
    op.create_table("pets", id, sa.Column("owner", sa.Integer))
    bind = op.get_bind()
    bind.execute(sa.text("INSERT INTO pets (owner) VALUES (0)"))
    bind.execute(sa.text("INSERT INTO pets (owner) VALUES (LAST_INSERT_ID())"))
    last = bind.scalar(sa.text("SELECT LAST_INSERT_ID()"))
    op.create_index("ix", "pets", ["owner"])
    op.execute("SELECT 1 FROM gate_0")
    bind.execute(sa.text("INSERT INTO pets (owner) VALUES (:last)"), {"last": last})
    """
    project.revision("a1", upgrade=asking)
    await failed(keeps_ddl, project)
    await open_gate(keeps_ddl, 0)

    await migrator(keeps_ddl, project).upgrade("head")

    assert await scalars(keeps_ddl, "SELECT owner FROM pets ORDER BY id") == [0, 1, 2]


async def test_tables_that_a_script_has_locked_do_not_lock_the_journal_out(
    keeps_ddl: AsyncEngine, project: Project
) -> None:
    dump = """
    op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("LOCK TABLES pets WRITE")
    op.execute("ALTER TABLE pets DISABLE KEYS")
    op.execute("INSERT INTO pets VALUES (1)")
    op.execute("ALTER TABLE pets ENABLE KEYS")
    op.execute("UNLOCK TABLES")
    op.create_index("ix", "pets", ["id"])
    op.execute("SELECT 1 FROM gate_0")
    """
    project.revision("a1", upgrade=dump)
    await failed(keeps_ddl, project)
    await open_gate(keeps_ddl, 0)

    await migrator(keeps_ddl, project).upgrade("head")

    assert await scalars(keeps_ddl, "SELECT id FROM pets") == [1]


@pytest.mark.parametrize(
    "database_url", ["postgresql+asyncpg", "postgresql+psycopg"], indirect=True
)
@pytest.mark.parametrize("edited", [False, True], ids=["same", "edited"])
async def test_an_invalid_index_of_a_broken_build_is_dropped_and_built_again(
    engine: AsyncEngine, project: Project, edited: bool
) -> None:
    build = 'op.execute("CREATE UNIQUE INDEX CONCURRENTLY ix ON pets (tag)")'
    project.revision("a1", upgrade='op.create_table("pets", sa.Column("tag", sa.Integer))')
    project.revision(
        "b2", "a1", upgrade=script('op.execute("INSERT INTO pets VALUES (1), (1)")', build)
    )
    error = await failed(engine, project)
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
    before = await scalars(engine, invalid)
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            "DELETE FROM pets WHERE ctid = (SELECT min(ctid) FROM pets)"
        )
    if edited:
        mended(project, "b2", "UNIQUE INDEX", "INDEX")

    await migrator(engine, project).upgrade("head")

    assert len(error.stayed) == 1
    assert before == ["ix"]
    assert await scalars(engine, invalid) == []
    unique = "SELECT indisunique FROM pg_index WHERE indexrelid = 'ix'::regclass"
    assert await scalars(engine, unique) == [not edited]
    assert await scalars(engine, "SELECT tag FROM pets") == [1]
