"""Asking MariaDB how it prints a declared table leaves nothing behind and commits nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import make_url

from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.index import Index, Indexed
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.unique import Unique
from asyncmigrate.schema.kinds.view import View
from asyncmigrate.schema.scope import Scope
from asyncmigrate.schema.snapshot import Key, Snapshot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@pytest.fixture
async def connection(mysql_engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with mysql_engine.connect() as connection:
        yield connection


def accounts(*parts: Any) -> sa.Table:
    return sa.Table(
        "account",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(20)),
        sa.Column("n", sa.Integer),
        *parts,
    )


async def printing(
    connection: AsyncConnection, *tables: sa.Table, views: Sequence[View] = ()
) -> Snapshot:
    def act(sync: Connection) -> Snapshot:
        return catalog_of("mysql").printed(sync, tables, views)

    return await connection.run_sync(act)


async def rows(connection: AsyncConnection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await connection.exec_driver_sql(query)]


async def test_nothing_is_left(connection: AsyncConnection) -> None:
    await printing(connection, accounts(sa.Index("ix", "name")))

    found = await connection.run_sync(lambda sync: catalog_of("mysql").read(sync, Scope()))
    assert found == {}
    with pytest.raises(sa.exc.ProgrammingError, match="exist"):
        await connection.exec_driver_sql("SELECT * FROM _amigrate_scratch")


async def test_the_transaction_goes_on(connection: AsyncConnection) -> None:
    await connection.exec_driver_sql("CREATE TABLE t (id INT PRIMARY KEY)")
    await connection.exec_driver_sql("INSERT INTO t VALUES (1)")

    await printing(connection, accounts(sa.Index("ix", "name")), views=[View("", "v", "SELECT 1")])
    await connection.rollback()

    assert await rows(connection, "SELECT * FROM t") == []


async def test_the_real_table_and_its_rows_stay(connection: AsyncConnection) -> None:
    declared = accounts(sa.CheckConstraint("account.n > 5", name="ck"))
    await connection.exec_driver_sql("CREATE TABLE account (id INT PRIMARY KEY, old INT)")
    await connection.exec_driver_sql("INSERT INTO account VALUES (1, 2)")

    found = await printing(connection, declared)

    assert found[Key("check", "", "account", "ck")] == Check("", "account", "ck", "`n` > 5")
    assert await rows(connection, "SELECT * FROM account") == [(1, 2)]


async def test_the_keys_are_those_of_the_declared_objects(connection: AsyncConnection) -> None:
    declared = accounts(
        sa.PrimaryKeyConstraint("id", name="pk"),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("id", "name", name="uq"),
        sa.Index("ux", "name", "id", unique=True),
        sa.CheckConstraint("n > 3"),
    )

    found = await printing(connection, declared)

    is_mariadb = connection.dialect.is_mariadb  # type: ignore[attr-defined]
    assert [each for key, each in found.items() if key.kind not in ("table", "column")] == [
        PrimaryKey("", "account", "pk", ("id",)),
        Unique("", "account", "name", ("name",)),
        Unique("", "account", "uq", ("id", "name")),
        Index("", "account", "ux", (Indexed("name"), Indexed("id")), unique=True),
        Check("", "account", "CONSTRAINT_1" if is_mariadb else "account_chk_1", "`n` > 3"),
    ]


async def test_foreign_keys_are_left_out_with_the_tables_that_they_refer_to(
    connection: AsyncConnection,
) -> None:
    metadata = sa.MetaData()
    sa.Table("parent", metadata, sa.Column("id", sa.Integer, primary_key=True))
    child = sa.Table("child", metadata, sa.Column("parent_id", sa.ForeignKey("parent.id")))

    found = await printing(connection, child)

    assert list(found) == [
        Key("table", "", "", "child"),
        Key("column", "", "child", "parent_id"),
    ]


async def test_a_table_that_the_server_refuses_is_left_out(connection: AsyncConnection) -> None:
    bad = sa.Table("bad", sa.MetaData(), sa.Column("c", sa.Integer, sa.Computed("no_such + 1")))

    found = await printing(connection, bad, accounts())

    assert {key.table or key.name for key in found} == {"account"}


async def test_an_index_that_the_server_refuses_does_not_take_the_table_with_it(
    connection: AsyncConnection,
) -> None:
    declared = accounts(sa.Index("ix", sa.text("no_such_column")))

    found = await printing(connection, declared)

    assert Key("column", "", "account", "n") in found
    assert Key("index", "", "account", "ix") not in found


OPTIONS = {
    "compressed rows": {"row_format": "COMPRESSED"},
    "partitions": {"partition_by": "HASH (id)", "partitions": "2"},
    "a first number": {"auto_increment": "100"},
    "another engine": {"engine": "MyISAM"},
}


@pytest.mark.parametrize("case", OPTIONS)
async def test_a_table_is_printed_that_has_(case: str, connection: AsyncConnection) -> None:
    declared = accounts()
    for name, value in OPTIONS[case].items():
        declared.kwargs[f"{connection.dialect.name}_{name}"] = value

    found = await printing(connection, declared)

    assert Key("column", "", "account", "name") in found


async def test_a_table_of_another_character_set(connection: AsyncConnection) -> None:
    charset = {f"{connection.dialect.name}_charset": "latin1"}
    declared = sa.Table(
        "t",
        sa.MetaData(),
        sa.Column("own", sa.String(5)),
        sa.Column("same", sa.String(5, collation="latin1_swedish_ci")),
        sa.Column("other", mysql.VARCHAR(5, charset="latin1", collation="latin1_bin")),
        **charset,  # type: ignore[arg-type]
    )

    found = await printing(connection, declared)

    collations = {each.name: each.collation for k, each in found.items() if k.kind == "column"}  # type: ignore[attr-defined]
    assert collations == {"own": None, "same": None, "other": "latin1_bin"}


async def test_a_table_of_another_database_by_an_odd_name(
    connection: AsyncConnection, other_mysql_url: str
) -> None:
    other = str(make_url(other_mysql_url).database)
    odd = sa.Table(
        "odd `%: größe",
        sa.MetaData(),
        sa.Column("select", sa.Integer),
        sa.Column("100%", sa.String(9), server_default="50%", comment="%s"),
        sa.CheckConstraint("`odd ``%: größe`.`select` % 2 = 0", name="c%"),
        sa.Index("i%", "100%"),
        schema=other,
    )

    found = await printing(connection, odd)

    assert sorted(key.path for key in found) == sorted(
        f"{other}.odd `%: größe{part}" for part in ("", ".select", ".100%", ".c%", ".i%")
    )
    assert found[Key("check", other, "odd `%: größe", "c%")].text in (  # type: ignore[attr-defined]
        "`select` MOD 2 = 0",
        "(`select` % 2) = 0",
    )


async def test_declared_elements_stay_as_they_were(connection: AsyncConnection) -> None:
    declared = accounts(
        sa.UniqueConstraint("name"), sa.CheckConstraint("n > 3"), sa.Index("ix", "name")
    )

    await printing(connection, declared)

    assert declared.name == "account"
    assert len(declared.metadata.tables) == 1
    assert sorted(str(each.name) for each in declared.constraints) == ["None", "None", "None"]


VIEWS = {
    "the same words": "SELECT a, s FROM t",
    "a join": "SELECT t.a, u.a AS b FROM t JOIN u ON t.a = u.a WHERE u.a > 3",
    "three tables": "SELECT t.a FROM t LEFT JOIN u ON t.a = u.a JOIN u AS w ON w.a = t.a",
    "everything": "SELECT * FROM t",
    "groups": "SELECT count(*) AS n, s FROM t GROUP BY s HAVING count(*) > 1 ORDER BY n LIMIT 5",
    "a union": "SELECT a FROM t UNION ALL SELECT a FROM u",
    "exists": "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a)",
    "a list and a subquery": "SELECT a FROM t WHERE a IN (SELECT a FROM u) OR s NOT IN ('x', 'y')",
    "a common table expression": "WITH q AS (SELECT a FROM u) SELECT q.a FROM q, t",
    "a derived table": "SELECT d.a FROM (SELECT a FROM t WHERE a > 3) AS d",
    "one row by its key": "SELECT a FROM t WHERE a = 1",
    "what can never be": "SELECT a FROM t WHERE a = 1 AND 1 = 0",
    "strings": "SELECT 'it''s 100%' AS x, concat(s, '(') AS y FROM t",
}


@pytest.mark.parametrize("case", VIEWS)
async def test_a_view_that_is_there_gets_its_own_text(
    case: str, connection: AsyncConnection
) -> None:
    await _with_view(connection, VIEWS[case])

    live = await connection.run_sync(lambda sync: catalog_of("mysql").read(sync, Scope()))
    found = await printing(connection, views=[View("", "v", VIEWS[case])])

    assert found[Key("view", "", "", "v")] == live[Key("view", "", "", "v")]


OTHERS = {
    "another column": ("SELECT a FROM t", "SELECT s AS a FROM t"),
    "another condition": ("SELECT a FROM t WHERE a = 1", "SELECT a FROM t WHERE a = 2"),
    "another name": ("SELECT a FROM t", "SELECT a AS b FROM t"),
    "other parentheses": (
        "SELECT a FROM t WHERE a > 1 AND (a < 9 OR s = 'x')",
        "SELECT a FROM t WHERE a > 1 AND a < 9 OR s = 'x'",
    ),
    "another join": (
        "SELECT t.a FROM t JOIN u ON t.a = u.a",
        "SELECT t.a FROM t LEFT JOIN u ON t.a = u.a",
    ),
    "a limit": ("SELECT a FROM t", "SELECT a FROM t LIMIT 1"),
    "a table less": ("SELECT a FROM t UNION SELECT a FROM u", "SELECT a FROM t"),
}


@pytest.mark.parametrize("case", OTHERS)
async def test_a_view_that_says_something_else_keeps_its_text(
    case: str, connection: AsyncConnection
) -> None:
    live, declared = OTHERS[case]
    await _with_view(connection, live)

    found = await printing(connection, views=[View("", "v", declared)])

    assert found[Key("view", "", "", "v")] == View("", "v", declared)


async def _with_view(connection: AsyncConnection, select: str) -> None:
    await connection.exec_driver_sql("CREATE TABLE t (a INT PRIMARY KEY, s VARCHAR(9))")
    await connection.exec_driver_sql("CREATE TABLE u (a INT PRIMARY KEY)")
    await connection.exec_driver_sql(f"CREATE VIEW v AS {select}".replace("%", "%%"))


async def test_a_view_that_the_server_does_not_understand_is_left_out(
    connection: AsyncConnection,
) -> None:
    found = await printing(connection, views=[View("", "v", "SELECT a FROM nothing")])

    assert found == {}


async def test_the_optimizer_is_traced_no_longer_than_needed(connection: AsyncConnection) -> None:
    before = await rows(connection, "SELECT @@SESSION.optimizer_trace")

    await printing(connection, views=[View("", "v", "SELECT 1"), View("", "w", "SELECT no")])

    assert await rows(connection, "SELECT @@SESSION.optimizer_trace") == before
