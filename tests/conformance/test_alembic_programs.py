"""What applications and their tests ask of `alembic.autogenerate`, on every live database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.alembic import op
from asyncmigrate.alembic.autogenerate import (
    compare_metadata,
    produce_migrations,
    render_python_code,
)
from asyncmigrate.alembic.operations import Operations, ops
from asyncmigrate.alembic.runtime.migration import MigrationContext

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


def models() -> sa.MetaData:
    metadata = sa.MetaData()
    columns = (sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(30)))
    sa.Table("users", metadata, *columns, sa.Index("ix_users_name", "name"))
    return metadata


async def test_what_differs_is_listed_as_alembic_lists_it_and_its_operations_end_it(
    engine: AsyncEngine,
) -> None:
    metadata = models()

    def work(connection: sa.Connection) -> tuple[list[str], str, list[Any]]:
        context = MigrationContext.configure(connection)
        before = [each[0] for each in compare_metadata(context, metadata)]
        made = produce_migrations(context, metadata)
        text = render_python_code(made.upgrade_ops, migration_context=context)
        operations = Operations(context)
        for each in made.upgrade_ops.ops:
            operations.invoke(each)
        return before, text, compare_metadata(MigrationContext.configure(connection), metadata)

    async with engine.begin() as connection:
        before, text, after = await connection.run_sync(work)

    assert before == ["add_table", "add_index"]
    assert text.startswith('op.create_table(\n    "users",\n    sa.Column("id", sa.Integer()')
    assert 'op.create_index(op.f("ix_users_name"), "users", ["name"])' in text
    assert after == []


async def test_a_program_calls_what_says_op_on_a_context_of_its_own(engine: AsyncEngine) -> None:
    def add_logs() -> None:  # as a helper module of the scripts says it
        op.create_table("logs", sa.Column("id", sa.Integer, primary_key=True))

    def work(connection: sa.Connection) -> list[str]:
        with Operations.context(MigrationContext.configure(connection)) as operations:
            operations.create_table("users", sa.Column("id", sa.Integer, primary_key=True))
            add_logs()
        return sorted(sa.inspect(connection).get_table_names())

    async with engine.begin() as connection:
        assert await connection.run_sync(work) == ["logs", "users"]


async def test_what_goes_and_what_changes_knows_what_it_was(engine: AsyncEngine) -> None:
    metadata = models()

    def work(connection: sa.Connection) -> Any:
        metadata.create_all(connection)
        changed = sa.MetaData()
        columns = (sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)))
        sa.Table("users", changed, *columns)
        return produce_migrations(MigrationContext.configure(connection), changed)

    async with engine.begin() as connection:
        made = await connection.run_sync(work)

    (group,) = made.upgrade_ops.ops
    assert isinstance(group, ops.ModifyTableOps)
    assert group.table_name == "users"
    dropped = next(each for each in group.ops if isinstance(each, ops.DropIndexOp))
    assert dropped.reverse().to_diff_tuple()[0] == "add_index"
    altered = next(each for each in group.ops if isinstance(each, ops.AlterColumnOp))
    ((kind, _, table, column, _, old, new),) = altered.to_diff_tuple()
    assert (kind, table, column, old.length, new.length) == (
        *("modify_type", "users", "name"),
        *(30, 40),
    )
