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
