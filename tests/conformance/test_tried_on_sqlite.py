"""What a script for Alembic only tries on SQLite ends as it does with Alembic."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.errors import StepFailedError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project import Project

SCRIPT = """
import contextlib
import sqlalchemy as sa
from alembic import op
revision = "a1"
down_revision = None
def attempt(directive, *args, **keywords):
    try:
        directive(*args, **keywords)
    except Exception:
        pass
def upgrade():
    op.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER)")
"""
TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER)"


async def table_after(project: Project, tmp_path: Path, upgrade: str) -> str:
    body = SCRIPT + indent(dedent(upgrade).strip(), "    ") + "\n"
    project.write("migrations/versions/a1.py", body)
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'tried.db'}")
    try:
        await Migrator(engine, script_location=project.script_location).upgrade()
        async with engine.connect() as connection:
            query = sa.text("SELECT sql FROM sqlite_master WHERE name = 't'")
            return " ".join(str(await connection.scalar(query)).split())
    finally:
        await engine.dispose()


@pytest.mark.parametrize(
    "upgrade",
    [
        """
        try:
            op.drop_constraint("uq_x", "t", type_="unique")
            op.create_unique_constraint("uq_x_id", "t", ["x", "id"])
        except Exception:
            pass
        """,
        """
        try:
            op.create_unique_constraint("uq_x", "t", ["x"])
        except NotImplementedError:
            pass
        """,
        """
        try:
            op.drop_constraint("uq_x", "t", type_="unique")
        except NotImplementedError as error:
            if "No support for ALTER of constraints in SQLite dialect." not in str(error):
                raise
        """,
        """
        with contextlib.suppress(sa.exc.OperationalError):
            op.alter_column("t", "x", nullable=False)
        """,
        'attempt(op.create_foreign_key, "fk_x", "t", "t", ["x"], ["id"])',
        """
        try:
            op.drop_column("t", "missing")
        except Exception:
            pass
        """,
        """
        try:
            with op.batch_alter_table("t") as batch_op:
                batch_op.drop_constraint("uq_x", type_="unique")
        except ValueError:
            pass
        """,
    ],
)
async def test_what_alembic_refuses_is_refused_where_it_is_tried(
    project: Project, tmp_path: Path, upgrade: str
) -> None:
    assert await table_after(project, tmp_path, upgrade) == TABLE


async def test_what_sqlite_can_do_is_done_inside_of_the_try(
    project: Project, tmp_path: Path
) -> None:
    upgrade = """
    try:
        op.alter_column("t", "x", new_column_name="y")
        op.add_column("t", sa.Column("z", sa.Integer))
    except Exception:
        pass
    """

    assert "y INTEGER, z INTEGER" in await table_after(project, tmp_path, upgrade)


async def test_what_is_not_tried_is_made(project: Project, tmp_path: Path) -> None:
    upgrade = 'op.create_unique_constraint("uq_x", "t", ["x"])'

    assert "CONSTRAINT uq_x UNIQUE (x)" in await table_after(project, tmp_path, upgrade)


async def test_an_error_that_is_not_handled_stops_the_run(project: Project, tmp_path: Path) -> None:
    upgrade = """
    try:
        op.create_unique_constraint("uq_x", "t", ["x"])
    finally:
        pass
    op.drop_constraint("missing", "t", type_="unique")
    """

    with pytest.raises(StepFailedError, match="missing"):
        await table_after(project, tmp_path, upgrade)


async def test_a_batchs_naming_convention_names_what_has_no_name(
    project: Project, tmp_path: Path
) -> None:
    upgrade = """
    op.drop_table("t")
    op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Integer),
                    sa.Column("y", sa.Integer), sa.ForeignKeyConstraint(["y"], ["t.id"]),
                    sa.UniqueConstraint("x"))
    names = {"fk": "fk_%(table_name)s_%(column_0_name)s", "uq": "uq_%(column_0_name)s"}
    with op.batch_alter_table("t", naming_convention=names) as batch_op:
        batch_op.drop_constraint("uq_x", type_="unique")
    found = sa.inspect(op.get_bind()).get_foreign_keys("t")
    assert [each["name"] for each in found] == ["fk_t_y"]
    with op.batch_alter_table("t") as batch_op:
        batch_op.drop_constraint("fk_t_y", type_="foreignkey")
    """

    made = await table_after(project, tmp_path, upgrade)

    assert (
        made == 'CREATE TABLE "t" ( id INTEGER NOT NULL, x INTEGER, y INTEGER, PRIMARY KEY (id) )'
    )


async def test_a_batch_that_sqlite_can_do_itself_names_nothing(
    project: Project, tmp_path: Path
) -> None:
    upgrade = """
    names = {"pk": "pk_%(table_name)s"}
    with op.batch_alter_table("t", naming_convention=names) as batch_op:
        batch_op.add_column(sa.Column("z", sa.Integer))
    """

    assert "pk_t" not in await table_after(project, tmp_path, upgrade)


async def test_foreign_keys_need_not_fit_between_two_batches(
    project: Project, tmp_path: Path
) -> None:
    upgrade = """
    op.execute("CREATE TABLE child (t_id INTEGER REFERENCES t (id))")
    with op.batch_alter_table("t") as batch_op:
        batch_op.drop_constraint("pk", type_="primary")
    with op.batch_alter_table("t") as batch_op:
        batch_op.create_unique_constraint("uq_id", ["id"])
        batch_op.create_primary_key("pk_x", ["x"])
    """

    made = await table_after(project, tmp_path, upgrade)

    assert "CONSTRAINT uq_id UNIQUE (id)" in made


async def test_copy_from_may_refer_to_tables_that_it_does_not_describe(
    project: Project, tmp_path: Path
) -> None:
    upgrade = """
    described = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True),
                         sa.Column("x", sa.Integer, sa.ForeignKey("slices.id")))
    with op.batch_alter_table("t", copy_from=described) as batch_op:
        batch_op.create_unique_constraint("uq_x", ["x"])
    """

    assert "REFERENCES slices (id)" in await table_after(project, tmp_path, upgrade)
