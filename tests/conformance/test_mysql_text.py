"""MariaDB: the SQL text of a history, run by its own shell, gives what the live run gives."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.project import Project

FIRST = r"""
op.create_table("team", sa.Column("id", sa.Integer, primary_key=True))
account = op.create_table(
    "account",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id", name="fk_team"), index=True),
    sa.Column("level", sa.Enum("low", "it's 100%")),
    sa.Column("odd name %", sa.String(99), unique=True, comment="it's \\ 100%"),
    sa.Column("at", sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP")),
    sa.Column("amount", sa.Numeric(10, 2), server_default="1.5"),
    sa.Column("data", sa.JSON),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("done", sa.Boolean, default=True),
    comment="who's who; 100% \\",
)
op.bulk_insert(account, [
    {"odd name %": "semi; colon -- no comment", "at": None},
    {"level": "it's 100%", "odd name %": "back\\slash 'quote' \"double\" :x %s\n\ttab", "at": None,
     "amount": -2.25, "data": {"a": ["it's", None, "\\n"]}, "raw": b"\x00\xff'"},
])
"""
SECOND = """
op.add_column("account", sa.Column("age", sa.Integer, server_default="7", nullable=False))
op.alter_column("account", "age", new_column_name="years")
op.alter_column(
    "account", "years", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
    existing_server_default="7", comment="whole",
)
op.alter_column("account", "amount", server_default=None)
op.create_check_constraint("ck_years", "account", "years > 0")
op.create_index("ix_years", "account", ["years"], mysql_using="btree")
op.drop_constraint("fk_team", "account", type_="foreignkey")
op.rename_table("team", "group")
op.create_table_comment("account", "new 100%")
op.execute("UPDATE account SET years = 8 WHERE years = 7 -- all of them")
"""


@pytest.fixture
def history(project: Project) -> Project:
    project.revision("a1", upgrade=FIRST, message="it's first")
    project.revision("b2", "a1", upgrade=SECOND)
    return project


def contents(connection: Connection) -> dict[str, Any]:
    tables = sorted(sa.inspect(connection).get_table_names())
    texts = {t: connection.exec_driver_sql(f"SHOW CREATE TABLE `{t}`").one()[1] for t in tables}
    texts.pop("amigrate_history")
    rows = connection.exec_driver_sql("SELECT * FROM account ORDER BY id").all()
    recorded = "SELECT revision, outcome, checksum FROM amigrate_history ORDER BY id"
    return {
        **texts,
        "rows": rows,
        "version": connection.exec_driver_sql("SELECT version_num FROM alembic_version").all(),
        "recorded": connection.exec_driver_sql(recorded).all(),
    }


async def contents_of(url: str) -> dict[str, Any]:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(contents)
    await engine.dispose()
    return found


def feed(address: sa.URL, text: str) -> None:
    """Run a script with MariaDB's own shell, which ends at the first error."""
    program = ["mariadb", "--no-defaults", "--default-character-set=utf8mb4"]
    server = [f"--host={address.host}", f"--port={address.port}", f"--user={address.username}"]
    subprocess.run([*program, *server, str(address.database)], input=text, text=True, check=True)


async def test_the_mariadb_shell_runs_the_text_as_it_is(
    mysql_url: str, other_mysql_url: str, history: Project
) -> None:
    if shutil.which("mariadb") is None:
        pytest.skip("there is no mariadb program")
    m = Migrator(mysql_url, script_location=history.script_location)
    await m.upgrade("head")
    address = sa.make_url(other_mysql_url)

    feed(address, m.sql("upgrade", "head"))

    assert await contents_of(other_mysql_url) == await contents_of(mysql_url)
