"""Values written into SQL text are what bound parameters are, for every type and any value."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sqltext import SqlSink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
    from sqlalchemy.types import TypeEngine

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
NASTY = st.sampled_from(["'", "''", "\\", "\\'", "%s", "%(a)s", ":x", "$1", "?", ";", "--", "\n"])
STRINGS = st.lists(TEXT | NASTY, max_size=3).map("".join)
MODERN = {"min_value": dt.datetime(1000, 1, 1), "max_value": dt.datetime(9999, 12, 31)}
# SQLite itself reads 3.4518370008028122e-304 as another number: not so close to the limits.
FLOATS = st.floats(-1e200, 1e200).filter(lambda value: not value or abs(value) > 1e-200)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | STRINGS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRINGS, inner, max_size=3),
    max_leaves=5,
)
MICROSECONDS = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")

TYPES: dict[str, tuple[TypeEngine[Any], st.SearchStrategy[Any]]] = {
    "Integer": (sa.Integer(), st.integers(-(2**31), 2**31 - 1)),
    "BigInteger": (sa.BigInteger(), st.integers(-(2**63), 2**63 - 1)),
    "Numeric": (sa.Numeric(20, 4), st.decimals(-(10**9), 10**9, places=4)),
    "Double": (sa.Double(), FLOATS),
    "String": (sa.String(100), STRINGS),
    "Text": (sa.Text(), STRINGS),
    "LargeBinary": (sa.LargeBinary(), st.binary(max_size=20)),
    "Boolean": (sa.Boolean(), st.booleans()),
    "Date": (sa.Date(), st.dates(dt.date(1000, 1, 1))),
    "DateTime": (MICROSECONDS, st.datetimes(**MODERN)),  # type: ignore[arg-type]
    "Time": (
        sa.Time().with_variant(mysql.TIME(fsp=6), "mysql", "mariadb"),
        st.times(),
    ),
    "JSON": (sa.JSON(), JSON),
    "Uuid": (sa.Uuid(), st.uuids(version=4)),
    "Enum": (sa.Enum("it's", "50%", ":x", name="kind"), st.sampled_from(["it's", "50%", ":x"])),
}

ONLY_POSTGRESQL: dict[str, tuple[TypeEngine[Any], st.SearchStrategy[Any]]] = {
    "DateTime with zone": (
        sa.DateTime(timezone=True),
        st.datetimes(**MODERN, timezones=st.just(dt.UTC)),  # type: ignore[arg-type]
    ),
    "Interval": (sa.Interval(), st.timedeltas(dt.timedelta(-9999), dt.timedelta(9999))),
    "JSONB": (postgresql.JSONB(), JSON),
    "ARRAY of integers": (sa.ARRAY(sa.Integer), st.lists(st.integers(-9, 9), max_size=4)),
    "ARRAY of strings": (sa.ARRAY(sa.String), st.lists(STRINGS, max_size=3)),
}


@dataclass(frozen=True)
class Bench:
    """A database, the loop that its driver lives in, and how it takes a script."""

    engine: AsyncEngine
    runner: asyncio.Runner
    send: Callable[[Any, list[str]], Any]


async def _to_asyncpg(driver: Any, lines: list[str]) -> None:
    await driver.execute("".join(lines))


async def _to_sqlite(driver: Any, lines: list[str]) -> None:
    for line in lines:
        await driver.execute(line)


async def _to_mysql(driver: Any, lines: list[str]) -> None:
    async with driver.cursor() as cursor:
        for line in lines:
            await cursor.execute(line)


def bench(url: str, send: Callable[[Any, list[str]], Any]) -> Iterator[Bench]:
    with asyncio.Runner() as runner:
        engine = create_async_engine(make_url(url))
        yield Bench(engine, runner, send)
        runner.run(engine.dispose())


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Bench]:
    yield from bench(postgres_url, _to_asyncpg)


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Bench]:
    yield from bench(sqlite_url, _to_sqlite)


@pytest.fixture
def mariadb(mysql_url: str) -> Iterator[Bench]:
    yield from bench(mysql_url, _to_mysql)


def check(bench: Bench, type_: TypeEngine[Any], values: st.SearchStrategy[Any]) -> None:
    """Compare the two ways for many lists of values."""
    metadata = sa.MetaData()
    columns = (sa.Column("id", sa.Integer, autoincrement=False), sa.Column("value", type_))
    written = sa.Table("written", metadata, *columns)
    bound = sa.Table("bound", metadata, *(column._copy() for column in columns))

    @settings(
        max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(st.lists(values | st.none(), min_size=1, max_size=12))
    def equal(chosen: list[Any]) -> None:
        rows = [{"id": number, "value": value} for number, value in enumerate(chosen)]
        bench.runner.run(compare(rows))

    async def compare(rows: list[dict[str, Any]]) -> None:
        async with bench.engine.connect() as connection:
            await connection.execute(bound.insert(), rows)
            await run_text(connection, rows)
            select = sa.select(bound.c.id, bound.c.value, written.c.value)
            both = (
                await connection.execute(select.join(written, bound.c.id == written.c.id))
            ).all()
            assert len(both) == len(rows)
            for _, given_value, written_value in both:
                assert written_value == given_value
                assert type(written_value) is type(given_value)
            await connection.rollback()

    async def run_text(connection: AsyncConnection, rows: list[dict[str, Any]]) -> None:
        lines: list[str] = []
        op = Operations(SqlSink(bench.engine.dialect, lines.append))
        op.bulk_insert(written, rows)
        driver = (await connection.get_raw_connection()).driver_connection
        await bench.send(driver, lines)

    bench.runner.run(create(bench.engine, metadata))
    equal()


async def create(engine: AsyncEngine, metadata: sa.MetaData) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)


@pytest.mark.parametrize("name", [*TYPES, *ONLY_POSTGRESQL])
def test_postgresql_reads_the_literal_as_the_parameter(postgres: Bench, name: str) -> None:
    check(postgres, *(TYPES | ONLY_POSTGRESQL)[name])


@pytest.mark.parametrize("name", TYPES)
def test_sqlite_reads_the_literal_as_the_parameter(sqlite: Bench, name: str) -> None:
    check(sqlite, *TYPES[name])


@pytest.mark.parametrize("name", TYPES)
def test_mariadb_reads_the_literal_as_the_parameter(mariadb: Bench, name: str) -> None:
    check(mariadb, *TYPES[name])
