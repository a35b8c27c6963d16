"""What a test suite needs from this package: real databases, migrated, started and thrown away."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncmigrate.testing.cases import DataCase, migration_case
    from asyncmigrate.testing.databases import DatabaseServer, LeakedConnectionsWarning
    from asyncmigrate.testing.ephemeral import (
        ephemeral_mariadb,
        ephemeral_postgres,
        ephemeral_sqlite,
    )

__all__ = [
    "DataCase",
    "DatabaseServer",
    "LeakedConnectionsWarning",
    "ephemeral_mariadb",
    "ephemeral_postgres",
    "ephemeral_sqlite",
    "migration_case",
]

_HOMES = {
    "DataCase": "cases",
    "migration_case": "cases",
    "DatabaseServer": "databases",
    "LeakedConnectionsWarning": "databases",
    "ephemeral_mariadb": "ephemeral",
    "ephemeral_postgres": "ephemeral",
    "ephemeral_sqlite": "ephemeral",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: starting a server needs nothing of SQLAlchemy."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
