"""What we put together without a Table is what SQLAlchemy writes from one, to the last byte."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.mysql.asyncmy import MySQLDialect_asyncmy
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.schema import CreateTable

from asyncmigrate.scripts.elements import Elements
from asyncmigrate.scripts.plain_table import later_table, plain_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine.interfaces import Dialect

Items = list[Any]
Choices = tuple[Any, ...]
MYSQL: Any = MySQLDialect_asyncmy
POSTGRESQL: Any = PGDialect_asyncpg
SQLITE: Any = SQLiteDialect_aiosqlite
NAMES = ("id", "user", "Name", "with space", 'quo"te', "per%cent", "a:b", "ключ", "select")
PLAIN_TYPES: Choices = (
    sa.Integer, sa.BigInteger, sa.SmallInteger, sa.INTEGER, sa.BIGINT, sa.Text, sa.Unicode,
    partial(sa.String, 20), partial(sa.String, 20, collation="C"), partial(sa.Numeric, 12, 2),
    partial(sa.Numeric, 12, 0), partial(sa.Float, 53), sa.Double, sa.Boolean, sa.Date, sa.Time,
    sa.DateTime, partial(sa.DateTime, timezone=True), sa.LargeBinary, sa.Uuid,
    lambda: sa.Text().with_variant(sa.String(5), "sqlite"),
)  # fmt: skip
KEY_TYPES: Choices = (sa.Integer, sa.BigInteger, sa.SmallInteger, sa.INTEGER, sa.Text, sa.Uuid)
ODD_TYPES: Choices = (
    *PLAIN_TYPES, sa.Interval, sa.JSON, postgresql.JSONB, postgresql.INET, sa.types.NullType,
    partial(sa.Boolean, create_constraint=True, name="yes"), partial(sa.Enum, "a", name="letter"),
    partial(sa.Enum, "a", native_enum=False, name="l"), partial(postgresql.ARRAY, sa.Integer),
    lambda: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    lambda: sa.Text().with_variant(sa.Enum("a", name="e"), "postgresql"),
)  # fmt: skip
PLAIN_OPTIONS: Choices = (
    *[dict, partial(dict, nullable=False), partial(dict, nullable=True)] * 2,
    lambda: {"server_default": "0"}, lambda: {"server_default": "it's"},
    lambda: {"server_default": sa.text("now()")}, lambda: {"server_default": sa.text("1 + '%'")},
    lambda: {"server_default": sa.func.now()}, lambda: {"server_default": sa.true()},
)  # fmt: skip
ODD_OPTIONS: Choices = (
    *PLAIN_OPTIONS, *(partial(dict, [option]) for option in [
        ("unique", True), ("index", True), ("comment", "c"), ("key", "k"), ("system", True),
        ("quote", True), ("quote", False), ("autoincrement", True), ("autoincrement", False),
        ("default", 1), ("onupdate", 1), ("sqlite_on_conflict_not_null", "FAIL"),
        ("server_default", sa.FetchedValue()),
    ]),
)  # fmt: skip
ODD_PARTS: Choices = (
    *[list] * 9, lambda: [sa.ForeignKey("other.id")], lambda: [sa.CheckConstraint("1 > 0")],
    lambda: [sa.Computed("1")], lambda: [sa.Identity()],
)  # fmt: skip
NULLABLE: Choices = ({}, {"nullable": False}, {"nullable": True})
DIALECTS = st.sampled_from([POSTGRESQL(), SQLITE()])


@st.composite
def plain_tables(draw: st.DrawFn) -> Callable[[], Items]:
    """A way to make the columns and the primary key of a plain table, anew each time."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    kinds = {name: draw(st.sampled_from(PLAIN_TYPES)) for name in names}
    options = {name: draw(st.sampled_from(PLAIN_OPTIONS)) for name in names}
    key = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
    marked, named = draw(st.booleans()), draw(st.sampled_from([None, "Pk %"]))
    kinds.update((name, draw(st.sampled_from(KEY_TYPES))) for name in key)
    options.update((name, partial(dict, nullable=False)) for name in key)
    keys = [] if marked or not key else [lambda: sa.PrimaryKeyConstraint(*key, name=named)]

    def build() -> Items:
        columns = [
            sa.Column(name, kinds[name](), primary_key=marked and name in key, **options[name]())
            for name in names
        ]
        return [*columns, *(made() for made in keys)]

    return build


@st.composite
def odd_tables(draw: st.DrawFn) -> Callable[[], Items]:
    """A way to make any table, or one that cannot be."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
    columns = [
        (
            draw(st.sampled_from(ODD_TYPES)),
            draw(st.sampled_from(ODD_PARTS)),
            draw(st.sampled_from(ODD_OPTIONS)),
            draw(st.sampled_from([*NULLABLE, *NULLABLE, {"primary_key": True}])),
        )
        for _ in names
    ]
    key = draw(st.lists(st.sampled_from([*names, "missing"]), max_size=2))
    given = draw(st.sampled_from([{}, {"name": "p" * 70}, {"deferrable": True},
                                  {"sqlite_on_conflict": "FAIL"}]))  # fmt: skip
    key_made = partial(sa.PrimaryKeyConstraint, *key, **given)
    others = draw(st.sampled_from([[], [key_made], [partial(sa.UniqueConstraint, names[0])]]))

    def build() -> Items:
        made = [
            sa.Column(name, kind(), *parts(), **{**options(), **null})
            for name, (kind, parts, options, null) in zip(names, columns, strict=True)
        ]
        return [*made, *(other() for other in others)]

    return build


def by_sqlalchemy(dialect: Dialect, name: str, items: Items) -> str:
    return str(CreateTable(Elements().table(name, *items)).compile(dialect=dialect))


@given(build=plain_tables(), name=st.sampled_from(NAMES), dialect=DIALECTS)
def test_a_plain_table_is_written_as_sqlalchemy_writes_it(
    build: Callable[[], Items], name: str, dialect: Dialect
) -> None:
    ours = plain_table(dialect, name, build(), conventions=False)

    assert ours == by_sqlalchemy(dialect, name, build())


@pytest.mark.filterwarnings("ignore")  # SQLAlchemy's own, about odd tables
@settings(max_examples=300)
@given(build=odd_tables(), name=st.sampled_from(NAMES), dialect=DIALECTS)
def test_a_table_with_more_to_it_is_written_the_same_or_left_to_sqlalchemy(
    build: Callable[[], Items], name: str, dialect: Dialect
) -> None:
    try:
        ours = plain_table(dialect, name, build(), conventions=False)
    except sa.exc.ArgumentError:  # such a column cannot be made at all
        ours = None

    assert ours is None or ours == by_sqlalchemy(dialect, name, build())


@given(build=plain_tables(), name=st.sampled_from(NAMES), dialect=DIALECTS)
def test_a_plain_table_that_is_looked_at_is_the_table_that_sqlalchemy_would_have_made(
    build: Callable[[], Items], name: str, dialect: Dialect
) -> None:
    later = later_table(Elements(), name, build())

    text = str(CreateTable(later).compile(dialect=dialect))

    assert type(later) is sa.Table
    assert all(column.table is later for column in later.columns)
    assert later.metadata.tables[name] is later
    assert text == by_sqlalchemy(dialect, name, build())


def columns() -> Items:
    return [sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text)]


def test_a_table_that_was_never_looked_at_can_be_inserted_into_and_selected_from() -> None:
    table = later_table(Elements(), "user", columns())

    insert, select = str(sa.insert(table)), str(sa.select(table).where(table.c.id == 1))

    assert insert == 'INSERT INTO "user" (id, name) VALUES (:id, :name)'
    assert select.split("FROM")[1].split() == ['"user"', "WHERE", '"user".id', "=", ":id_1"]


@pytest.mark.parametrize("name", ["before_create", "after_create", "after_parent_attach"])
def test_a_listener_to_tables_keeps_them_with_sqlalchemy(name: str) -> None:
    def listen(*_: object, **__: object) -> None: ...

    event.listen(sa.Table, name, listen)
    try:
        heard = plain_table(POSTGRESQL(), "user", columns(), conventions=False)
    finally:
        event.remove(sa.Table, name, listen)

    assert heard is None
    assert plain_table(POSTGRESQL(), "user", columns(), conventions=False) is not None


def test_a_listener_to_columns_keeps_tables_with_sqlalchemy() -> None:
    def listen(*_: object) -> None: ...

    event.listen(sa.Column, "after_parent_attach", listen)
    try:
        heard = plain_table(POSTGRESQL(), "user", columns(), conventions=False)
    finally:
        event.remove(sa.Column, "after_parent_attach", listen)

    assert heard is None


def test_a_naming_convention_keeps_a_primary_key_without_a_final_name_with_sqlalchemy() -> None:
    unnamed = plain_table(POSTGRESQL(), "user", columns(), conventions=True)
    final = sa.PrimaryKeyConstraint("id", name=sa.sql.elements.conv("pk_user"))
    named = [sa.Column("id", sa.Integer, nullable=False), final]

    assert unnamed is None
    assert plain_table(POSTGRESQL(), "user", named, conventions=True) is not None


class OwnCompiler(PGDDLCompiler):
    """An application's."""


@pytest.mark.parametrize("dialect", [MYSQL(), POSTGRESQL()], ids=["mysql", "own compiler"])
def test_a_compiler_that_we_do_not_know_keeps_tables_with_sqlalchemy(
    dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(POSTGRESQL, "ddl_compiler", OwnCompiler)

    assert plain_table(dialect, "user", columns(), conventions=False) is None


def test_a_column_of_another_table_keeps_a_table_with_sqlalchemy() -> None:
    other = sa.Table("other", sa.MetaData(), *columns())

    assert plain_table(POSTGRESQL(), "user", list(other.c), conventions=False) is None
