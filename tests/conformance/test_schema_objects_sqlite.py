"""SQLite: what it cannot do with views, sequences and schemas, and constraints without a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.errors import MigrateError
from tests.conformance.test_schema_objects import TABLE, rows, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


@pytest.fixture
async def engine(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine of a file that does not exist yet."""
    engine = create_async_engine(sqlite_url)
    yield engine
    await engine.dispose()


NAMELESS = """
op.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)")
op.execute(
    '''CREATE TABLE t (id INTEGER, "A b" INTEGER UNIQUE REFERENCES p, c INTEGER CHECK (c > 0),'''
    ''' UNIQUE (id, c), FOREIGN KEY (c) REFERENCES p (id), CHECK (id < c))'''
)
op.execute("INSERT INTO p VALUES (2)")
op.execute("INSERT INTO t VALUES (1, 2, 2)")
"""

DROPPED = {
    "unique of a column": ('type_="unique", columns=["A b"]', "UNIQUE REFERENCES", "REFERENCES"),
    "unique": ('type_="unique", columns=["ID", "c"]', ", UNIQUE (id, c)", ""),
    "foreign key": ('type_="foreignkey", columns=["c"]', ", FOREIGN KEY (c) REFERENCES p (id)", ""),
    "foreign key of a column": ('type_="foreignkey", columns=["A b"]', " REFERENCES p,", ","),
    "check": ('type_="check", sqltext="id<c"', ", CHECK (id < c)", ""),
    "check of a column": ('type_="check", sqltext=sa.column("c") > 0', " CHECK (c > 0)", ""),
}


@pytest.mark.parametrize(("how", "gone", "left"), DROPPED.values(), ids=DROPPED)
async def test_sqlite_finds_a_constraint_without_a_name_by_what_it_says(
    engine: AsyncEngine, project: Project, how: str, gone: str, left: str
) -> None:
    await run(project, engine, NAMELESS)
    [(before,)] = await rows(engine, "SELECT sql FROM sqlite_master WHERE name = 't'")

    await run(project, engine, NAMELESS, f'op.drop_constraint(None, "t", {how})')

    [(after,)] = await rows(engine, "SELECT sql FROM sqlite_master WHERE name = 't'")
    assert after.partition("(")[2] == before.replace(gone, left).partition("(")[2]
    assert await rows(engine, "SELECT * FROM t") == [(1, 2, 2)]


async def test_sqlite_says_what_it_did_not_find(engine: AsyncEngine, project: Project) -> None:
    drop = 'op.drop_constraint(None, "t", type_="unique", columns=["c"])'

    with pytest.raises(MigrateError, match=r"without a name that says UNIQUE \(c\)"):
        await run(project, engine, NAMELESS, drop)


async def test_the_triggers_of_a_view_stay_when_sqlite_makes_it_anew(
    engine: AsyncEngine, project: Project
) -> None:
    await run(
        project,
        engine,
        TABLE,
        'op.create_view("v", "SELECT id FROM t")\n'
        'op.execute("CREATE TRIGGER tr INSTEAD OF INSERT ON v BEGIN SELECT 1; END")\n'
        'op.replace_view("v", "SELECT id, b FROM t")',
    )
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    assert await rows(engine, triggers) == [("tr",)]

    with pytest.raises(MigrateError, match="its triggers would be lost: tr"):
        await run(
            project,
            engine,
            TABLE,
            'op.create_view("v", "SELECT id FROM t")',
            "pass",
            'op.execute("CREATE TRIGGER IF NOT EXISTS tr INSTEAD OF INSERT ON v '
            'BEGIN SELECT 1; END")\nop.rename_view("v", "w")',
        )


async def test_sequences_are_passed_over_where_there_are_none(
    engine: AsyncEngine, project: Project
) -> None:
    script = (
        'op.create_sequence("s", start=5, if_not_exists=True)\nop.alter_sequence("s", start=6)\n'
        'op.rename_sequence("s", "n")\nop.drop_sequence("n", if_exists=True)'
    )
    project.revision("a", None, upgrade=script)

    await Migrator(engine, script_location=project.script_location).upgrade()

    assert (await Migrator(engine, script_location=project.script_location).status()).current


async def test_sqlite_refuses_schemas(engine: AsyncEngine, project: Project) -> None:
    project.revision("a", None, upgrade='op.create_schema("shop")')

    with pytest.raises(MigrateError, match="files"):
        await Migrator(engine, script_location=project.script_location).upgrade()
