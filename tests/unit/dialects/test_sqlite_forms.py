"""How models look in SQLite, and what it takes for the same."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from asyncmigrate.dialects.sqlite_catalog import SQLiteCatalog
from asyncmigrate.dialects.sqlite_forms import SQLiteForms
from asyncmigrate.schema.declared import declared
from asyncmigrate.schema.kinds.column import Column, Computed
from asyncmigrate.schema.kinds.index import Indexed
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.snapshot import Key, Object, Snapshot

FORMS = SQLiteForms(sqlite.dialect(), "main")


def objects(*parts: Any, name: str = "t", schema: str | None = None, **options: Any) -> Snapshot:
    """What a declared table is on SQLite."""
    metadata = sa.MetaData()
    sa.Table(name, metadata, *parts, schema=schema, **options)
    return declared([metadata], FORMS)


def column(*arguments: Any, **keywords: Any) -> Any:
    return objects(sa.Column("c", *arguments, **keywords))[Key("column", "", "t", "c")]


def indexed(*expressions: Any) -> tuple[Indexed, ...]:
    words = sa.Column("words", sa.String(collation="NOCASE"))
    table = sa.Table("t", sa.MetaData(), sa.Column("userName", sa.Integer), words)
    return FORMS.indexed(sa.Index("i", *expressions, _table=table))


def test_main_is_the_default_schema() -> None:
    assert objects(schema="main") == objects(schema=None)
    assert FORMS.schema("aux") == "aux"


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (sa.String(10), "VARCHAR(10)"),
        (sa.Numeric(8, 2), "NUMERIC(8, 2)"),
        (sa.String(10, collation="NOCASE"), "VARCHAR(10)"),
        (sa.Enum("a", "bcd"), "VARCHAR(3)"),
        (sa.Uuid(), "CHAR(32)"),
        (sa.DateTime(timezone=True), "DATETIME"),
        (sa.Double(), "DOUBLE"),
        (sa.String().with_variant(sa.Text(), "sqlite"), "TEXT"),
    ],
)
def test_a_type_is_its_words_without_collation(type_: sa.types.TypeEngine[Any], text: str) -> None:
    assert column(type_).type == text


@pytest.mark.parametrize(
    ("type_", "collation"),
    [
        (sa.String(collation="nocase"), "NOCASE"),
        (sa.String(collation="BINARY"), None),
        (sa.String(), None),
        (sa.Integer(), None),
    ],
)
def test_a_collation_is_told_where_it_is_not_the_usual_one(
    type_: sa.types.TypeEngine[Any], collation: str | None
) -> None:
    assert column(type_).collation == collation


@pytest.mark.parametrize(
    ("default", "text"),
    [
        ("it's", "'it''s'"),
        (sa.text("-1"), "-1"),
        (sa.text("(7)"), "7"),
        (sa.text("NULL"), None),
        (sa.func.now(), "CURRENT_TIMESTAMP"),
        (sa.true(), "1"),
        (sa.func.lower("X"), "(lower('X'))"),
        (None, None),
    ],
)
def test_a_default_is_as_sqlalchemy_writes_it_in_one_spelling(
    default: Any, text: str | None
) -> None:
    assert column(sa.String, server_default=default).default == text


@pytest.mark.parametrize(("persisted", "stored"), [(None, False), (False, False), (True, True)])
def test_a_computed_value_is_virtual_unless_it_is_to_be_stored(
    persisted: bool | None, stored: bool
) -> None:
    found = objects(
        sa.Column("a", sa.Integer), sa.Column("c", sa.Integer, sa.Computed("A*2", persisted))
    )

    assert found[Key("column", "", "t", "c")].computed == Computed("a * 2", stored)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("type_", "asked", "numbered"),
    [(sa.Integer, False, False), (sa.Integer, True, True), (sa.String, True, False)],
)
def test_autoincrement_is_what_sqlalchemy_writes_only(
    type_: Any, asked: bool, numbered: bool
) -> None:
    found = objects(sa.Column("id", type_, primary_key=True), sqlite_autoincrement=asked)

    assert found[Key("column", "", "t", "id")].autoincrement is numbered  # type: ignore[attr-defined]
    assert found[Key("table", "", "", "t")] == Table("", "t")


@pytest.mark.parametrize(
    ("type_", "options", "nullable"),
    [
        (sa.Integer, {}, False),
        (sa.String, {}, True),
        (sa.String, {"sqlite_with_rowid": False}, False),
    ],
)
def test_a_key_that_may_be_null_may_be_so_where_sqlite_lets_it(
    type_: Any, options: dict[str, Any], nullable: bool
) -> None:
    found = objects(sa.Column("id", type_, primary_key=True, nullable=True), **options)

    assert found[Key("column", "", "t", "id")].nullable is nullable  # type: ignore[attr-defined]


def test_options_of_a_table_are_told_where_they_are_not_the_usual_ones() -> None:
    key = sa.Column("id", sa.Integer, primary_key=True)
    usual = objects(key, sqlite_with_rowid=True, sqlite_strict=False)
    key = sa.Column("id", sa.Integer, primary_key=True)
    unusual = objects(key, sqlite_with_rowid=False, sqlite_strict=True)

    of_table = Key("table", "", "", "t")
    assert usual[of_table] == Table("", "t")
    assert unusual[of_table] == Table(
        "", "t", options=(("sqlite_strict", "True"), ("sqlite_with_rowid", "False"))
    )


def test_what_an_index_is_on_is_read_as_sqlites_own_statement_is() -> None:
    assert indexed("userName") == (Indexed("userName"),)
    assert indexed(sa.text("USERNAME desc")) == (Indexed("userName", order="DESC"),)
    assert indexed(sa.column("words").desc()) == (Indexed("words", order="DESC"),)
    assert indexed(sa.text("words COLLATE nocase"), sa.text("words COLLATE rtrim")) == (
        Indexed("words"),
        Indexed("words", collation="RTRIM"),
    )
    assert indexed(sa.func.lower(sa.column("words"))) == (
        Indexed("lower(words)", is_expression=True),
    )


def test_sqlite_has_no_comments_and_no_identity() -> None:
    found = objects(
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True, comment="x"),
        comment="y",
    )

    assert found[Key("column", "", "t", "id")] == Column("", "t", "id", "INTEGER", nullable=False)
    assert found[Key("table", "", "", "t")] == Table("", "t")
    assert {key.kind for key in found} == {"table", "column", "primary_key"}


# --- the live snapshot in the words of the models ----------------------------------------------


def reconciled(live: Snapshot, declared: Snapshot) -> Snapshot:
    return SQLiteCatalog().reconcile(live, declared)


def spelled(table: str, a: str, b: str, other: str) -> Snapshot:
    metadata = sa.MetaData()
    first = sa.Table(table, metadata, sa.Column(a, sa.Integer, primary_key=True))
    second = sa.Table(
        other,
        metadata,
        sa.Column(b, sa.Integer),
        sa.ForeignKeyConstraint([b], [first.c[a]], name=f"fk_{b}"),
        sa.UniqueConstraint(b),
        sa.CheckConstraint(f"{b} > 0", name="positive"),
    )
    sa.Index(f"ix_{b}", second.c[b], sa.func.abs(second.c[b]))
    return declared([metadata], FORMS)


def test_names_that_differ_in_capitals_only_are_the_same() -> None:
    live = spelled("Users", "ID", "Parent", "Posts")
    models = spelled("users", "id", "parent", "posts")

    assert live != models
    assert reconciled(live, models) == models


def test_what_models_do_not_have_keeps_its_spelling() -> None:
    live = {**spelled("Users", "ID", "Parent", "Posts"), **objects(name="Extra")}
    models = spelled("users", "id", "parent", "posts")

    found = reconciled(live, models)

    assert set(found) - set(models) == {Key("table", "", "", "Extra")}


def test_two_tables_that_both_exist_are_not_taken_for_one_another() -> None:
    live: dict[Key, Object] = {**objects(name="a"), **objects(name="b")}

    assert reconciled(live, objects(name="c")) == live


def test_the_key_of_an_autoincrement_column_has_the_name_that_models_give_it() -> None:
    key = sa.Column("id", sa.Integer, primary_key=True)
    models = objects(key, sa.PrimaryKeyConstraint("id", name="pk"), sqlite_autoincrement=True)
    live = {**models, Key("primary_key", "", "t", ""): PrimaryKey("", "t", "", ("id",))}

    assert reconciled(live, models) == models


def test_the_name_of_another_key_is_a_difference() -> None:
    key = sa.Column("id", sa.Integer, primary_key=True)
    models = objects(key, sa.PrimaryKeyConstraint("id", name="pk"))
    live = {**models, Key("primary_key", "", "t", ""): PrimaryKey("", "t", "", ("id",))}

    assert reconciled(live, models) == live


def test_a_foreign_key_to_another_file_is_taken_as_there() -> None:
    metadata = sa.MetaData()
    sa.Table("p", metadata, sa.Column("id", sa.Integer, primary_key=True), schema="aux")
    sa.Table("t", metadata, sa.Column("up", sa.ForeignKey("aux.p.id")))
    models = declared([metadata], FORMS)
    live = {key: each for key, each in models.items() if key.kind != "foreign_key"}

    assert live != models
    assert reconciled(live, models) == models
