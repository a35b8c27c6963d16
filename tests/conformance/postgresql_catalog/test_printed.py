"""Declared tables and views as the server prints them: made, read back, and gone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import View
from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.schema.declared import declared
from asyncmigrate.schema.match import with_server_names
from asyncmigrate.schema.scope import Scope
from asyncmigrate.schema.snapshot import Key
from tests.conformance.postgresql_catalog.conftest import EVERYTHING, Database
from tests.conformance.postgresql_catalog.models import ordinary, peculiar

if TYPE_CHECKING:
    from asyncmigrate.schema.snapshot import Object, Snapshot


PRINTED = {
    *("table", "column", "primary_key", "unique", "check", "exclude", "index", "domain", "view"),
}


def declared_by(connection: sa.Connection, metadata: sa.MetaData) -> dict[Key, Object]:
    forms = catalog_of("postgresql").forms(connection)
    return with_server_names(declared([metadata], forms), forms)[0]


def printed_of(connection: sa.Connection, metadata: sa.MetaData) -> Snapshot:
    views: list[Any] = [
        each for key, each in declared_by(connection, metadata).items() if key.kind == "view"
    ]
    return catalog_of("postgresql").printed(connection, list(metadata.tables.values()), views)


async def create(database: Database, metadata: sa.MetaData) -> None:
    await database.run("CREATE SCHEMA app")
    await database.create_all(metadata)


@pytest.mark.parametrize("models", [ordinary, peculiar])
async def test_what_create_all_made_is_what_is_printed(database: Database, models: Any) -> None:
    metadata = models()
    await create(database, metadata)

    live = await database.read(Scope(frozenset({"", "app"}), declared=frozenset({("", "child")})))
    printed = await database.sync(lambda connection: printed_of(connection, metadata))

    assert printed == {key: live[key] for key in live if key.kind in PRINTED}


@pytest.mark.parametrize("models", [ordinary, peculiar])
async def test_the_same_is_printed_before_anything_is_there(
    database: Database, models: Any
) -> None:
    metadata = models()
    before = await database.sync(lambda connection: printed_of(connection, metadata))
    await create(database, metadata)

    after = await database.sync(lambda connection: printed_of(connection, metadata))

    assert before == after


async def test_for_ordinary_models_nothing_need_be_printed(database: Database) -> None:
    metadata = ordinary()
    await create(database, metadata)

    expected = await database.sync(lambda connection: declared_by(connection, metadata))

    assert await database.read() == expected


@pytest.mark.parametrize("persisted", [True, False, None])
async def test_generated_columns_are_as_declared(
    database: Database, persisted: bool | None
) -> None:
    version = await database.sync(lambda connection: connection.dialect.server_version_info)
    if version < (18,) or not hasattr(sa, "CreateView"):
        pytest.skip("Virtual generated columns came with PostgreSQL 18 and SQLAlchemy 2.1.")
    metadata = sa.MetaData()
    computed = sa.Computed("a + 1", persisted=persisted)
    sa.Table("t", metadata, sa.Column("a", sa.Integer), sa.Column("b", sa.Integer, computed))
    await database.create_all(metadata)

    expected = await database.sync(lambda connection: declared_by(connection, metadata))

    assert await database.read() == expected


async def test_nothing_is_left_and_the_transaction_goes_on(database: Database) -> None:
    metadata = peculiar()
    count = "SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_type)"

    def counts(connection: sa.Connection) -> list[Any]:
        connection.exec_driver_sql("CREATE TABLE mine (id integer)")
        before = connection.exec_driver_sql(count).one()
        printed_of(connection, metadata)
        return [before, connection.exec_driver_sql(count).one()]

    before, after = await database.sync(counts)

    assert before == after


async def test_a_connection_in_autocommit_is_left_clean(database: Database) -> None:
    engine = create_async_engine(database.engine.url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        found = await connection.run_sync(printed_of, ordinary())
    await engine.dispose()

    assert Key("table", "", "", "users") in found
    assert await database.read() == {}


async def test_what_the_server_refuses_is_left_out(database: Database) -> None:
    metadata = sa.MetaData()
    sa.Table("good", metadata, sa.Column("id", sa.Integer), sa.CheckConstraint("id > 0"))
    sa.Table("bad", metadata, sa.Column("id", sa.Integer), sa.CheckConstraint("no_such(id)"))
    table = sa.Table("half", metadata, sa.Column("id", sa.Integer))
    sa.Index("ix_bad", sa.text("no_such(id)"), _table=table)
    sa.Index("ix_good", "id", _table=table)

    found = await database.sync(lambda connection: printed_of(connection, metadata))

    assert {key.path for key in found} == {
        *("good", "good.id", "good.good_id_check", "half", "half.id", "half.ix_good"),
    }


async def test_without_the_privilege_nothing_is_printed(database: Database) -> None:
    def printed(connection: sa.Connection) -> Any:
        connection.exec_driver_sql("CREATE ROLE amigrate_poor")
        name = connection.exec_driver_sql("SELECT quote_ident(current_database())").scalar_one()
        connection.exec_driver_sql(f"REVOKE TEMP ON DATABASE {name} FROM PUBLIC")
        connection.exec_driver_sql("SET ROLE amigrate_poor")
        found = printed_of(connection, ordinary())
        return found, connection.exec_driver_sql("SELECT 1").scalar_one()

    assert await database.sync(printed) == ({}, 1)


async def test_in_a_read_only_transaction_nothing_is_printed(database: Database) -> None:
    def printed(connection: sa.Connection) -> Any:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        found = printed_of(connection, ordinary())
        return found, connection.exec_driver_sql("SELECT 1").scalar_one()

    assert await database.sync(printed) == ({}, 1)


async def test_the_live_tables_are_not_touched(database: Database) -> None:
    await database.run("CREATE TABLE small (id integer)", "INSERT INTO small VALUES (1), (1)")
    metadata = sa.MetaData()
    small = sa.Table(
        "small", metadata, sa.Column("id", sa.Integer, sa.CheckConstraint("no_such(id)"))
    )
    sa.Index("ix_small", small.c.id, unique=True)

    found = await database.sync(lambda connection: printed_of(connection, metadata))

    assert found == {}


async def test_many_tables_are_a_handful_of_statements(database: Database) -> None:
    metadata = sa.MetaData()
    for number in range(100):
        sa.Table(
            f"t{number}",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("x", sa.Enum("a", "b", name="ab"), index=True),
            sa.CheckConstraint("id IN (1, 2)"),
        )
    statements: list[str] = []

    def printed(connection: sa.Connection) -> Snapshot:
        sa.event.listen(
            connection, "before_cursor_execute", lambda *each: statements.append(each[2])
        )
        tables = list(metadata.tables.values())
        return catalog_of("postgresql").printed(connection, tables, [])

    found = await database.sync(printed)

    assert (len(found), len(statements)) == (600, 5)


async def test_equal_names_in_two_schemas_are_all_printed(database: Database) -> None:
    metadata = sa.MetaData()
    for schema in (None, "app", "other"):
        for name in ("a", "b"):
            column = sa.Column("x", sa.Integer, unique=True, index=True)
            check = sa.CheckConstraint("x > 0", name="positive")
            sa.Table(name, metadata, column, check, schema=schema)
        column = sa.Column("x", sa.Integer)
        key = sa.UniqueConstraint("x", name="same")
        sa.Table(f"c_{schema}", metadata, column, key, schema=schema)

    declared = await database.sync(lambda connection: declared_by(connection, metadata))
    found = await database.sync(lambda connection: printed_of(connection, metadata))

    assert found == {key: each for key, each in declared.items() if key.kind != "namespace"}


async def test_more_tables_than_are_made_at_once_are_all_printed(database: Database) -> None:
    metadata = sa.MetaData()
    tables = [
        sa.Table(f"t{number}", metadata, sa.Column("id", sa.Integer, sa.CheckConstraint("id>0")))
        for number in range(300)
    ]
    View("v", sa.select(tables[-1].c.id), metadata)

    found = await database.sync(lambda connection: printed_of(connection, metadata))

    assert len(found) == 901


async def test_a_view_reads_the_tables_as_they_are_declared(database: Database) -> None:
    await database.run("CREATE TABLE t (id integer)")
    metadata = sa.MetaData()
    table = sa.Table("t", metadata, sa.Column("id", sa.Integer), sa.Column("new", sa.Text))
    View("v", sa.select(table.c.new), metadata)

    found: Any = await database.sync(lambda connection: printed_of(connection, metadata))

    assert found[Key("view", "", "", "v")].definition.endswith("new\n   FROM t")


async def test_a_view_of_a_table_of_the_named_default_schema_reads_the_declared_one(
    database: Database,
) -> None:
    metadata = sa.MetaData(schema="public")
    table = sa.Table("t", metadata, sa.Column("id", sa.Integer))
    view = View("v", sa.select(table.c.id).where(sa.literal("public.t") != ""), metadata)
    await database.create_all(metadata)
    live: Any = await database.read()

    found: Any = await database.sync(lambda connection: printed_of(connection, metadata))

    key = Key("view", "", "", view.name)
    assert found[key].definition == live[key].definition
    assert "'public.t'" in live[key].definition


async def test_a_view_of_a_table_in_another_schema_reads_the_live_one(database: Database) -> None:
    await database.run("CREATE SCHEMA app", "CREATE TABLE app.t (id integer)")
    metadata = sa.MetaData()
    table = sa.Table("t", metadata, sa.Column("id", sa.Integer), schema="app")
    View("v", sa.select(table.c.id), metadata)

    found: Any = await database.sync(lambda connection: printed_of(connection, metadata))

    assert found[Key("view", "", "", "v")].definition.endswith("id\n   FROM app.t")


@pytest.mark.parametrize("schema", [None, "public", "app"])
async def test_a_value_that_an_enum_type_does_not_have_yet_may_be_used(
    database: Database, schema: str | None
) -> None:
    await database.run("CREATE SCHEMA app", f"CREATE TYPE {schema or 'public'}.mood AS ENUM ('a')")
    metadata = sa.MetaData()
    mood = sa.Enum("a", "it's", name="mood", schema=schema)
    column: Any = sa.Column("m", mood, sa.CheckConstraint("m <> 'it''s'"), server_default="it's")
    sa.Table("t", metadata, column)
    name = "app.mood" if schema == "app" else "mood"

    found: Any = await database.sync(lambda connection: printed_of(connection, metadata))

    column = found[Key("column", "", "t", "m")]
    assert (column.type, column.default) == (name, f"'it''s'::{name}")
    assert found[Key("check", "", "t", "t_m_check")].text == f"m <> 'it''s'::{name}"
    assert (await database.one("enum", "mood", "", schema="app" if schema == "app" else "")).values


async def test_without_the_language_of_the_block_nothing_is_printed(database: Database) -> None:
    def printed(connection: sa.Connection) -> Any:
        connection.exec_driver_sql("CREATE ROLE amigrate_poor")
        connection.exec_driver_sql("REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC")
        connection.exec_driver_sql("SET ROLE amigrate_poor")
        found = printed_of(connection, ordinary())
        return found, connection.exec_driver_sql("SELECT 1").scalar_one()

    assert await database.sync(printed) == ({}, 1)


async def test_a_constraint_that_was_validated_since_is_as_declared(database: Database) -> None:
    await database.run("CREATE TABLE t (a integer CHECK (a > 0) CHECK (a < 9))")
    catalog = catalog_of("postgresql")
    live = await database.read()
    key = Key("check", "", "t", "t_a_check")
    added = {key: replace(live[key], validated=False)}  # type: ignore[type-var]

    assert catalog.reconcile(live, added)[key] == added[key]
    assert catalog.reconcile(live, live) == live


async def test_an_array_of_a_new_enum_type_is_printed(database: Database) -> None:
    metadata = sa.MetaData()
    kind = postgresql.ENUM("a", "b", name="kind", schema="fresh")
    sa.Table("t", metadata, sa.Column("kinds", postgresql.ARRAY(kind), server_default="{a}"))

    found: Any = await database.sync(lambda connection: printed_of(connection, metadata))

    column = found[Key("column", "", "t", "kinds")]
    assert (column.type, column.default) == ("fresh.kind[]", "'{a}'::fresh.kind[]")


async def test_everything_is_looked_at_in_the_scope(database: Database) -> None:
    await create(database, peculiar())

    assert {key.kind for key in await database.read(EVERYTHING)} >= {"enum", "domain", "view"}
