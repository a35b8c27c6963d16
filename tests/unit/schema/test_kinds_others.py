"""What changes become of what stands beside tables, and of tables themselves."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, postgresql

from asyncmigrate.dialects.forms import StandardForms
from asyncmigrate.schema.kinds.column import Column
from asyncmigrate.schema.kinds.composite import Composite
from asyncmigrate.schema.kinds.domain import Domain
from asyncmigrate.schema.kinds.enum import EnumType
from asyncmigrate.schema.kinds.named_types import type_keys
from asyncmigrate.schema.kinds.namespace import Namespace
from asyncmigrate.schema.kinds.sequence import Sequence
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.kinds.view import View
from asyncmigrate.schema.needs import NeedsAnswerError
from asyncmigrate.schema.operations import Alter, Create, Drop, Rename
from tests.unit.schema.written import of, upgraded, users


def enum(*values: str) -> EnumType:
    return EnumType("", "mood", values)


def test_schemas() -> None:
    assert of(Create(Namespace("crm")), Drop(Namespace("crm"))) == (
        'op.create_schema("crm")\nop.drop_schema("crm")'
    )


def test_values_of_an_enum_are_added_at_their_places() -> None:
    assert of(Alter(enum("b", "d"), enum("a", "b", "c", "d", "e"))) == (
        'op.add_enum_value("mood", "a", before="b")\n'
        'op.add_enum_value("mood", "c", after="b")\n'
        'op.add_enum_value("mood", "e")'
    )


def test_a_type_is_made_anew_only_if_values_go_or_change_places() -> None:
    assert of(Alter(enum("a", "b"), enum("b", "a"))) == (
        'op.replace_enum("mood", "b", "a", existing_values=["a", "b"])'
    )
    assert of(Alter(enum("a", "b"), enum("b"))).startswith("# Rows that hold 'a' stand in the way")


def test_a_default_that_loses_its_value_is_dropped_before_the_type_changes() -> None:
    def models(*values: str) -> sa.MetaData:
        mood = sa.Enum(*values, name="mood")
        return users(sa.Column("mood", mood, server_default=values[-1]))

    written = upgraded(models("a", "b"), models("a"))

    assert written.index("server_default=None") < written.index("op.replace_enum")
    assert written.index("op.replace_enum") < written.index('server_default="a"')


def test_a_column_only_names_its_enum() -> None:
    after = users(sa.Column("mood", sa.ARRAY(sa.Enum("a", name="mood", schema="crm"))))

    written = upgraded(users(), after)

    assert written.startswith('op.create_schema("crm")\nop.create_enum("mood", "a", schema="crm")')
    assert 'postgresql.ENUM("a", name="mood", schema="crm", create_type=False)' in written


@pytest.mark.parametrize(
    ("text", "path"),
    [("mood", "mood"), ('crm."My Mood"[]', "crm.My Mood"), ('"a""b"', 'a"b')],
)
def test_the_name_in_a_types_text_is_a_reference(text: str, path: str) -> None:
    assert {key.path for key in type_keys(text)} == {path}


def test_a_type_with_parameters_is_nobodys_name() -> None:
    assert type_keys("numeric(10,2)") == []


def test_domains() -> None:
    before = Domain("", "d", "integer", checks=(("c", "VALUE > 0"),), sa_type=sa.Integer())
    after = Domain("", "d", "integer", False, "1", checks=(("e", "VALUE > 1"),))

    assert of(Create(before), Alter(before, after), Drop(after)) == (
        """op.create_domain("d", sa.Integer(), sa.CheckConstraint("VALUE > 0", name=op.f("c")))
op.alter_domain(
    "d",
    nullable=False,
    existing_nullable=True,
    server_default=sa.text("1"),
    existing_server_default=None,
    add_checks=[sa.CheckConstraint("VALUE > 1", name=op.f("e"))],
    drop_checks=[sa.CheckConstraint("VALUE > 0", name=op.f("c"))],
)
op.drop_domain("d")"""
    )


def test_composite_types() -> None:
    before = Composite("", "c", (("a", "integer"), ("b", "text")))
    after = Composite("", "c", (("a", "bigint"), ("d", "text")))

    assert of(Alter(before, after)) == (
        """op.alter_composite_type(
    "c",
    add=[sa.Column("d", RawType("text"))],
    drop=[sa.Column("b", RawType("text"))],
    alter=[sa.Column("a", RawType("bigint"))],
    existing=[sa.Column("a", RawType("integer"))],
)"""
    )


def test_sequences() -> None:
    before = Sequence("", "s", (("cycle", True), ("start", 5), ("type", "integer")))
    after = Sequence("", "s", (("start", 7), ("type", "integer")))

    assert of(Create(before), Alter(before, after), Rename(after, "r"), Drop(after)) == (
        """op.create_sequence("s", start=5, cycle=True, data_type=RawType("integer"))
op.alter_sequence("s", start=7, cycle=False, existing_start=5, existing_cycle=True)
op.rename_sequence("s", "r")
op.drop_sequence("s")"""
    )


def test_views() -> None:
    before = View("", "v", "SELECT 1", materialized=True)
    after = View("", "v", "SELECT 2", materialized=True, comment="two")

    assert of(Create(before), Alter(before, after), Drop(after)) == (
        """op.create_view("v", "SELECT 1", materialized=True)
op.replace_view("v", "SELECT 2", materialized=True, existing_definition="SELECT 1")
op.execute(
    "COMMENT ON MATERIALIZED VIEW v IS 'two'",
    undo="COMMENT ON MATERIALIZED VIEW v IS NULL",
)
op.drop_view("v", materialized=True, definition="SELECT 2")"""
    )


def test_comments_and_options_of_tables() -> None:
    before = Table("", "t", "old", (("postgresql_with", "fillfactor=70"),))
    after = Table("", "t", None, (("postgresql_with", "autovacuum_enabled=false"),))

    assert of(Alter(before, after)) == (
        """op.drop_table_comment("t", existing_comment="old")
op.execute(
    "ALTER TABLE t SET (autovacuum_enabled=false), RESET (fillfactor)",
    undo="ALTER TABLE t SET (fillfactor=70), RESET (autovacuum_enabled)",
)"""
    )


@pytest.mark.parametrize(
    "after",
    [
        Table("", "t", partition_by="RANGE (a)"),
        Table("", "t", options=(("sqlite_strict", "True"),)),
    ],
)
def test_a_table_that_would_have_to_be_made_anew_is_left_to_a_person(after: Table) -> None:
    with pytest.raises(NeedsAnswerError, match="changed in place"):
        of(Alter(Table("", "t"), after))


def test_a_table_whose_first_column_counts_says_so() -> None:
    written = upgraded(sa.MetaData(), users(postgresql_partition_by="RANGE (id)"))

    assert 'sa.Column("id", sa.Integer(), nullable=False)' in written
    assert 'postgresql_partition_by="RANGE (id)"' in written


def test_serial_beyond_the_key_is_written_in_words() -> None:
    column = Column("", "t", "n", "bigint", False, autoincrement=True, sa_type=sa.BigInteger())

    assert of(Create(column)) == (
        'op.add_column("t", sa.Column("n", RawType("BIGSERIAL"), nullable=False))'
    )


def test_a_domain_is_only_named_by_its_column() -> None:
    domain = postgresql.DOMAIN("positive", sa.Integer, check="VALUE > 0", constraint_name="c")

    written = upgraded(users(), users(sa.Column("n", domain)))

    assert 'postgresql.DOMAIN("positive", sa.Integer(), create_type=False)' in written


def test_a_database_that_does_not_tell_what_counts_is_left_to_sqlalchemy() -> None:
    forms = StandardForms(mssql.dialect())

    counting = upgraded(sa.MetaData(), users(), forms=forms)

    assert "autoincrement" not in counting


def test_what_a_type_is_on_other_databases_stays() -> None:
    mood = sa.Enum("a", name="mood").with_variant(sa.String(3), "mysql")

    written = upgraded(users(), users(sa.Column("mood", mood)))

    assert "create_type=False).with_variant(" in "".join(map(str.strip, written.splitlines()))
    assert "sa.String(length=3)," in written
