"""What autogenerate once got wrong on SQLite; each is a way there and back that holds now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from asyncmigrate import View
from tests.laws.travellers import Traveller, on_sqlite, there_and_back

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def database() -> Iterator[Traveller]:
    with on_sqlite() as traveller:
        yield traveller


def table(metadata: sa.MetaData, *items: Any) -> sa.Table:
    return sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), *items)


def test_constraints_without_names_go_and_come_back_without_names(database: Traveller) -> None:
    def first(metadata: sa.MetaData) -> None:
        n = sa.Column("n", sa.ForeignKey("t.id"), unique=True)
        table(metadata, n, sa.CheckConstraint("n <> -1 OR n IS NULL"))

    there_and_back(database, first, lambda m: table(m, sa.Column("n", sa.Integer)))


def test_a_collation_goes_with_the_type_that_brought_it(database: Traveller) -> None:
    there_and_back(
        database,
        lambda m: table(m, sa.Column("x", sa.String(10, collation="NOCASE"))),
        lambda m: table(m, sa.Column("x", sa.SmallInteger)),
    )


def test_a_downgrade_renames_before_views_come_back(database: Traveller) -> None:
    def first(metadata: sa.MetaData) -> None:
        made = table(metadata, sa.Column("old", sa.String(10)), sa.Column("gone", sa.Integer))
        View("names", sa.select(made.c.old), metadata)

    def second(metadata: sa.MetaData) -> None:
        table(metadata, sa.Column("new", sa.Text, info={"was": "old"}))

    there_and_back(database, first, second)


def test_a_foreign_key_of_a_renamed_column_goes_back_to_its_old_name(database: Traveller) -> None:
    def models(metadata: sa.MetaData, name: str, **was: Any) -> None:
        other = sa.Column("code", sa.Integer, unique=True)
        target = "t.code" if was else "t.id"
        table(metadata, other, sa.Column(name, sa.ForeignKey(target), info=was))

    there_and_back(
        database, lambda m: models(m, "old_id"), lambda m: models(m, "new_id", was="old_id")
    )


def test_made_up_names_of_long_columns_differ_by_kind(database: Traveller) -> None:
    name = "a_column_with_a_name_that_is_almost_as_long_as_it_can_possibly_be"

    def second(metadata: sa.MetaData) -> None:
        check = sa.CheckConstraint(f"{name} > 0")
        table(metadata, sa.Column(name, sa.Integer, unique=True), check)

    there_and_back(database, lambda m: table(m, sa.Column(name, sa.Integer)), second)


def test_equal_constraints_without_names_are_one(database: Traveller) -> None:
    def first(metadata: sa.MetaData) -> None:
        again = sa.Column("n", sa.ForeignKey("t.id"), unique=True)
        extra = sa.ForeignKeyConstraint(["n"], ["t.id"]), sa.UniqueConstraint("n")
        table(metadata, again, *extra, *(sa.CheckConstraint("n > 0") for _ in range(2)))

    there_and_back(database, first, lambda m: table(m, sa.Column("n", sa.Integer)))


def test_all_that_changes_in_a_table_is_one_rebuild() -> None:
    """Also its foreign keys, which come last on other databases."""
    sent: list[str] = []

    def declared(metadata: sa.MetaData, type_: Any, ondelete: str, *items: Any) -> None:
        table(metadata)
        for name in ("a", "b"):
            reference = sa.Column("t_id", sa.ForeignKey("t.id", ondelete=ondelete))
            sa.Table(name, metadata, reference, sa.Column("x", type_), *(each() for each in items))

    def first(metadata: sa.MetaData) -> None:
        declared(metadata, sa.Integer, "CASCADE")

    def second(metadata: sa.MetaData) -> None:
        declared(metadata, sa.Text, "SET NULL", lambda: sa.UniqueConstraint("x"))

    with on_sqlite() as traveller:
        connection = traveller.database.connection.sync_connection
        sa.event.listen(connection, "before_cursor_execute", lambda *each: sent.append(each[2]))
        there_and_back(traveller, first, second)

    anew = [each for each in sent if each.startswith('CREATE TABLE "asyncmigrate_new_a"')]
    assert len(anew) == 2  # once up, once down


def test_a_name_that_only_one_index_can_have_goes_to_another_table(database: Traveller) -> None:
    def models(metadata: sa.MetaData, *columns: sa.Column[Any], name: str) -> None:
        columns = (sa.Column("id", sa.Integer, primary_key=True), *columns)
        sa.Table(name, metadata, *columns, sa.Index("ix", columns[-1]))

    there_and_back(
        database,
        lambda m: models(m, sa.Column("email", sa.Text), name="z"),
        lambda m: models(m, sa.Column("n", sa.Integer), sa.Column("at", sa.Date), name="a"),
    )


def test_a_name_that_only_one_index_can_have_goes_from_one_table_to_another(
    database: Traveller,
) -> None:
    def models(metadata: sa.MetaData, owner: str) -> None:
        for name in ("a", "b"):
            columns = sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer)
            sa.Table(name, metadata, *columns, *[sa.Index("ix", "n")][: owner == name])

    there_and_back(database, lambda m: models(m, "b"), lambda m: models(m, "a"))
    there_and_back(database, lambda m: models(m, "a"), lambda m: models(m, "b"))
