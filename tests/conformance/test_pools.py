"""Whatever pool an application's engine has, and whichever loop that was made in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool, StaticPool

from asyncmigrate import Migrator
from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from tests.project import Project

POOLS: dict[str, dict[str, Any]] = {
    "NullPool": {"poolclass": NullPool},
    "StaticPool": {"poolclass": StaticPool},
    "a pool of one": {"pool_size": 1, "max_overflow": 0, "pool_timeout": 5},
}
SESSION = {
    "postgresql": "SELECT concat_ws(' ', current_setting('lock_timeout'), "
    "current_setting('statement_timeout'), current_setting('transaction_isolation'), "
    "current_setting('search_path'), current_setting('client_min_messages'))",
    "mysql": "SHOW SESSION VARIABLES WHERE Variable_name IN ('autocommit', 'tx_isolation',"
    " 'transaction_isolation', 'lock_wait_timeout', 'max_statement_time', 'max_execution_time',"
    " 'sql_mode', 'foreign_key_checks')",
    "sqlite": "PRAGMA foreign_keys",
}
"""What a session could have been left with, by the dialect's name."""


@pytest.fixture
def history(project: Project) -> Project:
    project.revision("a1", upgrade='op.create_table("a", sa.Column("id", sa.Integer))')
    project.revision("b2", "a1", upgrade='op.add_column("a", sa.Column("n", sa.Integer))')
    return project


async def in_session(engine: AsyncEngine) -> tuple[object, bool]:
    """Return the settings of a session from the pool, and whether the driver commits by itself."""
    async with engine.connect() as connection:
        found = (await connection.exec_driver_sql(SESSION[engine.dialect.name])).all()
        await connection.exec_driver_sql("CREATE TEMPORARY TABLE kept (n INTEGER)")
        await connection.rollback()
        await connection.execute(sa.text("INSERT INTO a (id) VALUES (1)"))
        await connection.rollback()
        rows = (await connection.execute(sa.text("SELECT count(*) FROM a"))).scalar()
    return found, rows == 0


@pytest.mark.parametrize("pool", POOLS)
async def test_an_engine_is_used_with_its_own_pool_and_given_back_as_it_was(
    history: Project, database_url: str, pool: str
) -> None:
    engine = create_async_engine(database_url, **POOLS[pool])
    async with engine.connect() as connection:
        before = (await connection.exec_driver_sql(SESSION[engine.dialect.name])).all()
    m = Migrator(
        engine, script_location=history.script_location, table_lock_timeout=5, statement_timeout=60
    )

    async with asyncio.timeout(60):
        first = await m.upgrade()
        again = await m.upgrade()
        status = await m.status(scripts=True)
        after, rolls_back = await in_session(engine)
    await engine.dispose()

    assert ([step.revision for step in first.steps], again.steps) == (["a1", "b2"], ())
    assert status.current == ("b2",)
    assert after == before
    assert rolls_back


def test_an_engine_whose_connections_are_another_loops_is_an_error_in_words(
    history: Project, postgres_url: str
) -> None:
    engine = create_async_engine(postgres_url)

    async def main() -> None:
        await Migrator(engine, script_location=history.script_location).upgrade()

    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    try:
        first.run_until_complete(main())
        with pytest.raises(UsageError, match="belongs to another event loop"):
            second.run_until_complete(main())
        first.run_until_complete(engine.dispose())
    finally:
        first.close()
        second.close()
