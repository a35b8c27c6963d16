"""On SQLite the version row, the history row and COMMIT travel together, and nobody notices."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.errors import StepFailedError
from asyncmigrate.events import StepStarted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from asyncmigrate.events import Event
    from tests.project import Project


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "app.sqlite"


@pytest.fixture
async def engine(file: Path) -> AsyncIterator[AsyncEngine]:
    """Waits a tenth of a second for a lock."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}", connect_args={"timeout": 0.1})
    yield engine
    await engine.dispose()


def create(project: Project, id: str, after: str | None = None) -> None:
    table = f'op.create_table("t_{id}", sa.Column("id", sa.Integer, primary_key=True))'
    project.revision(id, after, upgrade=table)


def rows(file: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


async def test_a_commit_that_a_reader_keeps_from_happening_fails_and_leaves_nothing(
    project: Project, engine: AsyncEngine, file: Path
) -> None:
    create(project, "a1")
    migrator = Migrator(engine, script_location=project.script_location)
    await migrator.upgrade()
    create(project, "b2", "a1")
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:

        def read_on(event: Event) -> None:
            if isinstance(event, StepStarted):
                reader.execute("BEGIN")
                reader.execute("SELECT * FROM alembic_version").fetchall()

        disturbed = Migrator(engine, script_location=project.script_location, observer=read_on)
        with pytest.raises(StepFailedError, match="locked"):
            await disturbed.upgrade()

    tables = rows(file, "SELECT name FROM sqlite_master WHERE name LIKE 't\\_%' ESCAPE '\\'")
    assert tables == [("t_a1",)]
    assert rows(file, "SELECT version_num FROM alembic_version") == [("a1",)]
    assert (await migrator.upgrade()).after == ("b2",)


async def test_a_listener_of_commit_may_still_write_in_the_transaction(
    project: Project, engine: AsyncEngine, file: Path
) -> None:
    create(project, "a1")
    migrator = Migrator(engine, script_location=project.script_location)
    await migrator.upgrade()
    create(project, "b2", "a1")
    in_transaction = []

    def committing(connection: Any) -> None:
        in_transaction.append(connection.connection.driver_connection.in_transaction)

    event.listen(engine.sync_engine, "commit", committing)
    await migrator.upgrade()

    assert in_transaction[-1] is True
    assert rows(file, "SELECT version_num FROM alembic_version") == [("b2",)]


async def test_a_listener_of_statements_sees_the_tables_that_are_created(
    project: Project, engine: AsyncEngine
) -> None:
    create(project, "a1")
    seen: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: seen.append(args[2]))

    await Migrator(engine, script_location=project.script_location).upgrade()

    assert any("CREATE TABLE t_a1" in statement for statement in seen)


async def test_a_version_row_that_is_gone_stops_the_commit(
    project: Project, engine: AsyncEngine, file: Path
) -> None:
    create(project, "a1")
    migrator = Migrator(engine, script_location=project.script_location)
    await migrator.upgrade()
    project.revision("b2", "a1", upgrade='op.execute("DELETE FROM alembic_version")')

    with pytest.raises(StepFailedError, match="Exactly one row"):
        await migrator.upgrade()

    assert rows(file, "SELECT version_num FROM alembic_version") == [("a1",)]


async def test_rows_can_be_inserted_into_a_table_that_create_table_has_returned(
    project: Project, engine: AsyncEngine, file: Path
) -> None:
    project.revision(
        "a1",
        upgrade='t = op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))\n'
        'op.bulk_insert(t, [{"id": 1}, {"id": 2}])\n'
        "op.get_bind().execute(sa.delete(t).where(t.c.id == 1))",
    )

    await Migrator(engine, script_location=project.script_location).upgrade()

    assert rows(file, "SELECT id FROM t") == [(2,)]


LOSES_ITS_TRANSACTION = """\
op.execute("CREATE TABLE first (id INTEGER)")
asked = []
def once():
    asked.append(1)
    return len(asked) == 1
op.get_bind().connection.dbapi_connection.run_async(lambda file: file.set_progress_handler(once, 1))
{statement}
"""


@pytest.mark.parametrize(
    "statement",
    [
        'op.create_table("second", sa.Column("id", sa.Integer, primary_key=True))',
        'op.execute("CREATE TABLE second (id INTEGER)")',
        "",  # then it is the row of the version table
    ],
)
async def test_a_statement_that_loses_the_transaction_is_not_sent_again_by_itself(
    project: Project, engine: AsyncEngine, file: Path, statement: str
) -> None:
    create(project, "a1")
    migrator = Migrator(engine, script_location=project.script_location)
    await migrator.upgrade()
    project.revision("b2", "a1", upgrade=LOSES_ITS_TRANSACTION.format(statement=statement))

    with pytest.raises(StepFailedError, match="interrupted"):
        await migrator.upgrade()

    assert rows(file, "SELECT name FROM sqlite_master WHERE name IN ('first', 'second')") == []
    assert rows(file, "SELECT version_num FROM alembic_version") == [("a1",)]
    upgraded = rows(file, "SELECT revision FROM amigrate_history WHERE outcome = 'upgraded'")
    assert upgraded == [("a1",)]
