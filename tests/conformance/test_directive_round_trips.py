"""How often each directive waits for PostgreSQL: the table of docs/reference/round-trips.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate.dialects import by_name
from asyncmigrate.engine.transaction import Transaction
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink
from tests.servers.proxy import CountingProxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "round-trips.md"
ROW = re.compile(r"^\| (?P<what>[^|]+?) \| (?P<asyncpg>\d+) \| (?P<psycopg>\d+) \|$", re.MULTILINE)
TABLE = {row["what"]: {"asyncpg": int(row["asyncpg"]), "psycopg": int(row["psycopg"])}
         for row in ROW.finditer(PAGE.read_text(encoding="utf-8"))}  # fmt: skip

SETUP = """
CREATE TYPE level AS ENUM ('low', 'high');
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (
    a int NOT NULL CONSTRAINT ck CHECK (a > 0), b varchar DEFAULT 'low', i int4range, l level
);
CREATE INDEX ix ON t (a);
CREATE TABLE x ();
CREATE VIEW w AS SELECT 1 AS a;
CREATE TYPE c AS (x int);
"""

CALLS: dict[str, Callable[[Any], object]] = {
    "`create_table`": lambda op: op.create_table("n", sa.Column("a", sa.Integer)),
    "`create_table` with an index and a comment": lambda op: op.create_table(
        "n", sa.Column("a", sa.Integer, index=True), comment="c"
    ),
    "`create_table` with an ENUM": lambda op: op.create_table(
        "n", sa.Column("a", sa.Enum("x", name="new"))
    ),
    "`create_table(…, if_not_exists=True)`": lambda op: op.create_table(
        "n", sa.Column("a", sa.Integer), if_not_exists=True
    ),
    "`drop_table`": lambda op: op.drop_table("x"),
    "`rename_table`": lambda op: op.rename_table("x", "y"),
    "`create_table_comment`": lambda op: op.create_table_comment("t", "c"),
    "`add_column`": lambda op: op.add_column("t", sa.Column("c", sa.Integer)),
    "`add_column` with a foreign key": lambda op: op.add_column(
        "t", sa.Column("c", sa.Integer, sa.ForeignKey("p.id"))
    ),
    "`add_column(…, if_not_exists=True)`": lambda op: op.add_column(
        "t", sa.Column("c", sa.Integer), if_not_exists=True
    ),
    "`drop_column`": lambda op: op.drop_column("t", "b"),
    "`alter_column`, for each thing that changes": lambda op: op.alter_column(
        "t", "a", nullable=True
    ),
    "`alter_column` to another type, whose default goes": lambda op: op.alter_column(
        "t", "b", type_=sa.Integer(), postgresql_using="length(b)", server_default=None
    ),
    "`create_index`": lambda op: op.create_index("ix2", "t", ["a"]),
    "`create_index(…, postgresql_concurrently=True)`": lambda op: op.create_index(
        "ix2", "p", ["id"], postgresql_concurrently=True
    ),
    "`drop_index`": lambda op: op.drop_index("ix", "t"),
    "`create_foreign_key`": lambda op: op.create_foreign_key("fk", "t", "p", ["a"], ["id"]),
    "`create_foreign_key(…, if_not_exists=True)`": lambda op: op.create_foreign_key(
        "fk", "t", "p", ["a"], ["id"], if_not_exists=True
    ),
    "`create_unique_constraint`": lambda op: op.create_unique_constraint("uq", "t", ["a"]),
    "`create_check_constraint`": lambda op: op.create_check_constraint("ck2", "t", "a > 0"),
    "`create_primary_key`": lambda op: op.create_primary_key("pk", "t", ["a"]),
    "`create_exclude_constraint`": lambda op: op.create_exclude_constraint("ex", "t", ("i", "&&")),
    "`validate_constraint`": lambda op: op.validate_constraint("ck", "t"),
    "`drop_constraint(…, if_exists=True)`": lambda op: op.drop_constraint(
        "ck", "t", type_="check", if_exists=True
    ),
    "`create_enum(…, if_not_exists=True)`": lambda op: op.create_enum(
        "new", "x", if_not_exists=True
    ),
    "`drop_enum(…, if_exists=True)`": lambda op: op.drop_enum("new", if_exists=True),
    "`add_enum_value`": lambda op: op.add_enum_value("level", "mid"),
    "`rename_enum_value`": lambda op: op.rename_enum_value("level", "low", "little"),
    "`replace_enum`": lambda op: op.replace_enum("level", "high", "low"),
    "`create_view`, `drop_view`": lambda op: op.create_view("v", "SELECT 1 AS a"),
    "`replace_view`": lambda op: op.replace_view("w", "SELECT 2 AS b"),
    "`create_sequence(…, if_not_exists=True)`": lambda op: op.create_sequence(
        "s", if_not_exists=True
    ),
    "`create_domain`, `alter_domain` for each thing that changes": lambda op: op.create_domain(
        "d", sa.Integer(), sa.CheckConstraint("VALUE > 0")
    ),
    "`alter_composite_type`": lambda op: op.alter_composite_type(
        "c", add=[sa.Column("y", sa.Integer)], drop=["x"]
    ),
    "`rename_constraint`": lambda op: op.rename_constraint("t", "ck", "ck2"),
    "`backfill`": lambda op: op.backfill("t", "b", "x"),
    "`execute` with a string of any number of statements": lambda op: op.execute(
        "INSERT INTO p VALUES (1); INSERT INTO p VALUES (2)"
    ),
    "`execute` with parameters": lambda op: op.execute(
        sa.text("INSERT INTO p VALUES (:id)").bindparams(id=1)
    ),
}


async def turns(url: str, driver: str, call: Callable[[Any], object]) -> int:
    """Return how many round trips a directive takes in an open transaction."""
    async with CountingProxy(make_url(url).port or 5432) as proxy:
        target = make_url(url).set(
            drivername=f"postgresql+{driver}", host="127.0.0.1", port=proxy.port
        )
        engine = create_async_engine(target, poolclass=NullPool)

        def counted(connection: Connection) -> int:
            transaction = Transaction(connection, by_name("postgresql"))
            transaction.begin()
            op = Operations(LiveSink(connection, transaction))
            op.execute(SETUP)
            with op.autocommit():  # what was set up is committed, and a transaction open
                pass
            # asyncpg gives back what was prepared before the DDL, when it next prepares something.
            connection.exec_driver_sql("SELECT 1")
            before = proxy.turns
            call(op)
            return proxy.turns - before

        async with engine.connect() as connection:
            counted_turns = await connection.run_sync(counted)
        await engine.dispose()
    return counted_turns


def test_the_page_lists_what_is_counted() -> None:
    assert list(TABLE) == list(CALLS)


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
@pytest.mark.parametrize("what", CALLS)
async def test_a_directive_takes_as_many_round_trips_as_the_page_says(
    postgres_url: str, what: str, driver: str
) -> None:
    assert await turns(postgres_url, driver, CALLS[what]) == TABLE[what][driver]
