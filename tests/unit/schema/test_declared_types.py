"""Types with a name that models use: ENUMs, domains, composite types."""

from __future__ import annotations

import enum
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

from asyncmigrate.errors import MetadataError
from asyncmigrate.schema.kinds.enum import EnumType
from tests.unit.schema.declaring import Declared


class Mood(enum.Enum):
    """Labels and values that differ."""

    HAPPY = "h"
    SAD = "s"


class Wrapped(sa.TypeDecorator[str]):
    """An ENUM inside a type of one's own."""

    impl = sa.Enum("HAPPY", "SAD", name="mood")
    cache_ok = True


def column(type_: Any, *, schema: str | None = None) -> sa.MetaData:
    """A metadata with one column of the type."""
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("a", type_), schema=schema)
    return metadata


@pytest.mark.parametrize(
    "type_",
    [
        sa.Enum(Mood, name="mood"),
        sa.Enum("HAPPY", "SAD", name="mood"),
        postgresql.ENUM("HAPPY", "SAD", name="mood"),
        postgresql.ENUM("HAPPY", "SAD", name="mood", create_type=False),
        sa.ARRAY(sa.Enum(Mood, name="mood")),
        postgresql.ARRAY(postgresql.ENUM(Mood, name="mood"), dimensions=2),
        sa.String(5).with_variant(postgresql.ENUM(Mood, name="mood"), "postgresql"),
        sa.ARRAY(Wrapped()),
        Wrapped(),
    ],
)
def test_an_enum_is_found_wherever_it_is(type_: Any) -> None:
    found = Declared(column(type_))

    assert found.only("enum") == EnumType("", "mood", ("HAPPY", "SAD"))


def test_types_that_are_made_anew_each_time_are_all_found() -> None:
    class Named(sa.TypeDecorator[str]):
        impl = sa.String
        cache_ok = True

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        def load_dialect_impl(self, dialect: Any) -> Any:
            return dialect.type_descriptor(postgresql.ENUM("x", name=self.name))

    metadata = sa.MetaData()
    sa.Table("t", metadata, *(sa.Column(f"c{n}", Named(f"e{n}")) for n in range(9)))

    assert Declared(metadata).names("enum") == [f"e{n}" for n in range(9)]


def test_the_values_are_those_that_stand_in_the_rows() -> None:
    type_ = sa.Enum(Mood, name="mood", values_callable=lambda cls: [each.value for each in cls])

    assert Declared(column(type_)).only("enum").values == ("h", "s")


@pytest.mark.parametrize(
    "type_",
    [
        sa.Enum(Mood, name="mood", native_enum=False),
        sa.String(5).with_variant(sa.Enum(Mood, name="mood"), "mysql"),
    ],
)
def test_an_enum_that_is_a_string_here_is_none(type_: Any) -> None:
    assert Declared(column(type_)).names("enum") == []


def test_an_enum_in_a_schema_is_there() -> None:
    found = Declared(column(sa.Enum(Mood, name="mood", schema="app")))

    assert found.names("enum") == ["app.mood"]
    assert found.names("namespace") == ["app"]


@pytest.mark.filterwarnings("ignore:.*inherit_schema:DeprecationWarning")
def test_an_enum_can_have_the_schema_of_its_table() -> None:
    found = Declared(column(sa.Enum(Mood, name="mood", inherit_schema=True), schema="app"))

    assert found.names("enum") == ["app.mood"]


def test_an_enum_has_the_schema_of_its_metadata() -> None:
    metadata = sa.MetaData(schema="app")
    sa.Table("t", metadata, sa.Column("a", sa.Enum(Mood, name="mood", metadata=metadata)))

    assert Declared(metadata).names("enum") == ["app.mood"]


def test_an_enum_of_the_metadata_needs_no_column() -> None:
    metadata = sa.MetaData()
    sa.Enum(Mood, name="mood", metadata=metadata)

    assert Declared(metadata).names("enum") == ["mood"]


def test_an_enum_that_several_columns_use_is_one() -> None:
    metadata = sa.MetaData()
    for name in ("a", "b"):
        sa.Table(name, metadata, sa.Column("x", sa.Enum(Mood, name="mood")))

    assert Declared(metadata).names("enum") == ["mood"]


def test_two_enums_of_one_name_and_other_values_are_an_error() -> None:
    metadata = sa.MetaData()
    sa.Table("a", metadata, sa.Column("x", sa.Enum("p", "q", name="pq")))
    sa.Table("b", metadata, sa.Column("x", sa.Enum("q", "p", name="pq")))

    with pytest.raises(MetadataError, match="enum 'pq' twice, and not in the same way"):
        Declared(metadata)


def test_a_domain_is_declared_with_its_condition() -> None:
    domain = postgresql.DOMAIN(
        "price",
        sa.Numeric(10, 2),
        default=sa.text("0"),
        check="VALUE >= 0",
        constraint_name="positive",
    )

    found = Declared(column(domain)).only("domain")

    assert (found.name, found.type, found.nullable) == ("price", "NUMERIC(10, 2)", True)
    assert (found.default, found.checks) == ("0", (("positive", "VALUE >= 0"),))


def test_the_name_of_a_domains_condition_goes_to_not_null_as_in_create_domain() -> None:
    domain = postgresql.DOMAIN(
        "price", sa.Integer, not_null=True, check="VALUE >= 0", constraint_name="positive"
    )

    found = Declared(column(domain)).only("domain")

    assert not found.nullable
    assert found.checks == (("", "VALUE >= 0"),)


def test_what_a_domain_is_made_of_is_declared_too() -> None:
    domain = postgresql.DOMAIN("good_mood", sa.Enum(Mood, name="mood"))

    assert Declared(column(domain)).names("enum") == ["mood"]


def test_a_composite_type_is_one_that_has_a_name_and_columns() -> None:
    class CompositeType(UserDefinedType[Any]):
        name = "money_type"
        columns = (sa.Column("amount", sa.Integer), sa.Column("mood", sa.Enum(Mood, name="mood")))
        cache_ok = True

        def get_col_spec(self, **_: Any) -> str:
            return self.name

    found = Declared(column(CompositeType()))

    assert found.only("composite").attributes == (("amount", "INTEGER"), ("mood", "mood"))
    assert found.names("enum") == ["mood"]
