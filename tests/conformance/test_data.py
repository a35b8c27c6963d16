"""Rows and statements from a script, on every live database and driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator
from asyncmigrate.errors import StepFailedError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

TABLE = """
t = op.create_table(
    "t",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)),
    sa.Column("n", sa.Integer, default=7),
)
"""


async def rows(project: Project, engine: AsyncEngine, script: str) -> list[tuple[object, ...]]:
    """Run a script that begins with the table, and return the table's rows."""
    project.revision("a1", upgrade=TABLE + script)
    await Migrator(engine, script_location=project.script_location).upgrade()
    async with engine.connect() as connection:
        found = await connection.execute(sa.text("SELECT id, name, n FROM t ORDER BY id"))
        return [tuple(row) for row in found]


@pytest.mark.parametrize("multiinsert", [True, False])
async def test_rows_are_inserted_in_order_whatever_columns_they_name(
    project: Project, engine: AsyncEngine, multiinsert: bool
) -> None:
    script = f"""
op.bulk_insert(
    t,
    [
        {{"id": 1, "name": "it's 50%"}},
        {{"id": 2, "name": ":x", "n": None}},
        {{"id": 3, "name": op.inline_literal("a"), "n": sa.literal(2) + 3}},
        {{"id": 4, "name": sa.func.lower("B")}},
    ],
    multiinsert={multiinsert},
)
"""

    assert await rows(project, engine, script) == [
        (1, "it's 50%", 7),
        (2, ":x", None),
        (3, "a", 5),
        (4, "b", 7),
    ]


async def test_every_kind_of_statement_runs(project: Project, engine: AsyncEngine) -> None:
    script = r"""
op.execute(t.insert().values(id=1, name="one"))
op.execute(sa.text("INSERT INTO t VALUES (2, :name, 2)").bindparams(name="it's 50% \\ :x"))
op.execute(r"INSERT INTO t VALUES (3, 'a\:b', 3); INSERT INTO t VALUES (4, '50%', 4)")
op.execute(t.update().where(t.c.id == 1).values(n=t.c.n + 1))
op.execute(sa.update(t).where(t.c.name == op.inline_literal("50%")).values(name="half"))
op.execute(t.delete().where(t.c.id.in_([3, 9])))
op.execute(sa.select(t.c.id))
op.execute(t.insert().from_select(["id", "name"], sa.select(t.c.id + 10, t.c.name)))
"""

    assert await rows(project, engine, script) == [
        (1, "one", 8),
        (2, "it's 50% \\ :x", 2),
        (4, "half", 4),
        (11, "one", 7),
        (12, "it's 50% \\ :x", 7),
        (14, "half", 7),
    ]


async def test_the_bind_is_a_connection_that_answers(project: Project, engine: AsyncEngine) -> None:
    script = """
bind = op.get_bind()
bind.execute(t.insert(), [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
with bind.begin_nested():
    bind.execute(sa.text("UPDATE t SET n = :n WHERE id = :id"), {"n": 9, "id": 2})
names = bind.scalars(sa.select(t.c.name).order_by(t.c.id)).all()
bind.execute(t.insert(), {"id": 3, "name": "".join(names)})
"""

    assert await rows(project, engine, script) == [(1, "a", 7), (2, "b", 9), (3, "ab", 7)]


SESSION = """
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

class Base(DeclarativeBase):
    pass

class Row(Base):
    __table__ = sa.Table("t", Base.metadata, *(column._copy() for column in t.columns))
"""


async def test_an_orm_session_works_and_its_commit_ends_nothing(
    project: Project, engine: AsyncEngine
) -> None:
    script = f"""
{SESSION}
with sessionmaker(bind=op.get_bind())() as session:
    session.add_all([Row(id=1, name="a"), Row(id=2, name="b")])
    session.commit()
    session.get(Row, 2).name = "c"
    session.commit()
with Session(bind=op.get_bind()) as session:
    session.add(Row(id=3, name="d"))
    session.flush()
op.execute("UPDATE t SET n = 1 WHERE id = 1")
"""

    assert await rows(project, engine, script) == [(1, "a", 1), (2, "c", 7), (3, "d", 7)]


async def test_what_a_session_committed_goes_with_the_revision(
    project: Project, rolls_back: AsyncEngine
) -> None:
    project.revision("a1", upgrade=TABLE)
    await Migrator(rolls_back, script_location=project.script_location).upgrade()
    script = TABLE.replace("op.create_table(", "sa.Table(").replace('"t",', '"t", sa.MetaData(),')
    project.revision(
        "b2",
        "a1",
        upgrade=f"""
{script}
{SESSION}
with sessionmaker(bind=op.get_bind())() as session:
    session.add(Row(id=1, name="a"))
    session.commit()
op.execute("SELECT * FROM missing")
""",
    )

    with pytest.raises(StepFailedError, match="missing"):
        await Migrator(rolls_back, script_location=project.script_location).upgrade()

    async with rolls_back.connect() as connection:
        assert (await connection.scalar(sa.text("SELECT count(*) FROM t"))) == 0


@pytest.mark.parametrize("end", ["commit", "rollback"])
async def test_a_script_that_ends_the_transaction_itself_is_refused(
    project: Project, engine: AsyncEngine, end: str
) -> None:
    project.revision("a1", upgrade=f"{TABLE}\nop.get_bind().{end}()")

    with pytest.raises(StepFailedError, match="committed or rolled back the migration's"):
        await Migrator(engine, script_location=project.script_location).upgrade()


async def test_a_session_that_rolls_back_is_refused(project: Project, engine: AsyncEngine) -> None:
    script = f"""
{SESSION}
with sessionmaker(bind=op.get_bind())() as session:
    session.add(Row(id=1, name="a"))
    session.flush()
    session.rollback()
"""
    project.revision("a1", upgrade=TABLE + script)

    with pytest.raises(StepFailedError, match="committed or rolled back the migration's"):
        await Migrator(engine, script_location=project.script_location).upgrade()
