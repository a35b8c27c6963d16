"""Comparing on PostgreSQL and MariaDB: scratch databases, SQL to run by hand, what is left."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate import Migrator
from asyncmigrate.engine.scratch import PREFIX
from tests.chaos.leftovers import eventually, nothing_on_the_server
from tests.chaos.processes import amigrate as started

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project
    from tests.terminal import Terminal

    Declare = Callable[..., None]

EQUAL = "The models and the database are equal.\n"
BEGIN = """
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)))
sa.Table("tags", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id")), sa.Column("n", sa.Integer))
"""
CHANGED = """
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(60), nullable=False, server_default="it's"),
    sa.Column("email", sa.String(99), unique=True))
sa.Table("tags", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), index=True),
    sa.Column("n", sa.Integer), sa.CheckConstraint("n > 0 AND n < 100", name="small"))
sa.Table("posts", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime, server_default=sa.func.now()))
"""
SERVERS = {"postgresql": "postgres_url", "mariadb": "mysql_url"}
SCRATCHES = {
    "postgresql": f"SELECT datname FROM pg_database WHERE datname LIKE '{PREFIX}%'",
    "mysql": "SELECT schema_name FROM information_schema.schemata "
    f"WHERE schema_name LIKE '{PREFIX}%%'",
}
OBJECTS = {
    "postgresql": "SELECT oid, relname, relnamespace FROM pg_class ORDER BY oid",
    "mysql": "SELECT table_schema, table_name, create_time FROM information_schema.tables "
    "WHERE table_schema = DATABASE() ORDER BY 1, 2",
}


WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'alembic_version'::regclass"


@dataclass(frozen=True, slots=True)
class Server:
    """A project's database on a server."""

    url: str

    @property
    def name(self) -> str:
        return make_url(self.url).get_backend_name()

    def rows(self, query: str, *more: str) -> list[object]:
        """Run statements; return the rows of the first."""
        return asyncio.run(self._rows(query, *more))

    async def _rows(self, query: str, *more: str) -> list[object]:
        engine = create_async_engine(self.url, poolclass=NullPool)
        async with engine.begin() as connection:
            found = await connection.exec_driver_sql(query)
            rows = [tuple(row) for row in found] if found.returns_rows else []
            for statement in more:
                await connection.exec_driver_sql(statement)
        await engine.dispose()
        return list(rows)

    def scratches(self) -> list[object]:
        return self.rows(SCRATCHES[self.name])

    def objects(self) -> list[object]:
        return self.rows(OBJECTS[self.name])

    def program(self) -> list[str]:
        """Return the command that runs SQL on it, stopping at the first error."""
        url = make_url(self.url)
        if self.name == "postgresql":
            plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
            return ["psql", plain, "-q", "-v", "ON_ERROR_STOP=1"]
        password = [f"--password={url.password}"] if url.password else []
        where = ["-h", str(url.host), "-P", str(url.port), "-u", str(url.username)]
        return ["mariadb", *where, *password, str(url.database)]


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Server:
    """An empty database on each server."""
    return Server(request.getfixturevalue(SERVERS[request.param]))


@pytest.fixture
def begun(server: Server, project: Project, declare: Declare, amigrate: Terminal) -> Project:
    """A project with one revision, and a database that is there."""
    project.write("asyncmigrate.toml", f'url = "{server.url}"\nmetadata = "app.models:metadata"\n')
    declare(BEGIN)
    amigrate.ok("revision", "--autogenerate", "-m", "begin", "--rev-id", "a1")
    amigrate.ok("upgrade")
    return project


def test_there_and_back_again(
    server: Server, begun: Project, amigrate: Terminal, declare: Declare
) -> None:
    assert amigrate.ok("check") == EQUAL
    declare(CHANGED)

    amigrate.ok("revision", "--autogenerate", "-m", "change", "--rev-id", "b2")
    amigrate.ok("upgrade")

    assert amigrate.ok("check") == EQUAL
    amigrate.ok("downgrade", "-1")
    (begun.versions / "b2_change.py").unlink()
    declare(BEGIN)
    assert amigrate.ok("check") == EQUAL


def test_the_sql_of_check_makes_them_equal(
    server: Server, begun: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(CHANGED)

    printed = amigrate("check", "--sql")

    assert printed.code == 3
    subprocess.run(server.program(), input=printed.out, text=True, check=True)
    assert amigrate.ok("check") == EQUAL


ONE_MOOD = """
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("mood", sa.Enum("calm", name="mood")))
"""
TWO_MOODS = """
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("mood", sa.Enum("calm", "merry", name="mood"), server_default="merry"),
    sa.Column("n", sa.Integer, sa.CheckConstraint("n > 0", name="positive")))
"""


def test_the_sql_of_check_is_a_transaction_of_which_all_happens_or_nothing(
    postgres_url: str, project: Project, amigrate: Terminal, declare: Declare
) -> None:
    server = Server(postgres_url)
    project.write("asyncmigrate.toml", f'url = "{server.url}"\nmetadata = "app.models:metadata"\n')
    declare(ONE_MOOD)
    amigrate.ok("revision", "--autogenerate", "-m", "begin")
    amigrate.ok("upgrade")
    declare(TWO_MOODS)

    printed = amigrate("check", "--sql").out
    failed = subprocess.run(
        server.program(), input=printed.replace("n > 0", "m > 0"), text=True, capture_output=True
    )
    left = amigrate("check").out
    subprocess.run(server.program(), input=amigrate("check", "--sql").out, text=True, check=True)

    # A new value of an ENUM has to be committed before it is used; the rest is one transaction.
    ends = [line for line in printed.splitlines() if line in ("BEGIN;", "COMMIT;")]
    assert ends == ["BEGIN;", "COMMIT;", "BEGIN;", "COMMIT;"]
    assert failed.returncode == 3
    assert "+ column t.n" in left
    assert amigrate.ok("check") == EQUAL


def test_whatever_was_made_for_comparing_is_gone(
    server: Server, begun: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(CHANGED)
    before = server.objects()

    assert amigrate("check").code == 3
    assert amigrate("check", "--from", "history").code == 3
    amigrate.ok("revision", "--autogenerate", "-m", "x")

    assert server.objects() == before
    assert server.scratches() == []


def test_a_history_is_replayed_on_a_scratch_database_of_the_server(
    server: Server, begun: Project, amigrate: Terminal, declare: Declare
) -> None:
    server.rows("DROP TABLE tags", "CREATE TABLE other (a INTEGER)")
    declare(CHANGED)

    out = amigrate.ok(
        *("revision", "--autogenerate", "-m", "change", "--rev-id", "b2", "--from", "history")
    )

    assert "other" not in out
    assert amigrate.ok("check", "--from", "history") == EQUAL
    assert server.scratches() == []


def test_a_history_that_fails_leaves_no_scratch_database(
    server: Server, begun: Project, amigrate: Terminal
) -> None:
    begun.revision("b2", "a1", upgrade='op.execute("SELECT nonsense")')

    typed = amigrate("check", "--from", "history")

    assert typed.code == 1
    assert "nonsense" in typed.err
    assert "scratch database, which is gone" in typed.err
    assert server.scratches() == []


def test_ctrl_c_while_replaying_leaves_no_scratch_database(server: Server, begun: Project) -> None:
    begun.revision(
        "b2",
        "a1",
        upgrade="""
        import os, pathlib
        pathlib.Path(os.environ["AT_WORK"]).touch()
        op.execute({"postgresql": "SELECT pg_sleep(600)"}.get(
            op.get_context().dialect.name, "SELECT sleep(600)"))
        """,
    )

    with started(begun, server.url, "check", "--from", "history") as process:
        process.wait_until_at_work()
        process.popen.send_signal(signal.SIGINT)
        code, stderr = process.ended_soon()

    assert code == 130, stderr
    assert "Traceback" not in stderr
    eventually(server.scratches)


def test_ctrl_c_while_reading_leaves_nothing_on_the_server(
    project: Project, declare: Declare, amigrate: Terminal, postgres_url: str
) -> None:
    project.write(
        "asyncmigrate.toml", f'url = "{postgres_url}"\nmetadata = "app.models:metadata"\n'
    )
    declare(BEGIN)
    amigrate.ok("revision", "--autogenerate", "-m", "begin")
    amigrate.ok("upgrade")
    address = make_url(postgres_url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)) as blocker:
        blocker.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        with started(project, postgres_url, "check") as process:
            eventually(lambda: not blocker.execute(WAITING).fetchone() and "it does not wait yet")
            process.popen.send_signal(signal.SIGINT)
            code, stderr = process.ended_soon()
        blocker.rollback()

    assert code == 130, stderr
    assert "Traceback" not in stderr
    nothing_on_the_server(postgres_url)


def test_what_is_of_no_known_kind_is_listed(
    server: Server, begun: Project, amigrate: Terminal
) -> None:
    made = {
        "postgresql": [
            "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "CREATE TRIGGER audit BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()",
            "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY mine ON users USING (true)",
            "CREATE STATISTICS both_of_it ON id, name FROM users",
            "CREATE RULE quiet AS ON DELETE TO tags DO INSTEAD NOTHING",
            "CREATE VIEW names WITH (security_barrier) AS SELECT name FROM users",
            "CREATE FOREIGN DATA WRAPPER nobodys",
            "CREATE SERVER far FOREIGN DATA WRAPPER nobodys",
            "CREATE FOREIGN TABLE remote (id integer) SERVER far",
        ],
        "mysql": [
            "CREATE TRIGGER audit BEFORE INSERT ON users FOR EACH ROW SET NEW.name = 'x'",
            "CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1",
            "CREATE PROCEDURE two() SELECT 1",
            "CREATE EVENT daily ON SCHEDULE EVERY 1 DAY DO SELECT 1",
            "CREATE SQL SECURITY INVOKER VIEW names AS SELECT name FROM users",
            "CREATE FULLTEXT INDEX words ON users (name)",
        ],
    }[server.name]
    server.rows(*made)

    assert (
        amigrate("check", "--json").json["not_compared"]
        == {
            "postgresql": [
                "1 foreign table: remote",
                "1 function: touch",
                "1 row security policy: users.mine",
                "1 rule: tags.quiet",
                "1 statistics object: both_of_it",
                "1 table with row security: users",
                "1 trigger: users.audit",
                "1 view with options: names",
            ],
            "mysql": [
                "1 FULLTEXT parser: users.words",
                "1 event: daily",
                "1 function: one",
                "1 procedure: two",
                "1 trigger: users.audit",
                "1 view with options: names",
            ],
        }[server.name]
    )


async def test_a_callers_transaction_is_left_as_it_was(project: Project, postgres_url: str) -> None:
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("a", sa.Integer, sa.CheckConstraint("a > 0 and a < 9")),
        sa.Column("b", sa.Numeric(5, 2), server_default=sa.text("1 + 1")),
    )
    engine = create_async_engine(postgres_url)
    async with engine.connect() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        await connection.exec_driver_sql("SET LOCAL work_mem = '7MB'")
        migrator = Migrator(connection, script_location=project.script_location, metadata=metadata)

        found = await migrator.check()

        assert found.is_equal, found.differences
        assert connection.in_transaction()
        assert await connection.scalar(sa.text("SELECT count(*) FROM t")) == 1
        assert await connection.scalar(sa.text("SHOW work_mem")) == "7MB"
        await connection.rollback()
        assert await connection.scalar(sa.text("SELECT to_regclass('t')")) is None
    await engine.dispose()


def test_a_server_of_our_own_lives_as_long_as_the_command(
    project: Project, declare: Declare, amigrate: Terminal, postgres_url: str
) -> None:
    project.write(
        "asyncmigrate.toml",
        'url = "postgresql+asyncpg://nobody@127.0.0.1:1/nowhere"\n'
        'metadata = "app.models:metadata"\n',
    )
    declare(BEGIN)

    out = amigrate.ok(
        *("revision", "--autogenerate", "-m", "begin", "--rev-id", "a1"),
        *("--scratch", "postgresql"),
    )

    assert out.splitlines()[-1] == "Wrote migrations/versions/a1_begin.py"
    assert amigrate.ok("check", "--scratch", "postgresql") == EQUAL


def test_a_scratch_database_is_made_on_the_server_that_is_named(
    project: Project, declare: Declare, amigrate: Terminal, server: Server
) -> None:
    project.write("asyncmigrate.toml", 'metadata = "app.models:metadata"\n')
    declare(BEGIN)

    amigrate.ok(
        *("revision", "--autogenerate", "-m", "begin", "--rev-id", "a1"),
        *("--scratch", server.url),
    )

    assert amigrate.ok("check", "--scratch", server.url) == EQUAL
    assert server.scratches() == []


def test_a_version_table_in_a_schema_of_its_own_is_no_hindrance(
    project: Project, declare: Declare, amigrate: Terminal, postgres_url: str
) -> None:
    project.write(
        "asyncmigrate.toml",
        f'url = "{postgres_url}"\nmetadata = "app.models:metadata"\nversion_table_schema = "ops"\n',
    )
    address = make_url(postgres_url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)) as admin:
        admin.execute("CREATE SCHEMA ops")
    declare(BEGIN)

    amigrate.ok("revision", "--autogenerate", "-m", "begin", "--from", "history")
    amigrate.ok("upgrade")

    assert amigrate.ok("check") == EQUAL
    assert amigrate.ok("check", "--from", "history") == EQUAL
