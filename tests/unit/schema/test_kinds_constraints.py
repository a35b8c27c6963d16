"""What changes of constraints and indexes become."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from asyncmigrate.dialects.forms import StandardForms
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.exclude import Exclude
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.index import Index, Indexed
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.unique import Unique
from asyncmigrate.schema.operations import Alter, Create, Drop, Rename
from tests.unit.schema.written import of, upgraded, users

UNIQUE = Unique("crm", "t", "uq", ("a", "b"), "DEFERRABLE INITIALLY DEFERRED", True, ("c",))
CHECK = Check("", "t", "ck", "a <> ':b'")
KEY = ForeignKey("", "t", "fk", ("a",), "crm", "p", ("id",), "CASCADE", "SET NULL", "FULL")


def test_a_unique_constraint_with_all_that_it_can_say() -> None:
    assert of(Create(UNIQUE), Rename(UNIQUE, "other"), Drop(UNIQUE)) == (
        """op.create_unique_constraint(
    op.f("uq"),
    "t",
    ["a", "b"],
    deferrable=True,
    initially="DEFERRED",
    postgresql_nulls_not_distinct=True,
    postgresql_include=["c"],
    schema="crm",
)
op.rename_constraint("t", op.f("uq"), op.f("other"), type_="unique", schema="crm")
op.drop_constraint(op.f("uq"), "t", type_="unique", schema="crm")"""
    )


def test_a_foreign_key_with_all_that_it_can_say() -> None:
    assert of(Create(KEY), Drop(KEY)) == (
        """op.create_foreign_key(
    op.f("fk"),
    "t",
    "p",
    ["a"],
    ["id"],
    onupdate="SET NULL",
    ondelete="CASCADE",
    match="FULL",
    referent_schema="crm",
)
op.drop_constraint(op.f("fk"), "t", type_="foreignkey")"""
    )


def test_a_colon_in_a_condition_is_no_parameter() -> None:
    assert of(Create(CHECK)) == ("""op.create_check_constraint(op.f("ck"), "t", "a <> '\\\\:b'")""")


def test_a_condition_whose_rows_were_never_checked_is_validated_in_place() -> None:
    before = Check("", "t", "ck", "a > 0", validated=False)

    assert of(Create(before)).endswith("postgresql_not_valid=True)")
    assert of(Alter(before, Check("", "t", "ck", "a > 0"))) == (
        'op.validate_constraint(op.f("ck"), "t")'
    )


def test_no_inherit_is_written_in_words() -> None:
    written = of(Create(Check("", "t", "ck", "a > 0", no_inherit=True)))

    assert '"ALTER TABLE t ADD CONSTRAINT ck CHECK (a > 0) NO INHERIT"' in written
    assert 'undo="ALTER TABLE t DROP CONSTRAINT ck"' in written


def test_a_primary_key_with_another_name_is_renamed() -> None:
    before, after = PrimaryKey("", "t", "old", ("id",)), PrimaryKey("", "t", "new", ("id",))

    assert of(Alter(before, after)) == (
        'op.rename_constraint("t", op.f("old"), op.f("new"), type_="primary")'
    )


def test_a_constraint_without_a_name_is_dropped_by_what_it_says() -> None:
    unique, check = Unique("", "t", "", ("a",)), Check("", "t", "", "a > 0")

    assert of(Drop(unique), Drop(check)) == (
        'op.drop_constraint(None, "t", type_="unique", columns=["a"])\n'
        'op.drop_constraint(None, "t", type_="check", sqltext=sa.text("a > 0"))'
    )


def test_an_exclusion_with_a_class_an_expression_and_a_condition() -> None:
    elements = (("room gist_int4_ops", "="), ("(lower(name))", "&&"))
    exclude = Exclude("", "t", "ex", elements, where="room > 0")

    assert of(Create(exclude), Drop(exclude)) == (
        """op.create_exclude_constraint(
    op.f("ex"),
    "t",
    ("room", "="),
    (sa.text("(lower(name))"), "&&"),
    where=sa.text("room > 0"),
    ops={"room": "gist_int4_ops"},
)
op.drop_constraint(op.f("ex"), "t")"""
    )


def test_an_index_with_all_that_it_can_say() -> None:
    columns = (
        Indexed("order", order="DESC NULLS LAST"),
        Indexed("name", opclass="text_pattern_ops"),
        Indexed("lower(name)", is_expression=True, collation="C"),
        Indexed("a || b", is_expression=True),
    )
    index = Index("", "t", "ix", columns, True, "gist", "a > 0", ("id",), comment="it's")
    options = (("postgresql_tablespace", "fast"), ("postgresql_with", "fillfactor=70"))

    assert of(Create(Index("", "t", "iy", (Indexed("a"),), options=options))) == (
        """op.create_index(
    op.f("iy"),
    "t",
    ["a"],
    postgresql_tablespace="fast",
    postgresql_with={"fillfactor": 70},
)"""
    )
    assert of(Create(index)) == (
        """op.create_index(
    op.f("ix"),
    "t",
    [
        sa.text('"order" DESC NULLS LAST'),
        "name",
        sa.text('lower(name) COLLATE "C"'),
        sa.text("(a || b)"),
    ],
    unique=True,
    postgresql_using="gist",
    postgresql_ops={"name": "text_pattern_ops"},
    postgresql_include=["id"],
    postgresql_where=sa.text("a > 0"),
)
op.execute("COMMENT ON INDEX ix IS 'it''s'", undo="COMMENT ON INDEX ix IS NULL")"""
    )


def test_mysql_has_prefixes_and_lengths() -> None:
    index = Index("", "t", "ix", (Indexed("a", length=9),), method="fulltext")

    written = of(Create(index), Drop(index), forms=StandardForms(mysql.dialect()))

    assert 'mysql_prefix="fulltext",\n    mysql_length={"a": 9}' in written
    assert 'op.drop_index(op.f("ix"), table_name="t")' in written


def test_a_declared_type_brings_no_second_check_along() -> None:
    enum = sa.Enum("a", name="e", native_enum=False, create_constraint=True)
    yes = sa.Boolean(create_constraint=True)

    written = upgraded(users(), users(sa.Column("e", enum), sa.Column("b", yes)))

    assert 'sa.Enum("a", name="e", native_enum=False)' in written
    assert "create_constraint" not in written
