"""A database that we have no file for: standard SQL, and a sentence that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.dialects.sqlite.base import SQLiteTypeCompiler

from asyncmigrate import Migrator
from asyncmigrate.errors import UsageError
from asyncmigrate.events import Noted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project import Project


class KlingonTypes(SQLiteTypeCompiler):
    def visit_BIGINT(self, type_: object, **_: object) -> str:
        return "INTEGER"  # so that it numbers the rows itself, as standard SQL has it


class KlingonDialect(SQLiteDialect_aiosqlite):
    """A dialect of which nobody here has heard."""

    name = "klingon"
    driver = "aio"
    type_compiler_cls = KlingonTypes
    supports_statement_cache = True


@pytest.fixture
def url(tmp_path: Path) -> str:
    registry.register("klingon.aio", __name__, "KlingonDialect")
    return f"klingon+aio:///{tmp_path / 'database'}"


@pytest.fixture
def history(project: Project) -> Project:
    project.revision(
        "a1", upgrade='op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))'
    )
    project.revision("b2", "a1", upgrade='op.add_column("users", sa.Column("name", sa.Text))')
    return project


async def test_an_unknown_dialect_runs_a_plain_history(url: str, history: Project) -> None:
    seen: list[object] = []
    m = Migrator(url, script_location=history.script_location, observer=seen.append)

    result = await m.upgrade("head")

    assert [step.revision for step in result.steps] == ["a1", "b2"]
    assert (await m.status()).is_up_to_date
    assert [event.text.partition(":")[0] for event in seen if isinstance(event, Noted)] == [
        "asyncmigrate knows nothing of the dialect klingon"
    ]


def test_its_sql_text_says_so_too(url: str, history: Project) -> None:
    text = Migrator(url, script_location=history.script_location).sql("upgrade", "head")

    assert "-- asyncmigrate knows nothing of the dialect klingon: it is sent standard SQL" in text
    assert "ALTER TABLE users ADD COLUMN name TEXT;" in text


async def test_all_or_nothing_is_not_promised_for_it(url: str, history: Project) -> None:
    with pytest.raises(UsageError, match="--atomic"):
        await Migrator(url, script_location=history.script_location).upgrade(atomic=True)
