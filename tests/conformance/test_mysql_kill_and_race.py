"""MySQL and MariaDB: many migrators at once, and `kill -9` at random moments.

One DDL statement per revision that looks first, and rows in revisions of their own: written so, a
history can be killed anywhere and run again.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from tests.chaos.children import nursery

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from tests.project import Project

KILLS = 12
SEED = 20
STEPS = (
    'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True), if_not_exists=True)',
    'op.add_column("users", sa.Column("name", sa.String(9), comment="n"), if_not_exists=True)',
    "op.execute(\"INSERT INTO users (name) VALUES ('a'), ('b')\")",
    'op.create_index("ix_name", "users", ["name"], if_not_exists=True)',
    'op.alter_column("users", "name", type_=sa.String(20), nullable=False)',
    'op.execute("UPDATE users SET name = CONCAT(name, name)")',
    'op.drop_index("ix_name", "users", if_exists=True)',
    'op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True), if_not_exists=True)',
)


@pytest.fixture
def history(project: Project) -> Project:
    for number, step in enumerate(STEPS):
        project.revision(f"r{number}", f"r{number - 1}" if number else None, upgrade=step)
    return project


def contents(connection: Connection) -> dict[str, Any]:
    # Who was killed when all was done has left an empty journal, which the next run drops.
    tables = sorted({*sa.inspect(connection).get_table_names()} - {"amigrate_journal"})
    texts = {t: connection.exec_driver_sql(f"SHOW CREATE TABLE {t}").one()[1] for t in tables}
    plain = {t: re.sub(r" AUTO_INCREMENT=\d+", "", text) for t, text in texts.items()}
    done = "SELECT revision FROM amigrate_history WHERE outcome = 'upgraded' ORDER BY id"
    return {
        **plain,
        "rows": connection.exec_driver_sql("SELECT name FROM users ORDER BY name").all(),
        "version": connection.exec_driver_sql("SELECT version_num FROM alembic_version").all(),
        "done": connection.exec_driver_sql(done).all(),
    }


def emptied(connection: Connection) -> None:
    for table in sa.inspect(connection).get_table_names():
        connection.exec_driver_sql(f"DROP TABLE {table}")


async def on(url: str, work: Callable[[Connection], Any]) -> Any:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(work)
    await engine.dispose()
    return found


def test_a_run_killed_at_any_moment_can_be_run_again(mysql_url: str, history: Project) -> None:
    moments = random.Random(SEED)
    killed = 0
    with nursery() as children:
        children.upgrade(mysql_url, history)
        expected = asyncio.run(on(mysql_url, contents))
        asyncio.run(on(mysql_url, emptied))
        started = time.monotonic()
        children.upgrade(mysql_url, history)
        takes = time.monotonic() - started
        for _ in range(KILLS):
            asyncio.run(on(mysql_url, emptied))
            ended = children.upgrade(mysql_url, history, kill_after=takes * moments.random())
            killed += ended == "killed"
            assert children.upgrade(mysql_url, history) == "exited 0"
            assert asyncio.run(on(mysql_url, contents)) == expected

    assert killed > 0


async def test_six_migrators_at_once_run_every_revision_once(
    mysql_url: str, history: Project
) -> None:
    engines = [create_async_engine(mysql_url) for _ in range(6)]

    results = await asyncio.gather(
        *(Migrator(each, script_location=history.script_location).upgrade() for each in engines)
    )

    ran = sorted(step.revision or "" for each in results for step in each.steps)
    assert ran == [f"r{number}" for number in range(len(STEPS))]
    await asyncio.gather(*(each.dispose() for each in engines))
    assert (await on(mysql_url, contents))["rows"] == [("aa",), ("bb",)]
