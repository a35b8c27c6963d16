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


def _as_directive(name: str) -> Any:
    def directive(cls: type[Any], operations: Any, *args: Any, **keywords: Any) -> Any:
        """Call the directive of this name, for plug-ins that build upon it."""
        return getattr(operations, name)(*args, **keywords)

    return classmethod(directive)


for _kind, _name in (
    (AddColumnOp, "add_column"),
    (AlterColumnOp, "alter_column"),
    (BulkInsertOp, "bulk_insert"),
    (CreateCheckConstraintOp, "create_check_constraint"),
    (CreateForeignKeyOp, "create_foreign_key"),
    (CreateIndexOp, "create_index"),
    (CreatePrimaryKeyOp, "create_primary_key"),
    (CreateTableCommentOp, "create_table_comment"),
    (CreateTableOp, "create_table"),
    (CreateUniqueConstraintOp, "create_unique_constraint"),
    (DropColumnOp, "drop_column"),
    (DropConstraintOp, "drop_constraint"),
    (DropIndexOp, "drop_index"),
    (DropTableCommentOp, "drop_table_comment"),
    (DropTableOp, "drop_table"),
    (ExecuteSQLOp, "execute"),
    (RenameTableOp, "rename_table"),
):
    setattr(_kind, _name, _as_directive(_name))
    setattr(_kind, f"batch_{_name}", _as_directive(_name))


def __getattr__(name: str) -> Any:
    raise absent("alembic.operations.ops", name)
