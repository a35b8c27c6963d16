"""A revision that stopped half-way goes on where it stopped, when it is run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from asyncmigrate.errors import StepFailedError
from tests.conformance import half_done
from tests.conformance.half_done import GATES, close, emptied, found, gated, open_gate
from tests.conformance.test_upgrade import migrator

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

HALVES = {"whole": range(8), "middle": range(2, 6)}
"""Which statements stand outside of a transaction."""


def statements(engine: AsyncEngine) -> tuple[str, ...]:
    tag = "COALESCE(tag, '1')"
    concat = f"CONCAT(name, {tag})" if engine.dialect.name == "mysql" else f"name || {tag}"
    return tuple(each.replace("name || tag", concat) for each in half_done.STATEMENTS)


async def stopped_at_each_gate(engine: AsyncEngine, project: Project) -> None:
    """Assert that a run which stops at any gate, and is run again, ends as one that did not."""
    await close(engine, None)
    await migrator(engine, project).upgrade("head")
    expected = await found(engine)
    for gate in GATES:
        await emptied(engine)
        await close(engine, gate)
        with pytest.raises(StepFailedError):
            await migrator(engine, project).upgrade("head")
        await open_gate(engine, gate)

        await migrator(engine, project).upgrade("head")

        assert await found(engine) == expected


async def test_where_ddl_commits_a_rerun_goes_on_behind_what_is_done(
    keeps_ddl: AsyncEngine, project: Project
) -> None:
    project.revision("a1", upgrade=gated(statements(keeps_ddl)))

    await stopped_at_each_gate(keeps_ddl, project)


@pytest.mark.parametrize("outside", HALVES.values(), ids=HALVES)
async def test_outside_of_a_transaction_a_rerun_goes_on_behind_what_is_done(
    engine: AsyncEngine, project: Project, outside: range
) -> None:
    project.revision("a1", upgrade=gated(statements(engine), outside=outside))

    await stopped_at_each_gate(engine, project)


async def test_what_was_written_down_and_rolled_back_is_written_down_again(
    keeps_ddl: AsyncEngine, project: Project
) -> None:
    # The server cannot read the last statement: nothing is committed before it.
    halves = 'op.create_table("pets", sa.Column("name", sa.String(20)))\n'
    halves += "op.execute(\"INSERT INTO pets (name) VALUES ('a')\")\n"
    project.revision("a1", upgrade=halves + 'op.execute("CREATE INDEX ON ON pets (name)")')
    with pytest.raises(StepFailedError) as caught:
        await migrator(keeps_ddl, project).upgrade("head")

    project.revision("a1", upgrade=halves + 'op.execute("CREATE INDEX ix ON pets (name)")')
    await migrator(keeps_ddl, project).upgrade("head")

    assert [each.split()[:3] for each in caught.value.stayed] == [["CREATE", "TABLE", "pets"]]
    async with keeps_ddl.connect() as connection:
        assert (await connection.exec_driver_sql("SELECT name FROM pets")).all() == [("a",)]
