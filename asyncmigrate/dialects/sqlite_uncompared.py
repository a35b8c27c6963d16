"""What a SQLite database holds beside what is compared: triggers and virtual tables; one query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.dialects.sqlite_syntax import literal, quoted
from asyncmigrate.dialects.uncompared import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

    from asyncmigrate.schema.scope import Scope

_SELECT = """
SELECT CASE type WHEN 'trigger' THEN 'triggers' ELSE 'virtual tables' END,
    {place}, tbl_name, CASE type WHEN 'trigger' THEN name ELSE '' END
FROM {schema}.sqlite_master WHERE type = 'trigger' OR sql LIKE 'CREATE VIRTUAL%'
"""


def uncompared(connection: sa.Connection, scope: Scope, schemas: Iterable[str]) -> tuple[str, ...]:
    """Return what is of no kind that is compared, in words. `schemas` are those that there are."""
    selects = [
        _SELECT.format(place=literal(schema), schema=quoted(schema or "main")) for schema in schemas
    ]
    if not selects:
        return ()
    return in_words(connection.exec_driver_sql(" UNION ALL ".join(selects)), scope)
