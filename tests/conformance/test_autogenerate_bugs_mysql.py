"""What autogenerate once got wrong on MariaDB; each is a way there and back that holds now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from asyncmigrate import View
from tests.laws.travellers import Traveller, on_mysql, there_and_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.available import Server


@pytest.fixture(scope="module")
def database(mysql_server: Server) -> Iterator[Traveller]:
    with on_mysql(mysql_server) as traveller:
        yield traveller


def table(metadata: sa.MetaData, name: str, *items: Any) -> sa.Table:
    return sa.Table(name, metadata, *items)


def key(type_: Any = sa.Integer, **keywords: Any) -> sa.Column[Any]:
    return sa.Column("id", type_, primary_key=True, **keywords)


def nothing(_: sa.MetaData) -> None:
    pass


def referring(metadata: sa.MetaData, type_: Any, *foreign_key: Any) -> None:
    table(metadata, "parent", key(type_, autoincrement=False))
    table(metadata, "child", key(), sa.Column("parent_id", type_, *foreign_key))


def test_the_index_of_a_foreign_key_goes_with_it_in_a_downgrade(database: Traveller) -> None:
    there_and_back(
        database,
        lambda m: referring(m, sa.Integer),
        lambda m: referring(m, sa.Integer, sa.ForeignKey("parent.id", name="fk")),
    )


def test_a_foreign_key_makes_way_for_another_type_of_its_columns(database: Traveller) -> None:
    there_and_back(
        database,
        lambda m: referring(m, sa.Integer, sa.ForeignKey("parent.id")),
        lambda m: referring(m, sa.BigInteger, sa.ForeignKey("parent.id")),
    )


def test_a_view_of_a_column_with_a_quote_in_its_name(database: Traveller) -> None:
    def first(metadata: sa.MetaData) -> None:
        made = table(metadata, "t", key(), sa.Column('do"uble', sa.Integer))
        View("doubles", sa.select(made.c['do"uble']), metadata)

    there_and_back(database, first, nothing)


def test_a_descending_index_of_a_column_with_a_percent_sign(database: Traveller) -> None:
    def second(metadata: sa.MetaData) -> None:
        made = table(metadata, "t", key(), sa.Column("pct%", sa.Integer))
        sa.Index("ix", made.c["pct%"].desc())

    there_and_back(database, lambda m: table(m, "t", key(), sa.Column("pct%", sa.Integer)), second)


def test_a_table_gets_a_key_that_numbers_itself(database: Traveller) -> None:
    there_and_back(
        database,
        lambda m: table(m, "t", sa.Column("n", sa.Integer)),
        lambda m: table(m, "t", key(), sa.Column("n", sa.Integer)),
    )


def test_a_key_that_numbers_itself_gets_another_column(database: Traveller) -> None:
    code = "code", sa.Integer
    there_and_back(
        database,
        lambda m: table(m, "t", key(), sa.Column(*code, nullable=False)),
        lambda m: table(m, "t", key(autoincrement=False), sa.Column(*code, primary_key=True)),
    )


def test_a_number_becomes_a_uuid(database: Traveller) -> None:
    there_and_back(
        database,
        lambda m: table(m, "t", key(), sa.Column("x", sa.BigInteger)),
        lambda m: table(m, "t", key(), sa.Column("x", sa.Uuid)),
    )


def test_a_column_of_json_is_renamed(database: Traveller) -> None:
    there_and_back(
        database,
        lambda m: table(m, "t", key(), sa.Column("old", sa.JSON)),
        lambda m: table(m, "t", key(), sa.Column("new", sa.JSON, info={"was": "old"})),
    )


def test_a_collation_goes_with_the_type_that_brought_it(database: Traveller) -> None:
    there_and_back(
        database,
        lambda m: table(m, "t", key(), sa.Column("x", sa.String(9, collation="utf8mb4_bin"))),
        lambda m: table(m, "t", key(), sa.Column("x", sa.String(10))),
    )


def test_foreign_keys_without_names_never_take_each_others(database: Traveller) -> None:
    def models(metadata: sa.MetaData, **first: Any) -> None:
        table(metadata, "parent", key())
        table(
            metadata,
            "child",
            key(),
            sa.Column("a_id", sa.ForeignKey("parent.id", **first)),
            sa.Column("b_id", sa.ForeignKey("parent.id", onupdate="CASCADE")),
        )

    there_and_back(
        database, lambda m: models(m, name="fk"), lambda m: models(m, ondelete="CASCADE")
    )


def test_a_foreign_key_gets_another_column(database: Traveller) -> None:
    def models(metadata: sa.MetaData, *names: str) -> None:
        columns = [sa.Column(name, sa.Integer, primary_key=True) for name in ("a", "b")]
        table(metadata, "parent", *columns, sa.UniqueConstraint("a"))
        own = [sa.Column(f"parent_{name}", sa.Integer) for name in ("a", "b")]
        referred = [f"parent.{name}" for name in names]
        local = [f"parent_{name}" for name in names]
        table(metadata, "child", key(), *own, sa.ForeignKeyConstraint(local, referred, name="fk"))

    there_and_back(database, lambda m: models(m, "a"), lambda m: models(m, "a", "b"))
    there_and_back(database, lambda m: models(m, "a", "b"), lambda m: models(m, "a"))


def test_an_index_that_a_foreign_key_came_to_need_goes_in_a_downgrade(database: Traveller) -> None:
    def indexed(metadata: sa.MetaData, *names: str) -> None:
        referring(metadata, sa.Integer, sa.ForeignKey("parent.id"))
        child = metadata.tables["child"]
        sa.Index("ix", *(child.c[name] for name in names))

    both = "parent_id", "id"
    there_and_back(
        database,
        lambda m: referring(m, sa.Integer, sa.ForeignKey("parent.id")),
        lambda m: indexed(m, *both),
    )
    there_and_back(database, lambda m: indexed(m, "parent_id"), lambda m: indexed(m, *both))


def test_a_view_of_a_view_changes_with_it(database: Traveller) -> None:
    def models(metadata: sa.MetaData, *names: str) -> None:
        made = table(metadata, "t", key(), sa.Column("n", sa.Integer))
        read = View("z", sa.select(*(made.c[name] for name in names)), metadata)
        View("a", sa.select(*(read.table.c[name] for name in names)), metadata)

    there_and_back(database, lambda m: models(m, "id", "n"), lambda m: models(m, "id"))


def test_equal_constraints_without_names_are_as_many_as_create_table_makes(
    database: Traveller,
) -> None:
    def first(metadata: sa.MetaData) -> None:
        table(metadata, "a", key())
        again = sa.Column("a_id", sa.ForeignKey("a.id"))
        extra = sa.ForeignKeyConstraint(["a_id"], ["a.id"])
        checks = (sa.CheckConstraint("a_id > 0") for _ in range(3))
        table(metadata, "t", key(), again, extra, *checks)

    there_and_back(database, first, lambda m: table(m, "a", key()))


def test_a_table_that_went_comes_back_with_the_options_that_it_had(database: Traveller) -> None:
    options = {"mysql_charset": "latin1", "mysql_engine": "MyISAM"}

    def first(metadata: sa.MetaData) -> None:
        sa.Table("t", metadata, key(), sa.Column("x", sa.String(9)), **options)

    there_and_back(database, first, nothing)


@pytest.mark.parametrize(
    "options",
    [
        {"charset": "latin1"},
        {"collate": "utf8mb4_bin"},
        {"charset": "ascii", "collate": "ascii_bin"},
    ],
)
def test_columns_follow_the_character_set_of_their_table_in_one_pass(
    database: Traveller, options: dict[str, str]
) -> None:
    def models(metadata: sa.MetaData, **options: str) -> None:
        columns = (
            sa.Column("plain", sa.String(9), nullable=False, server_default="x"),
            sa.Column("own", sa.String(9, collation="latin1_bin")),
            sa.Column("same", sa.String(9, collation="utf8mb4_general_ci")),
            sa.Column("kind", sa.Enum("a", "b")),
            sa.Column("n", sa.Integer),
            sa.Column("long", sa.Text),
            sa.Column("words", sa.JSON),
        )
        keywords = {f"mysql_{name}": text for name, text in options.items()}
        sa.Table("t", metadata, key(), *columns, sa.UniqueConstraint("plain"), **keywords)

    usual = {"charset": "utf8mb4", "collate": "utf8mb4_general_ci"}
    first = {name: usual[name] for name in options}
    there_and_back(database, lambda m: models(m, **first), lambda m: models(m, **options))
    there_and_back(database, lambda m: models(m, **options), lambda m: models(m, **first))


def test_a_new_column_has_the_new_character_set_of_its_table(database: Traveller) -> None:
    def models(metadata: sa.MetaData, charset: str, *names: str) -> None:
        columns = (sa.Column(name, sa.String(9)) for name in names)
        sa.Table("t", metadata, key(), *columns, mysql_charset=charset)

    there_and_back(
        database, lambda m: models(m, "latin1", "a"), lambda m: models(m, "utf8mb4", "a", "b")
    )


def test_another_row_format_is_said_in_one_word(database: Traveller) -> None:
    def models(metadata: sa.MetaData, row_format: str) -> None:
        sa.Table("t", metadata, key(), mysql_row_format=row_format)

    there_and_back(database, lambda m: models(m, "DYNAMIC"), lambda m: models(m, "compact"))


def test_a_view_comes_to_read_a_new_view_with_a_later_name(database: Traveller) -> None:
    def first(metadata: sa.MetaData) -> None:
        View("a", sa.select(table(metadata, "t", key()).c.id), metadata)

    def second(metadata: sa.MetaData) -> None:
        new = View("z", sa.select(table(metadata, "t", key()).c.id), metadata)
        View("a", sa.select(new.table.c.id), metadata)

    there_and_back(database, first, second)


def test_a_check_s_name_goes_to_another_table(database: Traveller) -> None:
    def models(metadata: sa.MetaData, name: str, column: str) -> None:
        checked = sa.Column(column, sa.Integer), sa.CheckConstraint(f"{column} > 0", name="ck")
        sa.Table(name, metadata, key(), *checked)

    there_and_back(database, lambda m: models(m, "z", "n"), lambda m: models(m, "a", "other"))
