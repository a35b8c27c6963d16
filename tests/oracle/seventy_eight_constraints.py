"""Of the 78 cases: constraints, indexes, views, and what models cannot declare at all."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from asyncmigrate.schema.views import View
from tests.oracle.case import Case, of, t, table

PARENT = table(name="parent")
CHILD = PARENT + "CREATE TABLE t (id serial PRIMARY KEY, parent_id integer{reference});"
REFERENCE = ", CONSTRAINT fk FOREIGN KEY (parent_id) REFERENCES parent (id)"


def child(metadata: sa.MetaData, *parts: sa.Constraint) -> sa.Table:
    """Declare the two tables that a foreign key is between."""
    t(metadata, name="parent")
    return t(metadata, of("parent_id", sa.Integer), *parts)


def fk(name: str = "fk", **options: object) -> sa.ForeignKeyConstraint:
    """Return the foreign key."""
    return sa.ForeignKeyConstraint(["parent_id"], ["parent.id"], name=name, **options)  # type: ignore[arg-type]


FOREIGN_KEYS = [
    Case(
        "foreign key added",
        CHILD.format(reference=""),
        lambda m: child(m, fk()),
        ("+ foreign key t.fk",),
    ),
    Case(
        "foreign key: ON DELETE",
        CHILD.format(reference=REFERENCE),
        lambda m: child(m, fk(ondelete="CASCADE")),
        ("~ foreign key t.fk (on delete: none → CASCADE)",),
    ),
    Case(
        "foreign key: deferrable",
        CHILD.format(reference=REFERENCE),
        lambda m: child(m, fk(deferrable=True, initially="DEFERRED")),
        ("~ foreign key t.fk (deferrable: none → DEFERRABLE INITIALLY DEFERRED)",),
    ),
    Case(
        "foreign key: MATCH",
        CHILD.format(reference=REFERENCE),
        lambda m: child(m, fk(match="FULL")),
        ("~ foreign key t.fk (match: none → FULL)",),
    ),
    Case(
        "foreign key renamed",
        CHILD.format(reference=REFERENCE),
        lambda m: child(m, fk("parent_of_t")),
        ("~ foreign key t.fk → t.parent_of_t",),
    ),
    Case(
        "foreign key: NOT VALID in the database",
        CHILD.format(reference="") + f"ALTER TABLE t ADD{REFERENCE.removeprefix(',')} NOT VALID",
        lambda m: child(m, fk()),
        ("~ foreign key t.fk (validated: no → yes)",),
    ),
]

AB = "a integer, b integer"


def ab(metadata: sa.MetaData, *parts: sa.Constraint | sa.Index) -> sa.Table:
    """Declare a table with two numbers."""
    return t(metadata, of("a", sa.Integer), of("b", sa.Integer), *parts)


UNIQUE = table(f"{AB}, CONSTRAINT uq UNIQUE (a)")
CONSTRAINTS = [
    Case(
        "unique added",
        table(AB),
        lambda m: ab(m, sa.UniqueConstraint("a", name="uq")),
        ("+ unique constraint t.uq",),
    ),
    Case("unique dropped", UNIQUE, ab, ("- unique constraint t.uq",)),
    Case(
        "unique: other columns",
        UNIQUE,
        lambda m: ab(m, sa.UniqueConstraint("a", "b", name="uq")),
        ("~ unique constraint t.uq (columns: a → a, b)",),
    ),
    Case(
        "unique: NULLS NOT DISTINCT",
        UNIQUE,
        lambda m: ab(m, sa.UniqueConstraint("a", name="uq", postgresql_nulls_not_distinct=True)),
        ("~ unique constraint t.uq (nulls not distinct: no → yes)",),
    ),
    Case(
        "unique: deferrable",
        UNIQUE,
        lambda m: ab(m, sa.UniqueConstraint("a", name="uq", deferrable=True)),
        ("~ unique constraint t.uq (deferrable: none → DEFERRABLE)",),
    ),
    Case(
        "unique: INCLUDE",
        UNIQUE,
        lambda m: ab(m, sa.UniqueConstraint("a", name="uq", postgresql_include=["b"])),
        ("~ unique constraint t.uq (include: none → b)",),
    ),
    Case(
        "check added",
        table(AB),
        lambda m: ab(m, sa.CheckConstraint("a > 0", name="ck")),
        ("+ check constraint t.ck",),
    ),
    Case(
        "check dropped",
        table(f"{AB}, CONSTRAINT ck CHECK (a > 0)"),
        ab,
        ("- check constraint t.ck",),
    ),
    Case(
        "check: another condition",
        table(f"{AB}, CONSTRAINT ck CHECK (a > 0)"),
        lambda m: ab(m, sa.CheckConstraint("a > 1", name="ck")),
        ("~ check constraint t.ck (text: a > 0 → a > 1)",),
    ),
    Case(
        "exclude added",
        table("during int4range"),
        lambda m: t(
            m,
            of("during", postgresql.INT4RANGE),
            postgresql.ExcludeConstraint(("during", "&&"), name="apart"),
        ),
        ("+ exclude constraint t.apart",),
    ),
    Case(
        "exclude dropped",
        table("during int4range, CONSTRAINT apart EXCLUDE USING gist (during WITH &&)"),
        lambda m: t(m, of("during", postgresql.INT4RANGE)),
        ("- exclude constraint t.apart",),
    ),
]

INDEXED = table(AB, "CREATE INDEX ix ON t (a)")
PARTIAL = table(AB, "CREATE INDEX ix ON t (a) WHERE b > 0")
INDEXES = [
    Case("index added", table(AB), lambda m: ab(m, sa.Index("ix", "a")), ("+ index t.ix",)),
    Case("index dropped", INDEXED, ab, ("- index t.ix",)),
    Case(
        "index: other columns",
        INDEXED,
        lambda m: ab(m, sa.Index("ix", "a", "b")),
        ("~ index t.ix (columns: a → a, b)",),
    ),
    Case(
        "index: unique",
        INDEXED,
        lambda m: ab(m, sa.Index("ix", "a", unique=True)),
        ("~ index t.ix (unique: no → yes)",),
    ),
    Case(
        "index: another expression",
        table("name text", "CREATE INDEX ix ON t (lower(name))"),
        lambda m: t(m, of("name"), sa.Index("ix", sa.text("upper(name)"))),
        ("~ index t.ix (columns: lower(name) → upper(name))",),
    ),
    Case(
        "index: DESC",
        INDEXED,
        lambda m: ab(m, sa.Index("ix", sa.text("a DESC"))),
        ("~ index t.ix (columns: a → a DESC)",),
    ),
    Case(
        "index: NULLS NOT DISTINCT",
        table(AB, "CREATE UNIQUE INDEX ix ON t (a)"),
        lambda m: ab(m, sa.Index("ix", "a", unique=True, postgresql_nulls_not_distinct=True)),
        ("~ index t.ix (nulls not distinct: no → yes)",),
    ),
    Case(
        "index: WHERE added",
        INDEXED,
        lambda m: ab(m, sa.Index("ix", "a", postgresql_where=sa.text("b > 0"))),
        ("~ index t.ix (where: none → b > 0)",),
    ),
    Case(
        "index: another WHERE",
        PARTIAL,
        lambda m: ab(m, sa.Index("ix", "a", postgresql_where=sa.text("b > 1"))),
        ("~ index t.ix (where: b > 0 → b > 1)",),
    ),
    Case(
        "index: operator class",
        table("name text", "CREATE INDEX ix ON t (name)"),
        lambda m: t(
            m, of("name"), sa.Index("ix", "name", postgresql_ops={"name": "text_pattern_ops"})
        ),
        ("~ index t.ix (columns: name → name text_pattern_ops)",),
    ),
    Case(
        "index: INCLUDE",
        INDEXED,
        lambda m: ab(m, sa.Index("ix", "a", postgresql_include=["b"])),
        ("~ index t.ix (include: none → b)",),
    ),
    Case(
        "index: USING",
        INDEXED,
        lambda m: ab(m, sa.Index("ix", "a", postgresql_using="hash")),
        ("~ index t.ix (method: none → hash)",),
    ),
    Case(
        "index: WITH",
        INDEXED,
        lambda m: ab(m, sa.Index("ix", "a", postgresql_with={"fillfactor": 50})),
        ("~ index t.ix (options: none → postgresql_with fillfactor=50)",),
    ),
    Case(
        "index: INVALID in the database",
        INDEXED + "; UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix'::regclass",
        lambda m: ab(m, sa.Index("ix", "a")),
        ("~ index t.ix (valid: no → yes)",),
        restored=False,
    ),
    Case(
        "comment on an index",
        INDEXED + "; COMMENT ON INDEX ix IS 'for the report'",
        lambda m: ab(m, sa.Index("ix", "a")),
        ("~ index t.ix (comment: for the report → none)",),
    ),
]


def named(metadata: sa.MetaData) -> sa.Table:
    """Declare a table with a name."""
    return t(metadata, of("name"))


NAMES = table("name text")
VIEWS = [
    Case(
        "view",
        f"{NAMES} CREATE VIEW v AS SELECT id FROM t",
        lambda m: View("v", sa.select(named(m).c.name), m),
        ("~ view v (definition: SELECT id FROM t → SELECT name FROM t)",),
    ),
    Case("view dropped", f"{NAMES} CREATE VIEW v AS SELECT id FROM t", named, ("- view v",)),
    Case(
        "materialized view",
        NAMES,
        lambda m: View("v", sa.select(named(m).c.name), m, materialized=True),
        ("+ view v",),
    ),
]

NOT_COMPARED = [
    Case(
        "function",
        f"{NAMES} CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        named,
        not_compared="1 function: one",
    ),
    Case(
        "trigger",
        f"{NAMES} CREATE TRIGGER unchanged BEFORE UPDATE ON t FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        named,
        not_compared="1 trigger: t.unchanged",
    ),
    Case(
        "row security and policy",
        f"{NAMES} ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY own ON t USING (name = current_user)",
        named,
        not_compared="1 row security policy: t.own; 1 table with row security: t",
    ),
    Case(
        "grant",
        f"{NAMES} GRANT SELECT ON t TO PUBLIC",
        named,
        not_compared="1 grant: t",
    ),
    Case(
        "extension",
        f"{NAMES} CREATE EXTENSION pg_trgm",
        named,
        not_compared="1 extension: pg_trgm",
    ),
    Case(
        "statistics",
        f"{table(AB)} CREATE STATISTICS together ON a, b FROM t",
        ab,
        not_compared="1 statistics object: together",
    ),
]
