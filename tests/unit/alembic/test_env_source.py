"""An Alembic env.py, read and never run: styles that projects have, and what becomes of them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from textwrap import dedent
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmigrate.alembic.env_source import read_env
from asyncmigrate.scripts.environment import Environment, declared_by, evaluated

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncmigrate.alembic.env_source_found import EnvSource

HEAD = """
    import os
    from logging.config import fileConfig
    from sqlalchemy import engine_from_config, pool
    from alembic import context
    config = context.config
    fileConfig(config.config_file_name)
"""
ONLINE = """
    def run_migrations_online():
        connectable = engine_from_config(
            config.get_section(config.config_ini_section, {}),
            prefix="sqlalchemy.",
            poolclass=pool.NullPool,
        )
        with connectable.connect() as connection:
            context.configure(connection=connection, target_metadata=target_metadata%s)
            with context.begin_transaction():
                context.run_migrations()

    if context.is_offline_mode():
        raise SystemExit("no")
    else:
        run_migrations_online()
"""
MODELS = "from app.models import Base\ntarget_metadata = Base.metadata\n"
App = SimpleNamespace


def read(body: str = MODELS, options: str = "", ini: dict[str, str] | None = None) -> EnvSource:
    """Read an env.py of the usual shape, with `body` where projects write their own."""
    more = f", {options}" if options else ""
    text = dedent(HEAD) + dedent(body) + dedent(ONLINE) % more
    return read_env(text, ini or {}, lambda _: None)


def needs(found: EnvSource) -> list[str]:
    return [each.what for each in found.needs]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    """The application's modules: `app.models`, `app.config` and `app.db`."""
    base = SimpleNamespace(metadata=sa.MetaData())
    settings = SimpleNamespace(URL="postgresql://me:p%40ss@db/app", schema="shop")
    made = SimpleNamespace(
        models=base, config=settings, db=create_async_engine("sqlite+aiosqlite://")
    )
    for name, content in {
        "app": {},
        "app.models": {"Base": base, "user": SimpleNamespace()},
        "app.config": {"settings": settings, "load": lambda: settings},
        "app.db": {"engine": made.db, "Base": base},
    }.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    return made


def declared(found: EnvSource) -> Environment:
    """Run what was written, as `amigrate` does."""
    return declared_by(found.python, Path("migrations/env.py"))


# --- where the models are --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "metadata"),
    [
        ("from app.models import Base\ntarget_metadata = Base.metadata", "app.models:Base"),
        ("from app.db import metadata as target_metadata", "app.db:metadata"),
        ("import app.models\ntarget_metadata = app.models.Base.metadata", "app.models:Base"),
        ("import app.models as m\ntarget_metadata = m.Base.metadata", "app.models:Base"),
        ("from app.models import Base as B\ntarget_metadata = [B.metadata]", "app.models:Base"),
        (
            "from a import A\nfrom b import B\ntarget_metadata = [A.metadata, B.metadata]",
            ["a:A", "b:B"],
        ),
        (
            "from app.models import Base\nmetadata = Base.metadata\ntarget_metadata = metadata",
            "app.models:Base",
        ),
    ],
)
def test_metadata_that_an_import_names_becomes_a_setting(
    body: str, metadata: str | list[str]
) -> None:
    found = read(body)

    assert found.settings == {"metadata": metadata}
    assert (found.python, found.needs) == ("", [])


def test_a_module_that_is_imported_by_name_is_told_from_an_object() -> None:
    text = dedent(HEAD) + "from app import models\ntarget_metadata = models.Base.metadata\n"
    modules = {"app": "", "app.models": "class Base: ..."}

    found = read_env(text + dedent(ONLINE) % "", {}, modules.get)

    assert found.settings == {"metadata": "app.models:Base"}


def test_imports_that_load_models_stay_beside_the_metadata(app: App) -> None:
    found = read(
        "from app.db import Base\nfrom app.models import user  # noqa\n"
        "target_metadata = Base.metadata\n"
    )

    assert "from app.models import user  # noqa" in found.python
    assert found.settings == {}
    assert declared(found).target_metadata is app.models.metadata


def test_sqlmodels_metadata_comes_with_the_modules_that_fill_it() -> None:
    found = read(
        "from sqlmodel import SQLModel\nimport shop.models\ntarget_metadata = SQLModel.metadata\n"
    )

    assert "import shop.models" in found.python
    assert list(found.declares) == ["target_metadata"]


def test_a_naming_convention_that_env_py_sets_is_set_here_too(app: App) -> None:
    found = read(
        MODELS
        + "import app.config\nBase.metadata.naming_convention = {'pk': 'pk_%(table_name)s'}\n"
    )

    assert declared(found).target_metadata.naming_convention == {"pk": "pk_%(table_name)s"}


def test_no_metadata_needs_a_person() -> None:
    assert needs(read("target_metadata = None")) == ["target_metadata"]


def test_metadata_by_the_name_of_the_database_goes_to_the_environments() -> None:
    found = read("from a import A, B\ntarget_metadata = {'one': A.metadata, 'two': B.metadata}")

    assert found.environments == {"one": {"metadata": ["a:A"]}, "two": {"metadata": ["a:B"]}}


# --- where the URL comes from ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ('config.set_main_option("sqlalchemy.url", os.environ["DB"])', "${DB}"),
        ('config.set_main_option("sqlalchemy.url", os.getenv("DB", "sqlite://"))',
         "${DB:-sqlite://}"),
        ('config.set_main_option("sqlalchemy.url", os.getenv("DB") or "sqlite://")',
         "${DB:-sqlite://}"),
        ('config.set_main_option("sqlalchemy.url", os.environ["DB"].replace("%", "%%"))', "${DB}"),
        ('url = os.environ.get("DB")\nconfig.set_main_option("sqlalchemy.url", str(url))', "${DB}"),
        (('URL = os.environ["DB"].replace("postgres://", "postgresql://", 1)\n'
         'config.set_main_option("sqlalchemy.url", URL)'), "${DB}"),
        ('config.set_section_option("alembic", "sqlalchemy.url", os.environ["DB"])', "${DB}"),
        (('def url():\n    user = os.getenv("U", "me")\n    return f"postgresql://{user}@db/x"\n'
         'config.set_main_option("sqlalchemy.url", url())'), "postgresql://${U:-me}@db/x"),
        ('config.set_main_option("sqlalchemy.url", "postgresql://" + os.environ["HOST"])',
         "postgresql://${HOST}"),
        (('section = config.get_section(config.config_ini_section)\n'
         'section["sqlalchemy.url"] = os.environ["DB"]'), "${DB}"),
        ('config.set_main_option("sqlalchemy.url", "sqlite:///${x}.db")', "sqlite:///$${x}.db"),
    ],
)  # fmt: skip
def test_a_url_from_the_environment_becomes_a_setting(body: str, url: str) -> None:
    found = read(MODELS + body)

    assert found.settings["url"] == url
    assert (found.python, found.needs) == ("", [])


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ('if os.getenv("DB"):\n    config.set_main_option("sqlalchemy.url", os.getenv("DB"))',
         "${DB:-sqlite:///ini.db}"),
        ('if "DB" in os.environ:\n    config.set_main_option("sqlalchemy.url", os.environ["DB"])',
         "${DB:-sqlite:///ini.db}"),
        ('url = os.getenv("DB")\nif url:\n    config.set_main_option("sqlalchemy.url", url)',
         "${DB:-sqlite:///ini.db}"),
        ('if url := os.getenv("DB"):\n    config.set_main_option("sqlalchemy.url", url)',
         "${DB:-sqlite:///ini.db}"),
        (('if os.getenv("DB"):\n    config.set_main_option("sqlalchemy.url", os.environ["DB"])\n'
          'else:\n    config.set_main_option("sqlalchemy.url", "sqlite:///other.db")'),
         "${DB:-sqlite:///other.db}"),
    ],
)  # fmt: skip
def test_a_url_that_is_set_on_a_condition_is_the_inis_without_it(body: str, url: str) -> None:
    found = read(MODELS + body, ini={"sqlalchemy.url": "sqlite:///ini.db"})

    assert (found.settings["url"], found.python, found.needs) == (url, "", [])


@pytest.mark.parametrize(("testing", "url"), [("1", "sqlite:///t.db"), ("", "sqlite:///ini.db")])
def test_any_other_condition_is_asked_when_it_runs(
    app: App, monkeypatch: pytest.MonkeyPatch, testing: str, url: str
) -> None:
    monkeypatch.setenv("TESTING", testing)

    found = read(
        MODELS
        + 'if os.getenv("TESTING"):\n'
        + '    config.set_main_option("sqlalchemy.url", "sqlite:///t.db")\n',
        ini={"sqlalchemy.url": "sqlite:///ini.db"},
    )

    assert evaluated(declared(found).url, "url", {}) == url


def test_a_url_of_a_settings_object_is_imported_where_it_is_needed(app: App) -> None:
    found = read(
        MODELS
        + """
    from app.config import settings
    config.set_main_option("sqlalchemy.url", str(settings.URL).replace("%", "%%"))
    """.replace("    ", "")
    )

    assert declared(found).url == "postgresql://me:p%40ss@db/app"


def test_a_url_that_is_made_in_steps_is_made_in_steps(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB", "postgres://db/app")
    found = read(
        MODELS
        + dedent("""
        url = os.environ.get("DB", "")
        if url.startswith("postgres://"):
            url = url.replace("postgres://", "postgresql://", 1)
        config.set_main_option("sqlalchemy.url", url)
        """)
    )

    assert declared(found).url == "postgresql://db/app"


def test_a_dotenv_file_is_loaded_before_the_url_is_read() -> None:
    found = read(
        MODELS
        + dedent("""
        from dotenv import load_dotenv
        load_dotenv()
        config.set_main_option("sqlalchemy.url", os.environ["DB"])
        """)
    )

    lines = found.python.splitlines()
    assert lines.index("load_dotenv()") < lines.index("url = os.environ['DB']")


def test_the_arguments_of_x_reach_the_url(app: App) -> None:
    found = read(
        MODELS
        + dedent("""
        tenant = context.get_x_argument(as_dictionary=True).get("tenant", "public")
        def database(name):
            return f"postgresql://db/{name}"
        config.set_main_option("sqlalchemy.url", database(tenant))
        """)
    )

    assert evaluated(declared(found).url, "url", {"tenant": "acme"}) == "postgresql://db/acme"


def test_a_url_under_a_prefix_of_its_own_is_found(app: App) -> None:
    text = """
    from alembic import context
    from sqlalchemy import engine_from_config
    from app.config import settings
    from app.models import Base
    def online():
        section = context.config.get_section("alembic")
        section["database.url"] = settings.URL
        with engine_from_config(section, prefix="database.").connect() as connection:
            context.configure(connection=connection, target_metadata=Base.metadata)
    """
    found = read_env(dedent(text), {"sqlalchemy.url": "sqlite://"}, lambda _: None)

    assert evaluated(declared(found).url, "url", {}) == "postgresql://me:p%40ss@db/app"


def test_a_url_in_the_function_that_runs_is_found(app: App) -> None:
    text = """
    from alembic import context
    from sqlalchemy.ext.asyncio import create_async_engine
    from app.models import Base
    from app.config import load
    async def run():
        settings = load()
        address = settings.URL
        engine = create_async_engine(address, poolclass=None, future=True)
        async with engine.connect() as connection:
            await connection.run_sync(work)
    def work(connection):
        context.configure(connection=connection, target_metadata=Base.metadata)
        context.run_migrations()
    """

    found = read_env(dedent(text), {}, lambda _: None)

    assert evaluated(declared(found).url, "url", {}) == app.config.URL


def test_an_async_engine_keeps_the_options_that_it_is_made_with(app: App) -> None:
    text = """
    from alembic import context
    from sqlalchemy.ext.asyncio import create_async_engine
    from app.models import Base
    async def run():
        engine = create_async_engine("sqlite+aiosqlite://", connect_args={"timeout": 7})
        async with engine.connect() as connection:
            await connection.run_sync(work)
    def work(connection):
        context.configure(connection=connection, target_metadata=Base.metadata)
    """

    found = declared(read_env(dedent(text), {}, lambda _: None))

    assert isinstance(found.engine, AsyncEngine)


@pytest.mark.parametrize(
    ("given", "what", "became"),
    [
        ('{"options": "-c search_path=a"}', "options, in connect_args", "on_connect"),
        ('dict(sslmode="require")', "sslmode, in connect_args", r"\?sslmode="),
        ('{"ssl": context}', "ssl, in connect_args", "declare `engine` in env_py"),
        ("args", "connect_args=…", "declare `engine` in env_py"),
    ],
)
def test_options_of_a_sync_driver_need_a_person(given: str, what: str, became: str) -> None:
    text = f"""
    from alembic import context
    from sqlalchemy import create_engine
    from app.models import Base
    engine = create_engine("postgresql://db/x", connect_args={given})
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata)
    """

    found = read_env(dedent(text), {}, lambda _: None)

    assert found.settings["url"] == "postgresql://db/x"
    assert needs(found) == [f"{what} of the engine"]
    assert re.search(became, found.needs[0].became)


def test_options_that_an_async_driver_has_anyway_need_nobody() -> None:
    text = """
    from alembic import context
    from sqlalchemy import create_engine
    from app.models import Base
    engine = create_engine("sqlite:///x.db", connect_args={"check_same_thread": False})
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata)
    """

    found = read_env(dedent(text), {}, lambda _: None)

    assert needs(found) == []
    assert "check_same_thread, in connect_args of the engine" in [each.what for each in found.taken]


def with_engine_of_the_application(source: str, how: str) -> EnvSource:
    text = f"""
    from alembic import context
    from app.db import engine
    from app.models import Base
    {how} engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata)
    """
    return read_env(dedent(text), {}, {"app.db": source}.get)


def test_an_async_engine_of_the_application_is_used_itself(app: App) -> None:
    found = with_engine_of_the_application("engine = create_async_engine(x)", "with")

    assert declared(found).engine is app.db


def test_an_engine_whose_connection_is_assigned_is_found(app: App) -> None:
    text = """
    from alembic import context
    from app.db import engine
    from app.models import Base
    connection = engine.connect()
    context.configure(connection=connection, target_metadata=Base.metadata)
    connection.close()
    """
    found = read_env(dedent(text), {"sqlalchemy.url": "postgresql://other"}, lambda _: None)

    assert evaluated(declared(found).url, "url", {}) == "sqlite+aiosqlite://"


def test_an_engine_that_a_session_in_a_with_gives_needs_a_person() -> None:
    text = """
    from alembic import context
    from app import db
    def online():
        with db.session() as session:
            engine = session.get_bind()
            with engine.connect() as connection:
                context.configure(connection=connection, target_metadata=db.metadata)
                context.run_migrations()
    """
    found = read_env(dedent(text), {}, lambda _: None)

    assert needs(found) == ["the engine session.get_bind()"]
    assert found.python == ""


def test_of_a_sync_engine_of_the_application_the_url_is_used(app: App) -> None:
    found = with_engine_of_the_application("engine = create_engine(x)", "with")

    assert evaluated(declared(found).url, "url", {}) == "sqlite+aiosqlite://"


def test_what_flask_knows_is_asked_of_the_application_that_the_command_flask_finds() -> None:
    found = read("""
    from flask import current_app
    config.set_main_option("sqlalchemy.url", str(current_app.extensions["migrate"].db.engine.url))
    target_metadata = current_app.extensions["migrate"].db.metadata
    """)

    assert needs(found) == []
    assert {*found.declares} == {"url", "target_metadata"}
    assert 'ScriptInfo(app_import_path=os.environ.get("FLASK_APP")).load_app()' in found.python
    assert "    with _application.app_context():\n        return str(current_app." in found.python


def test_limits_that_are_set_before_the_migrations_are_settings() -> None:
    found = read(
        MODELS
        + dedent("""
        def before(connection):
            connection.execute(text("SET lock_timeout = 1500"))
            connection.execute(text("SET LOCAL statement_timeout TO '2min'"))
            connection.execute(text("PRAGMA foreign_keys=OFF;"))
        """)
    )

    assert needs(found) == []
    assert found.settings["table_lock_timeout"] == 1.5
    assert found.settings["statement_timeout"] == 120.0


def test_a_url_of_the_ini_is_left_to_the_ini() -> None:
    found = read(MODELS + 'url = config.get_main_option("sqlalchemy.url")\n')

    assert "url" not in {*found.settings, *found.declares}


# --- what configure() is told ----------------------------------------------------------------


def test_a_filter_comes_with_what_it_needs(app: App) -> None:
    found = read(
        MODELS
        + dedent("""
        import re
        OURS = re.compile("shop_")
        def is_ours(name):
            return bool(OURS.match(name))
        def include_object(object, name, type_, reflected, compare_to):
            # only ours
            return type_ != "table" or is_ours(name)
        """),
        "include_object=include_object",
    )

    filter_: Callable[..., bool] = declared(found).include_object
    assert "# only ours" in found.python
    assert filter_(None, "shop_users", "table", False, None) is True
    assert filter_(None, "users", "table", True, None) is False


def test_a_filter_with_another_name_and_a_lambda_are_declared(app: App) -> None:
    found = read(
        MODELS + "from app.config import load as keep\n",
        "include_object=keep, include_name=lambda name, type_, parents: name != 'x'",
    )

    environment = declared(found)
    assert environment.include_name("x", "table", {}) is False
    assert environment.include_object() is app.config


def test_names_of_the_version_table_become_settings() -> None:
    found = read(MODELS + 'SCHEMA = "shop"\n', 'version_table="v", version_table_schema=SCHEMA')

    assert found.settings["version_table"] == "v"
    assert found.settings["version_table_schema"] == "shop"


def test_a_version_table_that_is_computed_is_declared(app: App) -> None:
    found = read(
        MODELS + "import os\nname = os.path.basename(os.path.dirname(__file__))\n",
        "version_table='{}_version'.format(name), version_table_schema=None",
    )

    assert (needs(found), found.settings) == ([], {"metadata": "app.models:Base"})
    assert declared(found).version_table == "migrations_version"


def test_a_version_table_that_only_a_run_knows_needs_a_person() -> None:
    found = read(MODELS, "version_table_schema=context.get_context().schema")

    assert [each.partition("=")[0] for each in needs(found)] == ["version_table_schema"]


def test_true_is_what_we_do_and_false_is_kept(app: App) -> None:
    found = read(MODELS, "compare_type=True, compare_server_default=False")

    assert declared(found).compare_server_default is False
    assert declared(found).compare_type is None


def test_a_hook_that_only_drops_empty_revisions_is_not_needed() -> None:
    found = read(
        MODELS
        + dedent("""
        def hook(context, revision, directives):
            if getattr(config.cmd_opts, "autogenerate", False):
                script = directives[0]
                if script.upgrade_ops.is_empty():
                    directives[:] = []
        """),
        "process_revision_directives=hook",
    )

    assert (found.needs, found.python) == ([], "")


def test_a_hook_that_numbers_revisions_is_taken_over() -> None:
    found = read(
        MODELS + "def hook(context, revision, directives):\n    directives[0].rev_id = '0001'\n",
        "process_revision_directives=hook",
    )

    assert found.needs == []
    assert found.declares == {"process_revision_directives": (10, 11)}


def test_options_in_a_dictionary_are_read() -> None:
    found = read(
        MODELS + "options = {'version_table': 'v', 'render_as_batch': True}\n", "**options"
    )

    assert found.settings == {
        "version_table": "v",
        "render_as_batch": True,
        "metadata": "app.models:Base",
    }


def test_options_of_a_projects_own_are_for_its_scripts(app: App) -> None:
    found = read(
        MODELS + "from app.config import settings\n", "tenant=settings.schema, shards=[1, 2]"
    )

    assert needs(found) == []
    assert declared(found).context_options == {"tenant": "shop", "shards": [1, 2]}


def test_an_option_that_only_a_run_knows_needs_a_person() -> None:
    assert needs(read(options="mine=connection.engine")) == ["mine=connection.engine"]


def test_what_the_ini_says_is_filled_in(app: App) -> None:
    found = read(
        MODELS
        + dedent("""
        excluded = config.get_main_option("excluded", "").split(",")
        def include_name(name, type_, parent_names):
            return name not in excluded
        """),
        "include_name=include_name",
        {"excluded": "a,b"},
    )

    assert declared(found).include_name("b", "table", {}) is False


def test_a_hook_that_asks_alembic_needs_a_person() -> None:
    found = read(
        MODELS
        + dedent("""
        def include_name(name, type_, parent_names):
            return context.get_context().dialect.name != name
        """),
        "include_name=include_name",
    )

    assert needs(found) == ["include_name"]


REWRITES = """
from alembic.autogenerate import comparators, rewriter
from alembic.operations import ops

writer = rewriter.Rewriter()

@writer.rewrites(ops.AddColumnOp)
def add_column(context, revision, op):
    return op

def numbered(context, revision, directives):
    head = ScriptDirectory.from_config(config).get_current_head()
    directives[0].rev_id = f"{int(head or 0) + 1:04}"

@comparators.dispatch_for("schema")
def compare(autogen_context, upgrade_ops, schemas):
    pass
"""


def test_a_rewriter_comes_with_the_functions_that_are_registered_with_it() -> None:
    found = read(
        MODELS + "from alembic.script import ScriptDirectory\n" + REWRITES,
        "process_revision_directives=writer.chain(numbered)",
    )

    assert needs(found) == []
    assert "@writer.rewrites(ops.AddColumnOp)" in found.python
    assert "process_revision_directives = writer.chain(numbered)" in found.python
    assert "config = context.config" in found.python


def test_a_comparator_of_env_py_is_taken_over_without_a_hook() -> None:
    found = read(MODELS + REWRITES)

    assert '@comparators.dispatch_for("schema")' in found.python
    assert "rewrites" not in found.python


def test_what_a_package_registers_is_taken_over_from_within_a_function() -> None:
    found = read(
        MODELS
        + dedent("""
        from alembic_utils.replaceable_entity import register_entities
        from app.views import VIEWS

        def before():
            register_entities(VIEWS)
        """),
        "include_schemas=True",
    )

    assert needs(found) == []
    assert "\nregister_entities(VIEWS)\n" in found.python
    assert "include_schemas = True" in found.python


def test_functions_called_after_each_revision_are_taken_over() -> None:
    found = read(
        MODELS + "def audit(ctx, step, heads, run_args):\n    pass\n", "on_version_apply=[audit]"
    )

    assert (needs(found), "on_version_apply = [audit]" in found.python) == ([], True)


# --- what else it does -----------------------------------------------------------------------


def run_around(lines: str, parameters: str = "connection") -> EnvSource:
    text = f"""
    from alembic import context
    from app.models import Base
    from app.config import schemas
    def online({parameters}):
        {lines}
        context.configure(connection=connection, target_metadata=Base.metadata)
        context.run_migrations()
    """
    return read_env(dedent(text), {}, lambda _: None)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("for s in schemas: context.run_migrations()", "migrations run in a loop"),
        ("c = connection.execution_options(schema_translate_map={})", "schema_translate_map"),
        ("context.run_migrations(db=context.get_context())", "arguments of run_migrations"),
    ],
)
def test_what_runs_around_the_migrations_is_named_with_its_line(line: str, what: str) -> None:
    found = run_around(line)

    assert what in found.needs[0].what
    assert (found.needs[0].lines, found.needs[0].matters) == ((6, 6), True)


@pytest.mark.parametrize(
    ("line", "written"),
    [
        (
            'connection.execute("SET search_path TO shop")',
            "connection.exec_driver_sql('SET search_path TO shop')",
        ),
        (
            "connection.execute(schemas.SET_ROLE)\n        connection.commit()",
            "connection.execute(schemas.SET_ROLE)",
        ),
        (
            'connection.dialect.default_schema_name = "shop"',
            "connection.dialect.default_schema_name = 'shop'",
        ),
        (
            'if connection.dialect.name == "postgresql": connection.execute(schemas.SET_ROLE)',
            (
                "if connection.dialect.name == 'postgresql':\n"
                "        connection.execute(schemas.SET_ROLE)"
            ),
        ),
        (
            "schema = schemas.of('shop')\n        connection.execute(schema.made())",
            "schema = schemas.of('shop')\n    connection.execute(schema.made())",
        ),
        ("schemas.prepare(connection)", "schemas.prepare(connection)"),
    ],
)
def test_what_the_connection_is_told_first_becomes_on_connect(line: str, written: str) -> None:
    found = run_around(line)

    assert found.needs == []
    assert f"def on_connect(connection):\n    {written}" in found.python
    assert found.declares["on_connect"] is not None


def test_what_an_async_connection_is_told_first_is_told_a_sync_one() -> None:
    text = """
    from alembic import context
    from sqlalchemy import text
    from app.models import Base
    async def online():
        async with engine.connect() as conn:
            await conn.execute(text("SET ROLE owner"))
            await conn.commit()
            await conn.run_sync(run)
    def run(connection):
        connection.execute(text(f"SET search_path TO {context.get_x_argument(True)['schema']}"))
        context.configure(connection=connection, target_metadata=Base.metadata)
        context.run_migrations()
    """
    found = read_env(dedent(text), {}, lambda _: None)

    assert "SQL" not in str(needs(found))
    assert (
        dedent(
            """
        def on_connect(connection, x):
            connection.execute(text('SET ROLE owner'))
            connection.execute(text(f"SET search_path TO {x['schema']}"))
        """
        )
        in found.python
    )


def test_a_function_of_env_py_that_is_handed_the_connection_comes_with_it() -> None:
    text = """
    from alembic import context
    from sqlalchemy import text
    from app.models import Base
    def owner(connection):
        connection.execute(text("SET ROLE owner"))
    def online(engine):
        with engine.connect() as connection:
            owner(connection)
            context.configure(connection=connection, target_metadata=Base.metadata)
            context.run_migrations()
    """
    found = read_env(dedent(text), {}, lambda _: None)

    assert "SQL" not in str(needs(found))
    assert "def owner(connection):" in found.python
    assert "def on_connect(connection):\n    owner(connection)" in found.python


@pytest.mark.parametrize(
    "line",
    [
        "for each in schemas: connection.execute(each)\n        context.get_context()",
        "connection.execute(schema)",
    ],
)
def test_what_hangs_on_a_loop_or_a_parameter_still_needs_a_person(line: str) -> None:
    found = run_around(line, "connection, schema")

    assert "on_connect" not in found.declares
    assert "SQL before the migrations" in needs(found)[0]


def test_what_scripts_are_handed_is_declared(app: App) -> None:
    text = """
    from alembic import context, op
    from app.models import Base
    from app.config import settings
    def online(connection):
        context.configure(connection=connection, target_metadata=Base.metadata)
        context.run_migrations(op=op, schema=settings.schema, dry="dry" in context.get_x_argument())
    """
    found = read_env(dedent(text), {}, lambda _: None)

    assert "arguments" not in str(needs(found))
    handed = evaluated(declared(found).script_arguments, "script_arguments", {"dry": ""})
    assert handed == {"schema": "shop", "dry": True}


@pytest.mark.parametrize(
    "line",
    ['connection.execute("SELECT pg_advisory_lock(7)")', 'connection.execute("BEGIN IMMEDIATE")'],
)
def test_what_is_done_here_anyway_needs_nobody(line: str) -> None:
    found = run_around(line)

    assert found.needs == []
    assert found.taken[0].became.startswith("not needed")


def test_a_path_is_added_before_the_imports_that_need_it() -> None:
    found = read("""
    import sys
    sys.path.insert(0, os.getcwd())
    from app.config import settings
    from app.models import Base
    config.set_main_option("sqlalchemy.url", settings.URL)
    target_metadata = Base.metadata
    """)

    lines = found.python.splitlines()
    assert lines.index("sys.path.insert(0, os.getcwd())") < lines.index(
        "from app.config import settings"
    )


def test_nothing_of_env_py_runs() -> None:
    found = read(MODELS + 'open("/nowhere/at/all").write("x")\nprint("loud")\n')

    assert "print" not in found.python


def test_text_that_is_not_python_is_an_error() -> None:
    with pytest.raises(SyntaxError):
        read_env("def (:", {}, lambda _: None)
