"""Revisions on tables with made-up rows: what works only while they are empty is found."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import NoSuchTableError

from asyncmigrate import Migrator
from asyncmigrate.errors import ConfigError
from asyncmigrate.testing import (
    UnfilledTablesError,
    ephemeral_mariadb,
    ephemeral_postgres,
    ephemeral_sqlite,
    migration_case,
)
from asyncmigrate.testing.checks import NotApplicableError
from asyncmigrate.testing.fuzz import RowsFinding, fuzz_checks
from asyncmigrate.testing.settings import TestingSettings
from tests.testing.suites import run, write_suite
from tests.testing.test_command import amigrate

if TYPE_CHECKING:
    from asyncmigrate.testing import DatabaseServer
    from asyncmigrate.testing.stairway import Finding
    from tests.project import Project
    from tests.servers.available import Server

SHOP = """
op.create_table(
    "users",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("name", sa.Text()),
    sa.Column("email", sa.String(50), nullable=False),
    sa.Column("age", sa.String(20)),
    sa.Column("born", sa.Date()),
    sa.Column("status", sa.String(10), nullable=False),
    sa.CheckConstraint("status IN ('new', 'paid')", name="known"),
)
op.create_table(
    "orders",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id"), nullable=False),
    sa.Column("price", sa.Integer(), sa.CheckConstraint("price > 0", name="positive")),
    sa.Column("reference", sa.Integer()),
)
"""


def settings(**said: Any) -> TestingSettings:
    return TestingSettings(**said)


async def found(
    name: str, server: DatabaseServer, project: Project, said: TestingSettings | None = None
) -> list[Finding]:
    """Run one of the tests."""
    check = next(each for each in fuzz_checks(said or settings()) if each.name == name)
    assert check.of_database is not None
    migrator = Migrator(script_location=project.script_location)
    return await check.of_database(migrator, partial(server.database, migrator))


def rows_of(finding: Finding) -> list[tuple[str, dict[str, Any]]]:
    assert isinstance(finding, RowsFinding)
    return [(table, dict(row)) for table, row in finding.rows]


@pytest.fixture
def shop(project: Project) -> Project:
    """A history with users and their orders, which is good so far."""
    down = 'op.drop_table("orders")\nop.drop_table("users")'
    project.revision("a1", upgrade=SHOP, downgrade=down, message="shop")
    return project


def changes(project: Project, *changes: tuple[str, str]) -> None:
    """Add revisions after a1, one for each pair of bodies."""
    parent = "a1"
    for number, (up, down) in enumerate(changes, 2):
        id = f"r{number}"
        project.revision(id, parent, upgrade=up, downgrade=down, message=f"change {number}")
        parent = id


NAME_IS_NEEDED = (
    'op.alter_column("users", "name", existing_type=sa.Text(), nullable=False)',
    'op.alter_column("users", "name", existing_type=sa.Text(), nullable=True)',
)
EMAIL_IS_UNIQUE = (
    'op.create_index("one_email", "users", ["email"], unique=True)',
    'op.drop_index("one_email", "users")',
)
REFERENCE_IS_A_USER = (
    'op.create_foreign_key("is_user", "orders", "users", ["reference"], ["id"])',
    'op.drop_constraint("is_user", "orders", type_="foreignkey")',
)
COLUMN_WITHOUT_DEFAULT = (
    'op.add_column("orders", sa.Column("tax", sa.Integer(), nullable=False))',
    'op.drop_column("orders", "tax")',
)
AGE_IS_A_NUMBER = (
    'op.execute("ALTER TABLE users ALTER COLUMN age TYPE integer USING age::integer")',
    'op.execute("ALTER TABLE users ALTER COLUMN age TYPE varchar(20)")',
)
LONGER = (
    'op.alter_column("users", "age", type_=sa.String(40), existing_type=sa.String(20))',
    'op.alter_column("users", "age", type_=sa.String(20), existing_type=sa.String(40))',
)
HARMLESS = (
    'op.add_column("users", sa.Column("x", sa.Integer(), server_default="0", nullable=False))',
    'op.drop_column("users", "x")',
)


async def test_what_works_only_on_empty_tables_is_found_with_the_fewest_rows(
    shop: Project,
) -> None:
    changes(shop, NAME_IS_NEEDED, HARMLESS, EMAIL_IS_UNIQUE, COLUMN_WITHOUT_DEFAULT)
    async with ephemeral_sqlite() as server:
        null, twice, missing = await found("rows_up", server, shop)

    assert [each.revision for each in (null, twice, missing)] == ["r2", "r4", "r5"]
    simplest = {"id": 1, "name": None, "email": "", "age": None, "born": None, "status": "new"}
    assert rows_of(null) == [("users", simplest)]
    assert len({row["email"] for _, row in rows_of(twice)}) == 1
    assert len(rows_of(twice)) == 2
    assert [table for table, _ in rows_of(missing)][-1] == "orders"
    assert "NOT NULL constraint failed: users.name" in str(null)
    assert 'users: {"id": 1, "name": null' in str(null)


async def test_a_text_that_is_no_number_is_found_with_the_statement_and_the_servers_words(
    server: DatabaseServer, shop: Project
) -> None:
    changes(shop, AGE_IS_A_NUMBER)

    [cast] = await found("rows_up", server, shop)

    assert "invalid input syntax for type integer" in str(cast)
    assert "ALTER TABLE users ALTER COLUMN age TYPE integer" in str(cast)
    assert len(rows_of(cast)) <= 2


async def test_a_reference_to_nobody_is_found(shop: Project) -> None:
    changes(shop, REFERENCE_IS_A_USER)
    async with ephemeral_sqlite() as server:
        [orphan] = await found("rows_up", server, shop)

    users = {row["id"] for table, row in rows_of(orphan) if table == "users"}
    [order] = [row for table, row in rows_of(orphan) if table == "orders"]
    assert order["user_id"] in users
    assert order["reference"] not in users


async def test_mariadb_keeps_a_part_of_what_failed_and_the_rows_are_found_all_the_same(
    mysql_server: Server, shop: Project
) -> None:
    changes(shop, (f"{HARMLESS[0]}\n{NAME_IS_NEEDED[0]}", f"{NAME_IS_NEEDED[1]}\n{HARMLESS[1]}"))
    async with ephemeral_mariadb(mysql_server.url()) as server:
        [null] = await found("rows_up", server, shop)

    assert [row["name"] for _, row in rows_of(null)] == [None]


async def test_a_downgrade_that_cannot_take_back_what_the_upgrade_allows_is_found(
    server: DatabaseServer, shop: Project
) -> None:
    changes(shop, HARMLESS, LONGER)

    up = await found("rows_up", server, shop)
    [narrow] = await found("rows_down", server, shop)

    assert up == []
    assert narrow.revision == "r3"
    assert "value too long for type character varying(20)" in str(narrow)


LOSES_ORDERS = (HARMLESS[0], f'op.execute("DELETE FROM orders WHERE price IS NULL")\n{HARMLESS[1]}')
LOWERS_NAMES = ('op.execute("UPDATE users SET name = lower(name)")', "pass")
WITHOUT_BORN = (
    'op.drop_column("users", "born")',
    'op.add_column("users", sa.Column("born", sa.Date()))',
)


async def test_a_downgrade_that_loses_rows_or_values_is_found_with_what_is_gone(
    server: DatabaseServer, shop: Project
) -> None:
    changes(shop, WITHOUT_BORN, LOSES_ORDERS, LOWERS_NAMES)

    rows, names = await found("rows_kept", server, shop)

    assert [each.revision for each in (rows, names)] == ["r3", "r4"]
    assert "rows are not what they were where there are 2 rows: - orders: {" in str(rows)
    assert [table for table, _ in rows_of(rows)] == ["users", "orders"]
    [(_, user)] = rows_of(names)
    assert "where there is 1 row: - users: {" in str(names)
    assert "; + users: {" in str(names)
    assert user["name"] != user["name"].lower()


async def test_what_is_said_to_lose_rows_may_lose_them(shop: Project) -> None:
    changes(shop, LOSES_ORDERS, (LOWERS_NAMES[0], "raise NotImplementedError"))
    async with ephemeral_sqlite() as server:
        said = settings(fuzz_lossy=("r2",))

        assert await found("rows_kept", server, shop, said) == []


async def test_a_revision_that_may_lose_rows_may_be_named_by_the_start_of_its_id(
    shop: Project,
) -> None:
    changes(shop, LOSES_ORDERS)
    shop.revision("cafe01", "r2", message="last")
    async with ephemeral_sqlite() as server:
        assert await found("rows_kept", server, shop, settings(fuzz_lossy=("r2", "cafe"))) == []


async def test_what_may_lose_rows_has_to_be_in_the_history(shop: Project) -> None:
    changes(shop, LOSES_ORDERS)
    async with ephemeral_sqlite() as server:
        with pytest.raises(ConfigError) as caught:
            await found("rows_kept", server, shop, settings(fuzz_lossy=("r22",)))

    assert caught.value.message == (
        "The setting testing.fuzz_lossy: No revision or branch label is called 'r22'."
    )
    assert caught.value.next == "Did you mean r2?"


async def test_a_revision_that_cannot_be_undone_is_passed_by(shop: Project) -> None:
    changes(shop, (HARMLESS[0], 'raise NotImplementedError("the data is gone")'), EMAIL_IS_UNIQUE)
    async with ephemeral_sqlite() as server:
        undone = await found("rows_down", server, shop)

    assert undone == []


async def test_what_a_downgrade_leaves_in_the_way_of_the_next_upgrade_is_found(
    shop: Project,
) -> None:
    row = "(-1, 'a', 'b', 'c', '2020-01-01', 'new')"
    changes(shop, (f'op.execute("INSERT INTO users VALUES {row}")', "pass"))
    async with ephemeral_sqlite() as server:
        [left] = await found("rows_down", server, shop)

    assert "upgrade() fails after downgrade() where there is 1 row" in str(left)
    assert rows_of(left)[0][1]["id"] == -1


async def test_a_revision_that_fails_without_rows_is_said_to(shop: Project) -> None:
    changes(shop, ('op.drop_table("nothing")', "pass"))
    async with ephemeral_sqlite() as server:
        [finding] = await found("rows_up", server, shop)
        with pytest.raises(NotApplicableError, match="see stairway"):
            await found("rows_down", server, shop)

    assert "upgrade() fails, without any row, too." in str(finding)


async def test_the_same_seed_makes_the_same_rows_and_another_one_others(shop: Project) -> None:
    changes(shop, HARMLESS)
    migrator = Migrator(script_location=shop.script_location)

    async def made(server: DatabaseServer, seed: int) -> list[dict[str, Any]]:
        given = partial(server.database, migrator)
        async with migration_case("r2", migrator=migrator, given=given) as case:
            await case.fill(seed=seed)
            return [*await case.rows("users"), *await case.rows("orders")]

    async with ephemeral_sqlite() as server:
        one, again, other = [await made(server, seed) for seed in (1, 1, 2)]

    assert one == again
    assert one != other
    assert len(one) == 20


async def test_tables_that_are_left_out_stay_empty(shop: Project) -> None:
    changes(shop, NAME_IS_NEEDED, COLUMN_WITHOUT_DEFAULT)
    async with ephemeral_sqlite() as server:
        left = await found("rows_up", server, shop, settings(fuzz_exclude=("user*",)))
        none = await found("rows_up", server, shop, settings(fuzz_exclude=("user*", "orders")))

    assert len(left) == 1
    assert "No row could be made up for orders: " in str(left[0])
    assert none == []


async def test_the_settings_say_what_columns_hold(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes(shop, NAME_IS_NEEDED, EMAIL_IS_UNIQUE)
    shop.write(
        "shop_values.py",
        """
        VALUES = {
            "users.name": "Ada",
            "users.email": lambda random: f"{random.getrandbits(64)}@example.org",
        }
        """,
    )
    monkeypatch.syspath_prepend(shop.root)
    async with ephemeral_sqlite() as server:
        said = settings(fuzz_values="shop_values:VALUES")

        assert await found("rows_up", server, shop, said) == []


async def test_a_check_that_no_row_satisfies_is_named_unless_somebody_says_what_does(
    project: Project,
) -> None:
    column = 'sa.Column("code", sa.String(9), nullable=False)'
    check = "sa.CheckConstraint(\"substr(code, 4, 1) = '-' AND length(code) = 7\")"
    project.revision("a1", upgrade=f'op.create_table("t", {column}, {check})')
    project.revision("b2", "a1")
    migrator = Migrator(script_location=project.script_location)
    async with ephemeral_sqlite() as server:
        [finding] = await found("rows_up", server, project)
        given = partial(server.database, migrator)
        async with migration_case("b2", migrator=migrator, given=given) as case:
            with pytest.raises(UnfilledTablesError, match="t: CHECK constraint failed"):
                await case.fill()
            with pytest.raises(NoSuchTableError, match="nothing"):
                await case.fill("nothing")
            filled = await case.fill(values={"t.code": "abc-123"}, rows=3)

    assert "No row could be made up for t: CHECK constraint failed" in str(finding)
    assert filled == {"t": 3}


EVERY_KIND = """
from sqlalchemy.dialects import postgresql as pg
op.execute("CREATE DOMAIN percent AS integer CHECK (VALUE BETWEEN 0 AND 100) NOT NULL")
op.execute("CREATE SCHEMA other")
op.create_table(
    "kinds",
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("n", sa.BigInteger(), sa.Identity(always=True)),
    sa.Column("twice", sa.Integer(), sa.Computed("small * 2")),
    sa.Column("small", sa.SmallInteger(), nullable=False),
    sa.Column("mood", sa.Enum("sad", "ok", "happy", name="mood"), nullable=False),
    sa.Column("moods", pg.ARRAY(sa.Enum(name="mood", create_type=False)), nullable=False),
    sa.Column("grid", pg.ARRAY(sa.Integer(), dimensions=2), nullable=False),
    sa.Column("document", pg.JSONB(), nullable=False),
    sa.Column("part", pg.INT4RANGE(), nullable=False),
    sa.Column("days", pg.DATERANGE(), nullable=False),
    sa.Column("day", sa.Date(), nullable=False),
    sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
    sa.Column("clock", sa.Time(), nullable=False),
    sa.Column("span", sa.Interval(), nullable=False),
    sa.Column("price", sa.Numeric(10, 2), nullable=False),
    sa.Column("ratio", sa.Double(), nullable=False),
    sa.Column("raw", sa.LargeBinary(), nullable=False),
    sa.Column("flag", sa.Boolean(), nullable=False),
    sa.Column("host", pg.INET(), nullable=False),
    sa.Column("bits", pg.BIT(3), nullable=False),
    sa.Column("words", pg.TSVECTOR(), nullable=False),
    sa.Column("fixed", sa.CHAR(4), nullable=False),
)
op.execute("ALTER TABLE kinds ADD share percent, ADD wide int4multirange")
op.execute("CREATE TABLE tree (id int PRIMARY KEY, up int NOT NULL REFERENCES tree)")
op.execute("CREATE TABLE pair (a int, b text, PRIMARY KEY (a, b))")
op.execute("CREATE TABLE other.leaf (a int NOT NULL, b text NOT NULL, up int REFERENCES tree,"
           " FOREIGN KEY (a, b) REFERENCES pair DEFERRABLE INITIALLY DEFERRED)")
op.execute("CREATE TABLE logs (at date NOT NULL, kind text) PARTITION BY RANGE (at)")
op.execute("CREATE TABLE logs_2020 PARTITION OF logs FOR VALUES FROM ('2020-01-01')"
           " TO ('2021-01-01')")
"""


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
async def test_every_kind_of_column_key_and_table_gets_rows(
    postgres_server: Server, project: Project, driver: str
) -> None:
    project.revision("a1", upgrade=EVERY_KIND)
    project.revision("b2", "a1")
    migrator = Migrator(script_location=project.script_location)
    async with (
        ephemeral_postgres(postgres_server.url(), driver=driver) as server,
        migration_case("b2", migrator=migrator, given=partial(server.database, migrator)) as case,
    ):
        filled = await case.fill(rows=12)
        moods = {row["mood"] for row in await _some(case, "kinds", "mood")}
        days = {str(row["day"]) for row in await _some(case, "kinds", "day::text AS day")}

    assert filled == {"kinds": 12, "tree": 12, "pair": 12, "other.leaf": 12, "logs": 12}
    assert moods == {"sad", "ok", "happy"}
    assert days & {"infinity", "-infinity"}


async def _some(case: Any, table: str, what: str) -> list[dict[str, Any]]:
    async with case.engine.connect() as connection:
        rows = await connection.execute(text(f"SELECT {what} FROM {table}".replace("::", "\\:\\:")))
        return [dict(each) for each in rows.mappings()]


async def test_json_and_checks_of_columns_are_understood_on_mariadb(
    mysql_server: Server, project: Project
) -> None:
    project.revision(
        "a1",
        upgrade="""
        op.execute("CREATE TABLE t (id int PRIMARY KEY AUTO_INCREMENT, doc json NOT NULL,"
                   " n tinyint unsigned NOT NULL CHECK (n BETWEEN 200 AND 202),"
                   " s set('a', 'b') NOT NULL, y year NOT NULL, b bit(3) NOT NULL,"
                   " at timestamp NOT NULL, v varbinary(4) NOT NULL, e enum('x', 'y') NOT NULL)")
        """,
    )
    project.revision("b2", "a1")
    migrator = Migrator(script_location=project.script_location)
    async with (
        ephemeral_mariadb(mysql_server.url()) as server,
        migration_case("b2", migrator=migrator, given=partial(server.database, migrator)) as case,
    ):
        filled = await case.fill()
        numbers = {row["n"] for row in await case.rows("t")}

    assert filled["t"] >= 8
    assert numbers <= {200, 201, 202}


def test_the_command_has_them_on_request(shop: Project) -> None:
    changes(shop, NAME_IS_NEEDED)
    url = "sqlite+aiosqlite:///x.db"

    told = amigrate(
        shop, "--fuzz", "--skip", "stairway", "--skip", "rows_down", "--skip", "rows_kept", url=url
    )
    shape = json.loads(amigrate(shop, "rows_up", "--seed", "3", "--json", url=url).out)
    [finding] = shape["tests"][0]["findings"]
    unclear = amigrate(shop, "--seed", "3", url=url)

    assert told.code == 1
    assert "rows_down" not in told.err
    assert "✗ rows_up" in told.err
    assert "Every revision can be applied where there are rows (seed 0): no." in told.out
    assert (unclear.code, "Add --fuzz." in unclear.err) == (2, True)
    assert finding["seed"] == 3
    assert finding["rows"][0]["table"] == "users"
    assert finding["rows"][0]["row"]["name"] is None


def test_a_suite_has_them_where_the_settings_say_so(shop: Project) -> None:
    changes(shop, NAME_IS_NEEDED)
    write_suite(shop, "from asyncmigrate.testing.ready import *\n", driver="sqlite+aiosqlite")
    toml = shop.root / "asyncmigrate.toml"
    before = toml.read_text()

    without = run(shop, "-k", "rows")
    toml.write_text(f"{before}\n[testing]\nfuzz = true\n")
    with_rows = run(shop, "-k", "rows")

    assert without.counts() == "7 deselected", without.text
    assert with_rows.counts() == "1 failed, 2 passed, 7 deselected", with_rows.text
    assert "NOT NULL constraint failed: users.name" in with_rows.text


async def test_a_table_that_has_only_a_key_which_counts_by_itself_gets_rows(
    server: DatabaseServer, project: Project
) -> None:
    users = 'op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True))'
    project.revision("a1", upgrade=users)
    project.revision("b2", "a1", upgrade='op.execute("ALTER TABLE users ADD name TEXT NOT NULL")')

    [finding] = await found("rows_up", server, project)

    assert finding.revision == "b2"
    assert [table for table, _ in rows_of(finding)] == ["users"]
