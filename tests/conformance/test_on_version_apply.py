"""`on_version_apply` of env.py: called after each revision, in its transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator
from asyncmigrate.errors import ConfigError, StepFailedError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

ENV = """
    import sqlalchemy as sa

    SEEN = []

    def audit(ctx, step, heads, run_args):
        kind = "stamp" if step.is_stamp else "up" if step.is_upgrade else "down"
        above = ",".join(each.revision for each in step.up_revisions)
        below = ",".join(each.revision for each in step.down_revisions)
        SEEN.append((kind, above, below, sorted(heads), run_args, ctx.dialect.name))
        if step.up_revision_id != "a1":
            ctx.connection.execute(sa.text(f"INSERT INTO audit VALUES ('{kind} {above}')"))
        if "{fails}" in above.split(","):
            raise RuntimeError("the audit says no")

    def again(**given):
        assert sorted(given) == ["ctx", "heads", "run_args", "step"]

    on_version_apply = [audit, again]
    __all__ = ["on_version_apply"]
    """
AUDIT = 'op.create_table("audit", sa.Column("said", sa.String(20)))'


@pytest.fixture
def audited(project: Project, engine: AsyncEngine) -> Project:
    project.revision("a1", upgrade=AUDIT, downgrade='op.drop_table("audit")')
    project.revision("b2", "a1")
    project.revision("c3", "b2")
    project.write("migrations/env.py", ENV.replace("{fails}", ""))
    project.write("asyncmigrate.toml", "")
    return project


def migrator(project: Project, engine: AsyncEngine) -> Migrator:
    return Migrator.from_config(project.root / "asyncmigrate.toml", engine=engine)


def seen(found: Migrator) -> list[tuple[Any, ...]]:
    (audit, _) = found.declared().on_version_apply
    return [each[:4] for each in audit.__globals__["SEEN"]]


async def said(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        rows = await connection.scalars(sa.text("SELECT said FROM audit"))
        return sorted(rows)


async def test_each_revision_is_announced_with_its_step_and_the_heads(
    audited: Project, engine: AsyncEngine
) -> None:
    found = migrator(audited, engine)

    await found.upgrade()
    await found.downgrade("b2")
    await found.stamp("c3")

    assert seen(found) == [
        ("up", "a1", "", ["a1"]),
        ("up", "b2", "a1", ["b2"]),
        ("up", "c3", "b2", ["c3"]),
        ("down", "c3", "b2", ["b2"]),
        ("stamp", "c3", "b2", ["c3"]),
    ]
    assert await said(engine) == ["down c3", "stamp c3", "up b2", "up c3"]


async def test_what_it_raises_fails_the_revision_with_what_it_wrote(
    audited: Project, engine: AsyncEngine
) -> None:
    audited.write("migrations/env.py", ENV.replace("{fails}", "c3"))
    found = migrator(audited, engine)

    with pytest.raises(StepFailedError, match="the audit says no"):
        await found.upgrade()

    assert [each.revision.id for each in await found.current()] == ["b2"]
    assert await said(engine) == ["up b2"]


async def test_what_is_no_function_is_refused(audited: Project, engine: AsyncEngine) -> None:
    audited.write("migrations/env.py", "on_version_apply = 'audit'\n")

    with pytest.raises(ConfigError, match="'audit', which is not a function"):
        await migrator(audited, engine).upgrade()
