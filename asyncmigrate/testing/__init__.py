"""What a test suite needs from this package: real databases, migrated, started and thrown away."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncmigrate.testing.cases import (
        DataCase,
        MigrationCase,
        UnfilledTablesError,
        migration_case,
    )
    from asyncmigrate.testing.databases import DatabaseServer, LeakedConnectionsWarning
    from asyncmigrate.testing.ephemeral import (
        ephemeral_mariadb,
        ephemeral_postgres,
        ephemeral_sqlite,
    )
    from asyncmigrate.testing.process import ServerStartError, ServerUnavailableError
    from asyncmigrate.testing.strategies import rows

__all__ = [
    "DataCase",
    "DatabaseServer",
    "LeakedConnectionsWarning",
    "MigrationCase",
    "ServerStartError",
    "ServerUnavailableError",
    "UnfilledTablesError",
    "ephemeral_mariadb",
    "ephemeral_postgres",
    "ephemeral_sqlite",
    "migration_case",
    "rows",
]

_HOMES = {
    "cases": ("DataCase", "MigrationCase", "UnfilledTablesError", "migration_case"),
    "databases": ("DatabaseServer", "LeakedConnectionsWarning"),
    "ephemeral": ("ephemeral_mariadb", "ephemeral_postgres", "ephemeral_sqlite"),
    "process": ("ServerStartError", "ServerUnavailableError"),
    "strategies": ("rows",),
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: starting a server needs nothing of SQLAlchemy."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names: what completion offers."""
    return sorted(__all__)
