"""`alembic.operations.batch`: what a batch block is."""

from __future__ import annotations

from asyncmigrate.scripts.batch_operations import BatchOperations

BatchOperationsImpl = BatchOperations

__all__ = ["BatchOperationsImpl"]
