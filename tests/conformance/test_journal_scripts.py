"""Scripts of half-done revisions: edited, data-driven, asking, looking first, going back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from asyncmigrate import Migrator
from asyncmigrate.errors import HalfDoneError, StepFailedError
from asyncmigrate.events import Noted
from tests.conformance.half_done import close, emptied, found, gated, open_gate
from tests.conformance.test_upgrade import migrator, scalars, tables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

pytestmark = pytest.mark.parametrize(
    "database_url", ["postgresql+asyncpg", "mysql+asyncmy"], indirect=True
)

PETS = 'op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True))'
OWNERS = 'op.create_table("owners", sa.Column("id", sa.Integer, primary_key=True))'
ROW = 'op.execute("INSERT INTO pets (id) VALUES (1)")'
BROKEN = 'op.execute("SELECT nonsense")'
OUTSIDE = range(9)


async def failed(engine: AsyncEngine, project: Project) -> StepFailedError:
    with pytest.raises(StepFailedError) as caught:
        await migrator(engine, project).upgrade("head")
    return caught.value


async def refused(engine: AsyncEngine, project: Project) -> HalfDoneError:
    with pytest.raises(HalfDoneError) as caught:
        await migrator(engine, project).upgrade("head")
    assert caught.value.exit_code == 5
    return caught.value


def script(*statements: str) -> str:
    """Return a script that stands outside of a transaction, on every database."""
    return "with op.autocommit():\n" + "\n".join(f"    {each}" for each in statements)


# --- edited ---------------------------------------------------------------------------------------


async def test_what_comes_after_the_done_statements_may_be_mended(
    engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade=script(PETS, ROW, BROKEN))
    await failed(engine, project)
    project.revision("a1", upgrade=script(PETS, ROW, OWNERS))

    await migrator(engine, project).upgrade("head")

    assert await scalars(engine, "SELECT id FROM pets") == [1]
    assert await tables(engine) == {"pets", "owners", "alembic_version", "amigrate_history"}


async def test_a_guard_that_was_added_to_a_done_statement_changes_nothing(
    engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade=script(PETS, ROW, BROKEN))
    await failed(engine, project)
    guarded = PETS.replace("))", "), if_not_exists=True)")
    project.revision("a1", upgrade=script(guarded, ROW, OWNERS))

    await migrator(engine, project).upgrade("head")

    assert await scalars(engine, "SELECT id FROM pets") == [1]


@pytest.mark.parametrize(
    "edited",
    [(OWNERS, PETS, ROW), (PETS, OWNERS), (PETS,), (PETS, ROW.replace("1", "7"))],
    ids=["before", "instead", "gone", "other value"],
)
async def test_a_done_statement_that_is_not_in_its_place_is_refused(
    engine: AsyncEngine, project: Project, edited: tuple[str, ...]
) -> None:
    project.revision("a1", upgrade=script(PETS, ROW, BROKEN))
    await failed(engine, project)
    project.revision("a1", upgrade=script(*edited))

    error = await refused(engine, project)

    assert "its script was edited" in error.message
    assert "(1) CREATE TABLE pets" in error.state
    assert "(2) INSERT INTO pets" in error.state
    assert len(error.done) == 2
    assert "DELETE FROM amigrate_journal WHERE revision = 'a1'" in error.next
    assert await tables(engine) >= {"pets", "amigrate_journal"}
    assert "owners" not in await tables(engine)


async def test_a_script_that_was_put_back_goes_on(engine: AsyncEngine, project: Project) -> None:
    project.revision("a1", upgrade=script(PETS, ROW, BROKEN))
    await failed(engine, project)
    project.revision("a1", upgrade=script(OWNERS))
    await refused(engine, project)
    project.revision("a1", upgrade=script(PETS, ROW))

    await migrator(engine, project).upgrade("head")

    assert await scalars(engine, "SELECT id FROM pets") == [1]


async def test_what_is_forgotten_as_the_error_says_begins_anew(
    engine: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade=script(PETS, ROW, BROKEN))
    await failed(engine, project)
    project.revision("a1", upgrade=script(OWNERS))
    error = await refused(engine, project)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE pets")
        await connection.exec_driver_sql(error.next.rpartition(": ")[2].rstrip("."))

    await migrator(engine, project).upgrade("head")

    assert await tables(engine) == {"owners", "alembic_version", "amigrate_history"}


async def test_a_stamp_forgets_what_is_half_done(engine: AsyncEngine, project: Project) -> None:
    project.revision("a1", upgrade=script(PETS, BROKEN))
    await failed(engine, project)

    await migrator(engine, project).stamp("a1")

    assert await tables(engine) == {"pets", "alembic_version", "amigrate_history"}


# --- what scripts ask and are told ----------------------------------------------------------------


async def test_a_script_that_counts_is_told_the_same_again(
    engine: AsyncEngine, project: Project
) -> None:
    batches = """
    with op.autocommit():
        bind = op.get_bind()
        move = sa.text("UPDATE pets SET id = id + 100 WHERE id < 100 AND id < :n")
        for n in (3, 5):
            assert bind.execute(move, {"n": n}).rowcount == 2
        op.execute("SELECT 1 FROM gate_0")
        assert bind.execute(move, {"n": 7}).rowcount == 2
    """
    rows = "[{'id': n} for n in range(1, 7)]"
    project.revision("a1", upgrade=f"op.bulk_insert({PETS}, {rows})")
    project.revision("b2", "a1", upgrade=batches)
    await failed(engine, project)
    await open_gate(engine, 0)

    await migrator(engine, project).upgrade("head")

    assert await scalars(engine, "SELECT id FROM pets ORDER BY id") == list(range(101, 107))


async def test_a_script_is_told_the_ids_of_rows_that_it_has_made(
    engine: AsyncEngine, project: Project
) -> None:
    making = """
    with op.autocommit():
        bind = op.get_bind()
        pets = sa.Table("pets", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True),
                        sa.Column("owner", sa.Integer))
        pets.create(bind)
        first = bind.execute(pets.insert().values(owner=0)).inserted_primary_key[0]
        second = bind.execute(pets.insert().values(owner=first)).inserted_primary_key[0]
        op.execute("SELECT 1 FROM gate_0")
        bind.execute(pets.insert().values(owner=second))
    """
    project.revision("a1", upgrade=making)
    await failed(engine, project)
    await open_gate(engine, 0)

    await migrator(engine, project).upgrade("head")

    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql("SELECT id, owner FROM pets ORDER BY id")
        assert [tuple(row) for row in rows] == [(1, 0), (2, 1), (3, 2)]


async def test_returned_rows_are_given_again(engine: AsyncEngine, project: Project) -> None:
    returning = """
    with op.autocommit():
        bind = op.get_bind()
        query = sa.text("INSERT INTO pets (id) VALUES (7), (8) RETURNING id")
        assert [row.id for row in bind.execute(query)] == [7, 8]
        op.execute("SELECT 1 FROM gate_0")
    """
    project.revision("a1", upgrade=PETS)
    project.revision("b2", "a1", upgrade=returning)
    async with engine.connect() as connection:
        if not connection.dialect.insert_returning:
            pytest.skip("MySQL has no RETURNING")
    await failed(engine, project)
    await open_gate(engine, 0)

    await migrator(engine, project).upgrade("head")

    assert await scalars(engine, "SELECT id FROM pets ORDER BY id") == [7, 8]


async def test_a_loop_over_rows_that_are_left_goes_on_with_them(
    engine: AsyncEngine, project: Project
) -> None:
    loop = """
    with op.autocommit():
        bind = op.get_bind()
        left = sa.text("SELECT id FROM pets WHERE id < 100 ORDER BY id")
        for id in bind.scalars(left).all():
            bind.execute(sa.text("UPDATE pets SET id = id + 100 WHERE id = :id"), {"id": id})
            if id == 2:
                op.execute("SELECT 1 FROM gate_0")
    """
    rows = "[{'id': n} for n in range(1, 5)]"
    project.revision("a1", upgrade=f"op.bulk_insert({PETS}, {rows})")
    project.revision("b2", "a1", upgrade=loop)
    await failed(engine, project)

    await migrator(engine, project).upgrade("head")

    assert await scalars(engine, "SELECT id FROM pets ORDER BY id") == [101, 102, 103, 104]


async def test_an_insert_with_other_values_in_each_run_is_refused(
    engine: AsyncEngine, project: Project
) -> None:
    insert = 'op.bulk_insert(pets, [{"id": __import__("time").time_ns() % 2000000000}])'
    project.revision("a1", upgrade=script(f"pets = {PETS}", insert, BROKEN))
    await failed(engine, project)

    error = await refused(engine, project)

    assert "other values" in error.message
    assert len(await scalars(engine, "SELECT id FROM pets")) == 1


async def test_a_script_that_looks_first_finds_what_it_found_then(
    engine: AsyncEngine, project: Project
) -> None:
    looking = """
    if not sa.inspect(op.get_bind()).has_table("pets"):
        op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True))
    with op.autocommit():
        op.execute("INSERT INTO pets (id) VALUES (1)")
        op.execute("SELECT 1 FROM gate_0")
    """
    project.revision("a1", upgrade=looking)
    await failed(engine, project)
    await open_gate(engine, 0)

    await migrator(engine, project).upgrade("head")

    assert await scalars(engine, "SELECT id FROM pets") == [1]


TEMPORARY = """
    with op.autocommit():
        op.execute("CREATE TEMPORARY TABLE scratch (id INTEGER)")
        op.execute("INSERT INTO scratch VALUES (1), (2)")
        op.execute("SELECT 1 FROM gate_0")
        op.execute("INSERT INTO pets SELECT id FROM scratch")
"""
MADE_BEFORE = """
    op.create_table("scratch", sa.Column("id", sa.Integer), prefixes=["TEMPORARY"])
    op.execute("INSERT INTO scratch VALUES (1), (2)")
    op.execute("UPDATE pets SET id = 9")
    with op.autocommit():
        op.execute("SELECT 1 FROM gate_0")
        op.execute("INSERT INTO pets SELECT id FROM scratch")
"""


@pytest.mark.parametrize("temporary", [TEMPORARY, MADE_BEFORE], ids=["outside", "before"])
async def test_a_temporary_table_is_filled_again(
    engine: AsyncEngine, project: Project, temporary: str
) -> None:
    project.revision("a1", upgrade=f"{PETS}\n{ROW.replace('1', '9')}")
    project.revision("b2", "a1", upgrade=temporary)
    await failed(engine, project)
    await engine.dispose()  # and with it the session that has the table
    await open_gate(engine, 0)

    await migrator(engine, project).upgrade("head")

    assert await scalars(engine, "SELECT id FROM pets ORDER BY id") == [1, 2, 9]


async def test_what_a_savepoint_has_taken_back_is_not_taken_for_done(
    engine: AsyncEngine, project: Project
) -> None:
    savepoint = f"""
    {PETS}
    bind = op.get_bind()
    {ROW}
    try:
        with bind.begin_nested():
            op.execute("INSERT INTO pets (id) VALUES (2)")
            raise LookupError
    except LookupError:
        pass
    with op.autocommit():
        op.execute("SELECT 1 FROM gate_0")
        op.execute("INSERT INTO pets (id) VALUES (3)")
    """
    project.revision("a1", upgrade=savepoint)
    error = await failed(engine, project)
    await open_gate(engine, 0)

    await migrator(engine, project).upgrade("head")

    assert [each.split()[0] for each in error.stayed] == ["CREATE", "INSERT"]
    assert await scalars(engine, "SELECT id FROM pets ORDER BY id") == [1, 3]


async def test_the_run_says_that_it_goes_on(engine: AsyncEngine, project: Project) -> None:
    project.revision("a1", upgrade=script(PETS, ROW, BROKEN))
    await failed(engine, project)
    project.revision("a1", upgrade=script(PETS, ROW))
    seen: list[object] = []

    noting = Migrator(engine, script_location=project.script_location, observer=seen.append)
    await noting.upgrade("head")

    assert Noted("Revision a1 goes on behind 2 statements that are done.") in seen


# --- the way back ---------------------------------------------------------------------------------


async def test_a_downgrade_that_stopped_goes_on_behind_what_is_done(
    engine: AsyncEngine, project: Project
) -> None:
    back = gated(
        (
            'op.execute("UPDATE pets SET id = id + 1")',
            'op.add_column("pets", sa.Column("x", sa.Integer))',
            'op.execute("UPDATE pets SET x = id + 1")',
        ),
        outside=OUTSIDE,
    )
    project.revision("a1", upgrade=f"{PETS}\n{ROW}", downgrade=back)
    await close(engine, None, range(4))
    await migrator(engine, project).upgrade("head")
    await migrator(engine, project).downgrade("base")
    expected = await found(engine)
    for gate in range(4):
        await emptied(engine)
        await close(engine, gate, range(4))
        await migrator(engine, project).upgrade("head")
        with pytest.raises(StepFailedError):
            await migrator(engine, project).downgrade("base")
        await open_gate(engine, gate)

        await migrator(engine, project).downgrade("base")

        assert await found(engine) == expected
