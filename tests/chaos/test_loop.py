"""An application's event loop goes on turning, whatever the size of its history and its models.

No callback of ours may keep it for more than 50 ms: while 10,000 scripts are read, while 1,000
tables are compared with as many models, while 98,304 rows of the ledger are read, and while what
the first script needs is imported.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import create_mock_engine

from asyncmigrate import Migrator
from tests.chaos.dump import is_mysql, mysql_admin, sync_url
from tests.chaos.processes import REPOSITORY, SLOW_START

if TYPE_CHECKING:
    from tests.project import Project

SCRIPTS = 10_000
TABLES = 1_000
LONGEST = float(os.environ.get("ASYNCMIGRATE_LOOP_SECONDS", "0.05"))
"""Seconds of CPU that one callback may take."""
_SCRIPT = '''\
"""Message {number}."""

from asyncmigrate import op

revision = "r{number}"
down_revision = {down!r}


def upgrade() -> None:
    op.execute("SELECT {number}")


def downgrade() -> None:
    op.execute("SELECT -{number}")
'''
_DIRECTIVES = """
op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))
op.add_column("users", sa.Column("name", sa.String(50)))
op.create_unique_constraint("uq_users_name", "users", ["name"])
op.alter_column("users", "name", existing_type=sa.String(50), nullable=False)
op.bulk_insert(sa.table("users", sa.column("id"), sa.column("name")), [dict(id=1, name="a")])
op.execute("UPDATE users SET name = 'b'")
"""
_MODELS = """
import sqlalchemy as sa

metadata = sa.MetaData()
for number in range({tables}):
    sa.Table(
        f"t{{number}}",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent", sa.ForeignKey(f"t{{max(number - 1, 0)}}.id", name=f"fk_t{{number}}")),
        sa.Column("name", sa.String(50), nullable=False, server_default="x"),
        sa.Column("size", sa.Integer, index=True),
        sa.Column("since", sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP")),
        sa.CheckConstraint("size > 0", name=f"ck_t{{number}}_size"),
        sa.UniqueConstraint("name", "size", name=f"uq_t{{number}}"),
    )
"""


def numbered(project: Project, count: int) -> None:
    """Write so many scripts, one after the other."""
    for number in range(count):
        down = f"r{number - 1}" if number else None
        text = _SCRIPT.format(number=number, down=down)
        (project.versions / f"r{number}.py").write_text(text)


def too_long(project: Project, what: str, where: str, url: str) -> dict[str, float]:
    """Return the steps of the program in which a callback kept the loop for too long.

    Nothing of the scripts is known to it from an earlier run.
    """
    ran = subprocess.run(
        [sys.executable, "-m", "tests.chaos.loop_time", what, where, url],
        cwd=REPOSITORY,
        env=os.environ | {"XDG_CACHE_HOME": str(project.root), "PYTHONPATH": str(project.root)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=5 * SLOW_START,
    )
    return {name: each for name, each in json.loads(ran.stdout).items() if each > LONGEST}


def test_the_loop_is_never_kept_for_long_while_ten_thousand_scripts_are_read(
    project: Project, sqlite_url: str
) -> None:
    numbered(project, SCRIPTS)

    assert too_long(project, "scripts", project.script_location, sqlite_url) == {}


@pytest.fixture(params=["sqlite_url", "postgres_url", "mysql_url"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


def run(url: str, statements: list[str]) -> None:
    """Run statements at once; in one transaction, where DDL does not commit."""
    text = ";\n".join(statements)
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(sync_url(url))) as file:
            file.executescript(f"BEGIN;\n{text};\nCOMMIT")
    elif is_mysql(url):
        with closing(mysql_admin(url)) as server, server.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    else:
        with psycopg.connect(sync_url(url)) as server:
            server.execute(text.encode())


def test_the_loop_is_never_kept_for_long_by_what_a_first_directive_needs(
    project: Project, url: str
) -> None:
    project.revision("a1", upgrade=_DIRECTIVES, downgrade='op.drop_table("users")')

    assert too_long(project, "directives", project.script_location, url) == {}


async def test_the_loop_is_never_kept_for_long_while_a_thousand_tables_are_compared(
    project: Project, url: str
) -> None:
    project.revision("a1")
    project.write("asyncmigrate.toml", 'metadata = "thousand_models:metadata"\n')
    text = _MODELS.format(tables=TABLES)
    project.write("thousand_models.py", text)
    declared: dict[str, Any] = {}
    exec(text, declared)
    statements: list[str] = []

    def keep(each: Any, *_: object) -> None:
        statements.append(str(each.compile(dialect=engine.dialect)))

    engine = create_mock_engine(url, keep)
    declared["metadata"].create_all(engine, checkfirst=False)
    run(url, statements)
    await Migrator(url, script_location=project.script_location).stamp()

    assert too_long(project, "models", str(project.root / "asyncmigrate.toml"), url) == {}


async def test_the_loop_is_never_kept_for_long_while_a_long_ledger_is_read(
    project: Project, url: str
) -> None:
    for id, down in (("a1", None), ("b2", "a1"), ("c3", "b2")):
        project.revision(id, down)
    await Migrator(url, script_location=project.script_location).upgrade()
    columns = "revision, direction, started_at, finished_at, outcome, checksum, host, pid, os_user"
    columns += ", tool_version, message"
    twice = f"INSERT INTO amigrate_history ({columns}) SELECT {columns} FROM amigrate_history"
    run(url, [twice] * 15)  # 3 rows, and so 98,304
    (project.versions / "c3.py").unlink()

    assert too_long(project, "ledger", project.script_location, url) == {}
