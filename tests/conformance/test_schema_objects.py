"""Schemas, sequences, views, other names and values for rows, on every database that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator
from asyncmigrate.errors import MigrateError
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sqltext import SqlSink

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

TABLE = """
op.create_table("p", sa.Column("id", sa.Integer, primary_key=True))
op.create_table(
    "t",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("a", sa.Integer),
    sa.Column("b", sa.String(20)),
    sa.CheckConstraint("a < 100", name="ck"),
    sa.UniqueConstraint("b", name="uq"),
    sa.ForeignKeyConstraint(["a"], ["p.id"], name="fk", ondelete="CASCADE"),
)
op.create_index("ix", "t", ["a", "b"])
op.execute("INSERT INTO p VALUES (1)")
op.execute("INSERT INTO t VALUES (1, 1, 'x%y'), (2, NULL, NULL)")
"""


async def run(project: Project, engine: AsyncEngine, *upgrades: str) -> Migrator:
    """Run each text as the upgrade() of a revision without downgrade()."""
    for number, upgrade in enumerate(upgrades):
        down = f"r{number - 1}" if number else None
        path = project.revision(f"r{number}", down, upgrade=upgrade, message=f"r{number}")
        path.write_text(path.read_text().split("\n\ndef downgrade")[0] + "\n")
    migrator = Migrator(engine, script_location=project.script_location)
    await migrator.upgrade()
    return migrator


async def asked(engine: AsyncEngine, question: Callable[[Any], Any]) -> Any:
    """Return what a question to the inspector gives."""
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: question(sa.inspect(sync)))


async def rows(engine: AsyncEngine, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(sa.text(query))]


async def views(engine: AsyncEngine) -> list[str]:
    return await asked(engine, lambda inspector: inspector.get_view_names())


async def test_a_view_is_created_replaced_renamed_and_dropped(
    engine: AsyncEngine, project: Project
) -> None:
    await run(
        project,
        engine,
        TABLE,
        'op.create_view("v", "SELECT id FROM t WHERE b LIKE \'x%\';")\n'
        'op.create_view("v", "SELECT a FROM t", if_not_exists=True)',
    )
    assert await rows(engine, "SELECT * FROM v") == [(1,)]

    await run(
        project,
        engine,
        TABLE,
        'op.create_view("v", "SELECT id FROM t WHERE b LIKE \'x%\';")\n'
        'op.create_view("v", "SELECT a FROM t", if_not_exists=True)',
        'op.replace_view("v", "SELECT b FROM t WHERE id = 1")\nop.rename_view("v", "w")',
    )
    assert await rows(engine, "SELECT b FROM w") == [("x%y",)]
    assert await views(engine) == ["w"]

    await run(
        project,
        engine,
        TABLE,
        'op.create_view("v", "SELECT id FROM t WHERE b LIKE \'x%\';")\n'
        'op.create_view("v", "SELECT a FROM t", if_not_exists=True)',
        'op.replace_view("v", "SELECT b FROM t WHERE id = 1")\nop.rename_view("v", "w")',
        'op.drop_view("w")\nop.drop_view("w", if_exists=True)',
    )
    assert await views(engine) == []


async def test_a_view_of_a_select_object_has_its_values_in_it(
    engine: AsyncEngine, project: Project
) -> None:
    await run(
        project,
        engine,
        TABLE,
        't = sa.table("t", sa.column("id"), sa.column("b"))\n'
        'op.create_view("v", sa.select(t.c.id).where(t.c.b == "x%y"), or_replace=True)\n'
        'op.create_view("v", sa.select(t.c.id).where(t.c.b != "x%y"), or_replace=True)',
    )

    assert await rows(engine, "SELECT * FROM v") == []


REVERSIBLE = {
    "create_view": 'op.create_view("v", "SELECT 2 AS n")',
    "replace_view": 'op.replace_view("old", "SELECT 2 AS n", existing_definition="SELECT 1 AS n")',
    "drop_view": 'op.drop_view("old", definition="SELECT 1 AS n")',
    "rename_view": 'op.rename_view("old", "new")',
    "rename_index": 'op.rename_index("ix", "ix_new", table_name="t")',
    "rename_check": 'op.rename_constraint("t", "ck", "ck_new", type_="check")',
    "rename_unique": 'op.rename_constraint("t", "uq", "uq_new", type_="unique")',
    "rename_foreign_key": 'op.rename_constraint("t", "fk", "fk_new")',
}


async def described(engine: AsyncEngine) -> dict[str, Any]:
    """Return the views with what is in them, and what belongs to table t."""

    def read(inspector: Any) -> dict[str, Any]:
        return {
            "views": inspector.get_view_names(),
            "index": {i["name"]: i["column_names"] for i in inspector.get_indexes("t")},
            "unique": [u["name"] for u in inspector.get_unique_constraints("t")],
            "check": [(c["name"], c["sqltext"]) for c in inspector.get_check_constraints("t")],
            "fk": [(f["name"], f["options"]) for f in inspector.get_foreign_keys("t")],
        }

    found: dict[str, Any] = await asked(engine, read)
    found["rows"] = {view: await rows(engine, f"SELECT * FROM {view}") for view in found["views"]}
    found["t"] = await rows(engine, "SELECT * FROM t ORDER BY id")
    return found


@pytest.mark.parametrize("upgrade", REVERSIBLE.values(), ids=REVERSIBLE)
async def test_what_was_changed_is_changed_back_without_a_downgrade(
    engine: AsyncEngine, project: Project, upgrade: str
) -> None:
    base = TABLE + 'op.create_view("old", "SELECT 1 AS n")'
    await run(project, engine, base)
    before = await described(engine)
    migrator = await run(project, engine, base, upgrade)
    changed = await described(engine)

    await migrator.downgrade("r0")

    assert changed != before
    assert changed["t"] == before["t"]
    assert await described(engine) == before


async def test_the_foreign_key_keeps_what_it_does_under_its_new_name(
    engine: AsyncEngine, project: Project
) -> None:
    await run(project, engine, TABLE, 'op.rename_constraint("t", "fk", "fk_new")')

    [found] = await asked(engine, lambda inspector: inspector.get_foreign_keys("t"))

    assert found["name"] == "fk_new"
    assert found["options"]["ondelete"] == "CASCADE"


async def test_rows_without_a_value_get_one_and_others_stay(
    engine: AsyncEngine, project: Project
) -> None:
    await run(
        project,
        engine,
        TABLE,
        'op.backfill("t", "a", 1)\n'
        'op.backfill("t", "b", "it\'s 50%:x\\\\")\n'
        'op.backfill("t", "b", sa.text("upper(b)"), where="id = 1")\n',
    )

    assert await rows(engine, "SELECT id, a, b FROM t ORDER BY id") == [
        (1, 1, "X%Y"),
        (2, 1, "it's 50%:x\\"),
    ]


async def test_values_of_all_kinds_fit_their_columns(engine: AsyncEngine, project: Project) -> None:
    await run(
        project,
        engine,
        "import datetime as dt\nimport decimal\nimport uuid\n"
        'op.create_table("k", sa.Column("id", sa.Integer), sa.Column("at", sa.DateTime), '
        'sa.Column("on", sa.Boolean), sa.Column("n", sa.Numeric(9, 2)), sa.Column("u", sa.Uuid), '
        'sa.Column("j", sa.JSON), sa.Column("e", sa.Enum("low", "high", name="level")))\n'
        'op.execute("INSERT INTO k (id) VALUES (1)")\n'
        'op.backfill("k", "at", dt.datetime(2024, 2, 29, 1, 2, 3))\n'
        'op.backfill("k", "on", True)\n'
        'op.backfill("k", "n", decimal.Decimal("1.50"))\n'
        'op.backfill("k", "u", uuid.UUID(int=7))\n'
        'op.backfill("k", "j", {"x": [1]}, type_=sa.JSON)\n'
        'op.backfill("k", "e", "low")\n',
    )

    [row] = await rows(engine, "SELECT n, e FROM k WHERE at IS NOT NULL AND j IS NOT NULL")

    assert (float(row[0]), row[1]) == (1.5, "low")


async def test_a_constraint_that_is_not_there_cannot_be_renamed(
    engine: AsyncEngine, project: Project
) -> None:
    with pytest.raises(MigrateError, match="nothing_like_it"):
        await run(project, engine, TABLE, 'op.rename_constraint("t", "nothing_like_it", "x")')


async def has_sequences(engine: AsyncEngine) -> bool:
    """Return whether the server knows sequences, which MariaDB does and MySQL does not."""
    async with engine.connect() as connection:
        return bool(connection.dialect.supports_sequences)


async def sequences(engine: AsyncEngine) -> list[str]:
    """Return the sequences of the application."""
    if not await has_sequences(engine):
        return []
    found: list[str] = await asked(engine, lambda inspector: inspector.get_sequence_names())
    return [name for name in found if not name.endswith("_id_seq")]


TEXT = """
op.create_view("v", "SELECT id FROM t WHERE b LIKE 'x%:y' OR b LIKE 'x%'")
op.replace_view("v", "SELECT id, b FROM t WHERE b LIKE 'x%'")
op.rename_view("v", "w")
op.rename_index("ix", "ix_new", table_name="t")
op.rename_constraint("t", "uq", "uq_new", type_="unique")
op.backfill("t", "b", "it's 50%:x \\\\")
"""
SEQUENCES = """
op.create_sequence("s", start=7)
op.alter_sequence("s", increment=3)
op.rename_sequence("s", "n")
"""


async def test_the_sql_text_of_it_gives_what_the_live_run_gives(
    engine: AsyncEngine, project: Project
) -> None:
    has_some = await has_sequences(engine) or engine.dialect.name == "sqlite"
    script = TABLE + TEXT + (SEQUENCES if has_some else "")
    project.revision("a", upgrade=script)
    migrator = Migrator(engine, script_location=project.script_location)
    await migrator.upgrade()
    live, made = await described(engine), await sequences(engine)
    statements: list[str] = []
    drivername = engine.url.drivername.replace("mysql", "mariadb")  # no server is asked here
    dialect = engine.url.set(drivername=drivername).get_dialect()()
    operations = Operations(SqlSink(dialect, statements.append))
    exec(script, {"op": operations, "sa": sa})
    operations.finish()

    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP VIEW w")
        await connection.exec_driver_sql("DROP TABLE t")
        await connection.exec_driver_sql("DROP TABLE p")
        for sequence in made:
            await connection.exec_driver_sql(f"DROP SEQUENCE {sequence}")
        for statement in statements:
            text = statement.strip().removesuffix(";").replace(":", r"\:")
            await connection.execute(sa.text(text))

    assert await described(engine) == live
    assert await sequences(engine) == made


async def test_a_sequence_is_made_changed_and_renamed_where_there_are_any(
    engine: AsyncEngine, project: Project
) -> None:
    if not await has_sequences(engine):
        pytest.skip("SQLite and MySQL have no sequences")
    base = (
        'op.create_sequence("s", start=5, increment=2, minvalue=5, maxvalue=99, cache=1, '
        "cycle=True)"
    )
    value = "SELECT nextval({})".format("'s'" if engine.dialect.name == "postgresql" else "s")
    await run(project, engine, base)
    assert await rows(engine, value) == [(5,)]
    migrator = await run(
        project,
        engine,
        base,
        'op.alter_sequence("s", increment=10, maxvalue=None, cycle=False, existing_increment=2, '
        "existing_maxvalue=99, existing_cycle=True)",
        'op.rename_sequence("s", "n")',
    )
    assert await sequences(engine) == ["n"]

    await migrator.downgrade("base")

    assert await sequences(engine) == []


async def test_a_schema_is_created_and_dropped_when_it_is_empty(
    engine: AsyncEngine, project: Project
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("a schema of SQLite is a file")
    name = f"shop_{id(project)}"
    migrator = await run(
        project,
        engine,
        f'op.create_schema("{name}")',
        f'op.create_table("t", sa.Column("id", sa.Integer), schema="{name}")',
    )
    assert name in await asked(engine, lambda i: i.get_schema_names())

    await migrator.downgrade("base")

    assert name not in await asked(engine, lambda i: i.get_schema_names())


async def test_a_schema_that_is_not_empty_is_not_dropped(
    engine: AsyncEngine, project: Project
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("a schema of SQLite is a file")
    name = f"shop_{id(project)}"
    base = (
        f'op.create_schema("{name}", if_not_exists=True)\n'
        f'op.create_table("kept", sa.Column("id", sa.Integer), schema="{name}")'
    )

    with pytest.raises(MigrateError, match=r"kept|depend"):
        await run(project, engine, base, f'op.drop_schema("{name}")')

    assert await asked(engine, lambda i: i.has_table("kept", schema=name))
    await run(
        project,
        engine,
        base,
        f'op.drop_schema("{name}", cascade=True)\nop.drop_schema("{name}", if_exists=True)',
    )
    assert name not in await asked(engine, lambda i: i.get_schema_names())
