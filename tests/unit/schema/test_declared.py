"""Tables and columns: what models say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite

from asyncmigrate.dialects.forms import StandardForms
from asyncmigrate.errors import MetadataError
from asyncmigrate.schema import kinds
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.column import Computed, Identity
from asyncmigrate.schema.kinds.namespace import Namespace
from tests.unit.schema.declaring import Declared, forms_of, one_column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncmigrate.schema.forms import Forms


def test_a_table_is_declared_beside_its_columns() -> None:
    metadata = sa.MetaData()
    table = sa.Table("users", metadata, sa.Column("id", sa.Integer), comment="people")

    found = Declared(metadata)

    assert found("table", "users").comment == "people"
    assert found("table", "users").element is table
    assert found("column", "id", table="users").element is table.c.id


def test_columns_know_their_place() -> None:
    metadata = sa.MetaData()
    sa.Table("t", metadata, *(sa.Column(name, sa.Integer) for name in "cab"))

    columns = [each for each in Declared(metadata).objects.values() if each.key.kind == "column"]

    assert [(each.name, each.position) for each in columns] == [("c", 0), ("a", 1), ("b", 2)]  # type: ignore[attr-defined]


def test_a_column_has_the_name_of_the_database_and_not_that_of_python() -> None:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("Full Name", sa.Text, key="full_name"))

    assert Declared(metadata).names("column") == ["t.Full Name"]


def test_names_are_plain_text() -> None:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("a", sa.Integer, primary_key=True, quote=True))

    keys = Declared(metadata).objects

    assert {type(part) for key in keys for part in key} == {str}


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (sa.String(10), "VARCHAR(10)"),
        (sa.Numeric(10, 2), "NUMERIC(10, 2)"),
        (sa.DateTime(timezone=True), "TIMESTAMP WITH TIME ZONE"),
        (sa.ARRAY(sa.Integer), "INTEGER[]"),
        (sa.Integer().with_variant(sa.BigInteger(), "postgresql"), "BIGINT"),
        (sa.Integer().with_variant(sa.BigInteger(), "sqlite"), "INTEGER"),
    ],
)
def test_a_type_is_what_the_dialect_writes(type_: Any, text: str) -> None:
    assert one_column(sa.Column("a", type_)).type == text


def test_a_column_keeps_the_type_that_models_say() -> None:
    type_ = sa.String(10)

    assert one_column(sa.Column("a", type_)).sa_type is type_


def test_a_decorated_type_is_what_it_is_made_of() -> None:
    class Email(sa.TypeDecorator[str]):
        impl = sa.String(320)
        cache_ok = True

    assert one_column(sa.Column("a", Email())).type == "VARCHAR(320)"


@pytest.mark.parametrize(
    "type_",
    [sa.String(9, collation="C"), sa.String(9).with_variant(sa.String(9, "C"), "postgresql")],
)
def test_a_collation_stands_beside_the_type(type_: Any) -> None:
    column = one_column(sa.Column("a", type_))

    assert (column.type, column.collation) == ("VARCHAR(9)", "C")


@pytest.mark.parametrize(
    ("default", "text"),
    [
        ("it's", "'it''s'"),
        (sa.text("now()"), "now()"),
        (sa.text("(1 + 2)"), "1 + 2"),
        (sa.func.now(), "now()"),
        (sa.literal(5), "5"),
        (sa.false(), "false"),
        (None, None),
    ],
)
def test_a_server_default_is_sql(default: Any, text: str | None) -> None:
    assert one_column(sa.Column("a", sa.Text, server_default=default)).default == text


def test_a_default_that_the_server_alone_knows_is_none() -> None:
    assert one_column(sa.Column("a", sa.Text, server_default=sa.FetchedValue())).default is None


def test_a_default_of_python_is_not_one_of_the_database() -> None:
    assert one_column(sa.Column("a", sa.Integer, default=5)).default is None


@pytest.mark.parametrize(
    ("column", "nullable"),
    [
        (sa.Column("a", sa.Integer), True),
        (sa.Column("a", sa.Integer, nullable=False), False),
        (sa.Column("a", sa.Integer, primary_key=True), False),
    ],
)
def test_a_column_may_be_null_unless_it_is_said(column: sa.Column[int], nullable: bool) -> None:
    assert one_column(column).nullable is nullable


def test_an_identity_lists_what_is_not_as_usual() -> None:
    column = sa.Column("a", sa.Integer, sa.Identity(always=True, start=1, increment=5, cycle=False))

    assert one_column(column).identity == Identity(always=True, options=(("increment", 5),))


def test_there_is_no_identity_where_the_database_has_none() -> None:
    column = sa.Column("a", sa.Integer, sa.Identity())

    assert one_column(column, forms=forms_of(sqlite.dialect())).identity is None


def test_a_computed_column_has_its_expression_and_no_default() -> None:
    column = one_column(sa.Column("a", sa.Integer, sa.Computed("(b + 1)", persisted=True)))

    assert column.computed == Computed("b + 1", persisted=True)
    assert column.default is None


def test_comments_are_left_out_where_the_database_keeps_none() -> None:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("a", sa.Integer, comment="said"), comment="also")

    found = Declared(metadata, forms=forms_of(sqlite.dialect()))

    assert found("column", "a", table="t").comment is None
    assert found("table", "t").comment is None


def test_an_empty_comment_is_none() -> None:
    assert one_column(sa.Column("a", sa.Integer, comment="")).comment is None


def test_a_system_column_is_not_declared() -> None:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("xmin", sa.Integer, system=True))

    assert Declared(metadata).names("column") == []


def test_a_temporary_table_is_not_declared() -> None:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer), prefixes=["TEMPORARY"])

    assert Declared(metadata).objects == {}


def test_options_are_those_of_this_dialect() -> None:
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer),
        postgresql_tablespace="fast",
        mysql_engine="InnoDB",
    )

    assert Declared(metadata)("table", "t").options == (("postgresql_tablespace", "fast"),)
    mysql_forms = forms_of(mysql.dialect())
    assert Declared(metadata, forms=mysql_forms)("table", "t").options == (
        ("mysql_engine", "InnoDB"),
    )


def test_compiling_the_table_before_does_not_add_options() -> None:
    metadata = sa.MetaData()
    table = sa.Table("t", metadata, sa.Column("id", sa.Integer))
    sa.schema.CreateTable(table).compile(dialect=postgresql.dialect())

    assert Declared(metadata)("table", "t").options == ()


def test_a_partitioned_table_says_by_what() -> None:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("at", sa.Date), postgresql_partition_by="RANGE  (at)")

    assert Declared(metadata)("table", "t").partition_by == "RANGE (at)"


def test_the_default_schema_has_no_name() -> None:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer), schema="public")

    assert Declared(metadata).names("table") == ["t"]
    assert Declared(metadata).names("namespace") == []


def test_a_schema_that_is_used_is_declared() -> None:
    metadata = sa.MetaData(schema="app")
    sa.Table("t", metadata, sa.Column("id", sa.Integer))

    found = Declared(metadata)

    assert found.names("table") == ["app.t"]
    assert found.only("namespace") == Namespace("app")


def test_a_table_in_two_metadata_is_an_error_that_names_it() -> None:
    first, second = sa.MetaData(), sa.MetaData()
    sa.Table("users", first, sa.Column("id", sa.Integer))
    sa.Table("users", second, sa.Column("id", sa.Integer))

    with pytest.raises(MetadataError, match="table 'users' twice"):
        Declared(first, second)


def test_the_same_metadata_twice_is_one() -> None:
    metadata = sa.MetaData()
    sa.Table("users", metadata, sa.Column("id", sa.Integer))

    assert Declared(metadata, metadata).names("table") == ["users"]


def test_a_column_without_a_type_is_an_error_that_names_it() -> None:
    metadata = sa.MetaData()
    sa.Table("users", metadata, sa.Column("mail"))

    with pytest.raises(MetadataError, match=r"column users\.mail .*NullType"):
        Declared(metadata)


class Grants(Kind[Namespace]):
    """A kind of a third party, which gives a schema for each grant that a metadata lists."""

    name = "grant"

    def declared(self, metadata: sa.MetaData, forms: Forms) -> Iterable[Namespace]:
        """One for each."""
        return [Namespace(f"{forms.dialect.name}_{each}") for each in metadata.info["grants"]]


def test_a_kind_of_a_third_party_is_asked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds._registered, "grant", Grants())

    found = Declared(sa.MetaData(info={"grants": ["a", "b"]}))

    assert found.names("namespace") == ["postgresql_a", "postgresql_b"]


@pytest.mark.parametrize(
    "dialect", [oracle.dialect(), mssql.dialect(), mysql.dialect(), sqlite.dialect()]
)
def test_ordinary_models_can_be_declared_for_every_dialect(dialect: Any) -> None:
    metadata = sa.MetaData()
    sa.Table(
        "users",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(20), server_default="x", index=True, unique=True),
        sa.Column("kind", sa.Enum("a", "b", name="kind")),
        sa.Column("at", sa.DateTime, server_default=sa.func.now()),
        sa.Column("parent", sa.ForeignKey("users.id")),
        sa.CheckConstraint("id > 0", name="positive"),
    )

    found = Declared(metadata, forms=StandardForms(dialect, "main"))

    assert found.names("column") == [
        "users.at",
        "users.id",
        "users.kind",
        "users.name",
        "users.parent",
    ]
    assert found("check", "positive", table="users").text == "id > 0"
    assert len(found.objects) == 10


def test_declaring_leaves_the_models_as_they_were() -> None:
    metadata = sa.MetaData()
    table = sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))
    before = (list(metadata.tables), repr(table), len(table.constraints))

    Declared(metadata)

    assert (list(metadata.tables), repr(table), len(table.constraints)) == before
