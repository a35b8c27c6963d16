"""Of the 78 cases: tables, columns, keys and what PostgreSQL counts or computes by itself."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from tests.oracle.case import Case, of, t, table

TABLES = [
    Case("table added", "", lambda m: t(m, of("name")), ("+ table t",)),
    Case(
        "table dropped",
        table() + table(name="u"),
        lambda m: t(m),
        ("- table u",),
    ),
    Case(
        "table renamed",
        table("name text, mail text"),
        lambda m: t(m, of("name"), of("mail"), name="u"),
        ("~ table t → u",),
        renames={"t": "u"},
    ),
    Case(
        "comment on a table",
        table(),
        lambda m: t(m, comment="all of them"),
        ("~ table t (comment: none → all of them)",),
    ),
    Case(
        "PARTITION BY changed",
        "CREATE TABLE t (id int NOT NULL, day date NOT NULL) PARTITION BY RANGE (day)",
        lambda m: sa.Table(
            "t",
            m,
            of("id", sa.Integer, nullable=False),
            of("day", sa.Date, nullable=False),
            postgresql_partition_by="LIST (day)",
        ),
        ("~ table t (partition by: RANGE (day) → LIST (day))",),
        by_hand="partitioned",
    ),
    Case(
        "attached partition, right model",
        "CREATE TABLE t (day date NOT NULL) PARTITION BY RANGE (day);"
        "CREATE TABLE t_p1 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        lambda m: sa.Table(
            "t", m, of("day", sa.Date, nullable=False), postgresql_partition_by="RANGE (day)"
        ),
    ),
    Case(
        "storage parameters changed",
        table("", "ALTER TABLE t SET (fillfactor = 80)"),
        lambda m: t(m, postgresql_with={"fillfactor": 70}),
        ("~ table t (options: postgresql_with fillfactor=80 → postgresql_with fillfactor=70)",),
    ),
    Case(
        "UNLOGGED in the database",
        "CREATE UNLOGGED TABLE t (id serial PRIMARY KEY)",
        lambda m: t(m),
        ("~ table t (options: prefixes UNLOGGED → none)",),
    ),
    Case(
        "model in a new schema",
        "",
        lambda m: t(m, schema="app"),
        ("+ schema app", "+ table app.t"),
    ),
]

COLUMNS = [
    Case("column added", table(), lambda m: t(m, of("name")), ("+ column t.name",)),
    Case("column dropped", table("name text"), lambda m: t(m), ("- column t.name",)),
    Case(
        "column renamed",
        table("name text"),
        lambda m: t(m, of("full_name")),
        ("~ column t.name → t.full_name",),
        renames={"t.name": "t.full_name"},
    ),
    Case(
        "type changed",
        table("n integer"),
        lambda m: t(m, of("n", sa.BigInteger)),
        ("~ column t.n (type: integer → bigint)",),
    ),
    Case(
        "length changed",
        table("name varchar(10)"),
        lambda m: t(m, of("name", sa.String(20))),
        ("~ column t.name (type: character varying(10) → character varying(20))",),
    ),
    Case(
        "varchar(10) → varchar without a limit",
        table("name varchar(10)"),
        lambda m: t(m, of("name", sa.String)),
        ("~ column t.name (type: character varying(10) → character varying)",),
    ),
    Case(
        "timestamp → timestamptz",
        table("at timestamp"),
        lambda m: t(m, of("at", sa.DateTime(timezone=True))),
        ("~ column t.at (type: timestamp without time zone → timestamp with time zone)",),
    ),
    Case(
        "collation",
        table("name text"),
        lambda m: t(m, of("name", sa.Text(collation="C"))),
        ("~ column t.name (collation: none → C)",),
    ),
    Case(
        "NOT NULL",
        table("name text"),
        lambda m: t(m, of("name", nullable=False)),
        ("~ column t.name (nullable: yes → no)",),
    ),
    Case(
        "comment on a column",
        table("name text"),
        lambda m: t(m, of("name", comment="as on the card")),
        ("~ column t.name (comment: none → as on the card)",),
    ),
    Case(
        "server default changed",
        table("n integer DEFAULT 1"),
        lambda m: t(m, of("n", sa.Integer, server_default="2")),
        ("~ column t.n (default: 1 → 2)",),
    ),
    Case(
        "server default dropped",
        table("n integer DEFAULT 1"),
        lambda m: t(m, of("n", sa.Integer)),
        ("~ column t.n (default: 1 → none)",),
    ),
    Case(
        "identity added",
        "CREATE TABLE t (id integer PRIMARY KEY)",
        lambda m: sa.Table("t", m, of("id", sa.Integer, sa.Identity(), primary_key=True)),
        ("~ column t.id (identity: none → BY DEFAULT)",),
    ),
    Case(
        "identity: ALWAYS → BY DEFAULT",
        "CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
        lambda m: sa.Table("t", m, of("id", sa.Integer, sa.Identity(), primary_key=True)),
        ("~ column t.id (identity: ALWAYS → BY DEFAULT)",),
    ),
    Case(
        "computed: another expression",
        table("n integer, twice integer GENERATED ALWAYS AS (n * 2) STORED"),
        lambda m: t(
            m,
            of("n", sa.Integer),
            of("twice", sa.Integer, sa.Computed("n * 3", persisted=True)),
        ),
        ("~ column t.twice (computed: n * 2 persisted → n * 3 persisted)",),
    ),
    Case(
        "computed: made of an ordinary column",
        table("n integer, twice integer"),
        lambda m: t(
            m,
            of("n", sa.Integer),
            of("twice", sa.Integer, sa.Computed("n * 2", persisted=True)),
        ),
        ("~ column t.twice (computed: none → n * 2 persisted)",),
    ),
]

KEYS = [
    Case(
        "primary key added",
        "CREATE TABLE t (id integer NOT NULL)",
        lambda m: sa.Table("t", m, of("id", sa.Integer, primary_key=True, autoincrement=False)),
        ("+ primary key t",),
    ),
    Case(
        "primary key dropped",
        "CREATE TABLE t (id integer PRIMARY KEY)",
        lambda m: sa.Table("t", m, of("id", sa.Integer, nullable=False)),
        ("- primary key t",),
    ),
    Case(
        "primary key renamed",
        "CREATE TABLE t (id serial CONSTRAINT old PRIMARY KEY)",
        lambda m: sa.Table("t", m, of("id", sa.Integer), sa.PrimaryKeyConstraint("id", name="new")),
        ("~ primary key t (name: old → new)",),
    ),
    Case(
        "primary key of other columns",
        "CREATE TABLE t (a integer PRIMARY KEY, b integer)",
        lambda m: sa.Table(
            "t",
            m,
            of("a", sa.Integer, primary_key=True, autoincrement=False),
            of("b", sa.Integer, primary_key=True, autoincrement=False),
        ),
        ("~ column t.b (nullable: yes → no)", "~ primary key t (columns: a → a, b)"),
    ),
]


def mood(*values: str) -> sa.Enum:
    """Return the ENUM type `mood`."""
    return sa.Enum(*values, name="mood")


def _positive(condition: str) -> postgresql.DOMAIN[int]:
    return postgresql.DOMAIN("positive", sa.Integer, constraint_name="low", check=condition)


MOODS = "CREATE TYPE mood AS ENUM ('good', 'bad');" + table("m mood")
OTHERS = [
    Case(
        "enum: value added",
        MOODS,
        lambda m: t(m, of("m", mood("good", "bad", "ugly"))),
        ("~ enum type mood (values: good, bad → good, bad, ugly)",),
    ),
    Case(
        "enum: value renamed",
        MOODS,
        lambda m: t(m, of("m", mood("good", "evil"))),
        ("~ enum value mood.bad → mood.evil",),
        renames={"mood.bad": "mood.evil"},
    ),
    Case(
        "enum: value dropped",
        MOODS,
        lambda m: t(m, of("m", mood("good"))),
        ("~ enum type mood (values: good, bad → good)",),
    ),
    Case(
        "enum: a type that nothing uses",
        "CREATE TYPE mood AS ENUM ('good', 'bad');" + table(),
        lambda m: t(m),
        ("- enum type mood",),
    ),
    Case(
        "sequence added",
        table(),
        lambda m: (t(m), sa.Sequence("numbers", metadata=m)),
        ("+ sequence numbers",),
    ),
    Case(
        "sequence dropped",
        table("", "CREATE SEQUENCE numbers"),
        lambda m: t(m),
        ("- sequence numbers",),
    ),
    Case(
        "domain: another condition",
        "CREATE DOMAIN positive AS integer CONSTRAINT low CHECK (VALUE > 0);" + table("n positive"),
        lambda m: t(m, of("n", _positive("VALUE > 1"))),
        ("~ domain positive (checks: low VALUE > 0 → low VALUE > 1)",),
    ),
    Case(
        "composite type that models do not have",
        "CREATE TYPE pair AS (a integer, b integer);" + table(),
        lambda m: t(m),
        ("- composite type pair",),
    ),
]
