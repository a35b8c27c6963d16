"""Tests of what one revision does to data."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest

from asyncmigrate import Migrator
from asyncmigrate.testing import DataCase, migration_case
from tests.testing.suites import environment, run, write_suite

if TYPE_CHECKING:
    from asyncmigrate.testing import DatabaseServer
    from tests.project import Project

SPLIT = """
op.add_column("users", sa.Column("first", sa.Text()))
op.execute("UPDATE users SET first = split_part(name, ' ', 1)")
"""


@pytest.fixture
def names(project: Project) -> Migrator:
    """Two revisions: users with a name, then with their first name, too."""
    project.revision(
        "a1",
        upgrade="""
        op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True),
                        sa.Column("name", sa.Text()))
        """,
        downgrade='op.drop_table("users")',
    )
    project.revision("b2", "a1", upgrade=SPLIT, downgrade='op.drop_column("users", "first")')
    return Migrator(script_location=project.script_location)


async def test_rows_are_inserted_before_looked_at_after_and_after_the_way_back(
    server: DatabaseServer, names: Migrator
) -> None:
    given = partial(server.database, names)
    async with migration_case("b2", migrator=names, given=given) as case:
        await case.insert("users", {"id": 2}, {"id": 1, "name": "Ada Lovelace"})
        await case.upgrade()
        after = await case.rows("users")
        await case.downgrade()
        undone = await case.rows("public.users")

    assert after == [
        {"id": 1, "name": "Ada Lovelace", "first": "Ada"},
        {"id": 2, "name": None, "first": None},
    ]
    assert undone == [{"id": 1, "name": "Ada Lovelace"}, {"id": 2, "name": None}]


async def test_a_case_as_a_value_shows_both_sides(server: DatabaseServer, names: Migrator) -> None:
    case = DataCase(
        revision="b2",
        before={"users": [{"id": 1, "name": "Ada Lovelace"}]},
        after={"users": [{"id": 1, "name": "Ada Lovelace", "first": "Lovelace"}]},
    )

    with pytest.raises(AssertionError, match=r"(?s)'first': 'Ada'.*should be.*'first': 'Lovelace'"):
        await case.check(migrator=names, given=partial(server.database, names))


def test_the_fixture_fills_in_the_history_and_the_server(project: Project, names: Migrator) -> None:
    tests = """
    import pytest
    from asyncmigrate.testing import DataCase, migration_case

    @pytest.mark.asyncio
    async def test_it(amigrate_case):
        async with amigrate_case("b2") as case:
            await case.insert("users", {"id": 1, "name": "Ada Lovelace"})
            await case.upgrade()
            assert (await case.rows("users"))[0]["first"] == "Ada"

    @pytest.mark.asyncio
    async def test_without_a_fixture(amigrate_server):
        async with migration_case("b2") as case:
            assert case.url.startswith(amigrate_server.url("").removesuffix("/"))
            assert await case.fill(rows=5) == {"users": 5}
            await case.upgrade()
            await case.downgrade()
            assert len(await case.rows("users")) == 5

    CASES = [DataCase(revision="a1", before={}, after={"users": []}),
             DataCase(revision="b2", before={"users": [{"id": 1, "name": "A B"}]},
                      after={"users": [{"id": 1, "name": "A B", "first": "A"}]},
                      undone={"users": [{"id": 1, "name": "A B"}]})]

    @pytest.mark.asyncio
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.revision)
    async def test_all(case, amigrate_case):
        await amigrate_case(case)
    """
    write_suite(project, tests)

    outcome = run(project)

    assert outcome.counts() == "4 passed", outcome.text


ALONE = """
import asyncio
from asyncmigrate.testing import DataCase, migration_case

async def main():
    async with migration_case("b2") as case:
        said = {"users.name": "A B"}
        print(case.url.partition("+")[0], await case.fill("users", rows=3, values=said))
        await case.upgrade()
        print({row["first"] for row in await case.rows("users")}, (await case.table("users")).name)
    await DataCase(revision="a1", before={}, after={"users": []}, undone={}).check()

asyncio.run(main())
"""


def test_without_pytest_settings_and_a_server_are_found(project: Project) -> None:
    first = "op.execute(\"UPDATE users SET first = substr(name, 1, instr(name, ' ') - 1)\")"
    users = 'sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text())'
    project.revision(
        "a1", upgrade=f'op.create_table("users", {users})', downgrade='op.drop_table("users")'
    )
    project.revision(
        "b2", "a1", upgrade=f'op.add_column("users", sa.Column("first", sa.Text()))\n{first}'
    )
    write_suite(project, "", driver="sqlite+aiosqlite")

    done = subprocess.run(
        [sys.executable, "-c", ALONE],
        cwd=project.root,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.splitlines() == ["sqlite {'users': 3}", "{'A'} users"], done.stderr
