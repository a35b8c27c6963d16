"""`alembic.operations.ops`: every operation as a class."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.operations.column_ops import AddColumnOp, AlterColumnOp, DropColumnOp
from asyncmigrate.alembic.operations.constraint_ops import (
    AddConstraintOp,
    CreateCheckConstraintOp,
    CreateForeignKeyOp,
    CreatePrimaryKeyOp,
    CreateUniqueConstraintOp,
    DropConstraintOp,
)
from asyncmigrate.alembic.operations.containers import (
    DowngradeOps,
    MigrationScript,
    ModifyTableOps,
    OpContainer,
    UpgradeOps,
)
from asyncmigrate.alembic.operations.index_ops import CreateIndexOp, DropIndexOp
from asyncmigrate.alembic.operations.migrate import MigrateOperation
from asyncmigrate.alembic.operations.table_ops import (
    AlterTableOp,
    BulkInsertOp,
    CreateTableCommentOp,
    CreateTableOp,
    DropTableCommentOp,
    DropTableOp,
    ExecuteSQLOp,
    RenameTableOp,
)
from asyncmigrate.alembic.words import absent

__all__ = [
    "AddColumnOp",
    "AddConstraintOp",
    "AlterColumnOp",
    "AlterTableOp",
    "BulkInsertOp",
    "CreateCheckConstraintOp",
    "CreateForeignKeyOp",
    "CreateIndexOp",
    "CreatePrimaryKeyOp",
    "CreateTableCommentOp",
    "CreateTableOp",
    "CreateUniqueConstraintOp",
    "DowngradeOps",
    "DropColumnOp",
    "DropConstraintOp",
    "DropIndexOp",
    "DropTableCommentOp",
    "DropTableOp",
    "ExecuteSQLOp",
    "MigrateOperation",
    "MigrationScript",
    "ModifyTableOps",
    "OpContainer",
    "RenameTableOp",
    "UpgradeOps",
]


def __getattr__(name: str) -> Any:
    raise absent("alembic.operations.ops", name)
