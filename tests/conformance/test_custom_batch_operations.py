"""A project's own operations inside `op.batch_alter_table`: run, written as text, and undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import BatchOperations, Migrator, Operations
from asyncmigrate.errors import UsageError
from asyncmigrate.scripts.sqltext import SqlSink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project


@dataclass(frozen=True)
class Audit:
    """Note each new row of a table; in the shape that Alembic wants."""

    table: str

    @classmethod
    def audit(cls, operations: Any) -> object:
        return operations.invoke(cls(operations.impl.table_name))

    def inverse(self) -> Forget:
        return Forget(self.table)


@dataclass(frozen=True)
class Forget:
    """Take that back."""

    table: str


def audit(operations: Operations, asked: Audit) -> str:
    name = f"audit_{asked.table}"
    operations.execute(
        f"CREATE TRIGGER {name} AFTER INSERT ON {asked.table} BEGIN SELECT 1; END",
    )
    return name


def forget(operations: Operations, asked: Forget) -> None:
    operations.execute(f"DROP TRIGGER audit_{asked.table}")


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    BatchOperations.register_operation("audit")(Audit)
    Operations.implementation_for(Audit)(audit)
    Operations.implementation_for(Forget)(forget)
    yield
    delattr(BatchOperations, "audit")
    del Operations._implementations[Audit], Operations._implementations[Forget]


def test_an_operation_of_a_block_knows_its_table_and_gives_its_result() -> None:
    lines: list[str] = []
    op = Operations(SqlSink(postgresql.dialect(), lines.append))

    with op.batch_alter_table("pets") as batch_op:
        given: Any = batch_op
        name = given.audit()

    assert name == "audit_pets"
    assert "".join(lines).startswith("CREATE TRIGGER audit_pets AFTER INSERT ON pets")


async def triggers(url: str) -> list[str]:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        found = list((await connection.exec_driver_sql(query)).scalars())
    await engine.dispose()
    return found


UPGRADE = """
op.create_table("pets", sa.Column("id", sa.Integer))
with op.batch_alter_table("pets") as batch_op:
    batch_op.audit()
    batch_op.add_column(sa.Column("name", sa.String(20)))
"""


async def test_an_operation_of_a_block_runs_and_is_undone_as_it_says(
    sqlite_url: str, project: Project
) -> None:
    path = project.revision("a1", upgrade=UPGRADE)
    text = path.read_text(encoding="utf-8").split("\n\ndef downgrade")[0] + "\n"
    path.write_text(text, encoding="utf-8")
    m = Migrator(sqlite_url, script_location=project.script_location)

    await m.upgrade()
    between = await triggers(sqlite_url)
    await m.downgrade("base")

    assert (between, await triggers(sqlite_url)) == (["audit_pets"], [])


def test_a_name_of_a_block_that_is_taken_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"cannot be registered as op\.add_column: asyncmigrate"):
        BatchOperations.register_operation("add_column")(Forget)
