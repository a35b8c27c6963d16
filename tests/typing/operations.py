"""A project's own operations and PostgreSQL's directives, to mypy --strict. Checked, never run.

`warn_unused_ignores` makes every `type: ignore` below an assertion: the line must be an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from asyncmigrate import Operations, op

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@Operations.register_operation("create_view")
@dataclass(frozen=True, slots=True)
class CreateView:
    name: str
    query: str

    def inverse(self) -> DropView:
        return DropView(self.name)


@dataclass(frozen=True, slots=True)
class DropView:
    name: str


@Operations.implementation_for(CreateView)
def create_view(operations: Operations, view: CreateView) -> None:
    operations.execute(f"CREATE VIEW {view.name} AS {view.query}")


@Operations.implementation_for(DropView, replace=True)
def drop_view(operations: Operations, view: DropView) -> int:
    operations.execute(f"DROP VIEW {view.name}")
    return 1


@Operations.implementation_for(DropView)  # type: ignore[arg-type]
def wrong(operations: Operations, view: CreateView) -> None:
    """Takes another operation than it says."""


async def count(connection: AsyncConnection, table: str, *, above: int) -> int:
    return int((await connection.execute(sa.text(f"SELECT {above} FROM {table}"))).scalar_one())


def upgrade() -> None:
    op.invoke(CreateView("v", query="SELECT 1"))
    rows: int = op.run_async(count, "t", above=7)
    del rows
    op.create_enum("level", "low", "high", if_not_exists=True)
    op.create_enum(sa.Enum("low", name="level"), schema="shop")
    op.add_enum_value("level", "mid", after="low")
    op.rename_enum_value("level", "low", "little")
    op.create_exclude_constraint("ex", "t", ("a", "="), (sa.func.lower("b"), "="), where="a > 0")
    op.create_check_constraint("ck", "t", "a > 0", if_not_exists=True, postgresql_not_valid=True)
    op.validate_constraint("ck", "t", schema="shop")
    op.drop_table("t", sa.Column("level", sa.Enum("low", name="level")), if_exists=True)
    op.replace_enum("level", "low", "high", existing_values=["low", "mid"], mapping={"mid": "low"})
    op.create_schema("shop", if_not_exists=True)
    op.create_sequence("n", start=5, data_type=sa.BigInteger, schema="shop")
    op.alter_sequence("n", minvalue=None, existing_minvalue=5)
    op.replace_view("v", sa.select(sa.column("a")), existing_definition="SELECT 1", schema="shop")
    op.drop_view("v", definition=sa.text("SELECT 1"), materialized=True)
    op.create_domain("d", sa.Integer, sa.CheckConstraint("VALUE > 0", name="ck"), nullable=False)
    op.alter_domain("d", server_default=None, drop_checks=["ck"])
    op.create_composite_type("c", sa.Column("x", sa.Integer), sa.Column("y", sa.Text()))
    op.alter_composite_type("c", drop=["x"], alter=[sa.Column("y", sa.String(9))])
    op.rename_index("ix", "ix_new", table_name="t")
    op.rename_constraint("t", "ck", "ck_new", type_="check")
    op.backfill("t", "a", sa.func.now(), where="a IS NULL OR b")
    op.drop_constraint(None, "t", type_="unique", columns=["a"])


def downgrade() -> None:
    op.invoke(CreateView("v"))  # type: ignore[call-arg]
    op.run_async(count, "t", above="7")  # type: ignore[arg-type]
    op.run_async(count, 7, above=7)  # type: ignore[arg-type]
    op.add_enum_value("level", 7)  # type: ignore[arg-type]
    op.create_exclude_constraint("ex", "t", "a", "=")  # type: ignore[arg-type]
    op.validate_constraint("ck")  # type: ignore[call-arg]
    op.replace_view("v", 7)  # type: ignore[arg-type]
    op.alter_sequence("n", minvalue="5")  # type: ignore[arg-type]
    op.create_composite_type("c", "x")  # type: ignore[arg-type]
    op.backfill("t", "a")  # type: ignore[call-arg]
