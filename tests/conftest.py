"""Fixtures that every test can ask for.

A database that this machine cannot give skips the test with the reason; where
ASYNCMIGRATE_REQUIRE lists it (`postgresql,mariadb,pgbouncer`), the test fails instead.
Each xdist worker has servers of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from tests.project import Project
from tests.servers import available
from tests.servers.pgbouncer import pgbouncer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

DRIVERS = {
    "sqlite+aiosqlite": "sqlite_url",
    "postgresql+asyncpg": "postgres_url",
    "postgresql+psycopg": "postgres_url",
    "mysql+asyncmy": "mysql_url",
}
"""Every live database and driver, and the fixture that makes a database for it."""

ROLLS_BACK = [driver for driver in DRIVERS if not driver.startswith("mysql")]
"""The drivers of databases that take CREATE, ALTER and DROP back with the transaction."""

KEEPS_DDL = [driver for driver in DRIVERS if driver not in ROLLS_BACK]
"""The drivers of databases where each of those commits, and stays."""

MYSQL_DRIVERS = ["mysql+asyncmy", "mariadb+asyncmy", "mysql+aiomysql"]
"""The ways to reach MySQL and MariaDB."""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[available.Server]:
    """PostgreSQL: `.url(database, driver=…)`. The user is a superuser."""
    with available.postgres() as server:
        yield server


@pytest.fixture(scope="session")
def mysql_server() -> Iterator[available.Server]:
    """MariaDB, or the MySQL that ASYNCMIGRATE_TEST_MYSQL names: `.url(database, driver=…)`."""
    with available.mysql() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: available.Server) -> Iterator[str]:
    """The asyncpg URL of an empty PostgreSQL database."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def mysql_url(mysql_server: available.Server) -> Iterator[str]:
    """The asyncmy URL of an empty MariaDB or MySQL database."""
    with mysql_server.database() as url:
        yield url


@pytest.fixture
def other_mysql_url(mysql_server: available.Server) -> Iterator[str]:
    """The asyncmy URL of a second one."""
    with mysql_server.database() as url:
        yield url


@pytest.fixture
def pooled_url(postgres_server: available.Server, postgres_url: str) -> Iterator[str]:
    """The URL of `postgres_url`'s database through PgBouncer in transaction mode."""
    with pgbouncer(postgres_server) as pooler:
        yield pooler.through(postgres_url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The aiosqlite URL of a file that does not exist yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'database.sqlite'}"


@pytest.fixture(params=DRIVERS)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once for every live database and driver."""
    return _with_driver(request.getfixturevalue(DRIVERS[request.param]), request.param)


def _with_driver(url: str, driver: str) -> str:
    return make_url(url).set(drivername=driver).render_as_string(hide_password=False)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine for `database_url`, disposed at the end."""
    engine = create_async_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture(params=ROLLS_BACK)
def rolls_back(request: pytest.FixtureRequest) -> AsyncEngine:
    """An engine of an empty database whose DDL rolls back, once for each; see `database_url`."""
    return create_async_engine(
        _with_driver(request.getfixturevalue(DRIVERS[request.param]), request.param),
        poolclass=NullPool,
    )


@pytest.fixture(params=KEEPS_DDL)
def keeps_ddl(request: pytest.FixtureRequest) -> AsyncEngine:
    """An engine of an empty database whose DDL commits, once for each; see `database_url`."""
    return create_async_engine(
        _with_driver(request.getfixturevalue(DRIVERS[request.param]), request.param),
        poolclass=NullPool,
    )


@pytest.fixture(scope="session")
def serves_mariadb(mysql_server: available.Server) -> bool:
    """Whether `mysql_server` is MariaDB."""
    return "mariadb" in mysql_server.version().lower()


@pytest.fixture(params=MYSQL_DRIVERS)
def mysql_engine(
    request: pytest.FixtureRequest, mysql_url: str, serves_mariadb: bool
) -> AsyncEngine:
    """An engine of an empty MySQL or MariaDB database, once for each way to reach it."""
    if request.param.startswith("mariadb") and not serves_mariadb:
        pytest.skip("this server is MySQL, of which SQLAlchemy's dialect mariadb wants no part")
    return create_async_engine(_with_driver(mysql_url, request.param), poolclass=NullPool)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project: `.revision(id, down, upgrade=…)`, `.write(path, text)`, `.root`."""
    project = Project(tmp_path / "project")
    project.versions.mkdir(parents=True)
    return project
