"""Views and indexes of SQLite, which has no other way to change one than to make it anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from asyncmigrate.dialects.object_ddl import Sql
from asyncmigrate.dialects.sqlite_syntax import folded, quoted, text_of, tokens
from asyncmigrate.errors import UnsupportedOperationError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.schema import ExecutableDDLElement

    from asyncmigrate.scripts.sink import Sink


def triggers_of_view(sink: Sink, view: str, schema: str | None) -> Iterator[ExecutableDDLElement]:
    """Give what creates the triggers of a view again, which go with it when it is dropped."""
    for name, sql in _found(sink, "trigger", schema):
        if folded(name[1]) == folded(view):
            yield Sql(_in_schema(sql, schema, name[0]))


def renamed_index(sink: Sink, old: str, new: str, schema: str | None) -> list[ExecutableDDLElement]:
    """Return what makes an index anew under another name.

    Raises:
        UsageError: there is no such index, or it is that of a constraint.
    """
    sql = _definition(sink, "index", old, schema)
    return [Sql(f"DROP INDEX {_name(old, schema)}"), Sql(_in_schema(sql, schema, new))]


def renamed_view(sink: Sink, old: str, new: str, schema: str | None) -> list[ExecutableDDLElement]:
    """Return what makes a view anew under another name.

    Raises:
        UsageError: there is no such view.
        UnsupportedOperationError: triggers belong to it, and would be lost.
    """
    sql = _definition(sink, "view", old, schema)
    triggers = [
        name for (name, of), _ in _found(sink, "trigger", schema) if folded(of) == folded(old)
    ]
    if triggers:
        raise UnsupportedOperationError(
            f"SQLite renames view {old!r} by making it anew, and its triggers would be lost: "
            f"{', '.join(triggers)}.",
            state="Nothing was sent for this operation.",
            next="Drop the triggers first, and create them on the new view.",
        )
    return [Sql(f"DROP VIEW {_name(old, schema)}"), Sql(_in_schema(sql, schema, new))]


def _definition(sink: Sink, kind: str, wanted: str, schema: str | None) -> str:
    for (name, _), sql in _found(sink, kind, schema):
        if folded(name) == folded(wanted):
            return sql
    raise UsageError(
        f"There is no {kind} {wanted!r} that could be renamed.",
        next="Check the name"
        + (
            "; the index of a UNIQUE is renamed with op.rename_constraint."
            if kind == "index"
            else "."
        ),
    )


def _found(sink: Sink, kind: str, schema: str | None) -> list[tuple[tuple[str, str], str]]:
    """Return the name, the table and the statement of everything of a kind that has one."""
    connection = sink.shadow.connection if sink.as_sql else sink.bind()
    master = "sqlite_master" if schema is None or sink.as_sql else f"{quoted(schema)}.sqlite_master"
    query = f"SELECT name, tbl_name, sql FROM {master} WHERE type = '{kind}' AND sql IS NOT NULL"
    rows = connection.execute(sa.text(query.replace(":", r"\:"))).all()
    return [((row.name, row.tbl_name), row.sql) for row in rows]


def _name(name: str, schema: str | None) -> str:
    return quoted(name) if schema is None else f"{quoted(schema)}.{quoted(name)}"


def _in_schema(sql: str, schema: str | None, name: str) -> str:
    """Return CREATE INDEX, VIEW or TRIGGER with another name for what it creates.

    >>> _in_schema("CREATE UNIQUE INDEX a ON t (b)", "s", "c")
    'CREATE UNIQUE INDEX "s"."c" ON t (b)'
    """
    found, rest = tokens(sql)
    place = next(i for i, t in enumerate(found) if t.says("INDEX", "VIEW", "TRIGGER")) + 1
    after = place + 3 if found[place + 1].text == "." else place + 1
    return f"{text_of(found[:place])} {_name(name, schema)}{text_of(found[after:])}{rest}"
