"""Of random models, too: what Alembic with all its options sees, we see.

What it sees of a database that `create_all` has just made is a false alarm, and is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from asyncmigrate.dialects import by_name
from tests.laws.models import models_of
from tests.laws.pairs import pairs
from tests.laws.specs import ModelsSpec
from tests.laws.trip import ImpossibleError, Trip
from tests.oracle.comparing import ALL_OPTIONS, alembics, call, ours, safely
from tests.oracle.databases import SQLite, mariadb, postgresql
from tests.oracle.seen import seen, too_much

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    import sqlalchemy as sa

    from tests.laws.trip import Models
    from tests.oracle.comparing import Found
    from tests.oracle.databases import Database
    from tests.servers.available import Server

Pair = tuple[ModelsSpec, ModelsSpec]

few = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""A fixed budget. For more: another number here, and `derandomize=False`."""


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> SQLite:
    return SQLite(tmp_path_factory.mktemp("random") / "database.sqlite")


@pytest.fixture(scope="module")
def on_postgresql(postgres_server: Server) -> Iterator[Database]:
    with postgresql(postgres_server) as database:
        yield database


@pytest.fixture(scope="module")
def on_mariadb(mysql_server: Server, runner: asyncio.Runner) -> Iterator[Database]:
    with mariadb(mysql_server, runner) as database:
        yield database


def made(database: Database, models: Models) -> None:
    """Make a database of nothing but these models."""

    def work(connection: sa.Connection) -> None:
        trip = Trip(connection, by_name(connection.dialect.name))
        trip.wipe()
        trip.create_all(models)

    call(database, work)


def alembics_answer(database: Database, models: Models) -> list[Found]:
    """Return what Alembic sees."""
    options = dict(ALL_OPTIONS, include_schemas=database.name == "postgresql")
    return safely(lambda: alembics(database, models.make(), options))


def only_alembic_sees(database: Database, pair: Pair, dialect: str) -> set[str]:
    """Return what Alembic sees of a change, we do not, and is no false alarm."""
    first, second = (models_of(each, dialect) for each in pair)
    assume(first.schemas <= second.schemas)  # a schema that models do not name is not theirs
    try:
        made(database, second)
        alarms = {*alembics_answer(database, second)}
        made(database, first)
    except ImpossibleError:
        assume(False)
    alarms |= {*alembics_answer(database, first)}
    theirs = [each for each in alembics_answer(database, second) if each not in alarms]
    found = too_much(theirs, seen(ours(database, second.make())))
    return found - {f"remove_table {name}" for name in children(first)}


def children(models: Models) -> list[str]:
    """Return the tables that inherit: once models have them no more, they are not ours to drop."""
    tables = models.make().tables.values()
    return [t.name for t in tables if t.dialect_options["postgresql"]["inherits"] is not None]


@few
@given(pair=pairs("sqlite"))
def test_sqlite(on_sqlite: SQLite, pair: Pair) -> None:
    assert only_alembic_sees(on_sqlite, pair, "sqlite") == set()


@few
@given(pair=pairs("postgresql"))
def test_postgresql(on_postgresql: Database, pair: Pair) -> None:
    assert only_alembic_sees(on_postgresql, pair, "postgresql") == set()


@few
@given(pair=pairs("mysql"))
def test_mariadb(on_mariadb: Database, pair: Pair) -> None:
    assert only_alembic_sees(on_mariadb, pair, "mysql") == set()
