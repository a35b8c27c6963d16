"""What MySQL and MariaDB hold beside what is compared: one query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from asyncmigrate.dialects.mysql_server import plain
from asyncmigrate.dialects.uncompared import in_words

if TYPE_CHECKING:
    from asyncmigrate.schema.scope import Scope

_SELECT = "SELECT {kind}, CASE WHEN {schema} = DATABASE() THEN '' ELSE {schema} END, {rest}"
_OF_SCOPE = "WHERE ({schema} IN :names OR :default AND {schema} = DATABASE())"
_SOURCES = (
    ("TRIGGERS", "TRIGGER_SCHEMA", "'triggers'", "EVENT_OBJECT_TABLE, TRIGGER_NAME", ""),
    ("ROUTINES", "ROUTINE_SCHEMA", "CONCAT(LOWER(ROUTINE_TYPE), 's')", "'', ROUTINE_NAME", ""),
    ("EVENTS", "EVENT_SCHEMA", "'events'", "'', EVENT_NAME", ""),
    (
        *("VIEWS", "TABLE_SCHEMA", "'views with options'", "TABLE_NAME, ''"),
        " AND (CHECK_OPTION <> 'NONE' OR SECURITY_TYPE <> 'DEFINER')",
    ),
    (
        *("STATISTICS", "TABLE_SCHEMA", "'FULLTEXT parsers'", "TABLE_NAME, INDEX_NAME"),
        " AND INDEX_TYPE = 'FULLTEXT' AND SEQ_IN_INDEX = 1",
    ),
)
_QUERY = " UNION ALL ".join(
    f"{_SELECT.format(kind=kind, schema=schema, rest=rest)} FROM information_schema.{table} "
    f"{_OF_SCOPE.format(schema=schema)}{condition}"
    for table, schema, kind, rest, condition in _SOURCES
)


def uncompared(connection: sa.Connection, scope: Scope) -> tuple[str, ...]:
    """Return what is of no kind that is compared, in words; one query. Grants are no part of it."""
    query = sa.text(_QUERY).bindparams(sa.bindparam("names", expanding=True))
    named = sorted(scope.schemas - {""})
    rows = connection.execute(query, {"names": named, "default": "" in scope.schemas})
    return in_words((tuple(plain(each) for each in row) for row in rows), scope)
