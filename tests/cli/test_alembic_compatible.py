"""Generated scripts that run under Alembic too, on a real server; and what is refused."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project
    from tests.terminal import Terminal

BEFORE = """
    import sqlalchemy as sa

    metadata = sa.MetaData()
    users = sa.Table(
        "users", metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mood", sa.Enum("sad", "glad", name="mood"), nullable=False),
        sa.UniqueConstraint("mood", name="uq_mood"),
    )
    """
AFTER = """
    import sqlalchemy as sa

    metadata = sa.MetaData()
    users = sa.Table(
        "users", metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mood", sa.Enum("sad", "calm", "glad", name="mood"), nullable=False),
        sa.Column("level", sa.Enum("a", "b", name="level"), server_default="a", nullable=False),
        sa.UniqueConstraint("mood", name="uq_users_mood"),
    )
    """
REPLACED = BEFORE.replace('"sad", "glad"', '"glad"')
ENV = """
    import asyncio
    from alembic import context
    from sqlalchemy.ext.asyncio import create_async_engine
    from models import metadata as target_metadata

    def work(connection):
        context.configure(connection=connection, target_metadata=target_metadata)
        with context.begin_transaction():
            context.run_migrations()

    async def main():
        engine = create_async_engine("{url}")
        async with engine.connect() as connection:
            await connection.run_sync(work)
        await engine.dispose()

    asyncio.run(main())
    """


@pytest.fixture
def shared(project: Project, postgres_url: str) -> Project:
    """A folder that both tools run, on one PostgreSQL database."""
    url = postgres_url.replace("postgresql://", "postgresql+asyncpg://")
    project.write("alembic.ini", "[alembic]\nscript_location = migrations\nprepend_sys_path = .\n")
    project.write("migrations/env.py", ENV.format(url=url))
    project.write("migrations/script.py.mako", "")
    return project


@pytest.fixture(autouse=True)
def unloaded() -> Iterator[None]:
    yield
    unload()


def unload() -> None:
    sys.modules.pop("models", None)


def declare(project: Project, models: str) -> None:
    unload()
    project.write("models.py", models)


def alembic(project: Project, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "alembic", *words],
        cwd=project.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def generated(amigrate: Terminal, *words: str) -> str:
    found = amigrate.json("revision", "--autogenerate", "--no-renames", *words)
    return Path(found["path"]).read_text()


def test_enums_and_constraints_are_changed_by_either_tool(
    shared: Project, amigrate: Terminal
) -> None:
    declare(shared, BEFORE)
    first = generated(amigrate, "-m", "one")
    alembic(shared, "upgrade", "head")
    declare(shared, AFTER)
    second = generated(amigrate, "-m", "two")

    assert "op.execute(\"CREATE TYPE mood AS ENUM ('sad', 'glad')\")" in first
    assert "with op.get_context().autocommit_block():" in second
    assert "# The enum mood keeps its values: PostgreSQL takes none out." in second
    assert "asyncmigrate" not in first + second
    alembic(shared, "upgrade", "head")
    assert amigrate("check").code == 0
    assert "No new upgrade operations" in alembic(shared, "check")
    amigrate.ok("downgrade", "-1")
    amigrate.ok("upgrade", "head")
    assert amigrate("check").code == 0
    amigrate.ok("downgrade", "base")


def test_what_alembic_cannot_do_is_refused_and_nothing_written(
    shared: Project, amigrate: Terminal
) -> None:
    declare(shared, BEFORE)
    generated(amigrate, "-m", "one")
    amigrate.ok("upgrade", "head")
    declare(shared, REPLACED)
    before = sorted(shared.versions.iterdir())

    typed = amigrate("revision", "--autogenerate", "-m", "two")

    assert typed.code == 1
    assert "Alembic cannot make the change of op.replace_enum" in typed.err
    assert "alembic_compatible" in typed.err
    assert sorted(shared.versions.iterdir()) == before


def test_the_setting_alone_makes_batches(shared: Project, amigrate: Terminal) -> None:
    shared.write(
        "asyncmigrate.toml",
        'url = "sqlite:///x.db"\nmetadata = "models:metadata"\nenv_py = ""\nrender_as_batch = true',
    )
    declare(shared, BEFORE)
    generated(amigrate, "-m", "one")
    amigrate.ok("upgrade", "head")
    declare(shared, AFTER.replace(', server_default="a", nullable=False', ""))

    text = generated(amigrate, "-m", "two")

    assert 'with op.batch_alter_table("users") as batch_op:' in text
    assert "from asyncmigrate import op" in text
    amigrate.ok("upgrade", "head")
    assert amigrate("check").code == 0


def test_to_drop_a_constraint_without_a_name_is_refused(
    shared: Project, amigrate: Terminal
) -> None:
    shared.write(
        "asyncmigrate.toml",
        'url = "sqlite:///x.db"\nmetadata = "models:metadata"\nenv_py = ""\n'
        "alembic_compatible = true",
    )
    unique = '\n        sa.UniqueConstraint("mood", name="uq_mood"),'
    declare(shared, BEFORE.replace(unique, ""))
    generated(amigrate, "-m", "one")
    amigrate.ok("upgrade", "head")
    with closing(connect(shared.root / "x.db")) as connection:
        connection.execute("DROP TABLE users")
        connection.execute(
            "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, mood VARCHAR(4) NOT NULL UNIQUE)"
        )

    typed = amigrate("revision", "--autogenerate", "--no-renames", "-m", "two")

    assert typed.code == 1
    assert "Alembic cannot drop a constraint of users that has no name" in typed.err
