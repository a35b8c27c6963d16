"""Which columns a table of ours has: older versions of this tool made it with fewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import NoSuchTableError

from asyncmigrate.dialects import by_name

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


def columns_of(connection: Connection, table: Table) -> set[str]:
    """Return the names of a table's columns in the database, in one query; none: no such table."""
    quote = connection.dialect.identifier_preparer.quote
    schema = connection.schema_for_object(table)
    full_name = ".".join(quote(name) for name in (schema, table.name) if name)
    query = by_name(connection.dialect.name).column_names(full_name)
    if query is not None:
        return set(connection.exec_driver_sql(query).scalars())
    try:
        found = sa.inspect(connection).get_columns(table.name, schema=schema)
    except NoSuchTableError:
        return set()
    return {column["name"] for column in found}
