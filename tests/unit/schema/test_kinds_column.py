"""What changes of columns become."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, sqlite

from asyncmigrate.dialects.forms import StandardForms
from asyncmigrate.schema import casting
from asyncmigrate.schema.kinds.column import Column
from asyncmigrate.schema.operations import Create, Drop, Rename
from tests.unit.schema.written import of, upgraded, users


def test_all_changes_of_a_column_are_one_call_that_says_what_was() -> None:
    before = users(sa.Column("name", sa.String(20), comment="old", server_default="x"))
    after = users(sa.Column("name", sa.String(50), comment="new"))

    assert upgraded(before, after) == (
        """op.alter_column(
    "users",
    "name",
    type_=sa.String(length=50),
    server_default=None,
    comment="new",
    existing_type=sa.String(length=20),
    existing_nullable=True,
    existing_server_default="x",
    existing_comment="old",
)"""
    )


def test_mysql_is_told_whether_the_column_counts() -> None:
    forms = StandardForms(mysql.dialect())
    before, after = users(sa.Column("n", sa.Integer)), users(sa.Column("n", sa.BigInteger))

    assert "existing_autoincrement=False" in upgraded(before, after, forms=forms)


def test_a_type_without_an_assignment_cast_gets_using() -> None:
    before, after = users(sa.Column("n", sa.Text)), users(sa.Column("n", sa.Integer))

    assert 'postgresql_using="n::integer"' in upgraded(before, after)
    assert "using" not in upgraded(after, before, forms=StandardForms(sqlite.dialect()))


@pytest.mark.parametrize(
    ("before", "after", "using"),
    [
        ("integer", "text", None),
        ("character varying(10)", "character varying(20)", None),
        ("integer[]", "bigint[]", None),
        ("timestamp without time zone", "timestamp with time zone", None),
        ("json", "jsonb", None),
        ("text", "uuid", "c::uuid"),
        ("integer", "boolean", "c <> 0"),
        ("boolean", "bigint", "c::integer::bigint"),
        ("mood", "feeling", "c::text::feeling"),
        ("mood[]", "feeling[]", "c::text[]::feeling[]"),
        ("text", "mood", "c::mood"),
        ("integer", "integer[]", "ARRAY[c]::integer[]"),
        ("integer[]", "integer", "c[1]::integer"),
    ],
)
def test_postgresql_is_told_how_values_become_another_type(
    before: str, after: str, using: str | None
) -> None:
    assert casting.using("c", before, after) == using


def test_rows_get_the_default_before_null_is_refused() -> None:
    before = users(sa.Column("n", sa.Integer))
    after = users(sa.Column("n", sa.Integer, nullable=False, server_default="7"))

    written = upgraded(before, after)

    assert written.index("server_default") < written.index("op.backfill")
    assert written.index("op.backfill") < written.index("nullable=False")


def test_refusing_null_without_a_default_says_what_may_happen() -> None:
    before = users(sa.Column("n", sa.Integer))

    written = upgraded(before, users(sa.Column("n", sa.Integer, nullable=False)))

    assert written.startswith("# This fails if rows have NULL.\n")


def test_a_column_that_comes_back_in_a_downgrade_gets_a_stand_in() -> None:
    column = Column("", "t", "n", "INTEGER", nullable=False, sa_type=sa.Integer())

    written = of(Create(column))

    assert written.startswith("# What the rows held is lost: they get a stand-in.\n")
    assert 'op.backfill("t", "n", sa.text("0"))' in written


def test_a_column_of_an_unknown_type_comes_back_without_one() -> None:
    column = Column("", "t", "n", "point", nullable=False, sa_type=sa.types.NullType())

    assert of(Create(column)).startswith("# This fails if the table has rows.\nop.add_column(")


def test_a_column_of_another_schema_is_dropped_and_renamed_there() -> None:
    column = Column("crm", "t", "n", "INTEGER", sa_type=sa.Integer())

    written = of(Rename(column, "m"), Drop(column))

    assert written == (
        'op.alter_column("t", "n", new_column_name="m", schema="crm")\n'
        'op.drop_column("t", "n", schema="crm")'
    )


def test_serial_becomes_identity_and_counts_on() -> None:
    after = sa.MetaData()
    sa.Table("users", after, sa.Column("id", sa.Integer, sa.Identity(), primary_key=True))

    written = upgraded(users(), after)

    assert written.startswith('op.alter_column(\n    "users",\n    "id",\n    server_default=None,')
    assert """op.execute('DROP SEQUENCE IF EXISTS "users_id_seq"')""" in written
    assert "server_default=sa.Identity()" in written
    assert "SELECT setval(" in written


def test_an_expression_that_cannot_change_is_another_column_with_its_indexes() -> None:
    def models(factor: int) -> sa.MetaData:
        made = sa.Column("b", sa.Integer, sa.Computed(f"a * {factor}", persisted=True))
        return users(sa.Column("a", sa.Integer), made, sa.Index("ix_b", "b"))

    assert upgraded(models(2), models(3)) == (
        """# It cannot be changed in place: it is dropped and added anew.
op.drop_column("users", "b")
op.add_column(
    "users",
    sa.Column(
        "b",
        sa.Integer(),
        sa.Computed("a * 3", persisted=True),
        nullable=True,
    ),
)
op.create_index(op.f("ix_b"), "users", ["b"])"""
    )


def test_an_option_of_an_identity_that_is_gone_goes_back_to_the_usual() -> None:
    before = users(sa.Column("n", sa.Integer, sa.Identity(start=5)))
    after = users(sa.Column("n", sa.Integer, sa.Identity()))

    written = upgraded(before, after)

    assert "server_default=sa.Identity(start=1)" in written
    assert "existing_server_default=sa.Identity(start=5)" in written
