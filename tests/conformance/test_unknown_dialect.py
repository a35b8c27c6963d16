"""A database that we have no file for: standard SQL, and a sentence that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
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
        "This database has no lock for migrators and cannot keep a lease, so start one at a time",
        "asyncmigrate knows nothing of the dialect klingon",
    ]


def test_its_sql_text_says_so_too(url: str, history: Project) -> None:
    text = Migrator(url, script_location=history.script_location).sql("upgrade", "head")

    assert "-- asyncmigrate knows nothing of the dialect klingon: it is sent standard SQL" in text
    assert "ALTER TABLE users ADD COLUMN name TEXT;" in text


class RomulanDialect(PGDialectAsync_psycopg):
    """A server that understands standard SQL, and has no lock that we knew of."""

    name = "romulan"
    supports_statement_cache = True

    @classmethod
    def get_async_dialect_cls(cls, url: object) -> type[RomulanDialect]:
        return cls


async def test_a_database_that_can_count_time_gets_a_lease(
    postgres_url: str, history: Project
) -> None:
    registry.register("romulan.psycopg", __name__, "RomulanDialect")
    url = make_url(postgres_url).set(drivername="romulan+psycopg")
    text = url.render_as_string(hide_password=False)
    history.revision(
        "b2",
        "a1",
        upgrade="""
        row = op.get_bind().exec_driver_sql(
            "SELECT token, revision FROM amigrate_lease JOIN amigrate_heartbeat USING (name, token)"
            " WHERE holder IS NOT NULL AND expires_at > CURRENT_TIMESTAMP"
        )
        assert row.one() == (1, "a1")
    """,
    )

    result = await Migrator(text, script_location=history.script_location).upgrade("head")
    again = await Migrator(text, script_location=history.script_location).downgrade("a1")

    assert [step.revision for step in result.steps] == ["a1", "b2"]
    assert again.after == ("a1",)


async def test_all_or_nothing_is_not_promised_for_it(url: str, history: Project) -> None:
    with pytest.raises(UsageError, match="--atomic"):
        await Migrator(url, script_location=history.script_location).upgrade(atomic=True)
