"""The SQL text of a migration, run by psql and sqlite3, gives the schema of the live run."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink
from asyncmigrate.scripts.sqltext import SqlSink

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection


def migrate(op: Operations) -> None:
    op.create_table("team", sa.Column("id", sa.Integer, primary_key=True))
    account = op.create_table(
        "account",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id"), index=True),
        sa.Column("level", sa.Enum("low", "it's 100%", name="level")),
        sa.Column("odd name", sa.String(99), unique=True),
        sa.Column("at", sa.DateTime),
        sa.Column("day", sa.Date),
        sa.Column("hour", sa.Time),
        sa.Column("amount", sa.Numeric(10, 2)),
        sa.Column("data", sa.JSON),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("key", sa.Uuid),
        sa.Column("done", sa.Boolean, default=True),
        comment="who's who; 100%",
    )
    op.bulk_insert(
        account,
        [
            {"odd name": "semi; colon -- no comment"},
            {
                "level": "it's 100%",
                "odd name": "back\\slash 'quote' \"double\" :x %s\nnew\n.line",
                "at": dt.datetime(2026, 1, 2, 3, 4, 5, 678),
                "day": dt.date(2026, 1, 2),
                "hour": dt.time(3, 4, 5),
                "amount": Decimal("-1.50"),
                "data": {"a": ["it's", None, 1.5, "\\n"]},
                "raw": b"\x00\xff'",
                "key": uuid.UUID(int=7),
            },
        ],
    )
    op.add_column("account", sa.Column("age", sa.Integer, server_default="7", nullable=False))
    op.create_index("ix_age", "account", [sa.text("(age + 1)")])
    op.alter_column("account", "age", new_column_name="years")
    op.rename_table("team", "group")
    op.execute("UPDATE account SET years = 8 WHERE years = 7 -- all of them")
    with op.autocommit():
        op.drop_index("ix_age", table_name="account")


def contents(connection: Connection) -> Any:
    inspector = sa.inspect(connection)
    tables = sorted(inspector.get_table_names())
    return (
        {
            t: [(c["name"], str(c["type"]), c["default"]) for c in inspector.get_columns(t)]
            for t in tables
        },
        {t: inspector.get_indexes(t) for t in tables},
        {t: inspector.get_unique_constraints(t) for t in tables},
        {t: inspector.get_foreign_keys(t) for t in tables},
        connection.exec_driver_sql("SELECT * FROM account ORDER BY id").all(),
    )


class Apart:
    """A transaction that can be suspended."""

    autocommit_refused = ""
    is_lenient = False

    def suspend(self, connection: Connection) -> None:
        connection.commit()

    def resume(self, connection: Connection) -> None:
        connection.commit()


async def contents_of(url: str) -> Any:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(contents)
    await engine.dispose()
    return found


async def migrated_live(url: str) -> Any:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.run_sync(lambda sync: migrate(Operations(LiveSink(sync, Apart()))))
        await connection.commit()
    await engine.dispose()
    return await contents_of(url)


def written(url: str) -> str:
    lines = ["BEGIN;\n\n"]
    migrate(Operations(SqlSink(sa.make_url(url).get_dialect()(), lines.append)))
    return "".join([*lines, "COMMIT;\n"])


def feed(program: list[str], text: str) -> None:
    subprocess.run(program, input=text, text=True, check=True)


async def test_sqlite3_runs_the_text_as_it_is(tmp_path: Path) -> None:
    if shutil.which("sqlite3") is None:
        pytest.skip("there is no sqlite3 program")
    live = await migrated_live(f"sqlite+aiosqlite:///{tmp_path / 'live.sqlite'}")
    url = f"sqlite+aiosqlite:///{tmp_path / 'text.sqlite'}"

    feed(["sqlite3", "-bail", str(tmp_path / "text.sqlite")], written(url))

    assert await contents_of(url) == live


async def test_psql_runs_the_text_as_it_is(
    postgres_url: str, postgres_server: Any, request: pytest.FixtureRequest
) -> None:
    if shutil.which("psql") is None:
        pytest.skip("there is no psql program")
    text = written(postgres_url)
    address = sa.make_url(postgres_url).set(drivername="postgresql")
    shell = [
        "psql",
        "-X",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        address.render_as_string(hide_password=False),
    ]

    feed(shell, text)
    from_text = await contents_of(postgres_url)
    reset = 'DROP TABLE account; DROP TABLE "group"; DROP TYPE level;'
    feed(shell, reset)

    assert from_text == await migrated_live(postgres_url)
