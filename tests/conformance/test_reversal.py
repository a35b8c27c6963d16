"""A downgrade() that was left out: what an upgrade did is undone by its own directives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator
from asyncmigrate.errors import IrreversibleError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


def one_way(project: Project, id: str, down: str | None, upgrade: str) -> None:
    """Write a script without downgrade()."""
    path = project.revision(id, down, upgrade=upgrade, message=id)
    path.write_text(path.read_text().split("\n\ndef downgrade")[0] + "\n")


async def described(engine: AsyncEngine) -> dict[str, object]:
    """Return the tables of the application, their columns, indexes and constraints."""

    def read(sync: sa.Connection) -> dict[str, object]:
        inspector = sa.inspect(sync)
        return {
            table: (
                [
                    (c["name"], str(c["type"]), c["nullable"], c["default"])
                    for c in inspector.get_columns(table)
                ],
                sorted(str(i["name"]) for i in inspector.get_indexes(table)),
                sorted(str(u["name"]) for u in inspector.get_unique_constraints(table)),
            )
            for table in inspector.get_table_names()
            if table not in ("alembic_version", "amigrate_history")
        }

    async with engine.connect() as connection:
        return await connection.run_sync(read)


BASE = (
    'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True), '
    'sa.Column("name", sa.String(50)))\n'
    'op.create_index("ix_users_name", "users", ["name"])'
)

REVERSIBLE = {
    "create_table": 'op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True))',
    "add_column": 'op.add_column("users", sa.Column("age", sa.Integer))',
    "rename_table": 'op.rename_table("users", "people")',
    "rename_column": 'op.alter_column("users", "name", new_column_name="full_name", '
    "existing_type=sa.String(50))",
    "create_index": 'op.create_index("ix_users_both", "users", ["id", "name"], unique=True)',
    "bulk_insert": 'pets = op.create_table("pets", sa.Column("id", sa.Integer))\n'
    'op.bulk_insert(pets, [{"id": 1}])',
    "execute": 'op.execute("CREATE TABLE raw (id INTEGER)", undo="DROP TABLE raw")',
    "several": 'op.add_column("users", sa.Column("age", sa.Integer))\n'
    'op.create_index("ix_users_age", "users", ["age"])\n'
    'op.rename_table("users", "people")',
    "autocommit": 'with op.autocommit():\n    op.create_index("ix_a", "users", ["id"])',
}


@pytest.mark.parametrize("upgrade", REVERSIBLE.values(), ids=REVERSIBLE)
async def test_a_downgrade_that_was_left_out_restores_the_schema(
    engine: AsyncEngine, project: Project, upgrade: str
) -> None:
    one_way(project, "a1", None, BASE)
    one_way(project, "b2", "a1", upgrade)
    m = Migrator(engine, script_location=project.script_location)
    await m.upgrade("a1")
    before = await described(engine)
    await m.upgrade("b2")
    assert await described(engine) != before

    await m.downgrade("a1")

    assert await described(engine) == before


async def test_the_whole_history_goes_back_to_an_empty_database(
    engine: AsyncEngine, project: Project
) -> None:
    one_way(project, "a1", None, BASE)
    m = Migrator(engine, script_location=project.script_location)
    await m.upgrade()

    await m.downgrade("base")

    assert await described(engine) == {}


IRREVERSIBLE = {
    "drop_table": ('op.drop_table("users")', "op.drop_table"),
    "drop_column": ('op.drop_index("ix_users_name", "users")', "op.drop_index"),
    "raw SQL": ('op.execute("DELETE FROM users")', "undo="),
    "if_not_exists": (
        'op.create_table("users", sa.Column("id", sa.Integer), if_not_exists=True)',
        "if_not_exists",
    ),
    "or_replace": ('op.create_view("v", "SELECT 1", or_replace=True)', "or_replace"),
    "if_exists": ('op.drop_view("v", definition="SELECT 1", if_exists=True)', "if_exists"),
    "unknown view before": ('op.replace_view("v", "SELECT 1")', "existing_definition="),
    "unknown values before": ('op.replace_enum("e", "a")', "existing_values="),
    "unknown step before": ('op.alter_sequence("s", increment=2)', "existing_increment="),
    "unknown check before": ('op.alter_domain("d", drop_checks=["ck"])', "drop_checks="),
    "all that was in a schema": ('op.drop_schema("s", cascade=True)', "cascade"),
    "unknown type before": (
        'op.alter_column("users", "name", type_=sa.String(60))',
        "existing_type=",
    ),
    "unknown comment before": (
        'op.alter_column("users", "name", comment="who it is")',
        "existing_comment=",
    ),
    "unknown counting before": (
        'op.alter_column("users", "id", autoincrement=True)',
        "existing_autoincrement=",
    ),
    "a query": ('op.get_bind().execute(sa.text("SELECT 1"))', "op.get_bind"),
    "rows in a table that was there": (
        'op.bulk_insert(sa.table("users", sa.column("id")), [{"id": 1}])',
        "op.bulk_insert",
    ),
}


@pytest.mark.parametrize(("upgrade", "named"), IRREVERSIBLE.values(), ids=IRREVERSIBLE)
async def test_the_directive_that_cannot_be_undone_is_named_with_its_line(
    sqlite_url: str, project: Project, upgrade: str, named: str
) -> None:
    one_way(project, "a1", None, BASE)
    m = Migrator(sqlite_url, script_location=project.script_location)
    await m.upgrade()
    one_way(project, "b2", "a1", f"pass\n{upgrade}")
    await m.stamp("b2")

    with pytest.raises(IrreversibleError) as caught:
        await m.downgrade("a1")

    assert named in caught.value.message
    assert "b2" in caught.value.message
    assert ".py:19" in caught.value.message
    assert (await m.status()).current == ("b2",)


async def test_what_would_make_it_undoable_is_said(sqlite_url: str, project: Project) -> None:
    one_way(project, "a1", None, 'op.execute("SELECT 1")')
    m = Migrator(sqlite_url, script_location=project.script_location)
    await m.upgrade()

    with pytest.raises(IrreversibleError) as caught:
        await m.downgrade("base")

    assert 'Add undo="…", the SQL that undoes it (undo="" if' in caught.value.next
