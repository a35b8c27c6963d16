"""Packages that plug into Alembic, as they come from PyPI: with us, and with Alembic as the judge.

Each test skips where its package is not installed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate import Migrator
from asyncmigrate.scripts.authoring import RevisionRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.migrator.answers import Generated
    from tests.project import Project


def needs(package: str) -> None:
    """Skip where a package is missing; look without importing: it would plug into Alembic here."""
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed.")


ENV = """
    from alembic import context
    from sqlalchemy import create_engine, pool
    {plug_in}
    from {models} import Base

    config = context.config
    target_metadata = Base.metadata

    def run_migrations_online():
        url = config.get_main_option("sqlalchemy.url")
        connectable = create_engine(url, poolclass=pool.NullPool)
        with connectable.connect() as connection:
            context.configure(connection=connection, target_metadata=target_metadata{options})
            with context.begin_transaction():
                context.run_migrations()

    run_migrations_online()
    """
MAKO = """
    ${imports if imports else ""}
    import sqlalchemy as sa
    from alembic import op
    revision = ${repr(up_revision)}
    down_revision = ${repr(down_revision)}


    def upgrade():
        ${upgrades if upgrades else "pass"}


    def downgrade():
        ${downgrades if downgrades else "pass"}
    """


@pytest.fixture
def legacy(project: Project, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An Alembic project on PostgreSQL, with a sync driver."""
    monkeypatch.chdir(project.root)
    monkeypatch.setattr(sys, "path", [str(project.root), *sys.path])
    url = postgres_url.replace("asyncpg", "psycopg")
    project.write(
        "alembic.ini",
        f"[alembic]\nscript_location = migrations\nprepend_sys_path = .\nsqlalchemy.url = {url}\n",
    )
    project.write("migrations/script.py.mako", MAKO)
    return project


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What a test has imported is not there for the next one."""
    yield
    forget()


def forget() -> None:
    for name in [*sys.modules]:
        if name.startswith("shop_") or (
            name.startswith("_asyncmigrate_private_") and "shop_" in name
        ):
            del sys.modules[name]
        elif "alembic_utils.replaceable_entity" in name and name.startswith("_asyncmigrate"):
            sys.modules[name].registry.clear()


ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shop_reader') THEN
        CREATE ROLE shop_reader;
    END IF;
END $$
"""


async def execute(url: str, sql: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.exec_driver_sql(sql)


def migrator() -> Migrator:
    forget()
    return Migrator.from_config("alembic.ini")


async def step(project: Project, id: str) -> list[str]:
    """Write what differs with us and with Alembic; run ours; return what it does."""
    theirs = alembic(project, "revision", "--autogenerate", "-m", "x", "--rev-id", id)
    file = next(project.versions.glob(f"{id}_*.py"))
    wanted = calls(file.read_text(encoding="utf-8"))
    assert wanted, theirs
    file.unlink()
    await migrator().autogenerate("x", placement=RevisionRequest(rev_id=id))
    found = calls(next(project.versions.glob(f"{id}_*.py")).read_text(encoding="utf-8"))
    assert sorted(found) == sorted(wanted)  # what goes comes in the order of a set
    await migrator().upgrade()
    assert (await migrator().check()).differences == ()
    return found


def alembic(project: Project, *words: str) -> str:
    command = [sys.executable, "-m", "alembic", *words]
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def written(made: Generated) -> str:
    assert made.written is not None
    return Path(made.written.revision.file).read_text(encoding="utf-8")


def calls(text: str) -> list[str]:
    """Return what a plug-in wrote into a script, without white space and the style of quotes."""
    plain = re.sub(r"\s+", "", text).replace("'", '"').replace(",)", ")")
    return _WRITTEN.findall(plain)


_WRITTEN = re.compile(
    r"op\.\w+_entity\([^()]*\)|op\.add_enum_value\([^()]*\)"
    r"|op\.sync_enum_values\(.+?enum_values_to_rename=\[.*?\]"
)


BASE = """
    import sqlalchemy as sa
    from sqlalchemy.orm import DeclarativeBase


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "users"
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(50))
        active = sa.Column(sa.Boolean)
    """
CREATED = """
    from alembic_utils.pg_extension import PGExtension
    from alembic_utils.pg_function import PGFunction
    from alembic_utils.pg_grant_table import PGGrantTable, PGGrantTableChoice
    from alembic_utils.pg_materialized_view import PGMaterializedView
    from alembic_utils.pg_policy import PGPolicy
    from alembic_utils.pg_trigger import PGTrigger
    from alembic_utils.pg_view import PGView

    TOUCH = "returns trigger as $$ begin return new; end; $$ language plpgsql"
    SHOUT = "returns text as $$ select upper(words) $$ language SQL"
    WHEN = "before update on public.users for each row execute procedure public.touch()"
    ENTITIES = [
        PGFunction("public", "shout(words text)", SHOUT),
        PGFunction("public", "touch()", TOUCH),
        PGView("public", "active_users", "select id, name from users where active"),
        PGMaterializedView("public", "user_names", "select name from users", with_data=True),
        PGTrigger("public", "touch_users", on_entity="public.users", definition=WHEN),
        PGPolicy("public", "mine", on_entity="users", definition="for select using (active)"),
        PGExtension("public", "citext"),
        PGGrantTable("public", "users", "shop_reader", PGGrantTableChoice.SELECT, ["id"]),
    ]
    """
NONE = "from alembic_utils.pg_view import PGView\n\nENTITIES: list[PGView] = []\n"
CHANGED = (
    CREATED.replace("upper(words)", "upper(words) || '!'")
    .replace("select id, name from", "select id, name, active from")
    .replace('PGPolicy("public", "mine"', "#")
)


async def test_entities_of_alembic_utils_are_created_replaced_and_dropped_as_with_alembic(
    legacy: Project, postgres_url: str
) -> None:
    needs("alembic_utils")
    legacy.write("shop_models.py", BASE)
    legacy.write("shop_entities.py", NONE)
    plug_in = "\n    ".join(
        [
            "from alembic_utils.replaceable_entity import register_entities",
            "from shop_entities import ENTITIES",
            "register_entities(ENTITIES)",
        ]
    )
    takes = ", include_object=lambda o, n, kind, *_: kind != 'grant_table' or o.role[:4] == 'shop'"
    legacy.write(
        "migrations/env.py", ENV.format(plug_in=plug_in, models="shop_models", options=takes)
    )
    await migrator().autogenerate("begin")
    await migrator().upgrade()
    await execute(postgres_url, ROLE)

    legacy.write("shop_entities.py", CREATED)
    made = await step(legacy, "b1")
    legacy.write("shop_entities.py", CHANGED)
    changed = await step(legacy, "b2")
    legacy.write("shop_entities.py", CHANGED + "ENTITIES = ENTITIES[:2]\n")
    dropped = await step(legacy, "b3")
    await migrator().downgrade("base")
    await migrator().upgrade("b2")

    assert sum("create_entity" in each for each in made) == 8
    assert sum("replace_entity" in each for each in changed) == 4
    assert sum("drop_entity" in each for each in dropped) == 5


ENUMS = """
    import enum
    import sqlalchemy as sa
    from sqlalchemy.orm import DeclarativeBase


    class Base(DeclarativeBase):
        pass


    class Color(enum.Enum):
        {colors}


    class User(Base):
        __tablename__ = "users"
        id = sa.Column(sa.Integer, primary_key=True)
        color = sa.Column(sa.Enum(Color, name="color"), server_default="red")
        {size}
    """


async def test_enums_are_left_to_alembic_postgresql_enum_where_env_py_imports_it(
    legacy: Project,
) -> None:
    needs("alembic_postgresql_enum")
    legacy.write(
        "migrations/env.py",
        ENV.format(plug_in="import alembic_postgresql_enum", models="shop_models", options=""),
    )
    legacy.write("shop_models.py", ENUMS.format(colors='red = "r"; green = "g"', size=""))
    await migrator().autogenerate("begin")
    await migrator().upgrade()
    assert (await migrator().check()).differences == ()

    legacy.write(
        "shop_models.py", ENUMS.format(colors='red = "r"; green = "g"; blue = "b"', size="")
    )
    added = await step(legacy, "b1")
    legacy.write("shop_models.py", ENUMS.format(colors='red = "r"; blue = "b"', size=""))
    synced = await step(legacy, "b2")
    size = 'size = sa.Column(sa.Enum("s", "m", name="size"))'
    legacy.write("shop_models.py", ENUMS.format(colors='red = "r"; blue = "b"', size=size))
    await migrator().autogenerate("more")
    await migrator().upgrade()
    alembic(legacy, "check")
    assert (await migrator().check()).differences == ()
    await migrator().downgrade("base")

    assert any("add_enum_value" in each for each in added)
    assert any("sync_enum_values" in each for each in synced)


async def test_values_of_enums_are_left_to_alembic_autogenerate_enums(legacy: Project) -> None:
    name = "alembic_autogenerate_enums"
    needs(name)
    env = ENV.format(plug_in=f"import {name}", models="shop_models", options="")
    legacy.write("migrations/env.py", env)
    legacy.write("shop_models.py", ENUMS.format(colors='red = "r"; green = "g"', size=""))
    await migrator().autogenerate("begin")
    await migrator().upgrade()
    more = ENUMS.format(colors='red = "r"; green = "g"; blue = "b"', size="")
    legacy.write("shop_models.py", more)

    made = await migrator().autogenerate("more")
    await migrator().upgrade()

    text = written(made)
    assert "op.sync_enum_values(" in text
    assert "ADD VALUE" not in text
    assert (await migrator().check()).differences == ()


DECLARED = """
    import sqlalchemy as sa
    from sqlalchemy.orm import DeclarativeBase
    from sqlalchemy_declarative_extensions import Functions, Schemas, declarative_database
    from sqlalchemy_declarative_extensions.dialects.postgresql import Function

    BODY = "BEGIN RETURN 1; END"


    @declarative_database
    class Base(DeclarativeBase):
        __abstract__ = True
        schemas = Schemas().are("extra")
        functions = Functions().are(Function("one", BODY, returns="integer", language="plpgsql"))


    class User(Base):
        __tablename__ = "users"
        id = sa.Column(sa.Integer, primary_key=True)
    """


async def test_sqlalchemy_declarative_extensions_has_its_schemas_and_functions_migrated(
    legacy: Project,
) -> None:
    name = "sqlalchemy_declarative_extensions"
    needs(name)
    plug_in = f"from {name} import register_alembic_events"
    env = ENV.format(plug_in=plug_in, models="shop_models", options="")
    listens = "    register_alembic_events(views=False, triggers=False)"
    legacy.write("migrations/env.py", f"{env}\n{listens}\n")
    legacy.write("shop_models.py", DECLARED)

    found = await migrator().check()
    await migrator().autogenerate("begin")
    await migrator().upgrade()
    after = await migrator().check()
    alembic(legacy, "check")
    await migrator().downgrade("base")

    assert any('FUNCTION "one"()' in each.path for each in found.differences)
    assert after.differences == ()


PLACES = """
    import sqlalchemy as sa
    from geoalchemy2 import Geometry
    from sqlalchemy.orm import DeclarativeBase


    class Base(DeclarativeBase):
        pass


    class Place(Base):
        __tablename__ = "places"
        id = sa.Column(sa.Integer, primary_key=True)
        point = sa.Column(Geometry("POINT", srid=4326))
    """


async def test_helpers_of_geoalchemy2_write_its_own_directives(legacy: Project) -> None:
    needs("geoalchemy2")
    given = {"include_object": "include_object", "process_revision_directives": "writer"}
    given |= {"render_item": "render_item"}
    options = "".join(f", {name}=alembic_helpers.{what}" for name, what in given.items())
    plug_in = "from geoalchemy2 import alembic_helpers"
    env = ENV.format(plug_in=plug_in, models="shop_models", options=options)
    legacy.write("migrations/env.py", env)
    legacy.write("shop_models.py", PLACES)

    made = await migrator().autogenerate("begin")  # a server without PostGIS cannot run it

    text = written(made)
    assert "op.create_geospatial_table(" in text
    assert "op.create_geospatial_index(" in text
    assert "spatial_index=False" in text
    assert "from geoalchemy2 import Geometry" in text
