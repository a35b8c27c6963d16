"""`alembic.operations`: operations as objects, and what runs them."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.operations import ops
from asyncmigrate.alembic.operations.base import AbstractOperations, BatchOperations, Operations
from asyncmigrate.alembic.operations.containers import MigrationScript
from asyncmigrate.alembic.operations.migrate import MigrateOperation
from asyncmigrate.alembic.words import absent

__all__ = [
    "AbstractOperations",
    "BatchOperations",
    "MigrateOperation",
    "MigrationScript",
    "Operations",
    "ops",
]


def __getattr__(name: str) -> Any:
    raise absent("alembic.operations", name)
