"""An application whose listener puts the driver's own error in the place of SQLAlchemy's.

Not on MySQL: there SQLAlchemy itself cannot ask whether a table exists beside such a listener.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from asyncmigrate import Migrator
from asyncmigrate.errors import StepFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


@pytest.fixture(autouse=True)
def heard() -> Iterator[list[str]]:
    """What the listener on all engines of the process heard."""
    errors: list[str] = []

    def unwrapped(context: Any) -> None:
        errors.append(str(context.statement))
        raise context.original_exception from context.sqlalchemy_exception

    event.listen(sa.Engine, "handle_error", unwrapped)
    yield errors
    event.remove(sa.Engine, "handle_error", unwrapped)


@pytest.mark.parametrize("lock", ["auto", "lease"])
async def test_an_empty_database_is_upgraded_and_the_listener_hears_nothing_of_our_questions(
    project: Project, rolls_back: AsyncEngine, heard: list[str], lock: str
) -> None:
    project.revision("a1", upgrade='op.create_table("users", sa.Column("id", sa.Integer))')
    migrator = Migrator(rolls_back, script_location=project.script_location, lock=lock)

    before = await migrator.current()
    await migrator.upgrade("head")

    assert before == ()

    assert heard == []


async def test_a_script_that_fails_is_reported_and_the_listener_hears_of_it(
    project: Project, rolls_back: AsyncEngine, heard: list[str]
) -> None:
    project.revision("a1", upgrade='op.execute("DROP TABLE missing")')

    with pytest.raises(StepFailedError, match="missing"):
        await Migrator(rolls_back, script_location=project.script_location).upgrade("head")

    assert heard == ["DROP TABLE missing"]
