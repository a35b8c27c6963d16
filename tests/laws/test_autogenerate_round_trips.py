"""Whatever models say and however they change: autogenerate makes the database equal to them.

For pairs of random models on a real database: after `create_all` of the first nothing differs;
the script that leads to the second runs, and nothing differs then; the database is what
`create_all` of the second makes of an empty one; and the downgrade brings back what was there.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from asyncmigrate.errors import UnsupportedOperationError
from tests.laws.models import models_of
from tests.laws.pairs import pairs
from tests.laws.specs import ModelsSpec
from tests.laws.travellers import Traveller, on_mysql, on_postgresql, on_sqlite
from tests.laws.trip import ImpossibleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.available import Server

Pair = tuple[ModelsSpec, ModelsSpec]

MORE = int(os.environ.get("ASYNCMIGRATE_LAW_PAIRS", "0"))
"""How many pairs there shall be, each run others; 0: a fixed budget, always the same."""

law = settings(
    max_examples=MORE or 60,
    deadline=None,
    derandomize=not MORE,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Traveller]:
    with on_sqlite() as traveller:
        yield traveller


@pytest.fixture(scope="module")
def postgresql(postgres_server: Server) -> Iterator[Traveller]:
    with on_postgresql(postgres_server) as traveller:
        yield traveller


@pytest.fixture(scope="module")
def elsewhere(postgres_server: Server) -> Iterator[Traveller]:
    with on_postgresql(postgres_server, "The % tenant") as traveller:
        yield traveller


@pytest.fixture(scope="module")
def mariadb(mysql_server: Server) -> Iterator[Traveller]:
    with on_mysql(mysql_server) as traveller:
        yield traveller


def go(traveller: Traveller, pair: Pair, dialect: str, *, renames: bool, rows: bool) -> None:
    first, second = (models_of(each, dialect) for each in pair)
    try:
        traveller.go(first, second, renames=renames, rows=rows)
    except (ImpossibleError, UnsupportedOperationError):
        assume(False)  # the database, or we, say that it cannot be


@law
@given(pair=pairs("sqlite"), renames=st.booleans(), rows=st.booleans())
def test_sqlite_becomes_what_models_say(
    sqlite: Traveller, pair: Pair, renames: bool, rows: bool
) -> None:
    go(sqlite, pair, "sqlite", renames=renames, rows=rows)


@law
@given(pair=pairs("postgresql"), renames=st.booleans(), rows=st.booleans())
def test_postgresql_becomes_what_models_say(
    postgresql: Traveller, pair: Pair, renames: bool, rows: bool
) -> None:
    go(postgresql, pair, "postgresql", renames=renames, rows=rows)


@settings(law, max_examples=MORE or 12)
@given(pair=pairs("postgresql"), renames=st.booleans(), rows=st.booleans())
def test_postgresql_does_so_where_the_search_path_begins_with_another_schema(
    elsewhere: Traveller, pair: Pair, renames: bool, rows: bool
) -> None:
    go(elsewhere, pair, "postgresql", renames=renames, rows=rows)


@law
@given(pair=pairs("mysql"), renames=st.booleans(), rows=st.booleans())
def test_mariadb_becomes_what_models_say(
    mariadb: Traveller, pair: Pair, renames: bool, rows: bool
) -> None:
    go(mariadb, pair, "mysql", renames=renames, rows=rows)
