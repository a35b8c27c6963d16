"""The SQL text of PostgreSQL's own directives, run by psql, gives what the live run gives."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator

if TYPE_CHECKING:
    from tests.project import Project

pytestmark = pytest.mark.skipif(shutil.which("psql") is None, reason="there is no psql program")

FIRST = """
op.create_enum("level", "low", "it's 50%")
op.create_table(
    "t",
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("level", sa.Enum("low", "it's 50%", name="level"), server_default="low"),
    sa.Column("kind", sa.Enum("a", name="kind")),
    sa.Column("during", sa.dialects.postgresql.INT4RANGE),
)
op.add_enum_value("level", "new", before="low")
op.execute("INSERT INTO t (level) VALUES ('new')")
op.create_index("ix", "t", ["level"], postgresql_concurrently=True)
op.create_exclude_constraint("ex", "t", ("during", "&&"), where="id > 0")
"""

SECOND = """
op.execute("CREATE TYPE raw AS ENUM ('r')")
op.create_table("r", sa.Column("raw", sa.Enum("r", name="raw")))
op.create_table("u", sa.Column("kind", sa.Enum("a", name="kind")))
op.create_check_constraint("ck", "t", "id > 0", postgresql_not_valid=True)
op.validate_constraint("ck", "t")
op.rename_enum_value("level", "low", "$do$ little")
op.create_enum("gone", "x", if_not_exists=True)
op.drop_enum("gone")
columns = [sa.Column("kind", sa.Enum("a", name="kind"))]
op.drop_table("u", *columns)
op.get_bind().execute(sa.text("UPDATE t SET level = :level"), {"level": "it's 50%"})
sa.Enum("a", name="kind").create(op.get_bind(), checkfirst=True)
sa.Enum("own", name="own").create(op.get_bind(), checkfirst=True)
op.execute("INSERT INTO t (level) VALUES ('$do$ little')")
"""

DESCRIPTION = """
SELECT 'enum', typname::text, enumlabel::text FROM pg_enum JOIN pg_type t ON enumtypid = t.oid
UNION ALL SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
  FROM pg_index WHERE indrelid = 't'::regclass
UNION ALL SELECT 'constraint', conname::text, pg_get_constraintdef(oid) || convalidated
  FROM pg_constraint WHERE conrelid = 't'::regclass
UNION ALL SELECT 'row', id::text, level::text FROM t
UNION ALL SELECT 'version', version_num, '' FROM alembic_version
ORDER BY 1, 2, 3
"""


def feed(url: str, text: str) -> None:
    address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", address]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def described(url: str) -> list[tuple[str, str, str]]:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = (await connection.exec_driver_sql(DESCRIPTION)).all()
    await engine.dispose()
    return [tuple(row) for row in found]


async def empty(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        for schema in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
            await connection.exec_driver_sql(schema)
    await engine.dispose()


@pytest.mark.parametrize(
    "ranges",
    [["base:b2"], ["base:a1", "a1:b2"]],
    ids=["in one go", "in two, where the second cannot know the types of the first"],
)
async def test_psql_makes_of_the_text_what_the_live_run_makes(
    project: Project, postgres_url: str, ranges: list[str]
) -> None:
    project.revision("a1", upgrade=FIRST)
    project.revision("b2", "a1", upgrade=SECOND)
    migrator = Migrator(postgres_url, script_location=project.script_location)
    await migrator.upgrade("head")
    live = await described(postgres_url)
    await empty(postgres_url)

    for each in ranges:
        feed(postgres_url, migrator.sql("upgrade", each))

    assert await described(postgres_url) == live
    assert ("row", "1", "it's 50%") in live
    assert [name for kind, name, _ in live if kind == "enum"] == [
        "kind",
        *["level"] * 3,
        "own",
        "raw",
    ]
