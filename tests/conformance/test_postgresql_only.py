"""What only PostgreSQL has, by way of scripts that a migrator runs on both drivers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.errors import StepFailedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.project import Project


@pytest.fixture(params=["postgresql+asyncpg", "postgresql+psycopg"])
async def engine(request: pytest.FixtureRequest, postgres_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(make_url(postgres_url).set(drivername=request.param))
    yield engine
    await engine.dispose()


async def upgrade(project: Project, engine: AsyncEngine, script: str) -> None:
    """Run `script` as the next revision."""
    number = len(list(project.versions.glob("r*.py")))
    project.revision(f"r{number}", f"r{number - 1}" if number else None, upgrade=script)
    await Migrator(engine, script_location=project.script_location).upgrade()


async def run(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)


async def scalars(engine: AsyncEngine, query: str) -> list[object]:
    async with engine.connect() as connection:
        return list((await connection.exec_driver_sql(query)).scalars())


LABELS = (
    "SELECT enumlabel FROM pg_enum JOIN pg_type ON enumtypid = pg_type.oid "
    "WHERE typname = 'level' ORDER BY enumsortorder"
)
TYPES = "SELECT typname FROM pg_type WHERE typtype = 'e' ORDER BY 1"
INDEXES = (
    "SELECT indexrelid::regclass || ' ' || indisvalid FROM pg_index WHERE indrelid = 't'::regclass"
)


# --- ENUM types -------------------------------------------------------------------------------


async def test_a_new_value_can_be_used_by_the_next_statement(
    project: Project, engine: AsyncEngine
) -> None:
    await run(
        engine,
        "CREATE TYPE level AS ENUM ('low', 'high')",
        "CREATE TABLE t (level level DEFAULT 'low')",
    )

    await upgrade(
        project,
        engine,
        """
        op.execute("INSERT INTO t VALUES ('high')")
        op.add_enum_value("level", "mid", after="low")
        op.add_enum_value("level", "it's 50%", before="low", if_not_exists=True)
        op.add_enum_value("level", "it's 50%", before="low", if_not_exists=True)
        op.execute("INSERT INTO t VALUES ('mid')")
        op.alter_column("t", "level", server_default="mid")
        """,
    )

    assert await scalars(engine, LABELS) == ["it's 50%", "low", "mid", "high"]
    assert await scalars(engine, "SELECT level::text FROM t ORDER BY t.level") == ["mid", "high"]


async def test_a_type_of_this_transaction_takes_values_without_a_commit(
    project: Project, engine: AsyncEngine
) -> None:
    project.revision("a1", upgrade='op.create_enum("level", "low")')
    project.revision(
        "b2",
        "a1",
        upgrade="""
        op.add_enum_value("level", "high")
        op.create_table("t", sa.Column("level", sa.Enum("low", "high", name="level")))
        op.execute("INSERT INTO t VALUES ('high')")
        op.execute("SELECT 1 / (SELECT 0)")
        """,
    )
    migrator = Migrator(engine, script_location=project.script_location)

    with pytest.raises(StepFailedError):
        await migrator.upgrade("head", atomic=True)

    assert await scalars(engine, TYPES) == []


async def test_a_joined_transaction_is_not_committed_for_a_new_value(
    project: Project, engine: AsyncEngine
) -> None:
    await run(engine, "CREATE TYPE level AS ENUM ('low')")
    project.revision("a1", upgrade='op.add_enum_value("level", "high")')

    async with engine.connect() as connection:
        await connection.begin()
        await Migrator(connection, script_location=project.script_location).upgrade()
        await connection.rollback()

    assert await scalars(engine, LABELS) == ["low"]


async def test_a_new_value_that_is_used_too_early_says_how_to_run_it(
    project: Project, engine: AsyncEngine
) -> None:
    await run(engine, "CREATE TYPE level AS ENUM ('low')", "CREATE TABLE t (level level)")
    project.revision(
        "a1",
        upgrade="""
        op.add_enum_value("level", "high")
        op.execute("INSERT INTO t VALUES ('high')")
        """,
    )
    migrator = Migrator(engine, script_location=project.script_location)

    with pytest.raises(StepFailedError, match="unsafe use of new value") as caught:
        await migrator.upgrade("head", atomic=True)
    await migrator.upgrade("head")

    assert "without --atomic" in caught.value.next
    assert await scalars(engine, "SELECT level::text FROM t") == ["high"]


async def test_a_value_is_renamed_in_every_row(project: Project, engine: AsyncEngine) -> None:
    await run(
        engine,
        "CREATE TYPE level AS ENUM ('low', 'high')",
        "CREATE TABLE t (level level)",
        "INSERT INTO t VALUES ('low')",
    )

    await upgrade(
        project,
        engine,
        """
        op.rename_enum_value("level", "low", "little")
        op.execute("INSERT INTO t VALUES ('little')")
        """,
    )

    assert await scalars(engine, "SELECT level::text FROM t") == ["little", "little"]


async def test_types_are_created_and_dropped_under_conditions(
    project: Project, engine: AsyncEngine
) -> None:
    await run(engine, 'CREATE SCHEMA "Other"')

    await upgrade(
        project,
        engine,
        """
        for _ in range(2):
            op.create_enum("level", "low", "$do$ it's 50%", if_not_exists=True)
            op.create_enum(sa.Enum("a", name="Odd name", schema="Other"), if_not_exists=True)
        op.create_enum("gone", "x")
        for _ in range(2):
            op.drop_enum("gone", if_exists=True)
        """,
    )

    assert await scalars(engine, TYPES) == ["Odd name", "level"]
    assert await scalars(engine, LABELS) == ["low", "$do$ it's 50%"]


async def test_a_dropped_table_takes_the_types_of_its_columns_along_unless_they_are_used(
    project: Project, engine: AsyncEngine
) -> None:
    await upgrade(
        project,
        engine,
        """
        own = sa.Enum("a", name="own")
        shared = sa.Enum("b", name="shared")
        listed = sa.ARRAY(sa.Enum("c", name="listed"))
        columns = [sa.Column("own", own), sa.Column("shared", shared), sa.Column("l", listed)]
        op.create_enum("listed", "c")
        op.create_table("t", *columns)
        op.create_table("u", sa.Column("shared", sa.ARRAY(shared)))
        op.drop_table("t", *columns)
        """,
    )

    assert await scalars(engine, TYPES) == ["shared"]


async def test_a_dropped_table_leaves_types_that_are_not_named(
    project: Project, engine: AsyncEngine
) -> None:
    await upgrade(
        project,
        engine,
        """
        op.create_table("t", sa.Column("x", sa.Enum("a", name="own")))
        op.drop_table("t")
        """,
    )

    assert await scalars(engine, TYPES) == ["own"]


async def test_a_column_becomes_an_enum_with_its_default(
    project: Project, engine: AsyncEngine
) -> None:
    await run(engine, "CREATE TABLE t (x varchar DEFAULT 'low')", "INSERT INTO t VALUES ('high')")

    await upgrade(
        project,
        engine,
        """
        op.alter_column(
            "t", "x", type_=sa.Enum("low", "high", name="level"), postgresql_using="x::level",
            existing_type=sa.String(), existing_server_default="low",
        )
        op.execute("INSERT INTO t DEFAULT VALUES")
        """,
    )

    assert await scalars(engine, "SELECT x::text FROM t ORDER BY t.x") == ["low", "high"]


async def test_an_upgrade_with_enums_is_undone_by_its_own_directives(
    project: Project, engine: AsyncEngine
) -> None:
    path = project.revision(
        "a1",
        upgrade="""
        op.create_enum("level", "low", "high")
        op.create_table(
            "t",
            sa.Column("level", sa.Enum("low", "high", name="level")),
            sa.Column("kind", sa.Enum("x", name="kind")),
        )
        op.rename_enum_value("level", "low", "little")
        """,
    )
    path.write_text(path.read_text().split("\n\ndef downgrade")[0] + "\n")
    migrator = Migrator(engine, script_location=project.script_location)

    await migrator.upgrade("head")
    await migrator.downgrade("base")
    left = await scalars(engine, TYPES)
    await migrator.upgrade("head")

    assert left == []
    assert await scalars(engine, LABELS) == ["little", "high"]


async def test_a_type_is_exchanged_for_one_with_fewer_values(
    project: Project, engine: AsyncEngine
) -> None:
    await run(
        engine,
        "CREATE TYPE level AS ENUM ('low', 'middle', 'high')",
        "CREATE TABLE t (level level DEFAULT 'low')",
        "INSERT INTO t VALUES ('high')",
    )

    await upgrade(
        project,
        engine,
        """
        op.execute("ALTER TYPE level RENAME TO level_old")
        op.alter_column(
            "t", "level", type_=sa.Enum("low", "high", name="level"),
            postgresql_using="level::text::level", existing_server_default="low",
        )
        op.drop_enum("level_old")
        op.execute("INSERT INTO t DEFAULT VALUES")
        """,
    )

    assert await scalars(engine, LABELS) == ["low", "high"]
    assert await scalars(engine, "SELECT level::text FROM t ORDER BY t.level") == ["low", "high"]


# --- CONCURRENTLY -----------------------------------------------------------------------------


CONCURRENTLY = 'op.create_index("ix", "t", ["x"], unique=True, postgresql_concurrently=True)'


async def test_an_index_is_built_concurrently_by_itself(
    project: Project, engine: AsyncEngine
) -> None:
    await upgrade(
        project,
        engine,
        f"""
        op.create_table("t", sa.Column("x", sa.Integer))
        {CONCURRENTLY}
        op.add_column("t", sa.Column("y", sa.Integer))
        op.drop_index("ix", "t", postgresql_concurrently=True)
        with op.autocommit():
            {CONCURRENTLY}
        """,
    )

    assert await scalars(engine, INDEXES) == ["ix true"]


@pytest.mark.parametrize("condition", ["", ", if_not_exists=True"])
async def test_what_a_failed_build_left_is_dropped_before_the_next(
    project: Project, engine: AsyncEngine, condition: str
) -> None:
    await run(engine, "CREATE TABLE t (x int)", "INSERT INTO t VALUES (1), (1)")
    script = CONCURRENTLY.removesuffix(")") + condition + ")"
    with pytest.raises(StepFailedError, match="ix"):
        await upgrade(project, engine, script)
    left = await scalars(engine, INDEXES)
    await run(engine, "DELETE FROM t")

    await Migrator(engine, script_location=project.script_location).upgrade()

    assert left == ["ix false"]
    assert await scalars(engine, INDEXES) == ["ix true"]


async def test_a_valid_index_is_left_alone(project: Project, engine: AsyncEngine) -> None:
    await run(engine, "CREATE TABLE t (x int)", "CREATE UNIQUE INDEX ix ON t (x)")
    before = await scalars(engine, "SELECT oid FROM pg_class WHERE relname = 'ix'")

    await upgrade(project, engine, CONCURRENTLY.removesuffix(")") + ", if_not_exists=True)")
    with pytest.raises(StepFailedError, match="already exists"):
        await upgrade(project, engine, CONCURRENTLY)

    assert await scalars(engine, "SELECT oid FROM pg_class WHERE relname = 'ix'") == before


async def test_an_invalid_index_of_another_schema_is_left_alone(
    project: Project, engine: AsyncEngine
) -> None:
    await run(engine, "CREATE SCHEMA other", "CREATE TABLE other.t (x int)")
    await run(engine, "CREATE TABLE t (x int)", "INSERT INTO other.t VALUES (1), (1)")
    beside = engine.execution_options(isolation_level="AUTOCOMMIT")
    with pytest.raises(DBAPIError):
        await run(beside, "CREATE UNIQUE INDEX CONCURRENTLY ix ON other.t (x)")
    project.revision("r0", upgrade=CONCURRENTLY)

    await Migrator(engine, script_location=project.script_location).upgrade()

    valid = "SELECT count(*) FROM pg_index WHERE indrelid = 'other.t'::regclass AND NOT indisvalid"
    assert await scalars(engine, valid) == [1]


async def test_a_run_that_takes_all_or_none_refuses_concurrently(
    project: Project, engine: AsyncEngine
) -> None:
    await run(engine, "CREATE TABLE t (x int)")
    project.revision("a1", upgrade=CONCURRENTLY)
    migrator = Migrator(engine, script_location=project.script_location)

    with pytest.raises(StepFailedError, match="CREATE INDEX CONCURRENTLY cannot run") as caught:
        await migrator.upgrade("head", atomic=True)

    assert "--atomic" in str(caught.value)
    assert await scalars(engine, INDEXES) == []


async def test_a_joined_transaction_refuses_concurrently(
    project: Project, engine: AsyncEngine
) -> None:
    await run(engine, "CREATE TABLE t (x int)")
    project.revision("a1", upgrade=CONCURRENTLY)

    async with engine.connect() as connection:
        await connection.begin()
        with pytest.raises(StepFailedError, match="hand the migrator an engine"):
            await Migrator(connection, script_location=project.script_location).upgrade()

    assert await scalars(engine, INDEXES) == []


# --- identity, generated columns, constraints -------------------------------------------------


async def test_identity_comes_changes_and_goes(project: Project, engine: AsyncEngine) -> None:
    await run(engine, "CREATE TABLE t (a int NOT NULL DEFAULT 5, b int NOT NULL)")

    await upgrade(
        project,
        engine,
        """
        op.alter_column(
            "t", "a", server_default=sa.Identity(start=10), existing_server_default="5"
        )
        op.alter_column("t", "b", server_default=sa.Identity(always=True))
        op.add_column("t", sa.Column("c", sa.Integer, sa.Identity(increment=2), nullable=False))
        op.execute("INSERT INTO t DEFAULT VALUES")
        op.alter_column(
            "t", "b", server_default=sa.Identity(always=False, increment=5),
            existing_server_default=sa.Identity(always=True),
        )
        op.alter_column("t", "a", server_default="7", existing_server_default=sa.Identity())
        op.alter_column("t", "c", server_default=None, existing_server_default=sa.Identity())
        op.execute("INSERT INTO t (c) VALUES (9)")
        """,
    )

    rows = await scalars(engine, "SELECT concat_ws(' ', a, b, c) FROM t ORDER BY c")
    generated = "SELECT attname || attidentity::text FROM pg_attribute WHERE attidentity <> ''"
    assert rows == ["10 1 1", "7 6 9"]
    assert await scalars(engine, f"{generated} AND attrelid = 't'::regclass") == ["bd"]


async def test_a_generated_column_becomes_plain(project: Project, engine: AsyncEngine) -> None:
    await run(engine, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (2)")

    await upgrade(
        project,
        engine,
        """
        def twice():
            return sa.Computed("a * 2", persisted=True)
        op.add_column("t", sa.Column("b", sa.Integer, twice()))
        op.add_column("t", sa.Column("c", sa.Integer, twice()))
        op.alter_column("t", "b", server_default=None, existing_server_default=twice())
        op.alter_column("t", "c", server_default="8", existing_server_default=twice())
        op.execute("INSERT INTO t (a) VALUES (3)")
        """,
    )

    rows = await scalars(engine, "SELECT concat_ws(' ', a, b, c) FROM t ORDER BY a")
    assert rows == ["2 4 4", "3 8"]


async def test_another_expression_is_set_or_refused_by_version(
    project: Project, engine: AsyncEngine
) -> None:
    await run(engine, "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED)")
    [version] = await scalars(engine, "SELECT current_setting('server_version_num')::int / 10000")
    script = """
    op.alter_column(
        "t", "b", server_default=sa.Computed("a * 3"), existing_server_default=sa.Computed("a * 2")
    )
    """

    outcome = ""
    try:
        await upgrade(project, engine, script)
    except StepFailedError as error:
        outcome = error.message

    refused = "" if int(str(version)) >= 17 else "SET EXPRESSION came with 17"
    assert refused in outcome
    assert bool(refused) == bool(outcome)


async def test_constraints_are_made_not_valid_and_validated_later(
    project: Project, engine: AsyncEngine
) -> None:
    await run(
        engine,
        "CREATE TABLE p (id int PRIMARY KEY)",
        "CREATE TABLE t (x int)",
        "INSERT INTO t VALUES (-1)",
    )
    await upgrade(
        project,
        engine,
        """
        op.create_foreign_key("fk", "t", "p", ["x"], ["id"], postgresql_not_valid=True)
        op.create_check_constraint("Ck", "t", "x > 0", postgresql_not_valid=True)
        """,
    )
    valid = "SELECT conname || convalidated FROM pg_constraint WHERE conrelid = 't'::regclass"
    before = await scalars(engine, f"{valid} ORDER BY 1")

    with pytest.raises(StepFailedError, match="violated by some row"):
        await upgrade(project, engine, 'op.validate_constraint("Ck", "t")')
    await run(engine, "DELETE FROM t")
    await upgrade(project, engine, 'op.validate_constraint("fk", "t", schema="public")')

    assert before == ["Ckfalse", "fkfalse"]
    assert await scalars(engine, f"{valid} ORDER BY 1") == ["Cktrue", "fktrue"]


async def test_rows_that_overlap_are_excluded(project: Project, engine: AsyncEngine) -> None:
    await run(engine, "CREATE TABLE t (room int, during int4range)")
    await upgrade(
        project,
        engine,
        """
        for _ in range(2):
            op.create_exclude_constraint(
                "ex", "t", ("during", "&&"), where="room > 0", if_not_exists=True
            )
        op.create_exclude_constraint(
            "ex2", "t", (sa.func.int4range(sa.column("room"), 9), "&&"), using="gist"
        )
        op.drop_constraint("ex2", "t")
        """,
    )

    with pytest.raises(sa.exc.IntegrityError, match="ex"):
        await run(engine, "INSERT INTO t VALUES (1, '[1,3)'), (1, '[2,4)')")
    await run(engine, "INSERT INTO t VALUES (0, '[1,3)'), (0, '[2,4)')")


# --- async code -------------------------------------------------------------------------------


async def test_a_coroutine_runs_in_the_migrations_transaction(
    project: Project, engine: AsyncEngine
) -> None:
    await run(engine, "CREATE TABLE seen (x int)")
    project.write(
        "migrations/filler.py",
        """
        import sqlalchemy as sa


        async def fill(connection, table, *, rows):
            await connection.execute(sa.text(f"INSERT INTO {table} VALUES (1), (2)"))
            assert rows == 2
            return (await connection.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar()
        """,
    )
    script = f"""
    import runpy
    fill = runpy.run_path({str(project.root / "migrations" / "filler.py")!r})["fill"]
    op.create_table("t", sa.Column("x", sa.Integer))
    assert op.run_async(fill, "t", rows=2) == 2
    """
    with pytest.raises(StepFailedError, match="division"):
        await upgrade(project, engine, f'{script}\n    op.execute("SELECT 1 / (SELECT 0)")')

    project.revision("r0", upgrade=script)
    await Migrator(engine, script_location=project.script_location).upgrade()

    assert await scalars(engine, "SELECT x FROM t ORDER BY x") == [1, 2]


async def test_a_coroutine_that_waits_ends_when_the_run_is_cancelled(
    project: Project, engine: AsyncEngine
) -> None:
    project.revision(
        "a1",
        upgrade="""
        import asyncio

        async def wait(connection):
            await connection.execute(sa.text("CREATE TABLE waiting (x int)"))
            await asyncio.sleep(3600)

        op.run_async(wait)
        """,
    )
    migrator = Migrator(engine, script_location=project.script_location)
    running = asyncio.ensure_future(migrator.upgrade())
    await asyncio.sleep(1)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert await scalars(engine, "SELECT to_regclass('waiting') IS NULL") == [True]


async def test_a_build_that_was_cancelled_is_built_by_the_next_run(
    project: Project, engine: AsyncEngine
) -> None:
    await run(engine, "CREATE TABLE t (x int)")
    project.revision("a1", upgrade=CONCURRENTLY)
    migrator = Migrator(engine, script_location=project.script_location)
    async with engine.connect() as writer:
        await writer.exec_driver_sql("INSERT INTO t VALUES (1)")  # the build waits for its end
        running = asyncio.ensure_future(migrator.upgrade())
        while await scalars(engine, "SELECT count(*) FROM pg_stat_progress_create_index") == [0]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    left = await scalars(engine, INDEXES)

    await migrator.upgrade()

    assert left == ["ix false"]
    assert await scalars(engine, INDEXES) == ["ix true"]


# --- keywords and odd names -------------------------------------------------------------------


async def test_every_keyword_of_an_index_reaches_the_server(
    project: Project, engine: AsyncEngine
) -> None:
    await run(engine, "CREATE TABLE t (a int, b text, c jsonb, d int4range)")

    await upgrade(
        project,
        engine,
        """
        op.create_index(
            "i1", "t", ["a"], unique=True, postgresql_where=sa.text("a > 0"),
            postgresql_include=["b"],
        )
        op.create_index(
            "i2", "t", ["c"], postgresql_using="gin", postgresql_ops={"c": "jsonb_path_ops"}
        )
        op.create_index(
            "i3", "t", [sa.func.lower(sa.column("b")).label("low"), sa.column("a").desc()],
            postgresql_ops={"low": "text_pattern_ops"},
        )
        op.create_index("i4", "t", [sa.text("(c->>'x')"), sa.text("a NULLS FIRST")])
        op.create_unique_constraint(
            "u", "t", ["b"], postgresql_nulls_not_distinct=True
        )
        op.create_foreign_key("f", "t", "t", ["b"], ["b"], deferrable=True, initially="DEFERRED")
        op.create_table(
            "p", sa.Column("a", sa.Integer), postgresql_partition_by="RANGE (a)"
        )
        op.create_table(
            "q", sa.Column("a", sa.Integer), prefixes=["UNLOGGED"],
            postgresql_tablespace="pg_default",
        )
        """,
    )

    definitions = "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 't'::regclass"
    constraints = (
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 't'::regclass"
    )
    assert sorted(map(str, await scalars(engine, definitions))) == [
        "CREATE INDEX i2 ON public.t USING gin (c jsonb_path_ops)",
        "CREATE INDEX i3 ON public.t USING btree (lower(b) text_pattern_ops, a DESC)",
        "CREATE INDEX i4 ON public.t USING btree (((c ->> 'x'::text)), a NULLS FIRST)",
        "CREATE UNIQUE INDEX i1 ON public.t USING btree (a) INCLUDE (b) WHERE (a > 0)",
        "CREATE UNIQUE INDEX u ON public.t USING btree (b) NULLS NOT DISTINCT",
    ]
    assert sorted(map(str, await scalars(engine, constraints))) == [
        "FOREIGN KEY (b) REFERENCES t(b) DEFERRABLE INITIALLY DEFERRED",
        "UNIQUE NULLS NOT DISTINCT (b)",
    ]
    kinds = "SELECT relkind::text || relpersistence::text FROM pg_class WHERE relname IN ('p', 'q')"
    assert sorted(map(str, await scalars(engine, kinds))) == ["pp", "ru"]


async def test_odd_names_are_found_in_the_catalog(project: Project, engine: AsyncEngine) -> None:
    await run(engine, 'CREATE SCHEMA "O\'dd"', 'CREATE TABLE "O\'dd"."T: 1" (x int)')
    await run(engine, 'INSERT INTO "O\'dd"."T: 1" VALUES (1), (1)')
    script = """
    op.create_index(
        "I: 'x'", "T: 1", ["x"], schema="O'dd", unique=True, postgresql_concurrently=True
    )
    for _ in range(2):
        op.create_check_constraint("C: 'x'", "T: 1", "x > 0", schema="O'dd", if_not_exists=True)
        op.drop_constraint("gone: '", "T: 1", schema="O'dd", if_exists=True)
        op.create_enum("E: 'x'", "a", schema="O'dd", if_not_exists=True)
    op.add_enum_value("E: 'x'", "b: 'x'", schema="O'dd")
    """
    with pytest.raises(StepFailedError, match="could not create unique index"):
        await upgrade(project, engine, script)
    await run(engine, 'DELETE FROM "O\'dd"."T: 1"')

    await Migrator(engine, script_location=project.script_location).upgrade()

    valid = "SELECT indisvalid FROM pg_index WHERE indrelid = '\"O''dd\".\"T: 1\"'::regclass"
    assert await scalars(engine, valid) == [True]
    assert await scalars(engine, "SELECT enumlabel FROM pg_enum ORDER BY 1") == ["a", "b: 'x'"]


@pytest.mark.skipif(
    "include" not in dict(postgresql.dialect.construct_arguments or [])[sa.UniqueConstraint],
    reason="SQLAlchemy before 2.0.41 cannot write INCLUDE for a constraint",
)
async def test_a_unique_constraint_carries_columns_beside_its_key(
    project: Project, engine: AsyncEngine
) -> None:
    await upgrade(
        project,
        engine,
        """
        op.create_table("t", sa.Column("a", sa.Integer), sa.Column("b", sa.Integer))
        op.create_unique_constraint("uq_t", "t", ["a"], postgresql_include=["b"])
        """,
    )

    found = await scalars(
        engine, "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'uq_t'"
    )
    assert found == ["UNIQUE (a) INCLUDE (b)"]
