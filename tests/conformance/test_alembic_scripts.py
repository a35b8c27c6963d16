"""Scripts that were written for Alembic, unmodified, on every live database."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator
from asyncmigrate.alembic import command
from asyncmigrate.alembic.config import Config
from asyncmigrate.errors import StepFailedError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

SCRIPT = """\
from alembic import context, op
import sqlalchemy as sa

revision = {id!r}
down_revision = {down!r}


def upgrade():
{upgrade}


def downgrade():
{downgrade}
"""


def write(
    project: Project, id: str, upgrade: str, *, down: str | None = None, downgrade: str = "pass"
) -> None:
    text = SCRIPT.format(
        id=id,
        down=down,
        upgrade=indent(upgrade.strip(), "    "),
        downgrade=indent(downgrade.strip(), "    "),
    )
    project.write(f"migrations/versions/{id}.py", text)


TABLE = """
t = op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Integer))
op.bulk_insert(t, [{"id": 1, "x": 5}])
"""


async def rows(engine: AsyncEngine, query: str) -> list[Any]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(sa.text(query))]


async def test_directives_objects_and_contexts_work_together(
    project: Project, engine: AsyncEngine
) -> None:
    more = """
from alembic.op import add_column
from alembic.operations import Operations, ops
from alembic.runtime.migration import MigrationContext

add_column("t", sa.Column("y", sa.Integer))
op.invoke(ops.AddColumnOp("t", sa.Column("z", sa.Integer)))
with op.batch_alter_table("t") as batch_op:
    batch_op.add_column(sa.Column("w", sa.String(20), server_default="w"))
    batch_op.create_unique_constraint("uq_w", ["w", "id"])
own = MigrationContext.configure(op.get_bind())
Operations(own).create_index("ix_y", "t", ["y"])
assert isinstance(op.get_context(), MigrationContext)
assert own.get_current_revision() == "a1" == op.get_context().get_current_revision()
assert not context.is_offline_mode() and not op.get_context().as_sql
assert context.get_x_argument(as_dictionary=True) == {"tenant": "a"}
assert op.get_context().config.get_main_option("version_table") == "alembic_version"
assert context.script.get_current_head() == context.get_revision_argument() == "b2"
assert op.get_context().impl.dialect.name == op.get_bind().dialect.name
op.get_context().impl.execute("UPDATE t SET y = x")
"""
    write(project, "a1", TABLE, downgrade='op.drop_table("t")')
    write(project, "b2", more, down="a1")
    migrator = Migrator(engine, script_location=project.script_location, x={"tenant": "a"})

    await migrator.upgrade("a1")
    await migrator.upgrade("b2")

    assert await rows(engine, "SELECT id, x, y, z, w FROM t") == [(1, 5, 5, None, "w")]


async def test_a_script_may_commit_before_what_cannot_run_in_a_transaction(
    project: Project, engine: AsyncEngine
) -> None:
    script = f"""
{TABLE}
op.get_bind().commit()
with op.get_context().autocommit_block():
    op.execute("UPDATE t SET x = 6")
op.execute("UPDATE t SET x = x + 1")
op.get_bind().commit()
op.execute("UPDATE t SET x = x + 1")
"""
    write(project, "a1", script)

    result = await Migrator(engine, script_location=project.script_location).upgrade()

    assert result.after == ("a1",)
    assert await rows(engine, "SELECT x FROM t") == [(8,)]
    assert await rows(engine, "SELECT version_num FROM alembic_version") == [("a1",)]


async def test_a_session_over_the_migrations_connection_commits_with_the_migration(
    project: Project, engine: AsyncEngine
) -> None:
    script = f"""
{TABLE}
from sqlalchemy.orm import Session, declarative_base
class Row(declarative_base()):
    __tablename__ = "t"
    id = sa.Column(sa.Integer, primary_key=True)
    x = sa.Column(sa.Integer)
with Session(bind=op.get_bind()) as session:
    session.add(Row(id=2, x=7))
    session.commit()
    assert session.query(Row).count() == 2
"""
    write(project, "a1", script)

    await Migrator(engine, script_location=project.script_location).upgrade()

    assert await rows(engine, "SELECT x FROM t ORDER BY id") == [(5,), (7,)]


async def test_alembics_commands_run_on_the_connection_that_is_handed_to_them(
    project: Project, engine: AsyncEngine
) -> None:
    write(project, "a1", TABLE, downgrade='op.drop_table("t")')
    config = Config()
    config.set_main_option("script_location", str(project.script_location))

    def upgrade(connection: sa.Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    def downgrade(connection: sa.Connection) -> None:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    async with engine.connect() as connection:
        await connection.run_sync(upgrade)
        await connection.commit()
    after_upgrade = await rows(engine, "SELECT version_num FROM alembic_version")
    async with engine.connect() as connection:
        await connection.run_sync(downgrade)
        await connection.commit()

    assert after_upgrade == [("a1",)]
    assert await rows(engine, "SELECT version_num FROM alembic_version") == []


async def test_a_row_that_only_alembics_bookkeeping_keeps_does_no_harm(
    project: Project, engine: AsyncEngine
) -> None:
    project.revision("a1", upgrade="pass")
    project.revision("b2", depends_on="a1", upgrade="pass")
    project.revision("c3", "b2", upgrade="pass")
    migrator = Migrator(engine, script_location=project.script_location)
    await migrator.upgrade("b2")
    async with engine.begin() as connection:
        await connection.execute(sa.text("INSERT INTO alembic_version VALUES ('a1')"))

    result = await migrator.upgrade("heads")

    assert [step.revision for step in result.steps] == ["c3"]


async def test_a_script_may_ask_op_when_it_is_imported(
    project: Project, engine: AsyncEngine
) -> None:
    write(project, "a1", "op.execute(f'CREATE TABLE {NAME} (id INTEGER)')")
    file = project.versions / "a1.py"
    asks = "NAME = 't_' + op.get_bind().dialect.name\n\n\ndef upgrade"
    file.write_text(file.read_text("utf-8").replace("def upgrade", asks), "utf-8")

    await Migrator(engine, script_location=project.script_location).upgrade()

    assert await rows(engine, f"SELECT count(*) FROM t_{engine.dialect.name}") == [(0,)]


async def test_what_the_drivers_cursor_has_not_is_an_error_that_names_the_line_and_a_driver(
    project: Project, postgres_url: str
) -> None:
    write(project, "a1", "op.get_bind().connection.cursor().copy_expert('COPY t FROM STDIN', None)")

    with pytest.raises(StepFailedError, match="copy_expert") as caught:
        await Migrator(postgres_url, script_location=project.script_location).upgrade()

    assert f"{project.versions / 'a1.py'}:9" in caught.value.message
    assert "--driver psycopg" in caught.value.next


async def test_a_script_reads_the_options_that_env_py_gave_to_configure(
    project: Project, engine: AsyncEngine
) -> None:
    asks = """
options = op.get_context().opts
assert options["version_table_schema"] is None and options["version_table"] == "alembic_version"
assert options.get("tag") is None and options["destination_rev"] == "a1"
assert op._proxy.migration_context.dialect.name == op.get_bind().dialect.name
assert op.get_context().environment_context.get_x_argument(as_dictionary=True) == {"tenant": "a"}
rows = op.get_context().impl._exec(sa.select(sa.literal(5)))
op.execute(f"CREATE TABLE t_{rows.scalar()} (id INTEGER)")
"""
    write(project, "a1", asks)

    migrator = Migrator(engine, script_location=project.script_location, x={"tenant": "a"})
    await migrator.upgrade("a1")

    assert await rows(engine, "SELECT count(*) FROM t_5") == [(0,)]


async def test_text_for_the_sql_file_is_written_as_it_is_and_not_run_online(
    project: Project, engine: AsyncEngine
) -> None:
    note = "-- ':x' of %s\nSELECT 'a::b';"
    write(project, "a1", f"op.get_context().impl.static_output({note!r})\n{TABLE}")

    migrator = Migrator(engine, script_location=project.script_location)
    written = migrator.sql("upgrade", "a1")
    await migrator.upgrade("a1")

    assert note in written
    assert await rows(engine, "SELECT id, x FROM t") == [(1, 5)]
