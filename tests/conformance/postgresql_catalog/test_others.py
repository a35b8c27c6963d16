"""Types, sequences, views, schemas; and what is nobody's business."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.schema.kinds.composite import Composite
from asyncmigrate.schema.kinds.domain import Domain
from asyncmigrate.schema.kinds.enum import EnumType
from asyncmigrate.schema.kinds.namespace import Namespace
from asyncmigrate.schema.kinds.sequence import Sequence
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.kinds.view import View
from asyncmigrate.schema.scope import Scope
from asyncmigrate.schema.snapshot import Key
from tests.conformance.postgresql_catalog.conftest import EVERYTHING, Database, of_kind


async def test_enum_types_keep_the_order_of_their_values(database: Database) -> None:
    await database.run(
        "CREATE TYPE mood AS ENUM ('sad', 'it''s')",
        "ALTER TYPE mood ADD VALUE 'ok' BEFORE 'it''s'",
        "CREATE TYPE empty AS ENUM ()",
    )

    found = of_kind(await database.read(), "enum")

    assert found == [EnumType("", "empty", ()), EnumType("", "mood", ("sad", "ok", "it's"))]


async def test_domains(database: Database) -> None:
    await database.run(
        "CREATE DOMAIN code AS varchar(3) COLLATE \"C\" DEFAULT 'x' NOT NULL"
        " CONSTRAINT b CHECK (VALUE <> '') CONSTRAINT a CHECK (length(VALUE) < 4)",
        "CREATE DOMAIN plain AS integer[]",
    )

    found: list[Any] = list(of_kind(await database.read(), "domain"))

    assert found == [
        Domain(
            "",
            "code",
            "character varying(3)",
            nullable=False,
            default="'x'::character varying",
            collation="C",
            checks=(("a", "length(VALUE::text) < 4"), ("b", "VALUE::text <> ''::text")),
        ),
        Domain("", "plain", "integer[]"),
    ]
    assert repr(found[1].sa_type) == "ARRAY(INTEGER())"


async def test_composite_types(database: Database) -> None:
    await database.run("CREATE TYPE pair AS (b varchar(3), a integer[])")

    assert of_kind(await database.read(), "composite") == [
        Composite("", "pair", (("b", "character varying(3)"), ("a", "integer[]")))
    ]


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("", ()),
        ("AS integer", (("type", "integer"),)),
        ("START 5 CACHE 3 CYCLE", (("cache", 3), ("cycle", True), ("start", 5))),
        ("INCREMENT -2", (("increment", -2),)),
        ("MINVALUE 10 MAXVALUE 20", (("maxvalue", 20), ("minvalue", 10))),
    ],
)
async def test_sequences(
    database: Database, words: str, options: tuple[tuple[str, object], ...]
) -> None:
    await database.run(f"CREATE SEQUENCE s {words}")

    assert of_kind(await database.read(), "sequence") == [Sequence("", "s", options)]  # type: ignore[arg-type]


async def test_views_know_what_they_read(database: Database) -> None:
    await database.run(
        "CREATE SCHEMA app",
        "CREATE TABLE app.t (id integer)",
        "CREATE VIEW a AS SELECT 1 AS id FROM app.t",
        "CREATE MATERIALIZED VIEW b AS SELECT a.id FROM a JOIN app.t USING (id)",
    )

    a: Any
    b: Any
    a, b = of_kind(await database.read(), "view")

    assert a == View("", "a", "SELECT 1 AS id\n   FROM app.t")
    assert b.materialized
    assert a.references == (Key("table", "app", "", "t"),)
    assert b.references == (Key("table", "app", "", "t"), Key("view", "", "", "a"))


async def test_schemas_are_listed_if_they_are_looked_at(database: Database) -> None:
    await database.run("CREATE SCHEMA app", "CREATE SCHEMA somebodys")

    found = await database.read()

    assert list(found.values()) == [Namespace("app")]


async def test_the_default_schema_is_the_first_one_of_the_search_path(database: Database) -> None:
    await database.run(
        "CREATE SCHEMA app",
        "CREATE TABLE app.t (id integer)",
        "CREATE TABLE public.u (id integer)",
        "CREATE TYPE public.mood AS ENUM ('x')",
        "CREATE TABLE app.v (c public.mood)",
    )

    found: dict[Key, Any] = dict(await database.read(Scope(frozenset({"", "public"})), path="app"))

    tables = [(key.schema, key.name) for key in sorted(found) if key.kind == "table"]
    assert tables == [("", "t"), ("", "v"), ("public", "u")]
    assert found[Key("column", "", "v", "c")].type == "public.mood"
    assert Key("namespace", "public", "", "") in found


async def test_a_search_path_that_leads_nowhere_has_nothing(database: Database) -> None:
    await database.run("CREATE TABLE t (id integer)")

    assert await database.read(Scope(), path="nowhere") == {}


# --- what is not ours -------------------------------------------------------------------------


async def test_other_schemas_and_our_own_tables_are_not_listed(database: Database) -> None:
    await database.run(
        "CREATE SCHEMA somebodys",
        "CREATE TABLE somebodys.t (id serial PRIMARY KEY)",
        "CREATE TYPE somebodys.mood AS ENUM ('x')",
        "CREATE SEQUENCE somebodys.s",
        "CREATE VIEW somebodys.v AS SELECT 1 AS one",
        "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
        "CREATE TABLE amigrate_history (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
    )

    own = frozenset({("", "alembic_version"), ("", "amigrate_history")})

    assert await database.read(Scope(own=own)) == {}


async def test_partitions_and_inherited_children_are_not_listed(database: Database) -> None:
    await database.run(
        "CREATE TABLE p (id serial, at date) PARTITION BY RANGE (at)",
        "CREATE INDEX i ON p (at)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
        "CREATE INDEX i1 ON p1 (id)",
        "CREATE TABLE parent (id integer)",
        "CREATE TABLE child (more integer UNIQUE) INHERITS (parent)",
    )

    found = await database.read()

    assert {key.table or key.name for key in found} == {"p", "parent"}


async def test_a_child_that_models_declare_is_listed_with_its_own_columns(
    database: Database,
) -> None:
    await database.run(
        "CREATE TABLE parent (id integer CHECK (id > 0))",
        "CREATE TABLE child (more integer UNIQUE, CHECK (id < 9)) INHERITS (parent)",
        "CREATE INDEX i ON child (id)",
    )

    found = await database.read(Scope(declared=frozenset({("", "child")})))

    assert found[Key("table", "", "", "child")] == Table(
        "", "child", options=(("postgresql_inherits", "parent"),)
    )
    assert [key.path for key in found if key.table == "child"] == [
        "child.more",
        "child.child_id_check",
        "child.child_more_key",
        "child.i",
    ]


async def test_members_of_extensions_are_not_listed(database: Database) -> None:
    await database.run(
        "CREATE EXTENSION hstore",
        "CREATE TABLE t (id integer)",
        "CREATE SEQUENCE s",
        "CREATE TYPE mood AS ENUM ('x')",
        "CREATE DOMAIN d AS integer",
        "CREATE TYPE pair AS (a integer)",
        "CREATE VIEW v AS SELECT 1 AS one",
        *(
            f"ALTER EXTENSION hstore ADD {member}"
            for member in ("TABLE t", "SEQUENCE s", "TYPE mood", "DOMAIN d", "TYPE pair", "VIEW v")
        ),
    )

    assert await database.read() == {}


async def test_temporary_objects_are_not_listed(database: Database) -> None:
    def read(connection: sa.Connection) -> object:
        connection.exec_driver_sql("CREATE TEMP TABLE t (id serial PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TEMP VIEW v AS SELECT 1 AS one")
        return catalog_of("postgresql").read(connection, EVERYTHING)

    assert await database.sync(read) == {}


async def test_patterns_leave_tables_out_with_all_their_parts(database: Database) -> None:
    await database.run(
        "CREATE TABLE tmp_t (id serial PRIMARY KEY, x integer UNIQUE CHECK (x > 0))",
        "CREATE INDEX i ON tmp_t (x)",
    )

    assert await database.read(Scope(exclude=("tmp_*",))) == {}


async def test_the_number_of_statements_does_not_depend_on_the_tables(
    database: Database,
) -> None:
    await database.run(
        *(f"CREATE TABLE t{n} (id serial PRIMARY KEY, x text UNIQUE)" for n in range(40)),
        *(f"CREATE VIEW v{n} AS SELECT id FROM t{n}" for n in range(5)),
        "CREATE TYPE mood AS ENUM ('x')",
    )
    statements: list[str] = []

    def read(connection: sa.Connection) -> None:
        sa.event.listen(
            connection, "before_cursor_execute", lambda *each: statements.append(each[2])
        )
        catalog_of("postgresql").forms(connection)
        catalog_of("postgresql").read(connection, EVERYTHING)

    await database.sync(read)

    assert len(statements) == 2
