"""The ready-made tests: ten faults that people make, each found and explained."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator
from asyncmigrate.testing.checks import CHECKS, NotApplicableError
from tests.testing.suites import run, write_suite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncmigrate.testing import DatabaseServer
    from asyncmigrate.testing.stairway import Finding
    from tests.project import Project

USERS = 'op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True))'


async def found(name: str, server: DatabaseServer, migrator: Migrator) -> list[Finding]:
    """Run one ready-made test."""
    check = next(each for each in CHECKS if each.name == name)

    @asynccontextmanager
    async def given(*targets: str) -> AsyncIterator[str]:
        async with server.database(migrator, *targets) as url:
            yield url

    if check.of_files is not None:
        return check.of_files(migrator)
    assert check.of_database is not None
    return await check.of_database(migrator, given)


def history(project: Project) -> Migrator:
    """The project's history, with models that the test may have written."""
    return Migrator(script_location=project.script_location)


@pytest.fixture
def users(project: Project) -> Project:
    """A history that has one good revision."""
    project.revision("a1", upgrade=USERS, downgrade='op.drop_table("users")', message="users")
    return project


@pytest.mark.parametrize("check", [each.name for each in CHECKS if each.name != "models"])
async def test_a_good_history_passes(check: str, server: DatabaseServer, users: Project) -> None:
    users.revision(
        "b2",
        "a1",
        upgrade='op.add_column("users", sa.Column("name", sa.Text()))',
        downgrade='op.drop_column("users", "name")',
        message="names",
    )

    assert await found(check, server, history(users)) == []


async def test_two_heads(server: DatabaseServer, users: Project) -> None:
    users.revision("b2", "a1", message="left")
    users.revision("c3", "a1", message="right")

    [finding] = await found("one_head", server, history(users))

    assert "b2 (left)" in str(finding)
    assert "c3 (right)" in str(finding)


async def test_a_script_that_cannot_be_imported(server: DatabaseServer, users: Project) -> None:
    script = users.revision("b2", "a1")
    script.write_text(script.read_text() + "\nimport no_such_module\n")

    [finding] = await found("walkable", server, history(users))

    assert "no_such_module" in str(finding)


async def test_a_script_without_a_message(server: DatabaseServer, users: Project) -> None:
    users.revision("b2", "a1", message="b2")

    [finding] = await found("documented", server, history(users))

    assert finding.revision == "b2"
    assert "no message" in str(finding)


async def test_a_missing_downgrade(server: DatabaseServer, users: Project) -> None:
    script = users.revision("b2", "a1", upgrade='op.drop_table("users")', message="gone")
    script.write_text(script.read_text().partition("\n\ndef downgrade")[0])

    [finding] = await found("documented", server, history(users))

    assert finding.revision == "b2"
    assert "drop_table" in str(finding)


async def test_an_empty_downgrade(server: DatabaseServer, users: Project) -> None:
    users.revision(
        "b2", "a1", upgrade='op.add_column("users", sa.Column("x", sa.Text()))', message="x"
    )

    [said] = await found("documented", server, history(users))
    [shown] = await found("stairway", server, history(users))

    assert "downgrade() does nothing" in str(said)
    assert shown.revision == "b2"
    assert "+ column users.x" in str(shown)


async def test_a_lossy_downgrade(server: DatabaseServer, users: Project) -> None:
    users.revision(
        "b2",
        "a1",
        upgrade='op.add_column("users", sa.Column("name", sa.String(50), nullable=False))',
        downgrade='op.drop_column("users", "name")',
    )
    users.revision(
        "c3",
        "b2",
        upgrade='op.drop_column("users", "name")',
        downgrade='op.add_column("users", sa.Column("name", sa.String(20)))',
    )

    [finding] = await found("stairway", server, history(users))

    assert finding.revision == "c3"
    assert 'before: {"type": "character varying(50)", "nullable": false}' in str(finding)
    assert 'after:  {"type": "character varying(20)", "nullable": true}' in str(finding)


async def test_a_type_that_the_downgrade_leaves(server: DatabaseServer, users: Project) -> None:
    users.revision(
        "b2",
        "a1",
        upgrade="""
        kind = sa.Enum("a", "b", name="kind")
        op.create_table("kinds", sa.Column("id", sa.Integer(), primary_key=True),
                        sa.Column("kind", kind))
        """,
        downgrade='op.drop_table("kinds")',
    )

    steps = await found("stairway", server, history(users))
    left = await found("no_trace", server, history(users))

    assert "b2" in str(steps[0])
    assert "kind" in str(left[0])


async def test_a_downgrade_that_fails(server: DatabaseServer, users: Project) -> None:
    users.revision("b2", "a1", downgrade='op.drop_table("nothing")')
    users.revision("c3", "b2", downgrade='op.drop_column("users", "nothing")')

    both = await found("stairway", server, history(users))

    assert [each.revision for each in both] == ["b2", "c3"]
    assert "downgrade() fails" in str(both[0])


async def test_rows_that_are_in_the_way_the_second_time(
    server: DatabaseServer, users: Project
) -> None:
    users.revision("b2", "a1", upgrade='op.execute("INSERT INTO users VALUES (1)")')

    [finding] = await found("stairway", server, history(users))

    assert finding.revision == "b2"
    assert "upgrade() fails the second time" in str(finding)


async def test_a_function_that_is_not_put_back(server: DatabaseServer, users: Project) -> None:
    function = "CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT {}'"
    users.revision(
        "b2",
        "a1",
        upgrade=f'op.execute("{function.format(1)}")',
        downgrade='op.execute("DROP FUNCTION one()")',
    )
    users.revision("c3", "b2", upgrade=f'op.execute("{function.format(2)}")')

    [finding] = await found("stairway", server, history(users))

    assert finding.revision == "c3"
    assert "SELECT 1" in str(finding)
    assert "SELECT 2" in str(finding)


BEFORE_QUIET = (
    "CREATE TYPE mood AS ENUM ('good')",
    "CREATE SEQUENCE numbers",
    "ALTER TABLE users ADD name text DEFAULT 'x' CONSTRAINT known CHECK (name <> 'y')",
    "CREATE INDEX names ON users (name, id)",
)
QUIET = {
    "comment": ("COMMENT ON COLUMN users.name IS 'said'", "SELECT 1"),
    "default": ("ALTER TABLE users ALTER name SET DEFAULT 'z'", "SELECT 1"),
    "index": ("DROP INDEX names", "CREATE INDEX names ON users (name, id DESC)"),
    "enum": ("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'bad'", "SELECT 1"),
    "sequence": ("ALTER SEQUENCE numbers INCREMENT 5", "SELECT 1"),
    "check": (
        "ALTER TABLE users DROP CONSTRAINT known",
        "ALTER TABLE users ADD CONSTRAINT known CHECK (name <> 'w')",
    ),
    "privilege": ("GRANT SELECT ON users TO PUBLIC", "SELECT 1"),
    "row security": ("ALTER TABLE users ENABLE ROW LEVEL SECURITY", "SELECT 1"),
}
"""Downgrades that run, and leave something else than there was."""


async def test_what_only_a_comparison_of_the_databases_sees(
    server: DatabaseServer, users: Project
) -> None:
    users.revision(
        "b", "a1", upgrade=executed(*BEFORE_QUIET), downgrade="raise NotImplementedError"
    )
    before = "b"
    for number, (up, down) in enumerate(QUIET.values()):
        id = f"c{number}"
        users.revision(id, before, upgrade=executed(up), downgrade=executed(down))
        before = id

    each = await found("stairway", server, history(users))

    names = dict(zip((f"c{number}" for number in range(len(QUIET))), QUIET, strict=True))
    assert [names[finding.revision] for finding in each] == list(QUIET)


async def test_a_privilege_that_was_granted_and_revoked_is_no_difference(
    server: DatabaseServer, users: Project
) -> None:
    grant, revoke = "GRANT SELECT ON users TO PUBLIC", "REVOKE SELECT ON users FROM PUBLIC"
    users.revision("b2", "a1", upgrade=executed(grant), downgrade=executed(revoke))

    assert await found("stairway", server, history(users)) == []


def executed(*statements: str) -> str:
    return "\n".join(f"op.execute({each!r})" for each in statements)


DEPENDS_ON_ROWS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM users) THEN CREATE INDEX found ON users (id); END IF;
  INSERT INTO users VALUES (1) ON CONFLICT DO NOTHING;
END $$
"""


@pytest.mark.parametrize("next_way_back", [None, "pass", "raise NotImplementedError"])
async def test_a_second_upgrade_that_leads_elsewhere_is_found_whatever_follows(
    server: DatabaseServer, users: Project, next_way_back: str | None
) -> None:
    up, down = f"op.execute({DEPENDS_ON_ROWS!r})", 'op.execute("DROP INDEX IF EXISTS found")'
    users.revision("b2", "a1", upgrade=up, downgrade=down)
    if next_way_back is not None:
        users.revision("c3", "b2", downgrade=next_way_back)

    [finding] = await found("stairway", server, history(users))

    assert finding.revision == "b2"
    assert "the second upgrade() leads elsewhere" in str(finding)
    assert "found" in str(finding)


def long_history(project: Project, faults: dict[int, tuple[str, str]]) -> None:
    """A hundred revisions, each with a table; `faults` are other ways up and down."""
    before = None
    for number in range(1, 101):
        up = f'op.create_table("t{number}", sa.Column("id", sa.Integer()))'
        up, down = faults.get(number, (up, f'op.drop_table("t{number}")'))
        id = f"r{number:03}"
        project.revision(id, before, upgrade=up, downgrade=down)
        before = id


async def test_faults_in_both_halves_of_a_long_history(
    server: DatabaseServer, project: Project
) -> None:
    left = ('op.execute("CREATE TABLE left_behind (id int)")', "pass")
    long_history(project, {7: left, 93: ('op.execute("CREATE TABLE other (id int)")', "pass")})

    both = await found("stairway", server, history(project))

    assert [each.revision for each in both] == ["r007", "r093"]
    assert "left_behind" in str(both[0])
    assert "other" in str(both[1])


async def test_an_upgrade_that_fails_in_the_first_half_is_found_once(
    server: DatabaseServer, project: Project
) -> None:
    long_history(project, {7: ('op.execute("SELECT 1/0")', "pass")})

    [finding] = await found("stairway", server, history(project))

    assert finding.revision == "r007"
    assert "upgrade() fails" in str(finding)


async def test_sql_that_needs_a_database(server: DatabaseServer, users: Project) -> None:
    users.revision("b2", "a1", upgrade='op.get_bind().execute(sa.text("SELECT 1")).scalar_one()')

    [finding] = await found("offline", server, history(users))

    assert "b2" in str(finding)


async def test_models_that_have_drifted(server: DatabaseServer, users: Project) -> None:
    models = sa.MetaData()
    columns = (sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Text))
    sa.Table("users", models, *columns)
    migrator = Migrator(script_location=users.script_location, metadata=models)

    [finding] = await found("models", server, migrator)

    assert "users.x" in str(finding)


async def test_without_models_they_are_not_compared(server: DatabaseServer, users: Project) -> None:
    with pytest.raises(NotApplicableError, match="no models"):
        await found("models", server, history(users))


async def test_a_revision_that_says_that_it_cannot_be_undone(
    server: DatabaseServer, users: Project
) -> None:
    users.revision(
        "b2",
        "a1",
        upgrade='op.execute("CREATE TABLE kept (id int)")',
        downgrade='raise NotImplementedError("the data is gone")',
        message="no way back",
    )
    users.revision("c3", "b2", downgrade='op.drop_table("nothing")', message="after it")

    [finding] = await found("stairway", server, history(users))

    assert await found("documented", server, history(users)) == []
    assert finding.revision == "c3"
    with pytest.raises(NotApplicableError, match="cannot be undone"):
        await found("no_trace", server, history(users))


def test_one_line_in_a_suite_gives_them_all(users: Project) -> None:
    write_suite(users, "from asyncmigrate.testing.ready import *\n", driver="sqlite+aiosqlite")
    users.revision("b2", "a1", message="left")
    users.revision("c3", "a1", message="right")

    outcome = run(users)

    assert outcome.counts() == "1 failed, 5 passed, 1 skipped", outcome.text
    assert "There is one head: no." in outcome.text


def test_a_setting_gives_them_all_except_those_that_it_names(users: Project) -> None:
    write_suite(users, "def test_of_the_suite():\n    pass\n", driver="sqlite+aiosqlite")
    toml = users.root / "asyncmigrate.toml"
    toml.write_text(f'{toml.read_text()}\n[testing]\nready = true\nskip = ["offline"]\n')

    outcome = run(users)

    assert outcome.counts() == "6 passed, 2 skipped", outcome.text
