"""Copies on MariaDB: all that a database can hold is in them, and nothing of one is in another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate import Migrator
from asyncmigrate.testing import DatabaseServer, ephemeral_mariadb
from tests.testing.asking import ask, noting, tables

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncConnection

    from tests.project import Project
    from tests.servers.available import Server

EVERYTHING = r"""
for statement in '''
ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE TABLE authors (
    id int AUTO_INCREMENT PRIMARY KEY, name varchar(50) DEFAULT '100%',
    size int GENERATED ALWAYS AS (length(name)) STORED, upper varchar(50) AS (upper(name)) VIRTUAL,
    made datetime DEFAULT current_timestamp ON UPDATE current_timestamp, CHECK (name <> ':x'));
CREATE TABLE books (id int PRIMARY KEY, author int, title text, FULLTEXT KEY words (title),
    CONSTRAINT whose FOREIGN KEY (author) REFERENCES authors (id) ON DELETE CASCADE) COMMENT 'b`ks';
CREATE FUNCTION one_more(n int) RETURNS int DETERMINISTIC RETURN n + 1;
CREATE PROCEDURE nothing() BEGIN SELECT 1; SELECT 2; END;
CREATE VIEW zero AS SELECT one_more(id) AS more FROM authors;
CREATE VIEW all_of_zero AS SELECT more FROM zero WHERE more > 0;
CREATE TRIGGER loud BEFORE INSERT ON books FOR EACH ROW SET NEW.title = upper(NEW.title);
INSERT INTO authors (id, name, made) VALUES (0, 'x', '2020-01-01'), (41, 'Ada', '2020-01-01');
INSERT INTO books VALUES (1, 41, 'notes');
'''.split(";\n"):
    if statement.strip():
        if statement.strip().startswith("INSERT INTO authors"):
            op.execute("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))
"""
TOLD = (
    "SHOW CREATE TABLE authors",
    "SHOW CREATE TABLE books",
    "SHOW CREATE VIEW all_of_zero",
    "SHOW CREATE PROCEDURE nothing",
    "SHOW CREATE FUNCTION one_more",
    "SHOW CREATE TRIGGER loud",
    "SELECT * FROM authors ORDER BY id",
    "SELECT * FROM books",
    "SELECT * FROM all_of_zero",
    "SELECT @@character_set_database, @@collation_database",
)


@pytest.fixture
async def run(mysql_server: Server) -> AsyncIterator[DatabaseServer]:
    """What hands out databases of a MariaDB that goes on."""
    async with ephemeral_mariadb(mysql_server.url()) as given:
        yield given


async def told(url: str) -> list[Any]:
    """What a database says of all that is in it, without the moment at which it was made."""
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        rows = [tuple((await connection.execute(text(each))).all()) for each in TOLD]
    name = make_url(url).database
    return [str(row[:6]).replace(f"{name}", "database") for each in rows for row in each]


async def test_a_copy_is_what_the_migration_has_made(
    run: DatabaseServer, mysql_url: str, project: Project
) -> None:
    project.revision("a1", upgrade=EVERYTHING)
    await Migrator(mysql_url, script_location=project.script_location).upgrade()

    async with run.database(Migrator(script_location=project.script_location)) as copy:
        copied = await told(copy)

    assert copied == await told(mysql_url)
    assert len(copied) == 12


async def test_a_copy_goes_on_counting_and_keeps_its_rules(
    run: DatabaseServer, project: Project
) -> None:
    project.revision("a1", upgrade=EVERYTHING)
    migrator = Migrator(script_location=project.script_location)

    async with run.database(migrator) as one, run.database(migrator) as two:
        await ask(one, "INSERT INTO authors (name) VALUES ('Bob')")
        await ask(one, "INSERT INTO books VALUES (2, 42, 'loud')")
        with pytest.raises(DBAPIError, match="foreign key"):
            await ask(one, "INSERT INTO books VALUES (3, 7, 'whose?')")
        ids = await ask(one, "SELECT id FROM authors ORDER BY id")
        title = await ask(one, "SELECT title FROM books WHERE id = 2")
        others = await ask(two, "SELECT id FROM authors ORDER BY id")

    assert (ids, others, title) == ([0, 41, 42], [0, 41], ["LOUD"])


async def test_a_sequence_of_a_copy_is_its_own(
    run: DatabaseServer, mysql_url: str, project: Project
) -> None:
    if "MariaDB" not in (await ask(mysql_url, "SELECT version()"))[0]:
        pytest.skip("MySQL has no sequences")
    project.revision(
        "a1",
        upgrade="""
        op.execute("CREATE SEQUENCE numbers START WITH 5 INCREMENT BY 3")
        op.execute("CREATE TABLE numbered (id bigint DEFAULT nextval(numbers), n int)")
        """,
    )
    migrator = Migrator(script_location=project.script_location)

    async with run.database(migrator) as one, run.database(migrator) as two:
        for url in (one, one, two):
            await ask(url, "INSERT INTO numbered (n) VALUES (1)")
        found = [await ask(url, "SELECT id FROM numbered ORDER BY id") for url in (one, two)]

    assert found == [[5, 8], [5]]


async def test_the_scripts_run_once_also_for_the_next_run_and_only_what_is_new(
    mysql_server: Server, project: Project
) -> None:
    migrator = Migrator(script_location=project.script_location)
    project.revision("a1", upgrade=noting(project, "a1 "))
    for _ in range(2):
        async with ephemeral_mariadb(mysql_server.url()) as run:
            for _ in range(2):
                async with run.database(migrator):
                    pass
    project.revision("b2", "a1", upgrade=noting(project, "b2 "))
    async with ephemeral_mariadb(mysql_server.url()) as run, run.database(migrator) as url:
        at = await ask(url, "SELECT version_num FROM alembic_version")

    assert (project.root / "ran").read_text() == "a1 b2 "
    assert at == ["b2"]


async def test_seed_data_is_in_every_copy(run: DatabaseServer, shop: Migrator) -> None:
    async def fill(connection: AsyncConnection) -> None:
        await connection.execute(text("INSERT INTO users VALUES (1), (2)"))

    for _ in range(3):
        async with run.database(shop, seed=fill) as url:
            assert await ask(url, "SELECT count(*) FROM users") == [2]


async def test_what_a_killed_run_left_is_dropped_by_the_next(mysql_server: Server) -> None:
    await ask(mysql_server.url(), "CREATE DATABASE amigrate_abcdef01_1")

    async with ephemeral_mariadb(mysql_server.url()) as run, run.database():
        left = await ask(mysql_server.url(), "SHOW DATABASES LIKE 'amigrate\\_abcdef01%'")

    assert left == []


async def test_a_template_that_was_not_finished_is_built_anew(
    mysql_server: Server, shop: Migrator
) -> None:
    async with ephemeral_mariadb(mysql_server.url()) as run, run.database(shop):
        pass
    [name] = await ask(
        mysql_server.url(), "SELECT name FROM amigrate_templates.complete ORDER BY id DESC LIMIT 1"
    )
    await ask(mysql_server.url(), f"DELETE FROM amigrate_templates.complete WHERE name = '{name}'")
    await ask(mysql_server.url(), f"DROP TABLE {name}.users")

    async with ephemeral_mariadb(mysql_server.url()) as run, run.database(shop) as url:
        found = await tables(url)

    assert "users" in found


async def test_what_was_migrated_is_there_again_when_the_server_starts_the_next_time(
    project: Project,
) -> None:
    project.revision("a1", upgrade=noting(project, "x"))
    migrator = Migrator(script_location=project.script_location)
    for _ in range(2):
        async with ephemeral_mariadb() as run, run.database(migrator) as url:
            assert await ask(url, "SELECT version_num FROM alembic_version") == ["a1"]

    assert (project.root / "ran").read_text() == "x"
