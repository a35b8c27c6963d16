"""`alembic.operations.batch`: what a batch block is."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.words import absent
from asyncmigrate.scripts.batch_operations import BatchOperations

BatchOperationsImpl = BatchOperations


def __getattr__(name: str) -> Any:
    raise absent("alembic.operations.batch", name)


__all__ = ["BatchOperationsImpl"]
