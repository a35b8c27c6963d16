"""Constraints and indexes: everything that PostgreSQL knows of them is read."""

from __future__ import annotations

from typing import Any

import pytest

from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.exclude import Exclude
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.index import Index, Indexed
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.unique import Unique
from tests.conformance.postgresql_catalog.conftest import Database, of_kind

T = 'CREATE TABLE t (a integer, b text, c text COLLATE "C", r int4range, j jsonb, d date)'

CONSTRAINTS: dict[str, Any] = {
    "PRIMARY KEY (b, a)": PrimaryKey("", "t", "t_pkey", ("b", "a")),
    "CONSTRAINT pk PRIMARY KEY (a) INCLUDE (b) DEFERRABLE": PrimaryKey(
        "", "t", "pk", ("a",), "DEFERRABLE", ("b",)
    ),
    "UNIQUE (b, a)": Unique("", "t", "t_b_a_key", ("b", "a")),
    "CONSTRAINT u UNIQUE (a) DEFERRABLE INITIALLY DEFERRED": Unique(
        "", "t", "u", ("a",), "DEFERRABLE INITIALLY DEFERRED"
    ),
    "CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b, c)": Unique(
        "", "t", "u", ("a",), "", True, ("b", "c")
    ),
    "CHECK (a > 0)": Check("", "t", "t_a_check", "a > 0"),
    "CONSTRAINT k CHECK (a > 0 OR b = 'x') NO INHERIT": Check(
        "", "t", "k", "a > 0 OR b = 'x'::text", True, True
    ),
    "CONSTRAINT k CHECK (a > 0) NOT VALID": Check("", "t", "k", "a > 0", False),
    "CONSTRAINT x EXCLUDE USING gist (r WITH &&)": Exclude("", "t", "x", (("r", "&&"),)),
    "CONSTRAINT x EXCLUDE USING btree (a WITH =, (lower(b)) WITH =) WHERE (a > 0) DEFERRABLE": (
        Exclude("", "t", "x", (("a", "="), ("(lower(b))", "=")), "btree", "a > 0", "DEFERRABLE")
    ),
    "CONSTRAINT x EXCLUDE USING btree (b text_pattern_ops WITH =)": Exclude(
        "", "t", "x", (("b text_pattern_ops", "="),), "btree"
    ),
    "CONSTRAINT f FOREIGN KEY (a) REFERENCES p (x)": ForeignKey(
        "", "t", "f", ("a",), "", "p", ("x",)
    ),
    "CONSTRAINT f FOREIGN KEY (a, b) REFERENCES app.p (x, y) MATCH FULL ON DELETE CASCADE "
    "ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED NOT VALID": ForeignKey(
        "",
        "t",
        "f",
        ("a", "b"),
        "app",
        "p",
        ("x", "y"),
        "CASCADE",
        "SET NULL",
        "FULL",
        "DEFERRABLE INITIALLY DEFERRED",
        False,
    ),
    "CONSTRAINT f FOREIGN KEY (a, b) REFERENCES app.p (x, y) ON DELETE SET NULL (b) "
    "ON UPDATE RESTRICT": ForeignKey(
        "", "t", "f", ("a", "b"), "app", "p", ("x", "y"), "SET NULL (b)", "RESTRICT"
    ),
}


@pytest.mark.parametrize("words", CONSTRAINTS)
async def test_a_constraint(database: Database, words: str) -> None:
    await database.run(
        T,
        "CREATE SCHEMA app",
        "CREATE TABLE p (x integer PRIMARY KEY)",
        "CREATE TABLE app.p (x integer, y text, PRIMARY KEY (x, y))",
        f"ALTER TABLE t ADD {words}",
    )

    found = await database.read()

    expected = CONSTRAINTS[words]
    assert found[expected.key] == expected
    assert of_kind(found, "index") == []


INDEXES: dict[str, Any] = {
    "CREATE INDEX i ON t (b, a)": {"columns": (Indexed("b"), Indexed("a"))},
    "CREATE UNIQUE INDEX i ON t (a)": {"columns": (Indexed("a"),), "unique": True},
    "CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT": {
        "columns": (Indexed("a"),),
        "unique": True,
        "nulls_not_distinct": True,
    },
    "CREATE INDEX i ON t (lower(b), (a + 1), a)": {
        "columns": (Indexed("lower(b)", True), Indexed("(a + 1)", True), Indexed("a"))
    },
    "CREATE INDEX i ON t (a DESC, b NULLS FIRST, c DESC NULLS LAST)": {
        "columns": (
            Indexed("a", order="DESC"),
            Indexed("b", order="NULLS FIRST"),
            Indexed("c", order="DESC NULLS LAST"),
        )
    },
    "CREATE INDEX i ON t (a ASC NULLS LAST, b DESC NULLS FIRST)": {
        "columns": (Indexed("a"), Indexed("b", order="DESC"))
    },
    "CREATE INDEX i ON t (b text_pattern_ops, c text_ops)": {
        "columns": (Indexed("b", opclass="text_pattern_ops"), Indexed("c"))
    },
    'CREATE INDEX i ON t (b COLLATE "C", c COLLATE "POSIX", c)': {
        "columns": (Indexed("b", collation="C"), Indexed("c", collation="POSIX"), Indexed("c"))
    },
    'CREATE INDEX i ON t ((b COLLATE "C"))': {"columns": (Indexed("b", collation="C"),)},
    "CREATE INDEX i ON t (a) INCLUDE (b, c)": {
        "columns": (Indexed("a"),),
        "include": ("b", "c"),
    },
    "CREATE INDEX i ON t (a) WHERE b IS NOT NULL AND a > 0": {
        "columns": (Indexed("a"),),
        "where": "b IS NOT NULL AND a > 0",
    },
    "CREATE INDEX i ON t USING hash (a)": {"columns": (Indexed("a"),), "method": "hash"},
    "CREATE INDEX i ON t USING gin (j jsonb_path_ops) WITH (fastupdate=off)": {
        "columns": (Indexed("j", opclass="jsonb_path_ops"),),
        "method": "gin",
        "options": (("postgresql_with", "fastupdate=off"),),
    },
    "CREATE INDEX i ON t USING gin (j)": {"columns": (Indexed("j"),), "method": "gin"},
    "CREATE INDEX i ON t USING gist (to_tsvector('simple', b) tsvector_ops (siglen=64))": {
        "columns": (
            Indexed("to_tsvector('simple'::regconfig, b)", True, opclass="tsvector_ops(siglen=64)"),
        ),
        "method": "gist",
    },
    "CREATE INDEX i ON t USING brin (d) WITH (pages_per_range=4, autosummarize=on)": {
        "columns": (Indexed("d"),),
        "method": "brin",
        "options": (("postgresql_with", "autosummarize=on, pages_per_range=4"),),
    },
}


@pytest.mark.parametrize("create", INDEXES)
async def test_an_index(database: Database, create: str) -> None:
    await database.run(T, create)

    assert await database.one("index", "i") == Index("", "t", "i", **INDEXES[create])


async def test_an_index_that_a_failure_left_behind_is_not_valid(database: Database) -> None:
    await database.run(
        T,
        "CREATE INDEX i ON t (a)",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass",
    )

    assert not (await database.one("index", "i")).valid


async def test_an_index_of_a_materialized_view_has_the_view_as_its_table(
    database: Database,
) -> None:
    await database.run(
        "CREATE MATERIALIZED VIEW v AS SELECT 1 AS one", "CREATE UNIQUE INDEX i ON v (one)"
    )

    assert of_kind(await database.read(), "index") == [
        Index("", "v", "i", (Indexed("one"),), unique=True)
    ]
    assert of_kind(await database.read(), "column") == []


async def test_a_foreign_key_to_a_partitioned_table_is_one(database: Database) -> None:
    await database.run(
        "CREATE TABLE p (id integer PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (10)",
        "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)",
        "CREATE TABLE t (id integer REFERENCES p)",
    )

    keys = of_kind(await database.read(), "foreign_key")

    assert [each.key.path for each in keys] == ["t.t_id_fkey"]
