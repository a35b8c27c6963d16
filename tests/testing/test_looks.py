"""Looks at PostgreSQL: whatever a migration changes is seen, and whatever it takes back is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate.testing.looks import look

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncConnection

    from asyncmigrate import Migrator
    from asyncmigrate.testing import DatabaseServer

BEFORE = """
CREATE TABLE users (id int PRIMARY KEY, name varchar(20));
CREATE TABLE parts (id int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE low (id int NOT NULL);
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN age AS int;
CREATE SEQUENCE numbers;
CREATE VIEW names AS SELECT name FROM users;
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'
"""
TRIGGER = "CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()"
VIEW = "CREATE VIEW names AS SELECT name FROM users"
ONE = "CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT {}'"
CHANGES = {
    "table": ("CREATE TABLE new (id int)", "DROP TABLE new"),
    "table's name": ("ALTER TABLE users RENAME TO people", "ALTER TABLE people RENAME TO users"),
    "column": ("ALTER TABLE users ADD x text", "ALTER TABLE users DROP x"),
    "column's name": ("ALTER TABLE users RENAME name TO n", "ALTER TABLE users RENAME n TO name"),
    "type": (
        "DROP VIEW names;\nALTER TABLE users ALTER name TYPE varchar(50)",
        "ALTER TABLE users ALTER name TYPE varchar(20);\n" + VIEW,
    ),
    "nullable": (
        "ALTER TABLE users ALTER name SET NOT NULL",
        "ALTER TABLE users ALTER name DROP NOT NULL",
    ),
    "default": (
        "ALTER TABLE users ALTER name SET DEFAULT 'x'",
        "ALTER TABLE users ALTER name DROP DEFAULT",
    ),
    "check": (
        "ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0) NOT VALID",
        "ALTER TABLE users DROP CONSTRAINT c",
    ),
    "index": ("CREATE INDEX i ON users (name)", "DROP INDEX i"),
    "storage option": (
        "ALTER TABLE users SET (fillfactor = 70)",
        "ALTER TABLE users RESET (fillfactor)",
    ),
    "enum's value": (
        "ALTER TYPE mood RENAME VALUE 'bad' TO 'sad'",
        "ALTER TYPE mood RENAME VALUE 'sad' TO 'bad'",
    ),
    "domain": ("ALTER DOMAIN age SET NOT NULL", "ALTER DOMAIN age DROP NOT NULL"),
    "domain's check": (
        "ALTER DOMAIN age ADD CONSTRAINT c CHECK (VALUE > 0)",
        "ALTER DOMAIN age DROP CONSTRAINT c",
    ),
    "sequence": (
        "ALTER SEQUENCE numbers INCREMENT 2",
        "ALTER SEQUENCE numbers INCREMENT 1",
    ),
    "view": (
        "CREATE OR REPLACE VIEW names AS SELECT name FROM users WHERE id > 0",
        "CREATE OR REPLACE VIEW names AS SELECT name FROM users",
    ),
    "function": (ONE.format(2), ONE.format(1)),
    "trigger": (TRIGGER, "DROP TRIGGER t ON users"),
    "policy": ("CREATE POLICY p ON users USING (id > 0)", "DROP POLICY p ON users"),
    "row security": (
        "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
    ),
    "comment": (
        "COMMENT ON COLUMN users.name IS 'said'",
        "COMMENT ON COLUMN users.name IS NULL",
    ),
    "schema's comment": (
        "COMMENT ON SCHEMA public IS 'ours'",
        "COMMENT ON SCHEMA public IS 'standard public schema'",
    ),
    "schema": ("CREATE SCHEMA other", "DROP SCHEMA other"),
    "statistics": ("CREATE STATISTICS s ON id, name FROM users", "DROP STATISTICS s"),
    "partition": (
        "ALTER TABLE parts ATTACH PARTITION low FOR VALUES FROM (1) TO (9)",
        "ALTER TABLE parts DETACH PARTITION low",
    ),
    "rule": (
        "CREATE RULE r AS ON DELETE TO users DO INSTEAD NOTHING",
        "DROP RULE r ON users",
    ),
    "collation": ("CREATE COLLATION c FROM \"C\"", "DROP COLLATION c"),
}  # fmt: skip


@pytest.fixture
async def eye(server: DatabaseServer) -> AsyncIterator[AsyncConnection]:
    """A connection to a database that has some of everything."""
    async with server.database() as url:
        engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await run(connection, BEFORE)
            yield connection


async def run(connection: AsyncConnection, statements: str) -> None:
    for statement in statements.split(";\n"):
        await connection.exec_driver_sql(statement)


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_is_seen_and_is_gone_when_it_is_taken_back(
    eye: AsyncConnection, shop: Migrator, change: str
) -> None:
    make, undo = CHANGES[change]
    before = await look(eye, shop)

    await run(eye, make)
    after = await look(eye, shop, before)
    await run(eye, undo)
    back = await look(eye, shop, before)
    await run(eye, make)
    again = await look(eye, shop, back)

    assert after != before
    assert back == before
    assert again == after


async def test_what_is_renamed_a_step_later_looks_as_if_it_had_been_seen_before_it_was(
    eye: AsyncConnection, shop: Migrator
) -> None:
    make = "CREATE TABLE pets (id serial PRIMARY KEY, name text DEFAULT 'x' CHECK (name <> ''))"
    rename = "ALTER TABLE pets RENAME TO animals;\nALTER TABLE animals RENAME name TO called"
    restore = "ALTER TABLE animals RENAME called TO name;\nALTER TABLE animals RENAME TO pets"
    before = await look(eye, shop)
    await run(eye, f"{make};\n{rename}")
    in_one = await look(eye, shop, before)
    await run(eye, restore)
    made = await look(eye, shop, before)
    await run(eye, rename)

    assert await look(eye, shop, made) == in_one


async def test_psycopg_is_asked_the_same(server: DatabaseServer, shop: Migrator) -> None:
    async with server.database() as url:
        engine = create_async_engine(
            url.replace("+asyncpg", "+psycopg"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        async with engine.connect() as connection:
            before = await look(connection, shop)
            await run(connection, "CREATE TABLE pets (id serial PRIMARY KEY)")
            after = await look(connection, shop, before)
            await run(connection, "DROP TABLE pets")

            assert after != before
            assert await look(connection, shop, before) == before


async def test_a_look_at_what_has_not_changed_is_the_earlier_one(
    eye: AsyncConnection, shop: Migrator
) -> None:
    before = await look(eye, shop)

    assert await look(eye, shop, before) is before


async def test_rows_are_no_change(eye: AsyncConnection, shop: Migrator) -> None:
    before = await look(eye, shop)
    await run(eye, "INSERT INTO users VALUES (1, 'Ada')")

    assert await look(eye, shop, before) is before
