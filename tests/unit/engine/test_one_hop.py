"""aiosqlite's hops, and that its cursors answer as they do without us."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import aiosqlite
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool

from asyncmigrate.engine.one_hop import in_one_hop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy.ext.asyncio import AsyncConnection

NUMBERS = sa.text(
    "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2500)"
    " SELECT x FROM n"
)


@pytest.fixture
async def connection() -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    async with engine.connect() as connection:
        await connection.execute(sa.text("CREATE TABLE t (id INTEGER PRIMARY KEY, name UNIQUE)"))
        yield connection
    await engine.dispose()


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent to the driver's thread."""
    sent: list[str] = []
    execute = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, function: Any, *args: Any, **more: Any) -> Any:
        sent.append(getattr(function, "__name__", str(function)))
        return await execute(self, function, *args, **more)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    return sent


@contextmanager
def shortened(connection: AsyncConnection) -> Iterator[None]:
    assert connection.sync_connection is not None
    with in_one_hop(connection.sync_connection):
        yield


async def test_a_statement_takes_one_hop_and_its_rows_come_with_it(
    connection: AsyncConnection, hops: list[str]
) -> None:
    with shortened(connection):
        inserted = await connection.execute(sa.text("INSERT INTO t (name) VALUES ('a'), ('b')"))
        found = (await connection.execute(sa.text("SELECT id, name FROM t"))).all()

    assert len(hops) == 2
    assert inserted.rowcount == 2
    assert found == [(1, "a"), (2, "b")]


async def test_all_rows_of_a_long_result_come(connection: AsyncConnection) -> None:
    with shortened(connection):
        found = (await connection.execute(NUMBERS)).scalars().all()

    assert found == list(range(1, 2501))


@pytest.mark.parametrize("how", ["one by one", "many", "the rest"])
async def test_a_stream_gives_its_rows_as_they_are_asked_for(
    connection: AsyncConnection, hops: list[str], how: str
) -> None:
    with shortened(connection):
        result = await connection.stream(NUMBERS)
        first = await result.fetchone()
        asked = len(hops)
        if how == "one by one":
            rest = [row async for row in result]
        elif how == "many":
            rest = [*await result.fetchmany(2000), *await result.fetchmany(2000)]
        else:
            rest = list(await result.fetchall())

    assert first is not None
    assert [first.x, *(row.x for row in rest)] == list(range(1, 2501))
    assert asked == 1
    assert asked < len(hops) < 10


async def test_a_stream_that_is_left_holds_nothing_open(connection: AsyncConnection) -> None:
    with shortened(connection):
        result = await connection.stream(NUMBERS)
        await result.fetchone()
        await result.close()
        await connection.execute(sa.text("DROP TABLE t"))
        await connection.commit()


async def test_what_a_statement_says_of_its_rows_is_what_it_says_without_us(
    connection: AsyncConnection,
) -> None:
    async def said(first: int) -> list[Any]:
        t = sa.table("t", sa.column("id", sa.Integer), sa.column("name", sa.String))
        one = await connection.execute(sa.text(f"INSERT INTO t (name) VALUES ('{first}')"))
        names = [{"name": f"{first}-{number}"} for number in range(3)]
        many = await connection.execute(sa.text("INSERT INTO t (name) VALUES (:name)"), names)
        given = await connection.execute(sa.update(t).values(name=t.c.name + "!").returning(t.c.id))
        kept = len(given.all())
        gone = await connection.execute(sa.delete(t))
        none = await connection.execute(sa.select(t))
        return [one.lastrowid, one.rowcount, many.rowcount, kept, gone.rowcount, none.all()]

    plain = await said(1)
    with shortened(connection):
        assert await said(2) == plain


async def test_a_statement_that_fails_raises_the_same_and_leaves_nothing_open(
    connection: AsyncConnection,
) -> None:
    with shortened(connection):
        await connection.execute(sa.text("INSERT INTO t (name) VALUES ('a')"))
        with pytest.raises(IntegrityError, match="UNIQUE constraint failed"):
            await connection.execute(sa.text("INSERT INTO t (name) VALUES ('a')"))
        await connection.rollback()
        await connection.execute(sa.text("DROP TABLE t"))
        await connection.commit()


async def test_the_rest_of_the_driver_is_there_and_all_of_it_afterwards(
    connection: AsyncConnection,
) -> None:
    with shortened(connection):
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await connection.execute(sa.text("INSERT INTO t (name) VALUES ('a')"))
        assert driver.in_transaction
        await driver.create_function("twice", 1, lambda x: 2 * x)
        driver.row_factory = None
        assert (await connection.execute(sa.text("SELECT twice(21)"))).scalar() == 42

    raw = await connection.get_raw_connection()
    assert isinstance(raw.driver_connection, aiosqlite.Connection)
