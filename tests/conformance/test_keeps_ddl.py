"""Databases where DDL commits (MySQL, MariaDB): what holds instead, and what a person is told."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator
from asyncmigrate.errors import StepFailedError, UrlError, UsageError
from tests.conformance.test_upgrade import migrator, scalars, tables, three
from tests.servers.mysql import kill, until_running
from tests.terminal import REPOSITORY

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

__all__ = ["three"]

HALF = """
op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True))
op.execute("INSERT INTO pets (id) VALUES (1)")
op.create_index("ix_pets", "pets", ["id"])
op.execute("INSERT INTO pets (id) VALUES (2)")
op.execute("SELECT * FROM nowhere")
"""


async def failure(engine: AsyncEngine, project: Project) -> StepFailedError:
    with pytest.raises(StepFailedError) as caught:
        await migrator(engine, project).upgrade("head")
    return caught.value


async def test_the_error_lists_what_stayed_of_a_revision_that_failed(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    three.revision("d4", "c3", upgrade=HALF)

    error = await failure(keeps_ddl, three)

    assert error.state == (
        "The database is at c3 (3 earlier revisions stay). Of the failed "
        "revision, these statements have taken effect for good: "
        "(1) CREATE TABLE pets ( id INTEGER NOT NULL AUTO_INCREMENT, PRIMARY KEY (id) ); "
        "(2) INSERT INTO pets (id) VALUES (1); "
        "(3) CREATE INDEX ix_pets ON pets (id). The rest was rolled back."
    )
    assert [statement.split()[0] for statement in error.stayed] == ["CREATE", "INSERT", "CREATE"]
    assert "it goes on there" in error.next
    assert await scalars(keeps_ddl, "SELECT id FROM pets") == [1]


async def test_the_version_is_that_of_the_last_revision_that_came_to_its_end(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    three.revision("d4", "c3", upgrade=HALF)

    error = await failure(keeps_ddl, three)

    assert error.applied == ("a1", "b2", "c3")
    assert await scalars(keeps_ddl, "SELECT version_num FROM alembic_version") == ["c3"]
    [said] = await scalars(keeps_ddl, "SELECT error FROM amigrate_history WHERE outcome = 'failed'")
    assert "(3) CREATE INDEX" in str(said)


async def test_a_revision_of_rows_alone_is_rolled_back_whole(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    three.revision(
        "d4",
        "c3",
        upgrade='op.execute("INSERT INTO users (id) VALUES (1)")\nop.execute("SELECT nonsense")',
    )

    error = await failure(keeps_ddl, three)

    assert error.state.endswith("; the failed revision was rolled back.")
    assert await scalars(keeps_ddl, "SELECT id FROM users") == []


async def test_ddl_that_fails_has_committed_the_rows_before_it(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    three.revision(
        "d4",
        "c3",
        upgrade='op.execute("INSERT INTO users (id) VALUES (1)")\nop.drop_table("nowhere")',
    )

    error = await failure(keeps_ddl, three)

    assert "(1) INSERT INTO users (id) VALUES (1). The rest" in error.state
    assert await scalars(keeps_ddl, "SELECT id FROM users") == [1]


async def test_ddl_that_cannot_be_read_has_committed_nothing(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    three.revision(
        "d4",
        "c3",
        upgrade='op.execute("INSERT INTO users (id) VALUES (1)")\nop.execute("ALTER TABEL users")',
    )

    error = await failure(keeps_ddl, three)

    assert error.state.endswith("; the failed revision was rolled back.")
    assert await scalars(keeps_ddl, "SELECT id FROM users") == []


async def test_rows_written_in_autocommit_are_listed_too(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    three.revision(
        "d4",
        "c3",
        upgrade="""
        with op.autocommit():
            op.execute("INSERT INTO users (id) VALUES (1)")
        op.execute("INSERT INTO users (id) VALUES (2)")
        op.execute("SELECT nonsense")
        """,
    )

    error = await failure(keeps_ddl, three)

    assert "(1) INSERT INTO users (id) VALUES (1). The rest was rolled back." in error.state
    assert await scalars(keeps_ddl, "SELECT id FROM users") == [1]


async def test_what_a_script_does_on_its_connection_is_listed_too(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    three.revision(
        "d4",
        "c3",
        upgrade="""
        op.get_bind().execute(sa.text("CREATE TABLE pets (id INTEGER)"))
        op.get_bind().execute(sa.text("CREATE TEMPORARY TABLE scratch (id INTEGER)"))
        op.get_bind().execute(sa.text("SELECT nonsense"))
        """,
    )

    error = await failure(keeps_ddl, three)

    assert "(1) CREATE TABLE pets (id INTEGER). The rest was rolled back." in error.state


async def test_a_run_after_one_that_stopped_half_way_goes_on_and_tells_of_both(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    three.revision("d4", "c3", upgrade=HALF)
    before = await failure(keeps_ddl, three)

    error = await failure(keeps_ddl, three)

    assert error.stayed == before.stayed
    assert error.state.endswith("(3) CREATE INDEX ix_pets ON pets (id). The rest was rolled back.")
    assert await scalars(keeps_ddl, "SELECT id FROM pets") == [1]


async def test_what_is_there_already_is_an_error_that_tells_what_to_do(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    three.revision("d4", "c3", upgrade='op.create_table("users", sa.Column("id", sa.Integer))')

    error = await failure(keeps_ddl, three)

    assert "already exists" in error.message
    assert error.state.endswith("nothing else of this run has stayed.")
    assert "if_not_exists=True" in error.next


async def test_a_script_that_looks_first_goes_on_where_it_stopped(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    steps = """
    op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True), if_not_exists=True)
    op.add_column("pets", sa.Column("name", sa.String(9)), if_not_exists=True)
    op.create_index("ix_pets", "pets", ["name"], if_not_exists=True)
    op.drop_index("ix_users_name", "users", if_exists=True)
    op.drop_column("users", "name", if_exists=True)
    """
    three.revision("d4", "c3", upgrade=f'{steps}\n    op.execute("SELECT * FROM nowhere")')
    await failure(keeps_ddl, three)
    three.revision("d4", "c3", upgrade=steps)

    result = await migrator(keeps_ddl, three).upgrade("head")

    assert [step.revision for step in result.steps] == ["d4"]


async def test_the_driver_has_nothing_to_complain_about(
    keeps_ddl: AsyncEngine, three: Project, caplog: pytest.LogCaptureFixture
) -> None:
    await migrator(keeps_ddl, three).upgrade("head")

    assert [record for record in caplog.records if record.name != "asyncmigrate"] == []


async def test_a_run_that_was_killed_leaves_the_last_whole_revision_and_can_be_run_again(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    three.revision(
        "d4",
        "c3",
        upgrade='op.create_table("pets", sa.Column("id", sa.Integer), if_not_exists=True)\n'
        'op.execute("SELECT SLEEP(60)")',
    )
    url = keeps_ddl.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "asyncmigrate", "--url", url, "upgrade", "head"]
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=three.root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stderr=asyncio.subprocess.DEVNULL,
    )
    await until_running(keeps_ddl, "SELECT SLEEP")
    process.send_signal(signal.SIGKILL)
    await process.wait()

    assert await scalars(keeps_ddl, "SELECT version_num FROM alembic_version") == ["c3"]
    assert "pets" in await tables(keeps_ddl)
    await kill(keeps_ddl, "SELECT SLEEP")
    three.revision(
        "d4",
        "c3",
        upgrade='op.create_table("pets", sa.Column("id", sa.Integer), if_not_exists=True)',
    )
    result = await migrator(keeps_ddl, three).upgrade("head")
    assert result.after == ("d4",)


async def test_all_or_nothing_is_refused_before_anything_runs(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    with pytest.raises(UsageError, match="--atomic") as caught:
        await migrator(keeps_ddl, three).upgrade("head", atomic=True)

    assert caught.value.exit_code == 2
    assert await tables(keeps_ddl) == set()


async def test_a_transaction_of_the_callers_is_refused_and_stays_open(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    async with keeps_ddl.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
        with pytest.raises(UsageError, match="transaction open") as caught:
            await Migrator(connection, script_location=three.script_location).upgrade()
        assert connection.in_transaction()

    assert "engine" in caught.value.next
    assert await tables(keeps_ddl) == set()


async def test_a_url_without_a_database_is_refused(keeps_ddl: AsyncEngine, three: Project) -> None:
    url = keeps_ddl.url.set(database="")

    with pytest.raises(UrlError, match="names no database"):
        await Migrator(url, script_location=three.script_location).upgrade("head")


async def test_a_version_table_is_not_made_in_a_transaction_of_the_callers(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    async with keeps_ddl.connect() as connection, connection.begin():
        with pytest.raises(UsageError, match="transaction open"):
            await Migrator(connection, script_location=three.script_location).ensure_version()

    assert await tables(keeps_ddl) == set()


async def test_a_string_of_several_statements_runs(keeps_ddl: AsyncEngine, three: Project) -> None:
    three.revision(
        "d4", "c3", upgrade='op.execute("CREATE TABLE a (x text); CREATE TABLE b (x text)")'
    )

    await migrator(keeps_ddl, three).upgrade("head")

    assert {"a", "b"} <= await tables(keeps_ddl)


async def test_of_a_string_that_failed_it_is_told_what_stayed(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    text = "CREATE TABLE a (x text); CREATE TABLE b (x text); SELECT nonsense"
    three.revision("d4", "c3", upgrade=f'op.execute("{text}")')

    error = await failure(keeps_ddl, three)

    assert error.stayed == ("CREATE TABLE a (x text)", "CREATE TABLE b (x text)")


async def test_an_engine_is_left_without_listeners(keeps_ddl: AsyncEngine, three: Project) -> None:
    async with keeps_ddl.connect() as connection:
        await Migrator(connection, script_location=three.script_location).upgrade()
        assert connection.sync_connection is not None
        dispatch = connection.sync_connection.dispatch

        assert [*dispatch.before_cursor_execute, *dispatch.commit] == []

    assert await scalars(keeps_ddl, "SELECT version_num FROM alembic_version") == ["c3"]


async def test_a_connection_without_a_transaction_may_be_handed_over(
    keeps_ddl: AsyncEngine, three: Project
) -> None:
    async with keeps_ddl.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
        await connection.commit()

        result = await Migrator(connection, script_location=three.script_location).upgrade()

    assert result.committed is True
    assert sa.make_url(result.database).database == keeps_ddl.url.database
