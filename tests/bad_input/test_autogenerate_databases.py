"""Databases that let themselves be read only, or not even that, and SQL that does not run."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.bad_input.refused import contents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.project import Project
    from tests.terminal import Terminal

    Declare = Callable[..., None]

USERS = """
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)))
"""
CHANGED = USERS.replace(
    "sa.String(50)", 'sa.String(60)), sa.CheckConstraint("id > 0 and id < 9", name="c"'
)
REQUIRED = USERS.replace("sa.String(50)", 'sa.String(50)), sa.Column("age", sa.Integer, nullable=0')
EQUAL = "The models and the database are equal.\n"
ROLE = "amigrate_reader"


def begun(project: Project, url: str, declare: Declare, amigrate: Terminal) -> None:
    project.write("asyncmigrate.toml", f'url = "{url}"\nmetadata = "app.models:metadata"\n')
    declare(USERS)
    amigrate.ok("revision", "--autogenerate", "-m", "begin", "--rev-id", "a1")
    amigrate.ok("upgrade")


def administered(url: str) -> psycopg.Connection[tuple[object, ...]]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


@pytest.fixture
def reader(
    project: Project, declare: Declare, amigrate: Terminal, postgres_url: str
) -> Iterator[str]:
    """The URL of a role that may read the tables of a project's database, and nothing else."""
    begun(project, postgres_url, declare, amigrate)
    with administered(postgres_url) as admin:
        admin.execute(f"DROP ROLE IF EXISTS {ROLE}")
        admin.execute(f"CREATE ROLE {ROLE} LOGIN")
        database = make_url(postgres_url).database
        admin.execute(f'REVOKE TEMP ON DATABASE "{database}" FROM PUBLIC')
        admin.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ROLE}")
        yield make_url(postgres_url).set(username=ROLE).render_as_string(hide_password=False)
        admin.execute(f"DROP OWNED BY {ROLE}")
        admin.execute(f"DROP ROLE {ROLE}")


def test_a_role_that_may_only_read_can_compare(
    reader: str, amigrate: Terminal, declare: Declare
) -> None:
    assert amigrate.ok("check", "--url", reader) == EQUAL
    declare(CHANGED)

    typed = amigrate("check", "--url", reader)

    assert typed.code == 3
    assert "~ column users.name (type: character varying(50) → character varying(60))" in typed.out
    assert "not compared: table users: the server would not make a scratch copy" in typed.err


def test_a_role_that_may_not_create_databases_is_told_so(
    reader: str, amigrate: Terminal, project: Project
) -> None:
    before = contents(project.root)

    typed = amigrate("check", "--from", "history", "--url", reader)

    assert (typed.code, typed.out) == (1, "")
    assert "no scratch database could be made (permission denied to create" in typed.err
    assert "--scratch" in typed.err
    assert "Traceback" not in typed.err
    assert contents(project.root) == before


def test_a_role_that_may_not_even_read_the_version_table_is_told_so(
    reader: str, amigrate: Terminal, postgres_url: str
) -> None:
    with administered(postgres_url) as admin:
        admin.execute(f"REVOKE SELECT ON alembic_version FROM {ROLE}")

    typed = amigrate("check", "--url", reader)

    assert (typed.code, typed.out) == (1, "")
    assert "alembic_version" in typed.err
    assert "next: " in typed.err


def test_a_database_that_is_read_only_can_be_compared(
    project: Project, declare: Declare, amigrate: Terminal, postgres_url: str
) -> None:
    begun(project, postgres_url, declare, amigrate)
    with administered(postgres_url) as admin:
        database = make_url(postgres_url).database
        admin.execute(f'ALTER DATABASE "{database}" SET default_transaction_read_only = on')

    assert amigrate.ok("check") == EQUAL
    declare(CHANGED)

    assert amigrate("check").code == 3
    assert "~ column users.name" in amigrate.ok("revision", "--autogenerate", "-m", "x")


def test_a_sqlite_file_that_is_read_only_can_be_compared(
    drawn: Project, declare: Declare, amigrate: Terminal
) -> None:
    begun(drawn, "sqlite+aiosqlite:///shop.db", declare, amigrate)
    (drawn.root / "shop.db").chmod(stat.S_IRUSR)
    url = "sqlite+aiosqlite:///file:shop.db?mode=ro&uri=true"

    assert amigrate.ok("check", "--url", url) == EQUAL
    declare(CHANGED)

    assert amigrate("check", "--url", url).code == 3


@pytest.mark.parametrize(
    ("sql", "words"),
    [("nonsense", "no such column: nonsense"), ("1; DROP TABLE users", "one statement")],
    ids=["a name that is not there", "more than a value"],
)
def test_a_value_that_is_no_sql_fails_when_it_runs_and_nothing_stays(
    drawn: Project, declare: Declare, amigrate: Terminal, sql: str, words: str
) -> None:
    begun(drawn, "sqlite+aiosqlite:///shop.db", declare, amigrate)
    with closing(sqlite3.connect(drawn.root / "shop.db")) as connection:
        connection.execute("INSERT INTO users VALUES (1, 'ada')")
        connection.commit()
    declare(REQUIRED)
    amigrate.ok("revision", "--autogenerate", "-m", "x", "--backfill", f"users.age={sql}")

    typed = amigrate("upgrade")

    assert typed.code == 1
    assert words in typed.err
    assert "The database is at a1; the failed revision was rolled back." in typed.err
    with closing(sqlite3.connect(drawn.root / "shop.db")) as connection:
        assert connection.execute("SELECT * FROM users").fetchall() == [(1, "ada")]


def test_a_file_that_is_no_database_is_told_so(
    drawn: Project, declare: Declare, amigrate: Terminal
) -> None:
    declare(USERS)
    drawn.write("shop.db", "not a database, but long enough to be one " * 30)

    typed = amigrate("check")

    assert (typed.code, typed.out) == (1, "")
    assert "is not a database of SQLite" in typed.err
