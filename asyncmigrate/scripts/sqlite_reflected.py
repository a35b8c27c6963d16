"""What `reflect_kwargs` of a batch block makes of a table's columns.

Nothing is reflected here to make a table anew: its own text is edited. But a listener of
`column_reflect` may say that a column is of another type than SQLite tells, and scripts rely on it.
So the table is reflected with the listeners and without, and what differs is a change of type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from asyncmigrate.scripts.sqlite_changes import Target


def retyped_columns(
    connection: Connection, target: Target, reflect_kwargs: Mapping[str, Any]
) -> list[sa.Column[Any]]:
    """Return the columns whose types the listeners change, with the new types. Reads only."""
    if not reflect_kwargs.get("listeners"):
        return []
    plain = _reflected(connection, target, [])
    heard = _reflected(connection, target, reflect_kwargs["listeners"])
    return [
        sa.Column(column.name, column.type)
        for column in heard.columns
        if _text(column, connection) != _text(plain.columns[column.name], connection)
    ]


def _reflected(connection: Connection, target: Target, listeners: Any) -> sa.Table:
    return sa.Table(
        target.name,
        sa.MetaData(),
        schema=target.schema,
        autoload_with=connection,
        resolve_fks=False,
        listeners=list(listeners),
    )


def _text(column: sa.Column[Any], connection: Connection) -> str:
    return column.type.compile(dialect=connection.dialect)
