"""Constraints, indexes and sequences of models, under the names that SQLAlchemy would write."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from asyncmigrate.dialects.forms import StandardForms
from asyncmigrate.dialects.postgresql_forms import PostgreSQLForms
from asyncmigrate.errors import MetadataError
from asyncmigrate.schema.kinds.index import Indexed
from tests.unit.schema.declaring import Declared, forms_of

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def table(*parts: Any, convention: Any = None, name: str = "t", **options: Any) -> sa.MetaData:
    """A metadata with a table `t` (id, a, b) and what the test adds to it."""
    metadata = sa.MetaData(naming_convention=convention)
    columns = [sa.Column(each, sa.Integer) for each in ("id", "a", "b")]
    sa.Table(name, metadata, *columns, *parts, **options)
    return metadata


def test_a_primary_key_has_its_columns_in_order() -> None:
    found = Declared(table(sa.PrimaryKeyConstraint("b", "a", name="pk")))

    assert found.only("primary_key").columns == ("b", "a")
    assert found.only("primary_key").name == "pk"


def test_a_table_without_a_primary_key_has_none() -> None:
    assert Declared(table()).names("primary_key") == []


def test_a_unique_column_is_a_constraint_without_a_name() -> None:
    unique = Declared(table(sa.Column("c", sa.Integer, unique=True))).only("unique")

    assert (unique.name, unique.columns) == ("", ("c",))


def test_a_unique_constraint_says_all_that_it_is() -> None:
    constraint = sa.UniqueConstraint(
        "a",
        "b",
        name="u",
        deferrable=True,
        initially="deferred",
        postgresql_nulls_not_distinct=True,
    )

    unique = Declared(table(constraint)).only("unique")

    assert unique.columns == ("a", "b")
    assert unique.deferrable == "DEFERRABLE INITIALLY DEFERRED"
    assert unique.nulls_not_distinct


def test_the_same_unnamed_constraint_twice_is_one_where_the_database_makes_one() -> None:
    metadata = table(sa.Column("c", sa.Integer, unique=True), sa.UniqueConstraint("c"))
    of_postgresql = PostgreSQLForms(postgresql.dialect())

    assert len(Declared(metadata, forms=of_postgresql).names("unique")) == 1
    assert len(Declared(metadata).names("unique")) == 2


def test_a_check_is_its_condition() -> None:
    metadata = table(sa.CheckConstraint("(a > 5)", name="big"))

    check = Declared(metadata)("check", "big", table="t")

    assert check.text == "a > 5"
    assert check.validated


def test_a_check_of_sqlalchemy_columns_is_written_without_the_table() -> None:
    metadata = table(sa.Column("s", sa.Text))
    found = metadata.tables["t"]
    found.append_constraint(sa.CheckConstraint(found.c.s.like("x%"), name="c"))
    psycopg = forms_of(postgresql.psycopg.dialect())

    assert Declared(metadata, forms=psycopg)("check", "c", table="t").text == "s LIKE 'x%'"


def test_a_check_of_a_column_is_one_of_its_table() -> None:
    metadata = table(sa.Column("c", sa.Integer, sa.CheckConstraint("c > 0", name="positive")))

    assert Declared(metadata)("check", "positive", table="t").text == "c > 0"


def test_the_check_of_a_boolean_is_there_only_where_booleans_are_numbers() -> None:
    def metadata() -> sa.MetaData:
        return table(sa.Column("c", sa.Boolean(create_constraint=True, name="is_bool")))

    assert Declared(metadata()).names("check") == []
    found = Declared(metadata(), forms=forms_of(sqlite.dialect()))
    assert found("check", "is_bool", table="t").text == "c IN (0, 1)"


def test_the_check_of_an_enum_is_there_only_where_there_are_no_enums() -> None:
    def metadata() -> sa.MetaData:
        return table(sa.Column("c", sa.Enum("x", "y", name="xy", create_constraint=True)))

    assert Declared(metadata()).names("check") == []
    found = Declared(metadata(), forms=forms_of(sqlite.dialect()))
    assert found("check", "xy", table="t").text == "c IN ('x', 'y')"


def test_a_constraint_for_another_dialect_is_not_declared() -> None:
    metadata = table(
        sa.CheckConstraint("a > 1", name="here").ddl_if(dialect="postgresql"),
        sa.CheckConstraint("a > 2", name="there").ddl_if(dialect="mysql"),
        sa.Index("ix_here", "a").ddl_if(dialect="postgresql"),
        sa.Index("ix_there", "a").ddl_if(callable_=lambda *_, dialect, **__: dialect.name == "x"),
    )

    found = Declared(metadata)

    assert found.names("check") == ["t.here"]
    assert found.names("index") == ["t.ix_here"]


def test_a_foreign_key_says_what_it_refers_to_and_how() -> None:
    metadata = table(
        sa.ForeignKeyConstraint(
            ["a"],
            ["app.other.key"],
            name="fk",
            ondelete="cascade",
            onupdate="no action",
            match="full",
            deferrable=True,
            use_alter=True,
            postgresql_not_valid=True,
        )
    )
    sa.Table("other", metadata, sa.Column("id", sa.Integer, key="key"), schema="app")

    key = Declared(metadata)("foreign_key", "fk", table="t")

    assert key.columns == ("a",)
    assert (key.referred_schema, key.referred_table, key.referred_columns) == (
        "app",
        "other",
        ("id",),
    )
    assert (key.on_delete, key.on_update, key.match) == ("CASCADE", "", "FULL")
    assert key.deferrable == "DEFERRABLE"
    assert not key.validated


def test_a_foreign_key_can_name_columns_as_the_database_does() -> None:
    metadata = table(sa.ForeignKeyConstraint(["a"], ["other.id"], name="fk", link_to_name=True))
    sa.Table("other", metadata, sa.Column("id", sa.Integer, key="key"))

    assert Declared(metadata)("foreign_key", "fk", table="t").referred_columns == ("id",)


def test_a_foreign_key_that_was_added_by_alter_table_is_still_declared() -> None:
    metadata = table(sa.ForeignKeyConstraint(["a"], ["t.id"], name="fk", use_alter=True))
    [constraint] = metadata.tables["t"].foreign_key_constraints
    sa.schema.AddConstraint(constraint)

    assert Declared(metadata).names("foreign_key") == ["t.fk"]


def test_a_foreign_key_to_nowhere_is_an_error_that_names_both_tables() -> None:
    metadata = table(sa.Column("c", sa.ForeignKey("nowhere.id")))

    with pytest.raises(MetadataError, match=r"t\.c .*table 'nowhere'"):
        Declared(metadata)


def test_an_exclusion_has_columns_and_operators() -> None:
    metadata = table(
        postgresql.ExcludeConstraint(
            (sa.Column("a"), "="),
            (sa.text("int4range(a, b)"), "&&"),
            name="no_overlap",
            where=sa.text("a > 0"),
            ops={"a": "int4_ops"},
        )
    )

    exclude = Declared(metadata)("exclude", "no_overlap", table="t")

    assert exclude.elements == (("a int4_ops", "="), ("(int4range(a, b))", "&&"))
    assert (exclude.method, exclude.where) == ("gist", "a > 0")


def test_two_exclusions_without_a_name_are_two() -> None:
    metadata = table(
        postgresql.ExcludeConstraint((sa.Column("a"), "=")),
        postgresql.ExcludeConstraint((sa.Column("b"), "=")),
    )

    assert Declared(metadata).names("exclude") == ["t.(a =)", "t.(b =)"]


def test_an_index_is_on_columns_and_expressions() -> None:
    metadata = table()
    columns = metadata.tables["t"].c
    sa.Index(
        "ix",
        columns.a,
        columns.b.desc(),
        sa.func.abs(columns.id).asc().nulls_first(),
        unique=True,
        postgresql_where=columns.a > 1,
        postgresql_include=["b"],
        postgresql_nulls_not_distinct=True,
        postgresql_with={"fillfactor": 50},
    )

    index = Declared(metadata)("index", "ix", table="t")

    assert index.columns == (
        Indexed("a"),
        Indexed("b", order="DESC"),
        Indexed("abs(id)", is_expression=True, order="NULLS FIRST"),
    )
    assert (index.unique, index.where, index.include) == (True, "a > 1", ("b",))
    assert index.nulls_not_distinct
    assert index.options == (("postgresql_with", "fillfactor=50"),)


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (lambda column: column.asc(), ""),
        (lambda column: column.asc().nulls_last(), ""),
        (lambda column: column.desc().nulls_first(), "DESC"),
        (lambda column: column.desc().nulls_last(), "DESC NULLS LAST"),
    ],
)
def test_an_order_is_named_only_where_it_is_not_the_usual_one(order: Any, text: str) -> None:
    metadata = table()
    sa.Index("ix", order(metadata.tables["t"].c.a))

    assert Declared(metadata)("index", "ix", table="t").columns == (Indexed("a", order=text),)


def test_an_index_can_have_a_collation_of_its_own() -> None:
    metadata = table(sa.Column("s", sa.Text))
    sa.Index("ix", sa.collate(metadata.tables["t"].c.s, "C"))

    assert Declared(metadata)("index", "ix", table="t").columns == (Indexed("s", collation="C"),)


def test_constraints_are_named_by_convention() -> None:
    metadata = table(
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("a", "b"),
        sa.CheckConstraint("a > 0", name="positive"),
        sa.Column("parent", sa.ForeignKey("t.id")),
        sa.Column("found", sa.Integer, index=True),
        convention=CONVENTION,
    )

    found = Declared(metadata)

    assert found.only("primary_key").name == "pk_t"
    assert found.names("unique") == ["t.uq_t_a_b"]
    assert found.names("check") == ["t.ck_t_positive"]
    assert found.names("foreign_key") == ["t.fk_t_t"]
    assert found.names("index") == ["t.ix_t_found"]


def test_a_name_that_must_not_be_changed_is_not() -> None:
    metadata = table(
        sa.CheckConstraint("a > 0", name=sa.sql.elements.conv("as_it_is")), convention=CONVENTION
    )

    assert Declared(metadata).names("check") == ["t.as_it_is"]


@pytest.mark.parametrize("dialect", [postgresql.dialect(), mysql.dialect()])
def test_a_long_name_by_convention_is_shortened_as_the_compiler_does_it(dialect: Any) -> None:
    name = "a_table_with_a_name_that_is_nearly_too_long_already"
    metadata = table(
        sa.Column("and_a_column_with_a_long_name", sa.Integer, unique=True),
        convention=CONVENTION,
        name=name,
    )
    sql = str(sa.schema.CreateTable(metadata.tables[name]).compile(dialect=dialect))

    unique = Declared(metadata, forms=forms_of(dialect)).only("unique")

    assert len(unique.name) <= dialect.max_identifier_length
    assert f"CONSTRAINT {unique.name} UNIQUE" in sql


def test_a_name_that_is_too_long_for_the_database_is_an_error() -> None:
    metadata = table(sa.UniqueConstraint("a", name="u" * 64))

    with pytest.raises(MetadataError, match="table 't' cannot be declared"):
        Declared(metadata)


def test_a_name_is_cut_off_where_the_database_counts_bytes() -> None:
    class Short(StandardForms):
        name_bytes = 8

    metadata = table(sa.UniqueConstraint("a", name="uq_éééé"), name="tableaux_")
    forms = Short(postgresql.dialect(), "public")

    assert Declared(metadata, forms=forms).names("unique") == ["tableaux.uq_éé"]


def test_an_index_without_a_name_is_an_error() -> None:
    metadata = table(convention={"uq": "uq_%(table_name)s"})
    sa.Index(None, metadata.tables["t"].c.a)

    with pytest.raises(MetadataError, match="index of the table 't' has no name"):
        Declared(metadata)


def test_two_indexes_of_one_name_are_an_error() -> None:
    metadata = table(sa.Index("ix", "a"), sa.Index("ix", "b"))

    with pytest.raises(MetadataError, match=r"index 't\.ix' twice, and not in the same way"):
        Declared(metadata)


def test_a_sequence_is_declared_by_itself_or_by_a_column() -> None:
    metadata = table(sa.Column("c", sa.Integer, sa.Sequence("used", start=1)))
    sa.Sequence("free", metadata=metadata, start=100, increment=5, schema="app")

    found = Declared(metadata)

    assert found("sequence", "used").options == ()
    assert found("sequence", "free", schema="app").options == (("increment", 5), ("start", 100))
    assert found.names("namespace") == ["app"]


def test_an_optional_sequence_is_left_to_serial() -> None:
    metadata = table(sa.Column("c", sa.Integer, sa.Sequence("s", optional=True), primary_key=True))

    assert Declared(metadata).names("sequence") == []


def test_there_are_no_sequences_where_the_database_has_none() -> None:
    metadata = table(sa.Column("c", sa.Integer, sa.Sequence("s")))

    assert Declared(metadata, forms=forms_of(sqlite.dialect())).names("sequence") == []
