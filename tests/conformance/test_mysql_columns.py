"""MySQL and MariaDB: a change of one thing about a column leaves everything else as it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from asyncmigrate.errors import UnsupportedOperationError, UsageError
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

TABLE = r"""
CREATE TABLE account (
    id INTEGER UNSIGNED NOT NULL PRIMARY KEY AUTO_INCREMENT COMMENT 'the key',
    `odd %% name` DOUBLE NOT NULL DEFAULT 1.5 COMMENT '100%%',
    word VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT 'it''s, 5%% (\n' COMMENT 'a',
    changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    at DATETIME(6) NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    age INTEGER UNSIGNED NOT NULL DEFAULT (1 + 2) COMMENT 'in years',
    level ENUM('low', 'hi,gh)') NOT NULL DEFAULT 'low' COMMENT 'how''s it',
    twice INTEGER GENERATED ALWAYS AS (age * 2) STORED COMMENT 'generated',
    code VARCHAR(36) DEFAULT (uuid()) COMMENT 'c',
    flags BIT(3) NOT NULL DEFAULT b'101',
    plain INTEGER
) COMMENT 'of people'
"""

LOOKED_AT = (
    "column_name, ordinal_position, column_default, is_nullable, column_type, character_set_name,"
    " collation_name, extra, column_comment, generation_expression"
)

Columns = dict[str, dict[str, Any]]


def columns(connection: Connection) -> Columns:
    rows = connection.exec_driver_sql(
        f"SELECT {LOOKED_AT} FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND table_name = 'account' ORDER BY ordinal_position"
    )
    found = [{key.lower(): value for key, value in row.items()} for row in rows.mappings()]
    return {row["column_name"]: row for row in found}


def difference(before: Columns, after: Columns) -> dict[str, dict[str, Any]]:
    """What is new, by column; `word` becoming `words` is a change of `words`' name alone."""
    told: dict[str, dict[str, Any]] = {}
    for old, new in zip(before.values(), after.values(), strict=True):
        new_values = {key: value for key, value in new.items() if old[key] != value}
        if new_values:
            told[new["column_name"]] = new_values
    return told


def altering(column: str, **change: Any) -> Callable[[Connection], dict[str, dict[str, Any]]]:
    def alter(connection: Connection) -> dict[str, dict[str, Any]]:
        connection.exec_driver_sql(TABLE)
        before = columns(connection)
        Operations(LiveSink(connection)).alter_column("account", column, **change)
        return difference(before, columns(connection))

    return alter


CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "type": ("word", {"type_": sa.String(40)}, {"column_type": "varchar(40)"}),
    "type to text": ("code", {"type_": sa.Text()}, {"column_type": "text"}),
    "type with a collation": (
        "word",
        {"type_": sa.String(20, collation="latin1_swedish_ci")},
        {"collation_name": "latin1_swedish_ci"},
    ),
    "type of the key": ("id", {"type_": sa.BigInteger()}, {"column_type": "bigint(20)"}),
    "nullable": ("level", {"nullable": True}, {"is_nullable": "YES"}),
    "not null": ("code", {"nullable": False}, {"is_nullable": "NO"}),
    "not null without a default": (
        "plain",
        {"nullable": False},
        {"is_nullable": "NO", "column_default": None},
    ),
    "a timestamp that takes null": ("changed", {"nullable": True}, {"is_nullable": "YES"}),
    "default": ("age", {"server_default": "7"}, {"column_default": "7"}),
    "default of a column with on update": (
        "at",
        {"server_default": None},
        {"column_default": "NULL"},
    ),
    "expression default": (
        "code",
        {"server_default": sa.text("concat('a%', 1)")},
        {"column_default": "concat('a%',1)"},
    ),
    "on update": (
        "at",
        {"server_default": sa.text("NULL ON UPDATE CURRENT_TIMESTAMP(6)")},
        {"column_default": "NULL"},
    ),
    "no default": ("level", {"server_default": None}, {"column_default": None}),
    "comment": ("word", {"comment": "it's 100%"}, {"column_comment": "it's 100%"}),
    "comment of a timestamp": ("changed", {"comment": "c"}, {"column_comment": "c"}),
    "comment of a generated column": ("twice", {"comment": "g"}, {"column_comment": "g"}),
    "comment of the key": ("id", {"comment": None}, {"column_comment": ""}),
    "comment of an odd name": ("odd % name", {"comment": "c"}, {"column_comment": "c"}),
    "comment of bits": ("flags", {"comment": "c"}, {"column_comment": "c"}),
    "autoincrement": ("id", {"autoincrement": False}, {"extra": ""}),
    "the name in other letters": ("WORD", {"comment": "b"}, {"column_comment": "b"}),
}

ON_UPDATE = "on update CURRENT_TIMESTAMP(6)"
CASES_OF_MYSQL: dict[str, dict[str, Any]] = {
    "type of the key": {"column_type": "bigint"},
    "not null without a default": {"is_nullable": "NO"},
    "default": {"column_default": "7", "extra": ""},
    "default of a column with on update": {"column_default": None, "extra": ON_UPDATE},
    "expression default": {"column_default": r"concat(_utf8mb4\'a%\',1)"},
    "on update": {"column_default": None, "extra": ON_UPDATE},
}
"""What MySQL says otherwise: no widths, NULL is no text, and EXTRA tells what an expression is."""


@pytest.mark.parametrize("case", CASES)
async def test_a_change_of_one_thing_leaves_all_others(
    mysql_engine: AsyncEngine, case: str
) -> None:
    column, change, expected = CASES[case]

    async with mysql_engine.connect() as connection:
        told = await connection.run_sync(altering(column, **change))
        if not connection.dialect.is_mariadb:  # type: ignore[attr-defined]
            expected = CASES_OF_MYSQL.get(case, expected)

    assert [{key: values[key] for key in expected} for values in told.values()] == [expected]
    assert {key for values in told.values() for key in values} <= {*expected, "column_name"}


async def test_a_rename_changes_nothing_but_the_name(mysql_engine: AsyncEngine) -> None:
    async with mysql_engine.connect() as connection:
        told = await connection.run_sync(altering("word", new_column_name="words"))

    assert told == {"words": {"column_name": "words"}}


async def test_all_at_once_changes_what_was_named_and_keeps_the_rest(
    mysql_engine: AsyncEngine,
) -> None:
    everything = {
        "new_column_name": "words",
        "type_": sa.String(9),
        "nullable": False,
        "server_default": "new",
        "comment": "new",
    }
    async with mysql_engine.connect() as connection:
        told = await connection.run_sync(altering("word", **everything))
        default = "'new'" if connection.dialect.is_mariadb else "new"  # type: ignore[attr-defined]

    assert told == {
        "words": {
            "column_name": "words",
            "column_type": "varchar(9)",
            "is_nullable": "NO",
            "column_default": default,
            "column_comment": "new",
        }
    }


async def test_a_check_within_a_column_survives_a_change_and_a_new_name(
    mysql_url: str, serves_mariadb: bool
) -> None:
    if not serves_mariadb:
        pytest.skip("MySQL renames no column that a CHECK uses")

    def migrate(connection: Connection) -> str:
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER CHECK (n > 0))")
        op = Operations(LiveSink(connection))
        op.alter_column("t", "n", type_=sa.BigInteger(), new_column_name="m")
        return str(connection.exec_driver_sql("SHOW CREATE TABLE t").one()[1])

    engine = sa.ext.asyncio.create_async_engine(mysql_url)
    async with engine.connect() as connection:
        text = await connection.run_sync(migrate)
    await engine.dispose()

    assert "`m` bigint(20) DEFAULT NULL CHECK (`m` > 0)" in text


@pytest.mark.parametrize("change", [{}, {"type_": sa.BigInteger()}], ids=["name", "and type"])
async def test_checks_beside_columns_follow_a_new_name(
    mysql_engine: AsyncEngine, change: dict[str, Any]
) -> None:
    def migrate(connection: Connection) -> str:
        connection.exec_driver_sql(
            "CREATE TABLE t (n INTEGER, s VARCHAR(9),"
            " CONSTRAINT both_ CHECK (n > 0 AND s <> 'n%%'),"
            " CONSTRAINT other CHECK (s <> '`n`'))"
        )
        op = Operations(LiveSink(connection))
        op.alter_column("t", "n", new_column_name="m`%", **change)
        return str(connection.exec_driver_sql("SHOW CREATE TABLE t").one()[1])

    async with mysql_engine.connect() as connection:
        text = await connection.run_sync(migrate)

    assert re.search(r"CONSTRAINT `both_` CHECK \(+`m``%` > 0\)? and \(?`s` <> \w*'n%'\)+", text)
    assert re.search(r"CONSTRAINT `other` CHECK \(+`s` <> \w*'`n`'\)+", text)


async def test_jsons_own_check_goes_with_the_type(mysql_engine: AsyncEngine) -> None:
    def migrate(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE t (j JSON)")
        op = Operations(LiveSink(connection))
        op.alter_column("t", "j", type_=sa.Text())
        op.execute("INSERT INTO t VALUES ('no json')")

    async with mysql_engine.connect() as connection:
        await connection.run_sync(migrate)


async def test_a_generated_column_cannot_be_given_a_default(mysql_engine: AsyncEngine) -> None:
    async with mysql_engine.connect() as connection:
        with pytest.raises(UnsupportedOperationError, match="GENERATED"):
            await connection.run_sync(altering("twice", server_default="3"))


async def test_a_column_that_is_not_there_is_named(mysql_engine: AsyncEngine) -> None:
    async with mysql_engine.connect() as connection:
        with pytest.raises(UsageError, match="no column 'missing'"):
            await connection.run_sync(altering("missing", comment="c"))


COLUMNS = [
    "id",
    "odd % name",
    "word",
    "changed",
    "at",
    "level",
    "twice",
    "code",
    "flags",
    "plain",
]
"""All but `age`, of which `twice` is made: the server writes its new name there, too."""


@pytest.mark.parametrize("column", COLUMNS)
async def test_any_column_keeps_all_but_its_comment_and_name(
    mysql_engine: AsyncEngine, column: str
) -> None:
    new = {"comment": "it's new, 100% \\", "new_column_name": "new % `name`"}

    async with mysql_engine.connect() as connection:
        told = await connection.run_sync(altering(column, **new))

    assert told == {
        "new % `name`": {"column_name": "new % `name`", "column_comment": "it's new, 100% \\"}
    }


async def test_quotes_of_ansi_are_read_as_well(mysql_engine: AsyncEngine) -> None:
    async with mysql_engine.connect() as connection:
        await connection.exec_driver_sql("SET SESSION sql_mode = 'ANSI_QUOTES'")
        told = await connection.run_sync(altering("word", comment="new"))

    assert told == {"word": {"column_comment": "new"}}


async def test_a_text_that_cannot_be_read_safely_is_refused(mysql_engine: AsyncEngine) -> None:
    async with mysql_engine.connect() as connection:
        await connection.run_sync(altering("word", comment="new"))
        await connection.exec_driver_sql("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'")
        await connection.exec_driver_sql("ALTER TABLE account ADD COLUMN b TEXT COMMENT 'a\\'")
        change = {"comment": "new"}

        with pytest.raises(UnsupportedOperationError, match="NO_BACKSLASH_ESCAPES"):
            await connection.run_sync(
                lambda sync: Operations(LiveSink(sync)).alter_column("account", "word", **change)
            )
