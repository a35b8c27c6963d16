"""On asyncpg, what a migration asks again and again is prepared once, where the session is ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from asyncmigrate import Migrator

if TYPE_CHECKING:
    from tests.project import Project

ASKED = """
bind = op.get_bind()
for _ in range(3):
    bind.execute(sa.text("SELECT 'again'")).all()
    bind.execute(sa.text("SELECT 'once' " + "--" * _)).all()
found = bind.execute(sa.text("SELECT statement FROM pg_prepared_statements")).scalars().all()
assert sorted(found) == {expected}, found
op.execute("CREATE TABLE t (id int)")
bind.execute(sa.text("SELECT * FROM t")).all()
bind.execute(sa.text("SELECT * FROM t")).all()
op.execute("ALTER TABLE t ADD COLUMN x int")
assert list(bind.execute(sa.text("SELECT * FROM t")).keys()) == ["id", "x"]
"""

INSPECTED = """
bind = op.get_bind()
names = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT pg_%'")
def columns():
    return [column["name"] for column in sa.inspect(bind).get_columns("t")]
op.create_table("t", sa.Column("id", sa.Integer), sa.Column("state", sa.Enum("a", name="state")))
assert columns() == ["id", "state"]
prepared = bind.execute(names).scalar()
op.execute("ALTER TABLE t ADD COLUMN x int")
op.drop_column("t", "id")
op.execute("ALTER TYPE state RENAME TO states")
assert sa.inspect(bind).get_columns("t")[0]["type"].name == "states"
assert columns() == ["state", "x"]
assert bind.execute(names).scalar() == prepared
assert bool(prepared) is {kept}
op.execute("DEALLOCATE ALL")
assert columns() == ["state", "x"]
bind.exec_driver_sql("DISCARD PLANS")
bind.exec_driver_sql("DEALLOCATE ALL")
assert columns() == ["state", "x"]
op.execute("SELECT 1; DEALLOCATE ALL; SELECT 2")
assert columns() == ["state", "x"]
"""
MIXED = """
from sqlalchemy.dialects.postgresql.pg_catalog import pg_class
bind = op.get_bind()
own = sa.Table("own", sa.MetaData(), sa.Column("name", sa.Text))
own.create(bind)
bind.execute(own.insert(), {"name": "x"})
found = sa.exists().where(pg_class.c.relname == "own")
mine = sa.select(sa.literal_column("own.*")).select_from(own).where(found).subquery("mine")
query = sa.select(sa.literal_column("mine.*")).select_from(mine)
assert [len(bind.execute(query).one()) for _ in range(2)] == [1, 1]
op.add_column("own", sa.Column("more", sa.Integer))
assert len(bind.execute(query).one()) == 2
"""
MANY = """
t = sa.table("t", sa.column("id", sa.Integer))
op.execute("CREATE TABLE t (id int)")
for start in range(3):
    op.bulk_insert(t, [{"id": start}, {"id": start + 10}])
bind = op.get_bind()
assert bind.execute(sa.text("SELECT count(*) FROM t")).scalar() == 6
assert bind.execute(sa.text("SELECT statement FROM pg_prepared_statements")).all() == []
"""
LOOKED_UP = """
bind = op.get_bind()
op.execute("CREATE TABLE t (id int, name text)")
query = sa.text("SELECT id FROM t WHERE name = :name")
assert bind.execute(query, {"name": "x"}).all() == []
bind.execute(sa.text("INSERT INTO t VALUES (1, :name)"), {"name": "x"})
assert bind.execute(query, {"name": "x"}).one() == (1,)
op.execute("ALTER TABLE t ADD COLUMN x int")
assert bind.execute(query, {"name": "x"}).one() == (1,)
cursor = bind.connection.cursor()
cursor.execute("SELECT * FROM t")
op.execute("ALTER TABLE t DROP COLUMN x")
cursor.execute("SELECT * FROM t")
assert cursor.fetchall() == [(1, "x")]
assert bind.execute(sa.text("SELECT statement FROM pg_prepared_statements")).all() == []
"""


@pytest.mark.parametrize(
    ("lock", "expected"), [("auto", ["SELECT 'again'"]), ("off", [])], ids=["locked", "unlocked"]
)
async def test_a_query_that_comes_again_keeps_its_plan_until_ddl(
    project: Project, postgres_url: str, lock: str, expected: list[str]
) -> None:
    project.revision("a1", None, upgrade=ASKED.format(expected=expected))
    migrator = Migrator(postgres_url, script_location=project.script_location, lock=lock)

    result = await migrator.upgrade()

    assert result.after == ("a1",)


@pytest.mark.parametrize(
    ("lock", "kept"), [("auto", True), ("off", False)], ids=["locked", "unlocked"]
)
async def test_what_the_inspector_asks_keeps_its_plan_until_the_server_drops_it(
    project: Project, postgres_url: str, lock: str, kept: bool
) -> None:
    project.revision("a1", None, upgrade=INSPECTED.format(kept=kept))
    migrator = Migrator(postgres_url, script_location=project.script_location, lock=lock)

    result = await migrator.upgrade()

    assert result.after == ("a1",)


@pytest.mark.parametrize("upgrade", [MIXED, MANY], ids=["tables of the project", "many rows"])
async def test_what_reads_or_fills_tables_of_the_project_keeps_no_plan(
    project: Project, postgres_url: str, upgrade: str
) -> None:
    project.revision("a1", None, upgrade=upgrade)
    migrator = Migrator(postgres_url, script_location=project.script_location)

    result = await migrator.upgrade()

    assert result.after == ("a1",)


async def test_a_script_for_alembic_looks_a_row_up_twice_and_alters_the_table(
    project: Project, postgres_url: str
) -> None:
    file = project.revision("a1", None, upgrade=LOOKED_UP)
    file.write_text(file.read_text().replace("from asyncmigrate import", "from alembic import"))
    migrator = Migrator(postgres_url, script_location=project.script_location)

    result = await migrator.upgrade()

    assert result.after == ("a1",)
