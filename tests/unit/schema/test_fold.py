"""Which changes become one call, and which keep their own."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from asyncmigrate.schema.needs import NeedsAnswerError, NeedsValue
from asyncmigrate.schema.operations import Execute
from asyncmigrate.schema.snapshot import Key
from tests.unit.schema.written import of, tables, upgraded, users

NOTHING = sa.MetaData()
BIG = Key("column", "", "users", "big")


def test_a_new_table_is_one_call_and_its_indexes_follow() -> None:
    after = users(
        sa.Column("email", sa.String(40), unique=True, nullable=False),
        sa.Column("name", sa.Text, index=True, comment="for people"),
        sa.CheckConstraint("email <> ''", name="ck_email"),
    )

    assert upgraded(NOTHING, after) == (
        """op.create_table(
    "users",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("email", sa.String(length=40), nullable=False),
    sa.Column("name", sa.Text(), nullable=True, comment="for people"),
    sa.PrimaryKeyConstraint("id", name=op.f("users_pkey")),
    sa.CheckConstraint("email <> ''", name=op.f("ck_email")),
    sa.UniqueConstraint("email", name=op.f("users_email_key")),
)
op.create_index(op.f("ix_users_name"), "users", ["name"])"""
    )


def parent(metadata: sa.MetaData) -> None:
    sa.Table("teams", metadata, sa.Column("id", sa.Integer, primary_key=True))


def child(metadata: sa.MetaData) -> None:
    key = sa.ForeignKey("teams.id", name="fk_team", ondelete="CASCADE")
    sa.Table("people", metadata, sa.Column("team", key))


def circle(metadata: sa.MetaData) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        column: sa.Column[int] = sa.Column("other", sa.ForeignKey(f"{other}.id", name=f"fk_{name}"))
        sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True), column)


def test_a_foreign_key_to_a_table_that_is_there_is_a_part_of_its_table() -> None:
    written = upgraded(tables(parent), tables(parent, child))

    assert 'sa.ForeignKeyConstraint(\n        ["team"],\n        ["teams.id"],' in written
    assert "create_foreign_key" not in written


def test_one_foreign_key_of_a_circle_comes_after_both_tables() -> None:
    written = upgraded(NOTHING, tables(circle))

    assert written.count("sa.ForeignKeyConstraint(") == 1
    assert written.endswith('op.create_foreign_key(op.f("fk_a"), "a", "b", ["other"], ["id"])')


def test_a_circle_is_opened_before_its_tables_go() -> None:
    written = upgraded(tables(circle), NOTHING)

    assert written.splitlines()[0].startswith("op.drop_constraint(op.f(")
    assert written.count("drop_constraint") == 1
    assert written.count("drop_table") == 2


def test_a_foreign_key_waits_for_the_column_that_it_refers_to() -> None:
    def teams(metadata: sa.MetaData) -> None:
        code = sa.Column("code", sa.Integer)
        unique = sa.UniqueConstraint("code", name="uq_code")
        identifier = sa.Column("id", sa.Integer, primary_key=True)
        sa.Table("teams", metadata, identifier, code, unique)

    def people(metadata: sa.MetaData) -> None:
        key = sa.ForeignKey("teams.code", name="fk_code")
        sa.Table("people", metadata, sa.Column("code", key))

    written = upgraded(tables(parent), tables(teams, people))

    assert written.index("create_unique_constraint") < written.index("create_foreign_key")


def test_a_table_that_goes_takes_its_parts_along() -> None:
    before = users(sa.Column("name", sa.Text, index=True, unique=True))

    assert upgraded(before, NOTHING) == 'op.drop_table("users")'


def test_sql_that_a_person_put_in_stays_as_it_is() -> None:
    assert of(Execute("VACUUM", undo="")) == 'op.execute("VACUUM", undo="")'


def test_a_column_that_takes_no_null_gets_the_default_of_the_model() -> None:
    after = users(sa.Column("state", sa.String(9), nullable=False, default="new"))

    written = upgraded(users(), after)

    assert written.splitlines()[:3] == [
        "# The rows that are there get the model's default.",
        'op.add_column("users", sa.Column("state", sa.String(length=9), nullable=True))',
        'op.backfill("users", "state", "new")',
    ]
    assert "nullable=False" in written


def test_a_column_with_a_server_default_is_added_at_once() -> None:
    after = users(sa.Column("state", sa.Text, nullable=False, server_default="new"))

    assert upgraded(users(), after) == (
        """op.add_column(
    "users",
    sa.Column("state", sa.Text(), server_default="new", nullable=False),
)"""
    )


def test_a_value_that_nobody_knows_is_asked_for() -> None:
    after = users(
        sa.Column("big", sa.Integer, nullable=False),
        sa.Column("called", sa.Integer, nullable=False, default=lambda: 3),
    )

    with pytest.raises(NeedsAnswerError, match=r"users\.big \(integer\) needs a value") as caught:
        upgraded(users(), after)

    table = Key("table", "", "", "users")
    assert caught.value.values == (
        NeedsValue(table, "big", "integer"),
        NeedsValue(table, "called", "integer"),
    )
    assert caught.value.values[0].key == BIG


def test_the_answer_is_written_as_sql() -> None:
    after = users(sa.Column("big", sa.Integer, nullable=False))

    written = upgraded(users(), after, fills={BIG: "1 + 1"})

    assert 'op.backfill("users", "big", sa.text("1 + 1"))' in written


def test_a_json_default_is_a_literal() -> None:
    after = users(sa.Column("data", sa.JSON, nullable=False, default={"a": 1}))

    written = upgraded(users(), after)

    assert """op.backfill("users", "data", sa.text("'{\\"a\\": 1}'"))""" in written
