"""Making the calls that a script would hold, without a script: for `check --sql`."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from asyncmigrate.scripts.directives import to_the_end
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sqltext import SqlSink

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa
    from sqlalchemy.engine.interfaces import Dialect

    from asyncmigrate.schema.call import Call


def sql_of(
    calls: Iterable[Call],
    dialect: Dialect,
    *,
    structure: Iterable[str] = (),
    metadata: sa.MetaData | None = None,
) -> str:
    """Return the SQL that calls of `op` would send.

    `structure` are the statements of which a SQLite database is made: to change a table, SQLite
    needs its text.

    Raises:
        OfflineError, UnsupportedOperationError: a call cannot be written as SQL.
    """
    text: list[str] = []
    sink = SqlSink(dialect, text.append)
    sink.has_unknown_types = True
    for statement in structure:
        sink.shadow.follow(statement)
    operations = Operations(sink, metadata=metadata)
    with closing(sink.shadow), to_the_end(operations):
        make(calls, operations)
    return "".join(text)


def make(calls: Iterable[Call], operations: Operations) -> None:
    """Make the calls, in order."""
    for call in calls:
        getattr(operations, call.directive)(*call.arguments, **call.keywords)
