"""Values that psycopg takes, in scripts that were written for Alembic, on asyncpg and psycopg."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmigrate import Migrator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.project import Project

HEADER = """
import datetime, decimal, uuid
import sqlalchemy as sa
from {package} import op
revision = "a1"
down_revision = None
t = sa.table("t", sa.column("id", sa.Integer), sa.column("n", sa.Numeric), sa.column("x"),
             sa.column("d", sa.DateTime))
LATER = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
def upgrade():
    bind = op.get_bind()
    op.execute("SET LOCAL timezone TO 'UTC'")
    op.execute("CREATE TABLE t (id int, n numeric, f float8, x text, d timestamp, u uuid, b bytea)")
    op.execute("INSERT INTO t (id, n) VALUES (1, 1)")
"""


@pytest.fixture(params=["postgresql+asyncpg", "postgresql+psycopg"])
async def engine(request: pytest.FixtureRequest, postgres_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(make_url(postgres_url).set(drivername=request.param))
    yield engine
    await engine.dispose()


async def row_after(
    project: Project, engine: AsyncEngine, upgrade: str, *, package: str = "alembic"
) -> str:
    """Run a script and return the last row as the server writes it."""
    body = HEADER.format(package=package) + indent(upgrade.strip(), "    ") + "\n"
    project.write("migrations/versions/a1.py", body)
    await Migrator(engine, script_location=project.script_location).upgrade()
    async with engine.connect() as connection:
        return str(await connection.scalar(sa.text("SELECT t::text FROM t ORDER BY id DESC")))


@pytest.mark.parametrize(
    ("upgrade", "row"),
    [
        ('bind.execute(sa.text("UPDATE t SET n = 2 WHERE id = :i"), {"i": "1"})', "(1,2,,,,,)"),
        ('assert bind.scalar(sa.text("SELECT n FROM t WHERE id = :i"), {"i": "1"}) == 1',
         "(1,1,,,,,)"),
        ("assert bind.execute(t.update().values(d=LATER)).rowcount == 1",
         '(1,1,,,"2026-01-02 00:00:00",,)'),
        ('op.bulk_insert(t, [{"id": 2, "d": LATER}, {"id": 3, "d": LATER}])',
         '(3,,,,"2026-01-02 00:00:00",,)'),
        ('op.execute(t.update().values(n=0.1, x="it\'s $1"))', '(1,0.1,,"it\'s $1",,,)'),
        ('op.bulk_insert(t, [{"id": 2, "n": 0.638}, {"id": 3, "n": 1e-07}])',
         "(3,0.0000001,,,,,)"),
        ('bind.execute(sa.text("INSERT INTO t (id, n) VALUES (2, 2); UPDATE t SET n = id"))',
         "(2,2,,,,,)"),
        ('bind.exec_driver_sql("UPDATE t SET n = 4; DELETE FROM t WHERE n = 3")', "(1,4,,,,,)"),
        (('bind.execute(sa.text("UPDATE t SET u = :u, b = :b, f = :f, d = :d"), {'
         '"u": uuid.UUID(int=1), "b": b"\\x00\'", "f": -0.5, "d": LATER.replace(tzinfo=None)})'),
         '(1,1,-0.5,,"2026-01-02 00:00:00",00000000-0000-0000-0000-000000000001,"\\\\x0027")'),
    ],
)  # fmt: skip
async def test_a_script_for_alembic_may_hand_over_what_psycopg_takes(
    project: Project, engine: AsyncEngine, upgrade: str, row: str
) -> None:
    assert await row_after(project, engine, upgrade) == row


async def test_a_value_without_a_type_needs_none_as_with_psycopg2(
    project: Project, postgres_url: str
) -> None:
    engine = create_async_engine(postgres_url)
    upgrade = """
t.c.id.type = sa.String()
op.execute(t.update().values(id="2"))
assert bind.scalar(sa.text("SELECT concat('a', :x)"), {"x": "b"}) == "ab"
assert bind.scalar(sa.text("SELECT count(*) FROM t WHERE id IN :ids"), {"ids": (2, 3)}) == 1
"""

    assert await row_after(project, engine, upgrade) == "(2,1,,,,,)"
    await engine.dispose()


async def test_in_any_script_a_float_stays_the_number_that_was_written(
    project: Project, engine: AsyncEngine
) -> None:
    upgrade = 'bind.execute(t.update(), {"n": 0.1})\nop.bulk_insert(t, [{"id": 2, "n": 0.3}] * 2)'

    assert await row_after(project, engine, upgrade, package="asyncmigrate") == "(2,0.3,,,,,)"


async def test_a_query_may_be_asked_again_after_its_table_has_changed(
    project: Project, engine: AsyncEngine
) -> None:
    upgrade = """
query = sa.text("SELECT * FROM t")
assert len(bind.execute(query).one()) == 7
op.add_column("t", sa.Column("more", sa.Integer))
assert len(bind.execute(query).one()) == 8
bind.execute(sa.text("ALTER TABLE t DROP COLUMN more"))
assert len(bind.execute(query).one()) == 7
op.alter_column("t", "n", type_=sa.Text)
assert bind.execute(query).one().n == "1"
"""

    assert await row_after(project, engine, upgrade) == "(1,1,,,,,)"
