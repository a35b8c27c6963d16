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
