"""Domains, composite types, materialized views and other values for ENUM types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.errors import MigrateError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


@pytest.fixture(params=["asyncpg", "psycopg"])
async def engine(request: pytest.FixtureRequest, postgres_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine of an empty PostgreSQL database, once for each driver."""
    url = sa.make_url(postgres_url).set(drivername=f"postgresql+{request.param}")
    engine = create_async_engine(url)
    yield engine
    await engine.dispose()


async def run(project: Project, engine: AsyncEngine, *upgrades: str) -> Migrator:
    """Run each text as the upgrade() of a revision without downgrade()."""
    for number, upgrade in enumerate(upgrades):
        down = f"r{number - 1}" if number else None
        path = project.revision(f"r{number}", down, upgrade=upgrade, message=f"r{number}")
        path.write_text(path.read_text().split("\n\ndef downgrade")[0] + "\n")
    migrator = Migrator(engine, script_location=project.script_location)
    await migrator.upgrade()
    return migrator


async def rows(engine: AsyncEngine, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.exec_driver_sql(query)]


DOMAINS = """
SELECT t.typname::text, format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault,
  array(SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c WHERE c.contypid = t.oid ORDER BY 1)
FROM pg_type t WHERE t.typtype = 'd' AND t.typnamespace = 'public'::regnamespace
"""


async def test_a_domain_is_made_changed_and_changed_back(
    engine: AsyncEngine, project: Project
) -> None:
    base = (
        'op.create_domain("code", sa.String(9), '
        'sa.CheckConstraint("VALUE LIKE \'a%\'", name="ck_a"), '
        'nullable=False, server_default="abc")'
    )
    await run(project, engine, base)
    before = await rows(engine, DOMAINS)
    migrator = await run(
        project,
        engine,
        base,
        'op.alter_domain("code", nullable=True, existing_nullable=False, server_default=None, '
        'existing_server_default="abc", '
        'add_checks=[sa.CheckConstraint("length(VALUE) > 1", name="ck_b")], '
        'drop_checks=[sa.CheckConstraint("VALUE LIKE \'a%\'", name="ck_a")])',
    )
    changed = await rows(engine, DOMAINS)

    await migrator.downgrade("r0")

    assert changed == [
        ("code", "character varying(9)", False, None, ["CHECK ((length((VALUE)::text) > 1))"])
    ]
    assert before != changed
    assert await rows(engine, DOMAINS) == before

    await migrator.downgrade("base")

    assert await rows(engine, DOMAINS) == []


ATTRIBUTES = """
SELECT a.attname::text, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid WHERE c.relkind = 'c' AND NOT a.attisdropped ORDER BY attnum
"""


async def test_a_composite_type_is_made_changed_and_changed_back(
    engine: AsyncEngine, project: Project
) -> None:
    base = 'op.create_composite_type("spot", sa.Column("x", sa.Integer), sa.Column("z", sa.Text))\n'
    migrator = await run(
        project,
        engine,
        base,
        'op.alter_composite_type("spot", add=[sa.Column("y", sa.Integer)], '
        'drop=[sa.Column("z", sa.Text)], alter=[sa.Column("x", sa.BigInteger)], '
        'existing=[sa.Column("x", sa.Integer)])',
    )
    assert await rows(engine, ATTRIBUTES) == [("x", "bigint"), ("y", "integer")]

    await migrator.downgrade("r0")

    assert await rows(engine, ATTRIBUTES) == [("x", "integer"), ("z", "text")]

    await migrator.downgrade("base")

    assert await rows(engine, ATTRIBUTES) == []


async def test_what_is_there_is_not_made_again_and_what_is_gone_is_not_dropped_again(
    engine: AsyncEngine, project: Project
) -> None:
    made = (
        'op.create_domain("d", sa.Integer(), if_not_exists=True)\n'
        'op.create_composite_type("c", sa.Column("x", sa.Integer), if_not_exists=True)\n'
        'op.create_view("m", "SELECT 1 AS a", materialized=True, if_not_exists=True)\n'
    )
    dropped = (
        'op.drop_domain("d", if_exists=True)\n'
        'op.drop_composite_type("c", if_exists=True)\n'
        'op.drop_view("m", materialized=True, if_exists=True)\n'
    )

    await run(project, engine, made, made, dropped, dropped)

    assert await rows(engine, DOMAINS) == await rows(engine, ATTRIBUTES) == []


async def test_a_materialized_view_keeps_its_indexes_when_it_is_replaced(
    engine: AsyncEngine, project: Project
) -> None:
    await run(
        project,
        engine,
        'op.create_view("M 5%", "SELECT 1 AS a", materialized=True)\n'
        'op.create_index("ix_m", "M 5%", ["a"], unique=True)\n'
        'op.replace_view("M 5%", "SELECT 2 AS a, \'50%\' AS b", materialized=True)\n'
        'op.rename_view("M 5%", "n", materialized=True)',
        'op.create_view("n", "SELECT 3 AS a, 4 AS b", materialized=True, or_replace=True)\n'
        'op.create_view("o", "SELECT 3 AS a", materialized=True, or_replace=True)',
    )

    assert await rows(engine, "SELECT * FROM n") == [(3, 4)]
    assert await rows(engine, "SELECT indexname::text FROM pg_indexes WHERE tablename = 'n'") == [
        ("ix_m",)
    ]


async def test_a_view_whose_columns_change_is_made_anew_and_others_keep_their_grants(
    engine: AsyncEngine, project: Project
) -> None:
    await run(
        project,
        engine,
        'op.create_view("kept", "SELECT 1 AS a")\nop.create_view("made", "SELECT 1 AS a")\n'
        'op.execute("GRANT SELECT ON kept, made TO PUBLIC")',
        'op.replace_view("kept", "SELECT 2 AS a, 3 AS b")\n'
        'op.replace_view("made", "SELECT 2 AS b")',
    )

    assert await rows(engine, "SELECT * FROM kept") == [(2, 3)]
    assert await rows(engine, "SELECT b FROM made") == [(2,)]
    granted = "SELECT has_table_privilege('public', 'kept', 'SELECT')"
    assert await rows(engine, granted) == [(True,)]


async def test_a_view_that_another_reads_is_not_dropped_to_replace_it(
    engine: AsyncEngine, project: Project
) -> None:
    base = 'op.create_view("v", "SELECT 1 AS a")\nop.create_view("w", "SELECT a FROM v")'

    with pytest.raises(MigrateError, match="other objects depend on it"):
        await run(project, engine, base, 'op.replace_view("v", "SELECT 2 AS b")')

    assert await rows(engine, "SELECT * FROM w") == [(1,)]


# --- other values for an ENUM type ------------------------------------------------------------

LEVELS = """
op.create_table(
    "t",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("level", sa.Enum("low", "mid", "it's 50%", name="level"), server_default="low"),
    sa.Column("many", sa.ARRAY(sa.Enum(name="level", create_type=False)),
              server_default=sa.text("ARRAY['mid'::level]")),
    sa.CheckConstraint("level <> 'mid' OR id > 1", name="ck"),
)
op.create_index("ix_plain", "t", ["level"])
op.create_index("ix_part", "t", ["id"], postgresql_where=sa.text("level = 'mid'"))
op.execute("COMMENT ON CONSTRAINT ck ON t IS 'why'")
op.execute("COMMENT ON TYPE level IS 'how high'")
op.execute("GRANT USAGE ON TYPE level TO pg_monitor WITH GRANT OPTION")
op.execute('''INSERT INTO t VALUES (1, 'low', '{low,mid}'), (2, 'mid', '{}'), (3, NULL, NULL)''')
""".replace(
    "sa.Enum(name=", "__import__('sqlalchemy.dialects.postgresql', fromlist=['x']).ENUM(name="
)

LABELS = "SELECT array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum GROUP BY enumtypid"
DESCRIBED = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 't'::regclass
UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename = 't'
UNION ALL SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 't'::regclass
UNION ALL SELECT obj_description(oid) FROM pg_constraint WHERE conname = 'ck'
UNION ALL SELECT obj_description('level'::regtype)
UNION ALL SELECT unnest(typacl)::text FROM pg_type WHERE typname = 'level'
UNION ALL SELECT typname::text FROM pg_type WHERE left(typname, 8) = 'amigrate'
UNION ALL SELECT t::text FROM t ORDER BY 1
"""


async def test_the_order_of_values_changes_and_nothing_else(
    engine: AsyncEngine, project: Project
) -> None:
    await run(project, engine, LEVELS)
    before = await rows(engine, DESCRIBED)

    await run(project, engine, LEVELS, 'op.replace_enum("level", "it\'s 50%", "mid", "low", "new")')

    assert await rows(engine, LABELS) == [(["it's 50%", "mid", "low", "new"],)]
    assert await rows(engine, DESCRIBED) == before


async def test_rows_with_a_value_that_goes_get_the_one_of_the_mapping(
    engine: AsyncEngine, project: Project
) -> None:
    migrator = await run(
        project,
        engine,
        LEVELS,
        'op.replace_enum("level", "mid", "low", "it\'s 50%", mapping={"low": "mid", "mid": "low"})'
        '\nop.replace_enum("level", "bas", "mid", existing_values=["mid", "low", "it\'s 50%"], '
        'mapping={"low": "bas"})',
    )
    del migrator

    assert await rows(engine, LABELS) == [(["bas", "mid"],)]
    assert await rows(engine, "SELECT level::text, many::text FROM t ORDER BY id") == [
        ("mid", "{mid,bas}"),
        ("bas", "{}"),
        (None, None),
    ]
    found = {row[0] for row in await rows(engine, DESCRIBED)}
    assert "'mid'::level" in found
    assert "ARRAY['bas'::level]" in found
    assert "CHECK (((level <> 'bas'::level) OR (id > 1)))" in found


async def test_the_former_values_come_back_without_a_downgrade(
    engine: AsyncEngine, project: Project
) -> None:
    await run(project, engine, LEVELS)
    before = await rows(engine, DESCRIBED)
    migrator = await run(
        project,
        engine,
        LEVELS,
        'op.replace_enum("level", "low", "middle", existing_values=["low", "mid", "it\'s 50%"], '
        'mapping={"mid": "middle"})\nop.rename_enum("level", "Grade")',
    )

    await migrator.downgrade("r0")

    assert await rows(engine, LABELS) == [(["low", "mid", "it's 50%"],)]
    assert await rows(engine, DESCRIBED) == before


async def test_rows_with_a_value_that_has_nowhere_to_go_are_counted_and_refused(
    engine: AsyncEngine, project: Project
) -> None:
    refused = r"\(mid, it's 50%\): 1 in t.level, 1 in t.many"
    with pytest.raises(MigrateError, match=refused) as caught:
        await run(project, engine, LEVELS, 'op.replace_enum("level", "low")')

    assert "the failed revision was rolled back" in str(caught.value)
    assert await rows(engine, LABELS) == [(["low", "mid", "it's 50%"],)]


DEPENDENTS = {
    "view": ("CREATE VIEW v AS SELECT level FROM t", "view v"),
    "function": ("CREATE FUNCTION f(level) RETURNS int LANGUAGE sql AS 'SELECT 1'", "function f"),
    "domain": ("CREATE DOMAIN d AS level", "type d"),
    "composite": ("CREATE TYPE c AS (x level)", "column x of composite type c"),
    "generated": (
        "ALTER TABLE t ADD g boolean GENERATED ALWAYS AS (level = 'low') STORED",
        "column g of table t",
    ),
    "trigger": (
        """CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER tr BEFORE UPDATE OF level ON t FOR EACH ROW EXECUTE FUNCTION tf()""",
        "trigger tr on table t",
    ),
    "policy": ("CREATE POLICY po ON t USING (level = 'low')", "policy po on table t"),
}


@pytest.mark.parametrize(("made", "named"), DEPENDENTS.values(), ids=DEPENDENTS)
async def test_what_depends_on_an_enum_and_cannot_be_made_again_is_named(
    engine: AsyncEngine, project: Project, made: str, named: str
) -> None:
    base = f"{LEVELS}op.execute({made!r})"

    with pytest.raises(MigrateError, match=named):
        await run(project, engine, base, 'op.replace_enum("level", "low", mapping={"mid": "low"})')

    assert await rows(engine, LABELS) == [(["low", "mid", "it's 50%"],)]


async def test_partitions_children_and_foreign_keys_follow_their_enum(
    engine: AsyncEngine, project: Project
) -> None:
    base = (
        'op.execute("""CREATE SCHEMA "Shop"; CREATE TYPE "Shop"."Le v%l" AS ENUM (\'a\', \'b\');'
        'CREATE TABLE "Shop".k (l "Shop"."Le v%l" PRIMARY KEY);'
        'CREATE TABLE "Shop".p (n int, l "Shop"."Le v%l" DEFAULT \'a\' '
        'REFERENCES "Shop".k) PARTITION BY LIST (n);'
        'CREATE TABLE "Shop".p1 PARTITION OF "Shop".p FOR VALUES IN (1);'
        "ALTER TABLE \"Shop\".p1 ALTER l SET DEFAULT 'b';"
        'CREATE TABLE "Shop".i () INHERITS ("Shop".k);'
        "INSERT INTO \"Shop\".k VALUES ('a'), ('b'); INSERT INTO \"Shop\".p VALUES (1, 'b')"
        '""")'
    )

    await run(
        project,
        engine,
        base,
        'op.replace_enum("Le v%l", "c", "b", mapping={"a": "c"}, schema="Shop")',
    )

    assert await rows(engine, 'SELECT l::text FROM "Shop".k ORDER BY k.l') == [("c",), ("b",)]
    assert await rows(engine, 'SELECT l::text FROM "Shop".p1') == [("b",)]
    defaults = await rows(
        engine,
        "SELECT column_default FROM information_schema.columns"
        " WHERE table_schema = 'Shop' AND table_name IN ('p', 'p1') "
        "AND column_name = 'l' ORDER BY table_name",
    )
    assert defaults == [('\'c\'::"Shop"."Le v%l"',), ('\'b\'::"Shop"."Le v%l"',)]
    foreign = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conparentid = 0"
    assert await rows(engine, foreign) == [(1,)]
