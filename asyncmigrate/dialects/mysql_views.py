"""Views of MySQL and MariaDB: their texts, and whether two texts say the same.

CREATE VIEW commits, so a declared view cannot be made to see how the server prints it. But the
optimizer's trace of an EXPLAIN holds the query as the server has understood it, names resolved
and `*` spelled out, before any optimizing; where the declared query and the view's own are
understood alike, they are the same view.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from asyncmigrate.dialects.mysql_server import plain
from asyncmigrate.schema.kinds.view import View
from asyncmigrate.schema.parentheses import closing
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from asyncmigrate.dialects.mysql_server import MySQLServer

_QUALIFIED = re.compile(r"`((?:[^`]|``)+)`\.`((?:[^`]|``)+)`")
_NUMBERED = re.compile(r"/\* select#\d+ \*/ ")
_OF_EXISTS = " limit 1"
_EXPANDED = re.compile(r'^\s*"expanded_query": "(.*)",?$', re.MULTILINE)
"""In a line of its own. The whole is no JSON if a name has a quote in it."""

_DEFINITION = """
SELECT VIEW_DEFINITION FROM information_schema.VIEWS
 WHERE TABLE_SCHEMA = :database AND TABLE_NAME = :name
"""


def views_of(
    server: MySQLServer, rows: Iterable[Sequence[str]], relations: Mapping[tuple[str, str], str]
) -> Iterator[View]:
    """Give views, of rows of database, name and SELECT; and what they read, if it is known."""
    for database, name, definition in rows:
        found = dict.fromkeys(
            (each[1].replace("``", "`"), each[2].replace("``", "`"))
            for each in _QUALIFIED.finditer(definition)
        )
        references = tuple(
            Key(
                "view" if relations[each] == "VIEW" else "table",
                server.schema(each[0]),
                "",
                each[1],
            )
            for each in found
            if each in relations
        )
        schema, text = server.schema(database), server.local(definition)
        yield View(schema, name, text, references=references)


def printed_views(
    connection: sa.Connection, server: MySQLServer, views: Sequence[View]
) -> Iterator[View]:
    """Give those of the declared views that the server understands.

    One that it understands as the view that is there gets that one's text.
    """
    if not views:
        return
    with _tracing(connection):
        for view in views:
            declared = _understood(connection, view.definition)
            if declared is None:
                continue
            live = _live(connection, server, view)
            same = live is not None and _understood(connection, live) == declared
            yield replace(view, definition=server.local(live)) if same and live else view


def _live(connection: sa.Connection, server: MySQLServer, view: View) -> str | None:
    names = {"database": view.schema or server.database, "name": view.name}
    found = plain(connection.execute(sa.text(_DEFINITION), names).scalar())
    return None if found is None else str(found)


@contextmanager
def _tracing(connection: sa.Connection) -> Iterator[None]:
    before = plain(connection.exec_driver_sql("SELECT @@SESSION.optimizer_trace").scalar())
    connection.exec_driver_sql("SET SESSION optimizer_trace = 'enabled=on'")
    try:
        yield
    finally:
        value = str(before).partition(",")[0]
        connection.execute(sa.text("SET SESSION optimizer_trace = :value"), {"value": value})


def _understood(connection: sa.Connection, select: str) -> list[str] | None:
    """Return the parts of a query as the server has resolved them; None if it refuses it."""
    try:
        connection.exec_driver_sql(f"EXPLAIN {select}".replace("%", "%%")).all()
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise
        return None
    trace = connection.exec_driver_sql(
        "SELECT TRACE FROM information_schema.OPTIMIZER_TRACE"
    ).scalar()
    if trace is None:
        return None
    parts = [
        _without_joins(_NUMBERED.sub("", each)) for each in _EXPANDED.findall(str(plain(trace)))
    ]
    if parts and "exists(" in parts[-1]:
        # A view's EXISTS has the LIMIT already that the server gives to every one.
        parts = [each.removesuffix(_OF_EXISTS) for each in parts]
    return parts or None


def _without_joins(query: str) -> str:
    """Take off the parentheses in which a view has its joins: `from (a join b)`."""
    at = 0
    while (at := query.find(" from (", at)) >= 0:
        opening = at + len(" from ")
        end = closing(query, opening)
        if end < 0:
            return query
        if query.startswith(("select ", "with "), opening + 1):
            at = opening
        else:
            query = query[:opening] + query[opening + 1 : end] + query[end + 1 :]
    return query
