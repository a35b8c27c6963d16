"""What guides to Alembic show besides `test_guides`: `test_guides_listed` says which is where."""

from __future__ import annotations

import logging
from contextlib import closing
from sqlite3 import connect
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.alembic import command
from asyncmigrate.alembic.config import Config
from asyncmigrate.alembic.runtime.migration import MigrationContext
from asyncmigrate.alembic.script import ScriptDirectory
from tests.examples.guide_project import MODELS, env_py, fill, replace, tables

if TYPE_CHECKING:
    import pytest

    from tests.project import Project
    from tests.terminal import Terminal


def columns(project: Project, table: str) -> set[str]:
    with closing(connect(project.root / "example.db")) as connection:
        return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}


# --- the case study ---------------------------------------------------------------------------


def test_start_a_project(project: Project, typed: Terminal) -> None:
    (project.root / "alembic.ini").unlink()

    typed.ok("init", "db")

    assert (project.root / "db/versions").is_dir()
    assert (project.root / "asyncmigrate.toml").is_file()


SOCIAL = """
    op.create_table(
        'social_accounts',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('user_id', sa.Integer, sa.ForeignKey('users.id'), nullable=False),
    )
    op.create_table(
        'social_pages',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('account_id', sa.Integer, sa.ForeignKey('social_accounts.id')),
    )
    op.create_table(
        'social_posts',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('page_id', sa.Integer, sa.ForeignKey('social_pages.id')),
    )
    """
NO_SOCIAL = """
    op.drop_table('social_posts')
    op.drop_table('social_pages')
    op.drop_table('social_accounts')
    """


def test_several_tables_in_one_revision(project: Project, two: Terminal) -> None:
    two.ok("revision", "-m", "create_social_tables", "--rev-id", "c3")
    fill(project, "c3", SOCIAL, NO_SOCIAL)
    social = {"social_accounts", "social_pages", "social_posts"}

    two.ok("upgrade", "head")
    assert tables(project) == {"users", "posts"} | social
    two.ok("downgrade", "-1")
    assert tables(project) == {"users", "posts"}
    two.ok("upgrade", "head")
    two.ok("downgrade", "-3")
    assert tables(project) == set()


def test_a_lost_script_is_written_anew_and_stamped(project: Project, two: Terminal) -> None:
    two.ok("upgrade", "head")
    next((project.root / "alembic/versions").glob("b2_*")).unlink()

    two.ok("revision", "-m", "what b2 was", "--rev-id", "b3")
    two.ok("stamp", "--purge", "b3")

    assert "b3 (head)" in two.ok("current")


def test_a_dotenv_file_that_was_not_loaded_is_named_by_its_variable(
    project: Project, two: Terminal
) -> None:
    env_py(
        project,
        "config = context.config\n",
        "import os\nconfig = context.config\n"
        'database_url = os.getenv("DATABASE_URL")\n'
        'config.set_main_option("sqlalchemy.url", database_url)\n',
    )

    typed = two("upgrade", "head")

    assert typed.code == 2
    assert "DATABASE_URL" in typed.err


# --- the long guide ---------------------------------------------------------------------------


def test_a_column_that_a_model_gets_is_generated(project: Project, typed: Terminal) -> None:
    email = "        email = sa.Column(sa.String(100), unique=True, nullable=False)\n"
    without, added = MODELS.replace(email, ""), "    email = sa.Column(sa.String(100))\n"
    project.write("myproject/models.py", without)
    typed.ok("revision", "--autogenerate", "-m", "create users table")
    typed.ok("upgrade", "head")
    models = project.root / "myproject/models.py"
    models.write_text(models.read_text() + added)
    unload()

    out = typed.ok("revision", "--autogenerate", "-m", "add email column")
    typed.ok("upgrade", "head")

    assert "+ column users.email" in out
    assert "email" in columns(project, "users")
    typed.ok("downgrade", "-1")
    assert "email" not in columns(project, "users")


def unload() -> None:
    import sys

    for name in [each for each in sys.modules if each.partition(".")[0] == "myproject"]:
        del sys.modules[name]


def test_the_calls_of_the_table_of_operations(project: Project, two: Terminal) -> None:
    two.ok("revision", "-m", "each of them", "--rev-id", "c3")
    fill(
        project,
        "c3",
        """
        op.create_table('roles', sa.Column('id', sa.Integer, primary_key=True))
        op.add_column('users', sa.Column('age', sa.Integer))
        op.add_column('users', sa.Column('role_id', sa.Integer))
        op.add_column('users', sa.Column('status', sa.String(20)))
        op.add_column('users', sa.Column('name', sa.String(50)))
        op.drop_column('users', 'age')
        op.alter_column('users', 'name', type_=sa.String(100))
        op.drop_index('ix_users_email', 'users')
        op.create_index('ix_users_email', 'users', ['email'])
        op.create_index('idx_user_name', 'users', ['name'])
        op.create_foreign_key('fk_users_role', 'users', 'roles', ['role_id'], ['id'])
        op.drop_constraint('fk_users_role', 'users')
        op.execute("UPDATE users SET status = 'active'")
        op.execute("UPDATE users SET name='Unknown' WHERE name IS NULL")
        op.alter_column('users', 'name', new_column_name='full_name')
        op.drop_table('roles')
        """,
        "pass",
    )

    two.ok("upgrade", "head")

    assert {"role_id", "status", "full_name"} <= columns(project, "users")
    assert "age" not in columns(project, "users")
    assert tables(project) == {"users", "posts"}


ASYNC_USER = """
    from sqlalchemy.orm import declarative_base
    from sqlalchemy import Column, Integer, String

    Base = declarative_base()

    class AsyncUser(Base):
        __tablename__ = 'async_users'

        id = Column(Integer, primary_key=True)
        username = Column(String(50), unique=True)
        email = Column(String(100), unique=True)
    """


def test_a_model_for_an_async_session_is_a_model(project: Project, typed: Terminal) -> None:
    project.write("myproject/models.py", ASYNC_USER)

    typed.ok("revision", "--autogenerate", "-m", "description")
    typed.ok("upgrade", "head")

    assert tables(project) == {"async_users"}
    typed.ok("check")


def test_a_merge_of_two_revisions_by_their_ids(two: Terminal) -> None:
    two.ok("revision", "-m", "feature branch", "--branch-label", "feature", "--rev-id", "f1")
    two.ok("revision", "-m", "master", "--head", "b2", "--splice", "--rev-id", "m1")

    two.ok("merge", "-m", "merge conflicting branches", "f1", "m1", "--rev-id", "j1")
    two.ok("upgrade", "head")

    assert [each["revision"] for each in two.json("current")["revisions"]] == ["j1"]


def test_a_merge_of_one_branch_with_nothing_says_what_to_name(two: Terminal) -> None:
    two.ok("revision", "-m", "feature branch", "--branch-label", "feature", "--rev-id", "f1")

    typed = two("merge", "-m", "merge feature branch", "--branch-label", "master", "feature")

    assert typed.code == 2
    assert "two" in typed.err


def test_what_the_pipelines_type(
    project: Project, two: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///example.db")
    env_py(
        project,
        "config = context.config\n",
        "import os\nconfig = context.config\n"
        'config.set_main_option("sqlalchemy.url", os.environ["DATABASE_URL"])\n',
    )

    two.ok("upgrade", "head")
    two.ok("downgrade", "-1")
    two.ok("upgrade", "head")
    two.ok("downgrade", "base")
    two.ok("upgrade", "head")

    assert tables(project) == {"users", "posts"}


def test_a_problem_is_stepped_over_with_stamp(project: Project, two: Terminal) -> None:
    two.ok("upgrade", "a1")
    two.ok("stamp", "b2")
    two.ok("upgrade", "head")

    assert "b2 (head)" in two.ok("current")
    assert tables(project) == {"users"}


CONFIG = """
    import os
    from dataclasses import dataclass

    @dataclass
    class DatabaseConfig:
        url: str
        echo: bool = False
        pool_size: int = 5

    class Config:
        def __init__(self):
            self.environment = os.getenv('ENVIRONMENT', 'development')

        def get_database_config(self) -> DatabaseConfig:
            configs = {
                'development': DatabaseConfig(url=os.getenv('DEV_DATABASE_URL'), echo=True),
                'testing': DatabaseConfig(url=os.getenv('TEST_DATABASE_URL'), echo=False),
                'production': DatabaseConfig(
                    url=os.getenv('PROD_DATABASE_URL'), echo=False, pool_size=20
                ),
            }
            return configs.get(self.environment, configs['development'])
    """


def test_a_configuration_object_chooses_the_database(
    project: Project, two: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("myproject/config.py", CONFIG)
    env_py(
        project,
        "config = context.config\n",
        "from myproject.config import Config\nconfig = context.config\n"
        'config.set_main_option("sqlalchemy.url", Config().get_database_config().url)\n',
    )
    monkeypatch.setenv("DEV_DATABASE_URL", "sqlite:///dev.db")
    monkeypatch.setenv("TEST_DATABASE_URL", "sqlite:///test.db")

    two.ok("upgrade", "head")
    monkeypatch.setenv("ENVIRONMENT", "testing")
    unload()
    two.ok("upgrade", "a1")

    assert tables(project, "dev.db") == {"users", "posts"}
    assert tables(project, "test.db") == {"users"}


def test_a_script_that_asks_whether_the_table_is_there(project: Project, two: Terminal) -> None:
    two.ok("revision", "-m", "careful", "--rev-id", "c3")
    fill(
        project,
        "c3",
        """
        bind = op.get_bind()
        inspector = sa.inspect(bind)
        if 'accounts' not in inspector.get_table_names():
            op.create_table(
                'accounts',
                sa.Column('id', sa.Integer, primary_key=True),
                sa.Column('username', sa.String(50), nullable=False)
            )
        if 'phone' not in [col['name'] for col in inspector.get_columns('users')]:
            op.add_column('users', sa.Column('phone', sa.String(100)))
        """,
        "pass",
    )

    two.ok("upgrade", "head")
    two.ok("stamp", "b2")
    two.ok("upgrade", "head")

    assert "accounts" in tables(project)
    assert "phone" in columns(project, "users")


def test_a_function_that_logs_and_upgrades(
    project: Project, two: Terminal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    logger = logging.getLogger("alembic")

    def run_migrations_with_logging() -> None:
        alembic_cfg = Config("alembic.ini")
        alembic_cfg.attributes["logger"] = logger
        command.upgrade(alembic_cfg, "head")

    run_migrations_with_logging()

    assert tables(project) == {"users", "posts"}
    assert "b2" in caplog.text


def test_the_function_that_tells_the_status_as_it_stands(two: Terminal) -> None:
    def get_migration_status() -> dict[str, Any]:
        alembic_cfg = Config("alembic.ini")
        script = ScriptDirectory.from_config(alembic_cfg)
        engine = sa.create_engine(alembic_cfg.get_main_option("sqlalchemy.url"))
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            current_rev = context.get_current_revision()
            head_rev = script.get_current_head()
        engine.dispose()
        return {
            "current_revision": current_rev,
            "head_revision": head_rev,
            "is_up_to_date": current_rev == head_rev,
        }

    before = get_migration_status()
    two.ok("upgrade", "head")

    assert before == {"current_revision": None, "head_revision": "b2", "is_up_to_date": False}
    assert get_migration_status()["is_up_to_date"] is True


# --- the short ones ---------------------------------------------------------------------------


def test_models_beside_the_ini_and_a_url_of_their_database_module(
    project: Project, two: Terminal
) -> None:
    project.write("database.py", 'DATABASE_URL = "sqlite:///shared.db"\n')
    project.write("myproject_models.py", MODELS)
    env_py(project, "from myproject.models import Base", "from myproject_models import Base")
    env_py(
        project,
        "config = context.config\n",
        "config = context.config\nfrom database import DATABASE_URL\n"
        'config.set_main_option("sqlalchemy.url", DATABASE_URL)\n',
    )

    two.ok("upgrade", "head")

    assert tables(project, "shared.db") == {"users", "posts"}


def test_models_in_several_files_are_all_compared(project: Project, typed: Terminal) -> None:
    project.write("myproject/base.py", "from sqlalchemy.orm import declarative_base\n"
                  "Base = declarative_base()\n")  # fmt: skip
    model = (
        "import sqlalchemy as sa\nfrom myproject.base import Base\n"
        "class {0}(Base):\n    __tablename__ = '{1}'\n"
        "    id = sa.Column(sa.Integer, primary_key=True)\n"
    )
    project.write("myproject/user.py", model.format("User", "users"))
    project.write("myproject/post.py", model.format("Post", "posts"))
    env_py(
        project,
        "from myproject.models import Base\n",
        "from myproject.base import Base\nfrom myproject.user import User\n"
        "from myproject.post import Post\n",
    )

    typed.ok("revision", "--autogenerate", "-m", "initial schema")
    typed.ok("upgrade", "head")

    assert tables(project) == {"users", "posts"}


def test_a_url_in_the_ini_is_beaten_by_the_environment(
    project: Project, two: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace(project, "alembic.ini", "sqlite:///example.db", "postgresql://user:pass@localhost/mydb")
    monkeypatch.setenv("AMIGRATE_URL", "sqlite:///example.db")

    two.ok("upgrade", "head")

    assert tables(project) == {"users", "posts"}
