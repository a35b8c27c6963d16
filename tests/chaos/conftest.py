"""The databases of these tests: those that can roll back DDL."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from collections.abc import Iterator

DRIVERS = {
    "sqlite+aiosqlite": "sqlite_url",
    "postgresql+asyncpg": "postgres_url",
    "postgresql+psycopg": "postgres_url",
}


@pytest.fixture(params=DRIVERS)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once for every driver whose database rolls back DDL."""
    url = make_url(request.getfixturevalue(DRIVERS[request.param]))
    return url.set(drivername=request.param).render_as_string(hide_password=False)


@pytest.fixture
def quick_collections() -> Iterator[None]:
    """Keep what exists already out of the garbage collections that look for leaks."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
