"""What guides to Alembic teach, done here: their commands, their snippets, and what they warn of.

The project is one of Alembic's generic template, as `alembic init alembic` makes it.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from io import StringIO
from sqlite3 import connect
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.alembic import command
from asyncmigrate.alembic.config import Config
from asyncmigrate.alembic.runtime.migration import MigrationContext
from asyncmigrate.alembic.script import ScriptDirectory
from asyncmigrate.errors import UsageError
from tests.examples.guide_project import env_py, fill, tables

if TYPE_CHECKING:
    from tests.project import Project
    from tests.terminal import Terminal

# --- the commands ----------------------------------------------------------------------------


def test_write_apply_and_revert(project: Project, two: Terminal) -> None:
    two.ok("upgrade", "+1")
    assert tables(project) == {"users"}
    two.ok("upgrade", "head")
    assert tables(project) == {"users", "posts"}
    two.ok("downgrade", "-1")
    assert tables(project) == {"users"}
    two.ok("upgrade", "b2")
    two.ok("downgrade", "a1")
    two.ok("downgrade", "base")
    assert tables(project) == set()


def test_ask_where_the_database_is(two: Terminal) -> None:
    two.ok("upgrade", "head")

    assert "b2 (head)" in two.ok("current")
    assert "create users table" in two.ok("history")
    assert "alembic/versions" in two.ok("history", "--verbose")
    assert "b2" in two.ok("history", "-r", "-1:")
    assert "b2 (head)" in two.ok("heads")
    assert "create users table" in two.ok("show", "a1")


def test_mark_a_database_as_up_to_date(project: Project, two: Terminal) -> None:
    two.ok("stamp", "head")

    assert "b2 (head)" in two.ok("current")
    assert tables(project) == set()


def test_generate_from_the_models(project: Project, typed: Terminal) -> None:
    out = typed.ok("revision", "--autogenerate", "-m", "initial schema")

    assert "+ table users" in out
    typed.ok("upgrade", "head")
    assert tables(project) == {"users"}
    typed.ok("check")


def test_a_revision_that_only_moves_the_stamp(typed: Terminal) -> None:
    path = typed.json("revision", "--head-only", "-m", "only the stamp")["path"]

    with open(path) as script:
        assert "changes nothing in the database" in script.read()


def test_branch_and_merge(two: Terminal) -> None:
    two.ok("revision", "-m", "feature branch", "--branch-label", "feature", "--rev-id", "f1")
    two.ok("revision", "-m", "other", "--head", "b2", "--splice", "--rev-id", "o1")

    two.ok("merge", "-m", "merge feature branch", "feature", "o1", "--rev-id", "m1")

    assert [each["revision"] for each in two.json("heads")["revisions"]] == ["m1"]
    assert "f1" in two.ok("history", "-r", "feature:")
    two.ok("upgrade", "head")


def test_see_the_sql_first(two: Terminal) -> None:
    sql = two.ok("upgrade", "head", "--sql")

    assert "CREATE TABLE users" in sql
    assert "INSERT INTO alembic_version" in sql


# --- operations ------------------------------------------------------------------------------


def test_the_operations_of_the_table_of_operations(project: Project, two: Terminal) -> None:
    two.ok("revision", "-m", "more", "--rev-id", "c3")
    fill(
        project,
        "c3",
        """
        op.alter_column("users", "username", new_column_name="full_name")
        op.alter_column("users", "full_name", type_=sa.String(100))
        op.add_column("users", sa.Column("age", sa.Integer()))
        op.execute("UPDATE users SET full_name = 'Unknown' WHERE full_name IS NULL")
        op.drop_column("users", "age")
        op.drop_constraint("fk_posts_user_id", "posts", type_="foreignkey")
        """,
        'op.alter_column("users", "full_name", new_column_name="username")',
    )

    two.ok("upgrade", "head")

    with closing(connect(project.root / "example.db")) as connection:
        (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'users'").fetchone()
    assert "full_name VARCHAR(100)" in sql


def test_a_script_may_look_before_it_creates(project: Project, two: Terminal) -> None:
    two.ok("revision", "-m", "careful", "--rev-id", "c3")
    fill(
        project,
        "c3",
        """
        inspector = sa.inspect(op.get_bind())
        if "users" not in inspector.get_table_names():
            raise AssertionError
        if "email" not in [each["name"] for each in inspector.get_columns("users")]:
            op.add_column("users", sa.Column("email", sa.String(100)))
        """,
        'op.drop_column("users", "email")',
    )

    two.ok("upgrade", "head")
    two.ok("downgrade", "b2")


# --- env.py ----------------------------------------------------------------------------------


def test_the_url_from_a_dotenv_file(
    project: Project, two: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "")  # restored afterwards: load_dotenv sets it
    monkeypatch.delenv("DATABASE_URL")
    project.write(".env", "DATABASE_URL=sqlite:///from_dotenv.db\n")
    env_py(
        project,
        "config = context.config\n",
        "from dotenv import load_dotenv\nimport os\nload_dotenv()\nconfig = context.config\n"
        'database_url = os.getenv("DATABASE_URL")\n'
        'config.set_main_option("sqlalchemy.url", database_url)\n',
    )

    two.ok("upgrade", "head")

    assert tables(project, "from_dotenv.db") == {"users", "posts"}


def test_the_url_of_the_applications_settings(project: Project, two: Terminal) -> None:
    project.write("myproject/config.py", 'DATABASE_URL = "sqlite:///configured.db"\n')
    env_py(
        project,
        "config = context.config\n",
        "config = context.config\nfrom myproject.config import DATABASE_URL\n"
        'config.set_main_option("sqlalchemy.url", DATABASE_URL)\n',
    )

    two.ok("upgrade", "head")

    assert tables(project, "configured.db") == {"users", "posts"}


ASYNC_ENV = """
    import asyncio
    from alembic import context
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool
    from myproject.models import Base

    config = context.config
    target_metadata = Base.metadata

    def run_migrations_online():
        connectable = create_async_engine(
            config.get_main_option("sqlalchemy.url"), poolclass=NullPool, future=True
        )

        async def do_run_migrations(connection):
            context.configure(
                connection=connection,
                target_metadata=target_metadata,
                literal_binds=True,
                compare_type=True,
            )
            with context.begin_transaction():
                context.run_migrations()

        async def run_async_migrations():
            async with connectable.connect() as connection:
                await connection.run_sync(do_run_migrations)

        asyncio.run(run_async_migrations())

    run_migrations_online()
    """


def test_an_async_env_py_works_even_where_it_would_not_with_alembic(
    project: Project, two: Terminal
) -> None:
    project.write("alembic/env.py", ASYNC_ENV)

    two.ok("upgrade", "head")

    assert tables(project) == {"users", "posts"}


def test_an_engine_that_a_function_chooses_gives_its_url(
    project: Project, two: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("alembic/env.py", CHOOSING_ENV)
    monkeypatch.setenv("PRODUCTION_DATABASE_URL", "sqlite:///production.db")

    two.ok("upgrade", "head")
    monkeypatch.setenv("ENVIRONMENT", "production")
    two.ok("upgrade", "a1")

    assert tables(project, "development.db") == {"users", "posts"}
    assert tables(project, "production.db") == {"users"}


CHOOSING_ENV = """
    import os
    from alembic import context
    from sqlalchemy import create_engine
    from myproject.models import Base

    def get_engine_for_environment():
        environment = os.getenv("ENVIRONMENT", "development")
        if environment == "production":
            return create_engine(os.getenv("PRODUCTION_DATABASE_URL"))
        else:
            return create_engine(os.getenv("DEVELOPMENT_DATABASE_URL", "sqlite:///development.db"))

    def run_migrations_online():
        connectable = get_engine_for_environment()
        with connectable.connect() as connection:
            context.configure(connection=connection, target_metadata=Base.metadata)
            with context.begin_transaction():
                context.run_migrations()

    run_migrations_online()
    """


def test_environments_in_the_settings_do_that_without_python(
    project: Project, two: Terminal
) -> None:
    project.write(
        "asyncmigrate.toml",
        """
        script_location = "alembic"
        env_py = ""
        environment = "development"
        [environments.development]
        url = "sqlite:///development.db"
        [environments.production]
        url = "${PRODUCTION_DATABASE_URL:-sqlite:///production.db}"
        """,
    )

    two.ok("upgrade", "head")
    two.ok("-n", "production", "upgrade", "a1")

    assert tables(project, "development.db") >= {"users", "posts"}
    assert "posts" not in tables(project, "production.db")


# --- from Python -----------------------------------------------------------------------------


async def test_a_tests_database_is_handed_over_as_a_connection(two: Terminal) -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    config = Config("alembic.ini")

    def upgrade(connection: sa.Connection) -> list[str]:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return sa.inspect(connection).get_table_names()

    async with engine.begin() as connection:
        names = await connection.run_sync(upgrade)

    assert {"users", "posts"} <= {*names}
    await engine.dispose()


def test_a_sync_connection_is_refused_with_the_way_to_do_it(two: Terminal) -> None:
    engine = sa.create_engine("sqlite://")
    config = Config("alembic.ini")

    with engine.begin() as connection:
        config.attributes["connection"] = connection
        with pytest.raises(UsageError, match="run_sync"):
            command.upgrade(config, "head")

    engine.dispose()


async def test_the_same_with_an_async_engine_and_no_config(project: Project, two: Terminal) -> None:
    engine = create_async_engine("sqlite+aiosqlite://")

    async with engine.begin() as connection:
        await Migrator(connection, script_location="alembic", history_table="").upgrade("head")
        names = await connection.run_sync(lambda each: sa.inspect(each).get_table_names())

    assert "users" in names
    await engine.dispose()


def test_up_and_down_from_a_test(project: Project, two: Terminal) -> None:
    said = StringIO()
    config = Config("alembic.ini", stdout=said)

    command.upgrade(config, "head")
    command.current(config)
    command.downgrade(config, "base")

    assert said.getvalue().startswith("b2 (head)")
    assert tables(project) == set()


def test_a_function_that_tells_the_status(project: Project, two: Terminal) -> None:
    two.ok("upgrade", "a1")
    script = ScriptDirectory.from_config(Config("alembic.ini"))
    engine = sa.create_engine(f"sqlite:///{project.root / 'example.db'}")

    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()

    assert (current, script.get_current_head()) == ("a1", "b2")
    assert two.json("status")["is_up_to_date"] is False
    engine.dispose()


def test_what_runs_is_logged_for_a_logger_of_your_own(
    two: Terminal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "asyncmigrate")

    two.ok("upgrade", "head")

    assert "a1" in caplog.text


# --- what they warn of -----------------------------------------------------------------------


def test_a_lost_script_is_named_with_what_to_do(project: Project, two: Terminal) -> None:
    two.ok("upgrade", "head")
    next((project.root / "alembic/versions").glob("b2_*")).unlink()

    typed = two("upgrade", "head")

    assert typed.code != 0
    assert "b2" in typed.err
    assert "stamp" in typed.err


def test_a_wrong_url_is_named_without_its_password(two: Terminal) -> None:
    typed = two("--url", "postgresql://me:hidden@127.0.0.1:1/x", "upgrade", "head")

    assert typed.code == 1
    assert "127.0.0.1" in typed.err
    assert "hidden" not in typed.everything


def test_a_database_that_is_behind_is_said_with_the_command(two: Terminal) -> None:
    typed = two("revision", "--autogenerate", "-m", "more")

    assert typed.code == 3
    assert "amigrate upgrade" in typed.err


def test_models_that_were_not_imported_make_no_empty_revision(
    project: Project, typed: Terminal
) -> None:
    env_py(project, "target_metadata = Base.metadata", "target_metadata = None")

    refused = typed("revision", "--autogenerate", "-m", "nothing")

    assert refused.code == 2
    assert "metadata" in refused.err
    assert list((project.root / "alembic/versions").glob("*.py")) == []


def test_two_heads_are_named_with_the_command_that_joins_them(two: Terminal) -> None:
    two.ok("revision", "-m", "other", "--head", "a1", "--splice")

    typed = two("upgrade", "head")

    assert typed.code != 0
    assert "merge" in typed.err


def test_a_downgrade_that_was_forgotten_is_found(project: Project, two: Terminal) -> None:
    script = next((project.root / "alembic/versions").glob("b2_*"))
    script.write_text(script.read_text().partition("def downgrade")[0])
    two.ok("upgrade", "head")

    two.ok("downgrade", "-1")

    assert tables(project) == {"users"}


def test_two_processes_at_once_are_no_accident(project: Project, two: Terminal) -> None:
    command_line = [sys.executable, "-m", "asyncmigrate", "upgrade", "head"]

    both = [subprocess.Popen(command_line, cwd=project.root) for _ in range(2)]

    assert [each.wait(60) for each in both] == [0, 0]
    assert tables(project) == {"users", "posts"}
