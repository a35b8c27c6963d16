"""`script_arguments`: what `upgrade` and `downgrade` are handed by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator
from asyncmigrate.errors import ConfigError, ScriptError
from asyncmigrate.testing.checks import walkable

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

SCRIPT = """
    import sqlalchemy as sa
    from alembic import op as alembics

    revision = "a1"
    down_revision = None

    def upgrade({parameters}):
        {line}

    def downgrade(**given):
        alembics.drop_table(given["name"])
    """
MAKES = 'alembics.create_table(name, sa.Column("id", sa.Integer, primary_key=True))'


def migrator(project: Project, engine: AsyncEngine, settings: str = "") -> Migrator:
    project.write("asyncmigrate.toml", settings)
    return Migrator.from_config(project.root / "asyncmigrate.toml", engine=engine)


def script(project: Project, parameters: str, line: str = MAKES) -> None:
    text = SCRIPT.format(parameters=parameters, line=line)
    project.write("migrations/versions/a1_x.py", text)


async def tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda each: sa.inspect(each).get_table_names())
    return {each for each in names if not each.startswith(("alembic_", "amigrate_"))}


@pytest.mark.parametrize(
    "parameters", ["name", "op, name", "name, op", "*, name", "name='other'", "op, name, **more"]
)
async def test_a_script_is_handed_what_its_parameters_name(
    project: Project, engine: AsyncEngine, parameters: str
) -> None:
    script(project, parameters)
    found = migrator(project, engine, 'script_arguments = { name = "orders", more = 1 }\n')

    await found.upgrade()
    assert await tables(engine) == {"orders"}
    await found.downgrade("base")
    assert await tables(engine) == set()


async def test_env_py_may_compute_them(project: Project, engine: AsyncEngine) -> None:
    script(project, "op, name", "name.make(op)")
    project.write(
        "migrations/env.py",
        """
        import sqlalchemy as sa

        class Maker:
            def make(self, op):
                op.create_table("made", sa.Column("id", sa.Integer, primary_key=True))

        def script_arguments(x):
            return {"name": Maker()}
        """,
    )

    await migrator(project, engine, 'script_arguments = { name = "text" }\n').upgrade()

    assert await tables(engine) == {"made"}


async def test_sql_is_written_with_them(project: Project, engine: AsyncEngine) -> None:
    script(project, "name")

    sql = migrator(project, engine, 'script_arguments = { name = "orders" }\n').sql(
        "upgrade", "head"
    )

    assert "CREATE TABLE orders" in sql


async def test_a_parameter_that_nothing_names_is_an_error_before_anything_runs(
    project: Project, engine: AsyncEngine
) -> None:
    script(project, "op, name")

    with pytest.raises(ScriptError, match=r"more than one parameter \(op, name\)") as caught:
        await migrator(project, engine).upgrade()

    assert "script_arguments" in caught.value.next
    assert await tables(engine) == set()


async def test_options_of_a_projects_own_are_in_the_contexts(
    project: Project, engine: AsyncEngine
) -> None:
    line = (
        'alembics.create_table(alembics.get_context().opts["tenant"], sa.Column("id", sa.Integer))'
    )
    script(project, "", line)
    project.write("migrations/env.py", "context_options = {'tenant': 'acme'}\n")

    await migrator(project, engine).upgrade()

    assert await tables(engine) == {"acme"}


async def test_the_ready_made_test_of_scripts_knows_them(
    project: Project, engine: AsyncEngine
) -> None:
    script(project, "op, name")

    assert walkable(migrator(project, engine, 'script_arguments = { name = "orders" }\n')) == []
    assert "name" in str(walkable(migrator(project, engine))[0])


async def test_what_is_no_dictionary_is_refused(project: Project, engine: AsyncEngine) -> None:
    script(project, "name")
    project.write("migrations/env.py", "script_arguments = ['orders']\n")

    with pytest.raises(ConfigError, match="not a dictionary"):
        await migrator(project, engine).upgrade()
