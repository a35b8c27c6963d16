"""Several databases are migrated at once in one loop: none sees another's."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url

from asyncmigrate import Migrator
from tests.chaos.dump import dump, versions
from tests.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.available import Server

BOOKKEEPING = {"schema", "alembic_version", "amigrate_history"}


def history(folder: Path, name: str) -> Project:
    """Write five revisions that make tables with a name of their own, statement by statement."""
    project = Project(folder)
    ids = [f"{name}{number}" for number in range(5)]
    for id, down in zip(ids, (None, *ids), strict=False):
        project.revision(
            id,
            down,
            upgrade=f"""
            op.create_table("{id}", sa.Column("id", sa.Integer, primary_key=True))
            for number in range(5):
                op.execute("INSERT INTO {id} (id) VALUES (%d)" % number)
            assert op.get_bind().exec_driver_sql("SELECT count(*) FROM {id}").scalar() == 5
            """,
        )
    return project


@pytest.mark.parametrize("count", [3, 10])
async def test_each_database_gets_its_own_tables_and_no_others(
    postgres_server: Server, tmp_path: Path, count: int
) -> None:
    names = [f"shop{number}_" for number in range(count)]
    drivers = ["postgresql+asyncpg", "sqlite+aiosqlite", "postgresql+psycopg"]
    with ExitStack() as stack:
        urls = {}
        for number, name in enumerate(names):
            driver = drivers[number % 3]
            urls[name] = f"{driver}:///{tmp_path / name}.sqlite"
            if driver.startswith("postgresql"):
                url = make_url(stack.enter_context(postgres_server.database()))
                urls[name] = url.set(drivername=driver).render_as_string(hide_password=False)
        migrators = [
            Migrator(urls[name], script_location=history(tmp_path / name, name).script_location)
            for name in names
        ]

        await asyncio.gather(*(each.upgrade() for each in migrators))

        for name in names:
            found = dump(urls[name])
            assert set(found) - BOOKKEEPING == {f"{name}{number}" for number in range(5)}
            assert versions(found) == [f"{name}4"]


async def test_one_that_fails_does_not_disturb_the_others(
    postgres_url: str, sqlite_url: str, tmp_path: Path
) -> None:
    good = history(tmp_path / "good", "good")
    bad = history(tmp_path / "bad", "bad")
    bad.revision("bad9", "bad4", upgrade='op.execute("SELECT nonsense FROM nowhere")')

    results = await asyncio.gather(
        Migrator(postgres_url, script_location=good.script_location).upgrade(),
        Migrator(sqlite_url, script_location=bad.script_location).upgrade(),
        return_exceptions=True,
    )

    assert isinstance(results[1], Exception)
    assert versions(dump(postgres_url)) == ["good4"]
    assert versions(dump(sqlite_url)) == ["bad4"]
