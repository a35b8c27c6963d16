"""What directives do on a live server that text alone cannot show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ProgrammingError

from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

KIND = sa.Enum("low", "high", name="kind")


async def test_a_string_of_several_statements_runs_and_rolls_back(rolls_back: AsyncEngine) -> None:
    def migrate(connection: Connection) -> None:
        Operations(LiveSink(connection)).execute(
            "CREATE TABLE a (x text);"
            r"INSERT INTO a VALUES ('50%; \:y');"
            "CREATE TABLE b (x text)"
        )

    async with rolls_back.connect() as connection:
        await connection.exec_driver_sql("CREATE TABLE before (x text)")
        await connection.commit()
        await connection.exec_driver_sql("INSERT INTO before VALUES ('a')")
        await connection.run_sync(migrate)
        written = (await connection.exec_driver_sql("SELECT x FROM a")).scalar()
        await connection.rollback()
        left = (await connection.exec_driver_sql("SELECT count(*) FROM before")).scalar()

    assert written == "50%; :y"
    assert left == 0


async def test_a_tables_type_is_created_when_it_is_not_there(engine: AsyncEngine) -> None:
    def migrate(connection: Connection) -> list[str]:
        op = Operations(LiveSink(connection))
        op.create_table("a", sa.Column("x", KIND))
        op.create_table("b", sa.Column("x", KIND))
        op.add_column("b", sa.Column("y", sa.Enum("u", name="other")))
        op.drop_table("a")
        op.create_table("a", sa.Column("x", KIND))
        return sorted(sa.inspect(connection).get_table_names())

    async with engine.begin() as connection:
        tables = await connection.run_sync(migrate)

    assert tables == ["a", "b"]


async def test_statements_are_seen_by_listeners_and_errors_are_sqlalchemys(
    engine: AsyncEngine,
) -> None:
    seen: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: seen.append(args[2]))

    async with engine.connect() as connection:
        with pytest.raises(sa.exc.DBAPIError, match="NONSENSE"):
            await connection.run_sync(
                lambda sync: Operations(LiveSink(sync)).execute("NONSENSE STATEMENT")
            )

    assert seen == ["NONSENSE STATEMENT"]


async def test_asyncpg_opens_a_transaction_before_the_first_statement(postgres_url: str) -> None:
    engine = sa.ext.asyncio.create_async_engine(postgres_url)
    async with engine.connect() as connection:
        await connection.run_sync(
            lambda sync: Operations(LiveSink(sync)).create_table("a", sa.Column("x", sa.Integer))
        )
        await connection.rollback()
        found = await connection.run_sync(lambda sync: sa.inspect(sync).has_table("a"))
    await engine.dispose()

    assert found is False


async def test_asyncpg_reports_which_statement_failed(postgres_url: str) -> None:
    engine = sa.ext.asyncio.create_async_engine(postgres_url)
    async with engine.connect() as connection:
        with pytest.raises(ProgrammingError, match='relation "missing" does not exist') as caught:
            await connection.run_sync(
                lambda sync: Operations(LiveSink(sync)).execute("SELECT 1; SELECT 2 FROM missing")
            )
    await engine.dispose()

    assert caught.value.statement == "SELECT 1; SELECT 2 FROM missing"


@pytest.mark.parametrize(
    "fail",
    [
        lambda op: op.execute("UPDATE missing SET a = 1"),
        lambda op: op.add_column("missing", sa.Column("b", sa.Integer)),
    ],
    ids=["text", "DDL"],
)
async def test_asyncpg_goes_on_behind_a_savepoint_after_a_statement_that_failed(
    postgres_url: str, fail: Callable[[Operations], None]
) -> None:
    engine = sa.ext.asyncio.create_async_engine(postgres_url)

    def migrate(connection: Connection) -> None:
        op = Operations(LiveSink(connection))
        op.create_table("a", sa.Column("x", sa.Integer))
        with pytest.raises(ProgrammingError) as caught, connection.begin_nested():
            fail(op)
        assert isinstance(caught.value.orig, connection.dialect.loaded_dbapi.Error)
        assert "missing" in str(caught.value.statement)
        op.execute("INSERT INTO a VALUES (1)")

    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    async with engine.connect() as connection:
        rows = await connection.scalar(sa.text("SELECT count(*) FROM a"))
    await engine.dispose()

    assert rows == 1


def every_directive(op: Operations) -> None:
    op.create_table("team", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("n", sa.Integer, nullable=False, comment="it's 50%"),
        sa.Column("at", sa.TIMESTAMP, nullable=True),
        sa.Column("level", KIND),
        comment="it's 100%",
    )
    team = sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id", name="fk_team"))
    op.add_column("account", team, if_not_exists=True)
    op.alter_column("account", "n", type_=sa.BigInteger(), existing_nullable=False)
    op.alter_column("account", "at", server_default=sa.text("CURRENT_TIMESTAMP"))
    op.alter_column("account", "n", server_default="5")
    op.alter_column("account", "n", server_default=None)
    op.alter_column("account", "n", new_column_name="m")
    op.alter_column(
        "account", "m", new_column_name="n", nullable=True, existing_type=sa.BigInteger()
    )
    op.create_unique_constraint("uq", "account", ["n"])
    op.create_check_constraint("ck", "account", "n > 0")
    op.drop_constraint("fk_team", "account", type_="foreignkey", if_exists=True)
    op.drop_constraint("uq", "account", type_="unique")
    for _ in range(2):
        op.drop_constraint("ck", "account", type_="check", if_exists=True)
        op.create_index("ix", "account", ["n"], if_not_exists=True)
    for _ in range(2):
        op.drop_index("ix", "account", if_exists=True)
        op.drop_column("account", "level", if_exists=True)
    op.create_table_comment("account", "new 100%")
    op.drop_table_comment("account")
    op.rename_table("account", "customer")
    op.drop_table("missing", if_exists=True)
    op.execute("INSERT INTO team VALUES (1); INSERT INTO team VALUES (2)")


async def after_every_directive(url: str) -> tuple[list[tuple[str, bool, bool]], int]:
    """Return the columns (name, takes NULL, is a BIGINT) and how many teams there are."""
    engine = sa.ext.asyncio.create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: every_directive(Operations(LiveSink(sync))))
        columns = await connection.run_sync(lambda sync: sa.inspect(sync).get_columns("customer"))
        teams = (await connection.exec_driver_sql("SELECT count(*) FROM team")).scalar_one()
    await engine.dispose()
    return [
        (column["name"], column["nullable"], isinstance(column["type"], sa.BigInteger))
        for column in columns
    ], teams


EXPECTED = (
    [
        ("id", False, False),
        ("n", True, True),
        ("at", True, False),
        ("team_id", True, False),
    ],
    2,
)


async def test_postgresql_takes_every_directive(postgres_url: str) -> None:
    assert await after_every_directive(postgres_url) == EXPECTED


async def test_mariadb_takes_every_directive(mysql_url: str) -> None:
    assert await after_every_directive(mysql_url) == EXPECTED


async def test_an_added_column_may_refer_to_its_own_table(engine: AsyncEngine) -> None:
    def migrate(connection: Connection) -> list[str]:
        op = Operations(LiveSink(connection))
        op.create_table("node", sa.Column("id", sa.Integer, primary_key=True))
        op.add_column("node", sa.Column("parent", sa.Integer, sa.ForeignKey("node.id")))
        op.finish()
        return [key["referred_table"] for key in sa.inspect(connection).get_foreign_keys("node")]

    async with engine.begin() as connection:
        referred = await connection.run_sync(migrate)

    assert referred == ["node"]
