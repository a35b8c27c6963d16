"""`on_connect` of env.py, and the names of a version table that it computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

USERS = 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))'
IN_SCHEMA = """
    import sqlalchemy as sa

    def on_connect(connection, x):
        schema = x.get("tenant", "acme")
        connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        connection.execute(sa.text(f"SET search_path TO {schema}"))
        connection.dialect.default_schema_name = schema
    """
AS_OWNER = """
    import sqlalchemy as sa

    def on_connect(connection):
        connection.execute(sa.text("SET ROLE app_owner"))
    """


def migrator(
    project: Project, bind: AsyncEngine | str | None = None, x: Mapping[str, str] | None = None
) -> Migrator:
    if isinstance(bind, str):
        project.write("asyncmigrate.toml", f'url = "{bind}"\n')
        bind = None
    return Migrator.from_config(project.root / "asyncmigrate.toml", engine=bind, x=x)


@pytest.fixture
def users(project: Project) -> Project:
    project.revision("a1", upgrade=USERS, downgrade='op.drop_table("users")')
    project.write("asyncmigrate.toml", "")
    return project


async def places(engine: AsyncEngine, table: str) -> set[tuple[str, str]]:
    """The schema and the owner of each table of a name."""
    asked = sa.text("SELECT schemaname, tableowner FROM pg_tables WHERE tablename = :name")
    async with engine.connect() as connection:
        return {(row[0], row[1]) for row in await connection.execute(asked, {"name": table})}


async def test_the_schema_that_on_connect_sets_is_the_runs(
    users: Project, postgresql: AsyncEngine
) -> None:
    users.write("migrations/env.py", IN_SCHEMA)
    url = postgresql.url.render_as_string(hide_password=False)

    await migrator(users, url).upgrade()
    await migrator(users, url, {"tenant": "shop"}).upgrade()

    assert {schema for schema, _ in await places(postgresql, "users")} == {"acme", "shop"}
    assert {schema for schema, _ in await places(postgresql, "alembic_version")} == {"acme", "shop"}
    (found,) = await migrator(users, url, {"tenant": "shop"}).current()
    assert found.revision.id == "a1"
    await migrator(users, url).downgrade("base")
    assert {schema for schema, _ in await places(postgresql, "users")} == {"shop"}


async def test_a_role_that_on_connect_takes_on_owns_what_is_made(
    users: Project, postgresql: AsyncEngine
) -> None:
    users.write("migrations/env.py", AS_OWNER)
    async with postgresql.begin() as connection:
        await connection.execute(sa.text("CREATE ROLE app_owner"))
        await connection.execute(sa.text("GRANT CREATE ON SCHEMA public TO app_owner"))
    try:
        await migrator(users, postgresql).upgrade()

        assert await places(postgresql, "users") == {("public", "app_owner")}
        async with postgresql.connect() as connection:  # the pool's sessions are as they were
            assert await connection.scalar(sa.text("SELECT current_user")) != "app_owner"
    finally:
        async with postgresql.begin() as connection:
            await connection.execute(sa.text("DROP OWNED BY app_owner"))
            await connection.execute(sa.text("DROP ROLE app_owner"))


async def test_on_connect_is_called_once_for_each_command(
    users: Project, engine: AsyncEngine
) -> None:
    users.write("migrations/env.py", "SEEN = []\ndef on_connect(connection): SEEN.append(1)\n")
    found = migrator(users, engine)

    await found.upgrade()
    await found.current()

    assert found.declared().on_connect.__globals__["SEEN"] == [1, 1]


async def test_a_connection_that_is_handed_in_is_left_as_it_is(users: Project) -> None:
    users.write("migrations/env.py", "def on_connect(connection): raise AssertionError\n")
    memory = create_async_engine("sqlite+aiosqlite://")

    async with memory.begin() as connection:
        config = migrator(users).config
        await Migrator.from_config(config, engine=connection).upgrade()
    await memory.dispose()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("on_connect = 'SET ROLE me'", "on_connect of env.py is 'SET ROLE me', not a function"),
        ("def on_connect(a, b, c): ...", r"other parameters: \(a, b, c\)"),
        ("async def on_connect(connection): ...", "on_connect of env.py is asynchronous"),
        ("def on_connect(connection): 1 / 0", r"failed: ZeroDivisionError: .*env\.py:1"),
    ],
)
async def test_what_cannot_be_called_first_is_an_error_before_anything_runs(
    users: Project, engine: AsyncEngine, text: str, said: str
) -> None:
    users.write("migrations/env.py", text + "\n")

    with pytest.raises(ConfigError, match=said):
        await migrator(users, engine).upgrade()

    async with engine.connect() as connection:
        assert await connection.run_sync(lambda each: sa.inspect(each).get_table_names()) == []


COMPUTED = """
    import os

    def version_table(x):
        return f"{x.get('module', os.path.basename(os.path.dirname(__file__)))}_version"
    """


async def test_a_version_table_that_env_py_computes_is_used(
    users: Project, engine: AsyncEngine
) -> None:
    users.write("migrations/env.py", COMPUTED)

    await migrator(users, engine).upgrade()
    await migrator(users, engine, {"module": "shop"}).stamp("a1")

    async with engine.connect() as connection:
        found = await connection.run_sync(lambda each: sa.inspect(each).get_table_names())
    assert {"migrations_version", "shop_version"} <= set(found)
    assert "alembic_version" not in found
    (at,) = await migrator(users, engine).current()
    assert at.revision.id == "a1"
    await migrator(users, engine).stamp("a1", purge=True)


async def test_a_migrators_own_arguments_beat_the_version_table_of_env_py(
    users: Project, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.write("migrations/env.py", COMPUTED)
    given = Migrator(engine, script_location=users.script_location, version_table="given")

    await given.upgrade()
    monkeypatch.setenv("AMIGRATE_VERSION_TABLE", "variable")
    await migrator(users, engine).stamp("a1")

    async with engine.connect() as connection:
        found = await connection.run_sync(lambda each: sa.inspect(each).get_table_names())
    assert {"given", "variable"} <= set(found)
    assert "migrations_version" not in found


async def test_a_version_table_that_is_no_name_is_refused(
    users: Project, engine: AsyncEngine
) -> None:
    users.write("migrations/env.py", "version_table = 7\n")

    with pytest.raises(ConfigError, match=r"version_table of env\.py is 7, not a name"):
        await migrator(users, engine).upgrade()
