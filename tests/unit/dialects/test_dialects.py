from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from asyncmigrate import dialects
from asyncmigrate.dialects import by_name
from asyncmigrate.dialects.base import Dialect


@pytest.mark.parametrize("name", ["postgresql", "sqlite", "mysql", "mariadb", "mssql", "oracle"])
def test_every_known_database_has_its_name(name: str) -> None:
    assert by_name(name).name == name


def test_a_database_that_nobody_knows_gets_standard_sql() -> None:
    assert type(by_name("klingon")) is Dialect


def test_a_package_can_bring_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("cloud", f"{__name__}:Cloud", "asyncmigrate.dialects")
    monkeypatch.setattr(dialects, "entry_points", lambda **_: [entry])

    assert by_name("cloud").name == "cloud"


class Cloud(Dialect):
    name = "cloud"


def test_only_databases_that_roll_ddl_back_say_so() -> None:
    names = ("postgresql", "sqlite", "mysql", "mariadb", "mssql", "oracle", "klingon")

    assert {name for name in names if by_name(name).transactional_ddl} == {
        "postgresql",
        "sqlite",
        "mssql",
    }


def test_the_lock_of_a_transaction_is_another_than_the_lock_of_a_session() -> None:
    postgresql = by_name("postgresql")

    assert postgresql.try_lock(-7) == "SELECT pg_try_advisory_lock(-7)"
    assert postgresql.try_lock(-7, in_transaction=True) == "SELECT pg_try_advisory_xact_lock(-7)"


class Asyncpg:
    """Knows the number of its session on the server, or what a pooler has made up for it."""

    def get_server_pid(self) -> int:
        return 4711


def test_the_lock_of_a_session_is_only_taken_in_the_session_that_the_driver_knows() -> None:
    postgresql = by_name("postgresql")

    assert postgresql.try_lock(-7, driver=Asyncpg()) == (
        "SELECT CASE WHEN pg_backend_pid() = 4711 THEN pg_try_advisory_lock(-7) END"
    )
    assert "WHERE pg_backend_pid() = 4711" in (postgresql.session_setup("me", Asyncpg()) or "")
    assert (postgresql.limits_before(Asyncpg()) or "").endswith(" WHERE pg_backend_pid() = 4711")
    assert postgresql.limits(1, 2, local=True) == (
        "SELECT set_config('statement_timeout', '1000ms', true),"
        " set_config('lock_timeout', '2000ms', true)"
    )


def test_the_end_of_a_lease_is_counted_by_the_server() -> None:
    ends = {name: by_name(name).from_now(2.5) for name in ("postgresql", "mariadb", "oracle")}

    assert ends == {
        "postgresql": "clock_timestamp() + interval '2.500 seconds'",
        "mariadb": "UTC_TIMESTAMP(6) + INTERVAL 2500000 MICROSECOND",
        "oracle": "CURRENT_TIMESTAMP + INTERVAL '2.500' SECOND",
    }
    assert by_name("mssql").from_now(2.5) == "DATEADD(millisecond, 2500, SYSUTCDATETIME())"
