"""Every directive that creates or drops, twice: the second time there is nothing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

TABLES = """
op.create_table("p", sa.Column("id", sa.Integer, primary_key=True))
op.create_table("t", sa.Column("a", sa.Integer, nullable=False), sa.Column("b", sa.Integer))
op.create_table("bare", sa.Column("a", sa.Integer, nullable=False))
"""

CREATED = {
    "table": 'op.create_table("x", sa.Column("a", sa.Integer), if_not_exists=True)',
    "table with an index": 'op.create_table("x", sa.Column("a", sa.Integer, index=True), '
    "if_not_exists=True)",
    "column": 'op.add_column("t", sa.Column("c", sa.Integer), if_not_exists=True)',
    "index": 'op.create_index("ix", "t", ["a"], if_not_exists=True)',
    "foreign key": 'op.create_foreign_key("fk", "t", "p", ["a"], ["id"], if_not_exists=True)',
    "unique": 'op.create_unique_constraint("uq", "t", ["a"], if_not_exists=True)',
    "check": 'op.create_check_constraint("ck", "t", "a > 0", if_not_exists=True)',
    "primary key": 'op.create_primary_key("pk", "bare", ["a"], if_not_exists=True)',
    "unnamed primary key": 'op.create_primary_key(None, "bare", ["a"], if_not_exists=True)',
    "enum": 'op.create_enum("level", "low", if_not_exists=True)',
}

DROPPED = {
    "table": 'op.drop_table("t", if_exists=True)',
    "column": 'op.drop_column("t", "b", if_exists=True)',
    "index": 'op.drop_index("ix", "t", if_exists=True)',
    "foreign key": 'op.drop_constraint("fk", "t", type_="foreignkey", if_exists=True)',
    "unique": 'op.drop_constraint("uq", "t", type_="unique", if_exists=True)',
    "check": 'op.drop_constraint("ck", "t", type_="check", if_exists=True)',
    "primary key": 'op.drop_constraint("pk", "bare", type_="primary", if_exists=True)',
    "enum": 'op.drop_enum("level", if_exists=True)',
}


async def upgrade(project: Project, engine: AsyncEngine, *scripts: str) -> None:
    """Run each script as a revision of its own."""
    for number, script in enumerate(scripts):
        project.revision(f"r{number}", f"r{number - 1}" if number else None, upgrade=script)
    await Migrator(engine, script_location=project.script_location).upgrade()


async def described(engine: AsyncEngine) -> dict[str, object]:
    """Return what stands in every table, by name."""

    def read(sync: sa.Connection) -> dict[str, object]:
        inspector = sa.inspect(sync)
        return {
            table: (
                [column["name"] for column in inspector.get_columns(table)],
                inspector.get_pk_constraint(table)["constrained_columns"],
                sorted(str(found["name"]) for found in inspector.get_indexes(table)),
                sorted(str(found["name"]) for found in inspector.get_unique_constraints(table)),
                sorted(str(found["name"]) for found in inspector.get_check_constraints(table)),
                sorted(str(found["name"]) for found in inspector.get_foreign_keys(table)),
            )
            for table in ("bare", "t", "x")
            if inspector.has_table(table)
        }

    async with engine.connect() as connection:
        return await connection.run_sync(read)


@pytest.mark.parametrize("what", CREATED)
async def test_what_is_there_is_not_created_again(
    project: Project, engine: AsyncEngine, what: str
) -> None:
    await upgrade(project, engine, TABLES, CREATED[what])
    once = await described(engine)

    await upgrade(project, engine, TABLES, CREATED[what], CREATED[what], CREATED[what])

    assert await described(engine) == once
    assert what == "enum" or once != {"bare": once["bare"]}


@pytest.mark.parametrize("what", DROPPED)
async def test_what_is_gone_is_not_dropped_again(
    project: Project, engine: AsyncEngine, what: str
) -> None:
    created = [script.replace(", if_not_exists=True", "") for script in CREATED.values()]
    kept = [script for script in created if '"x"' not in script and "None" not in script]
    await upgrade(project, engine, TABLES, "\n".join(kept))
    before = await described(engine)

    await upgrade(project, engine, TABLES, "\n".join(kept), DROPPED[what], DROPPED[what])

    after = await described(engine)
    assert (after != before) is (what != "enum")
