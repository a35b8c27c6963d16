"""A project's own operations in scripts: run, written as text, and undone, on every database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator, Operations
from asyncmigrate.errors import IrreversibleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


@dataclass(frozen=True, slots=True)
class CreateView:
    """Create a view."""

    name: str
    query: str

    def inverse(self) -> DropView:
        return DropView(self.name)


@dataclass(frozen=True, slots=True)
class DropView:
    """Drop a view."""

    name: str


def create_view(operations: Operations, view: CreateView) -> None:
    operations.execute(f"CREATE VIEW {view.name} AS {view.query}")


def drop_view(operations: Operations, view: DropView) -> None:
    operations.execute(f"DROP VIEW {view.name}")


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    """What a project's module registers when it is imported; taken back at the end."""
    Operations.register_operation("create_view")(CreateView)
    Operations.register_operation("drop_view")(DropView)
    Operations.implementation_for(CreateView)(create_view)
    Operations.implementation_for(DropView)(drop_view)
    yield
    for name in ("create_view", "drop_view"):
        delattr(Operations, name)
    for kind in (CreateView, DropView):
        del Operations._implementations[kind]


def one_way(project: Project, upgrade: str) -> None:
    """Write a script without downgrade()."""
    path = project.revision("a1", upgrade=upgrade)
    text = path.read_text(encoding="utf-8").split("\n\ndef downgrade")[0] + "\n"
    imported = "\nfrom asyncmigrate.op import create_view\n\nrevision"
    path.write_text(text.replace("\n\nrevision", imported), encoding="utf-8")


VIEW = """
op.create_table("t", sa.Column("x", sa.Integer))
op.create_view("v", query="SELECT x FROM t")
create_view("w", "SELECT x FROM v")
"""


async def views(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return sorted(await connection.run_sync(lambda sync: sa.inspect(sync).get_view_names()))


async def test_an_own_operation_runs_and_is_undone_by_its_inverse(
    project: Project, engine: AsyncEngine
) -> None:
    one_way(project, VIEW)
    migrator = Migrator(engine, script_location=project.script_location)

    await migrator.upgrade("head")
    made = await views(engine)
    await migrator.downgrade("base")

    assert made == ["v", "w"]
    assert await views(engine) == []


def test_an_own_operation_is_written_as_text_in_both_directions(project: Project) -> None:
    one_way(project, VIEW)
    migrator = Migrator("sqlite+aiosqlite://", script_location=project.script_location)

    assert "CREATE VIEW v AS SELECT x FROM t;" in migrator.sql("upgrade", "head")
    down = migrator.sql("downgrade", "head:base")
    assert down.index("DROP VIEW w;") < down.index("DROP VIEW v;") < down.index("DROP TABLE t;")


async def test_an_own_operation_without_an_inverse_is_named(
    project: Project, engine: AsyncEngine
) -> None:
    one_way(project, VIEW + 'op.drop_view("w")\n')
    migrator = Migrator(engine, script_location=project.script_location)
    await migrator.upgrade("head")

    with pytest.raises(IrreversibleError, match=r"op\.invoke at .*a1\.py:\d+ runs DropView"):
        await migrator.downgrade("base")

    assert await views(engine) == ["v"]
