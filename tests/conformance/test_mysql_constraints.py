"""MySQL and MariaDB: constraints, indexes and options of tables, as the server has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate.errors import UsageError
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine


def tables(op: Operations) -> None:
    op.create_table("team", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, autoincrement=False),
        sa.Column("n", sa.Integer, sa.CheckConstraint("n > 0", name="ck_column")),
        sa.Column("team_id", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("n", name="uq"),
        sa.CheckConstraint("n < 9", name="ck"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk", ondelete="CASCADE"),
        mysql_engine="InnoDB",
        mysql_charset="latin1",
        mysql_collate="latin1_bin",
        mariadb_engine="InnoDB",
        mariadb_charset="latin1",
        mariadb_collate="latin1_bin",
        comment="it's 100%",
    )


async def text_after(engine: AsyncEngine, change: Callable[[Operations], None]) -> str:
    """Return SHOW CREATE TABLE of `account` after a change."""

    def migrate(connection: Connection) -> str:
        op = Operations(LiveSink(connection))
        tables(op)
        change(op)
        return str(connection.exec_driver_sql("SHOW CREATE TABLE account").one()[1])

    async with engine.connect() as connection:
        return await connection.run_sync(migrate)


KINDS = {
    "fk": ("foreignkey", "CONSTRAINT `fk` FOREIGN KEY (`team_id`)"),
    "uq": ("unique", "UNIQUE KEY `uq`"),
    "ck": ("check", "CONSTRAINT `ck` CHECK"),
    "ck_column": ("check", "CONSTRAINT `ck_column` CHECK"),
    "PRIMARY": ("primary", "PRIMARY KEY (`id`)"),
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("with_kind", [True, False])
async def test_a_constraint_is_dropped_with_its_kind_and_without(
    mysql_engine: AsyncEngine, name: str, with_kind: bool
) -> None:
    kind, words = KINDS[name]

    before = await text_after(mysql_engine, lambda op: None)
    async with mysql_engine.connect() as connection:
        await connection.exec_driver_sql("DROP TABLE account")
        await connection.exec_driver_sql("DROP TABLE team")
    after = await text_after(
        mysql_engine,
        lambda op: op.drop_constraint(name, "account", kind if with_kind else None),
    )

    assert words in before
    assert words not in after


@pytest.mark.parametrize("name", KINDS)
async def test_a_constraint_is_dropped_if_it_exists(mysql_engine: AsyncEngine, name: str) -> None:
    kind, words = KINDS[name]

    def twice(op: Operations) -> None:
        op.drop_constraint(name, "account", kind, if_exists=True)
        op.drop_constraint(name, "account", kind, if_exists=True)
        op.drop_constraint("never", "account", if_exists=True)

    assert words not in await text_after(mysql_engine, twice)


async def test_a_primary_key_is_dropped_by_the_name_that_the_models_give_it(
    mysql_engine: AsyncEngine,
) -> None:
    text = await text_after(
        mysql_engine,
        lambda op: op.drop_constraint("pk_account", "account", "primary", if_exists=True),
    )

    assert "PRIMARY KEY" not in text


async def test_a_name_that_two_constraints_have_is_not_guessed(mysql_engine: AsyncEngine) -> None:
    def drop(op: Operations) -> None:
        op.create_foreign_key("twin", "account", "team", ["n"], ["id"])
        op.create_unique_constraint("twin", "account", ["team_id"])
        op.drop_constraint("twin", "account")

    with pytest.raises(UsageError, match="foreignkey and unique constraints named 'twin'"):
        await text_after(mysql_engine, drop)


async def test_a_table_has_the_options_that_it_was_given(mysql_engine: AsyncEngine) -> None:
    text = await text_after(mysql_engine, lambda op: None)

    assert "ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_bin COMMENT='it''s 100%'" in text
    assert "REFERENCES `team` (`id`) ON DELETE CASCADE" in text


async def test_a_table_comment_is_set_and_taken_away(mysql_engine: AsyncEngine) -> None:
    changed = await text_after(mysql_engine, lambda op: op.create_table_comment("account", "new %"))
    async with mysql_engine.connect() as connection:
        await connection.run_sync(
            lambda sync: Operations(LiveSink(sync)).drop_table_comment("account")
        )
        shown = (await connection.exec_driver_sql("SHOW CREATE TABLE account")).one()[1]

    assert "COMMENT='new %'" in changed
    assert "COMMENT=" not in shown


async def test_an_index_has_the_options_that_it_was_given(mysql_engine: AsyncEngine) -> None:
    def index(op: Operations) -> None:
        op.add_column("account", sa.Column("word", sa.Text))
        options = {"length": {"word": 5}, "using": "btree"}
        given = {f"{name}_{key}": v for name in ("mysql", "mariadb") for key, v in options.items()}
        op.create_index("ix_word", "account", ["word"], **given)
        op.create_index(
            "ix_text", "account", ["word"], mysql_prefix="FULLTEXT", mariadb_prefix="FULLTEXT"
        )
        op.drop_index("ix_missing", "account", if_exists=True)

    text = await text_after(mysql_engine, index)

    assert "KEY `ix_word` (`word`(5)) USING BTREE" in text
    assert "FULLTEXT KEY `ix_text` (`word`)" in text


async def test_an_index_without_its_table_is_refused(mysql_engine: AsyncEngine) -> None:
    with pytest.raises(UsageError, match="by its table only"):
        await text_after(mysql_engine, lambda op: op.drop_index("ix"))


async def test_a_named_check_within_an_added_column_keeps_its_name(
    mysql_engine: AsyncEngine,
) -> None:
    column = sa.Column("age", sa.Integer, sa.CheckConstraint("age > 0", name="ck_age"))

    text = await text_after(mysql_engine, lambda op: op.add_column("account", column))

    assert re.search(r"CONSTRAINT `ck_age` CHECK \(+`age` > 0\)+", text)
    assert column.constraints, "the script's own column is as it was"


async def test_a_column_with_a_named_check_can_be_used_for_two_tables(
    mysql_engine: AsyncEngine, serves_mariadb: bool
) -> None:
    if not serves_mariadb:
        pytest.skip("a CHECK's name is one of the whole database on MySQL")

    def migrate(connection: Connection) -> list[str]:
        op = Operations(LiveSink(connection))
        column = sa.Column("n", sa.Integer, sa.CheckConstraint("n > 0", name="ck_n"))
        op.create_table("a", column)
        op.create_table("b", column)
        shown = [connection.exec_driver_sql(f"SHOW CREATE TABLE {t}").one()[1] for t in "ab"]
        return [str(text) for text in shown]

    async with mysql_engine.connect() as connection:
        texts = await connection.run_sync(migrate)

    assert ["CONSTRAINT `ck_n` CHECK (`n` > 0)" in text for text in texts] == [True, True]


ITS_NAME = (
    "SELECT constraint_name FROM information_schema.check_constraints"
    " WHERE constraint_schema = DATABASE()"
)


async def with_its_own_check(
    engine: AsyncEngine, change: Callable[[Operations, str], None]
) -> tuple[str, str]:
    """Return SHOW CREATE TABLE before and after a change of a CHECK within a column."""

    def migrate(connection: Connection) -> tuple[str, str]:
        op = Operations(LiveSink(connection))
        column = sa.Column("n", sa.Integer, sa.CheckConstraint("n % 3 > 0"), comment="it's 100%")
        op.create_table("account", sa.Column("id", sa.Integer, primary_key=True), column)
        name = connection.exec_driver_sql(ITS_NAME).scalar_one()
        before = connection.exec_driver_sql("SHOW CREATE TABLE account").one()[1]
        change(op, name)
        return str(before), str(connection.exec_driver_sql("SHOW CREATE TABLE account").one()[1])

    async with engine.connect() as connection:
        return await connection.run_sync(migrate)


@pytest.mark.parametrize("kind", ["check", None])
async def test_a_check_within_a_column_is_dropped_and_nothing_else_of_it(
    mysql_engine: AsyncEngine, kind: str | None
) -> None:
    before, after = await with_its_own_check(
        mysql_engine, lambda op, name: op.drop_constraint(name, "account", kind)
    )

    assert "CHECK" in before
    assert "CHECK" not in after
    assert "COMMENT 'it''s 100%'" in after


async def test_a_check_within_a_column_can_get_a_name(mysql_engine: AsyncEngine) -> None:
    _, after = await with_its_own_check(
        mysql_engine,
        lambda op, name: op.rename_constraint("account", name, "ck_n", type_="check"),
    )

    assert after.count("CHECK") == 1
    assert "CONSTRAINT `ck_n` CHECK" in after
    assert "COMMENT 'it''s 100%'" in after
