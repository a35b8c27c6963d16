"""ENUM types where there are none, and constraints that are created only if they are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from asyncmigrate.errors import UnsupportedOperationError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from asyncmigrate.scripts.operations import Operations


def checked(*values: str, name: str = "level") -> sa.Enum:
    return sa.Enum(*values, name=name, create_constraint=True)


def test_types_that_sqlite_does_not_have_cost_nothing(
    op: Operations, connection: Connection
) -> None:
    op.create_enum("level", "low")
    op.create_table("t", sa.Column("level", sa.Enum("low", name="level")))
    op.add_enum_value("level", "high")
    op.drop_enum("level")
    op.validate_constraint("any", "t")

    assert sa.inspect(connection).get_table_names() == ["t"]


@pytest.mark.parametrize("constraint", ["level", "ck_t_level"])
def test_a_value_that_a_check_refuses_is_not_passed_over(op: Operations, constraint: str) -> None:
    op.create_table("t", sa.Column("level", checked("low", name=constraint)))

    with pytest.raises(UnsupportedOperationError, match="CHECK of table 't'") as caught:
        op.add_enum_value("level", "high")

    assert "op.alter_column('t'" in caught.value.next


def test_a_value_that_the_check_allows_already_is_fine(
    op: Operations, connection: Connection
) -> None:
    op.create_table("t", sa.Column("level", checked("low", "high")))
    op.create_table("u", sa.Column("n", sa.Integer, sa.CheckConstraint("n > 0", name="level")))

    op.add_enum_value("level", "high")

    assert len(sa.inspect(connection).get_table_names()) == 2


def test_a_value_is_not_renamed_where_rows_hold_its_text(op: Operations) -> None:
    with pytest.raises(UnsupportedOperationError, match="stands in the rows"):
        op.rename_enum_value("level", "low", "high")


@pytest.mark.parametrize(
    "call",
    [
        lambda op, name: op.create_unique_constraint(name, "t", ["a"], if_not_exists=True),
        lambda op, name: op.create_check_constraint(name, "t", "a > 0", if_not_exists=True),
        lambda op, name: op.create_foreign_key(name, "t", "p", ["a"], ["id"], if_not_exists=True),
    ],
    ids=["unique", "check", "foreign key"],
)
@pytest.mark.parametrize("name", ["uq", "ck", "fk", "Odd"])
def test_a_constraint_of_that_name_is_left_alone(
    call: Any, name: str, op: Operations, connection: Connection
) -> None:
    op.create_table("p", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table(
        "t",
        sa.Column("a", sa.Integer),
        sa.UniqueConstraint("a", name="uq"),
        sa.CheckConstraint("a > 1", name="ck"),
        sa.ForeignKeyConstraint(["a"], ["p.id"], name="fk"),
        sa.CheckConstraint("a > 2", name="Odd"),
    )
    before = connection.exec_driver_sql("SELECT sql FROM sqlite_master").scalars().all()

    call(op, name)

    op.get_bind()
    assert connection.exec_driver_sql("SELECT sql FROM sqlite_master").scalars().all() == before


def test_a_primary_key_is_there_under_any_name(op: Operations, connection: Connection) -> None:
    op.create_table("t", sa.Column("a", sa.Integer, primary_key=True))

    op.create_primary_key(None, "t", ["a"], if_not_exists=True)
    op.create_primary_key("pk", "t", ["a"], if_not_exists=True)

    assert sa.inspect(connection).get_pk_constraint("t")["constrained_columns"] == ["a"]


def test_without_a_name_there_is_nothing_to_look_for(op: Operations) -> None:
    with pytest.raises(UsageError, match="without a name"):
        op.create_unique_constraint(None, "t", ["a"], if_not_exists=True)


def test_run_async_needs_somebody_who_awaits(op: Operations) -> None:
    async def never(connection: object) -> None:
        raise AssertionError

    with pytest.raises(UsageError, match="needs an async engine"):
        op.run_async(never)


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        (
            lambda op: op.create_index("i", "t", ["a"], postgresql_wher="x"),
            "Did you mean 'postgresql_where'? It takes postgresql_concurrently",
        ),
        (
            lambda op: op.create_table("t", sa.Column("a", sa.Integer), sqlite_strikt=True),
            "Did you mean 'sqlite_strict'?",
        ),
        (
            lambda op: op.drop_index("i", "t", postgresql_concurently=True),
            "Did you mean 'postgresql_concurrently'?",
        ),
        (
            lambda op: op.create_foreign_key("f", "t", "u", ["a"], ["a"], mssql_x=1),
            "It takes none.",
        ),
        (
            lambda op: op.create_check_constraint("c", "t", "a > 0", if_not_exist=True),
            "Did you mean 'if_not_exists'?",
        ),
    ],
)
def test_a_misspelt_keyword_of_a_database_gets_the_right_one_offered(
    call: Any, hint: str, op: Operations
) -> None:
    with pytest.raises(UsageError, match="has no argument") as caught:
        call(op)

    assert hint in caught.value.next
