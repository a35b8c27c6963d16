"""`op.alter_column` on MySQL and MariaDB as scripts for Alembic expect it.

MODIFY and CHANGE restate the whole column. Alembic restates what the script says, and what it does
not say is lost: a column without `existing_nullable` becomes nullable. A history defines the schema
that its databases have, so a database that it makes today must get the same columns.
`asyncmigrate.op` keeps what is not said.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from asyncmigrate.dialects.ddl import ColumnChange


def restated(change: ColumnChange) -> ColumnChange:
    """Return the change with all of the column said, if Alembic would restate it."""
    if change.known_type is None or not _is_restated(change):
        return change
    nullable = _first(change.nullable, change.existing_nullable, True)
    default = _said(change.server_default, change.existing_server_default)
    comment = _said(change.comment, change.existing_comment)
    return replace(
        change,
        type_=change.known_type,
        nullable=nullable,
        existing_nullable=nullable,
        server_default=default,
        existing_server_default=default,
        comment=comment,
        existing_comment=comment,
        existing_autoincrement=_first(change.autoincrement, change.existing_autoincrement, False),
        existing_text=None,
    )


def _is_restated(change: ColumnChange) -> bool:
    of_time = getattr(change.known_type, "_type_affinity", None) is sa.DateTime
    return (
        change.new_name is not None
        or change.nullable is not None
        or change.type_ is not None
        or change.autoincrement is not None
        or change.comment is not False
        or (of_time and change.server_default is not None)
    )


def _first(*values: bool | None) -> bool | None:
    return next((value for value in values if value is not None), None)


def _said(new: Any, existing: Any) -> Any:
    said = existing if new is False else new
    return None if said is False else said
