"""SQLAlchemy's elements in a script: columns, constraints, SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from asyncmigrate.render.layout import Node, Text
from asyncmigrate.render.values import UnwritableError, Writer, writes
from asyncmigrate.schema.kinds.written import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBERS = (
    "start",
    "increment",
    "minvalue",
    "maxvalue",
    "nominvalue",
    "nomaxvalue",
    "cycle",
    "cache",
    "order",
)


@writes(sa.Column)
def _column(column: sa.Column[Any], writer: Writer) -> Node:
    hooked = writer.hooked("column", column)
    if hooked is not None:
        return hooked
    generated = [each for each in (column.computed, column.identity) if each is not None]
    keywords: dict[str, Any] = {}
    if column.server_default is not None and not generated:
        keywords["server_default"] = _server_default(column.server_default, writer)
    if column.autoincrement != "auto":
        keywords["autoincrement"] = column.autoincrement
    if column.primary_key and not _hangs(column):
        keywords["primary_key"] = True
    if isinstance(column._user_defined_nullable, bool):
        keywords["nullable"] = column.nullable
    if column.system:
        keywords["system"] = True
    if column.comment is not None:
        keywords["comment"] = column.comment
    keywords |= column.dialect_kwargs
    type_ = () if isinstance(column.type, sa.types.NullType) else (column.type,)
    return writer.call_of("sa.Column", (str(column.name), *type_, *generated), keywords)


def _hangs(column: Any) -> bool:
    """Return whether a column is a part of a table, whose constraints are then told apart."""
    return column.table is not None


def _server_default(default: Any, writer: Writer) -> Node:
    hooked = writer.hooked("server_default", default)
    if hooked is not None:
        return hooked
    return writer.write(default.arg if isinstance(default, sa.DefaultClause) else default)


@writes(sa.TextClause)
def _text(clause: sa.TextClause, writer: Writer) -> Node:
    return writer.call("sa.text", clause.text)


@writes(ColumnElement)
def _expression(expression: ColumnElement[Any], writer: Writer) -> Node:
    return writer.call("sa.text", escaped(_compiled(expression, writer)))


@writes(sa.FetchedValue)
def _fetched(value: sa.FetchedValue, writer: Writer) -> Node:
    if isinstance(value, sa.DefaultClause):
        return writer.write(value.arg)
    return writer.call("sa.FetchedValue")


@writes(sa.Computed)
def _computed(computed: sa.Computed, writer: Writer) -> Node:
    persisted = {} if computed.persisted is None else {"persisted": computed.persisted}
    return writer.call("sa.Computed", _sql(computed.sqltext, writer), **persisted)


@writes(sa.Identity)
def _identity(identity: sa.Identity, writer: Writer) -> Node:
    keywords = {"always": True} if identity.always else {}
    if identity.on_null:
        keywords["on_null"] = True
    return writer.call("sa.Identity", **keywords, **_numbers(identity))


@writes(sa.Sequence)
def _sequence(sequence: sa.Sequence, writer: Writer) -> Node:
    keywords = _numbers(sequence)
    if sequence.schema:
        keywords["schema"] = sequence.schema
    return writer.call("sa.Sequence", str(sequence.name), **keywords)


def _numbers(element: Any) -> dict[str, Any]:
    values = ((name, getattr(element, name, None)) for name in _NUMBERS)
    return {name: value for name, value in values if value is not None}


@writes(sa.PrimaryKeyConstraint)
def _primary_key(key: sa.PrimaryKeyConstraint, writer: Writer) -> Node:
    return _constraint("PrimaryKeyConstraint", "primary_key", key, _columns(key), writer)


@writes(sa.UniqueConstraint)
def _unique(unique: sa.UniqueConstraint, writer: Writer) -> Node:
    return _constraint("UniqueConstraint", "unique", unique, _columns(unique), writer)


@writes(sa.CheckConstraint)
def _check(check: sa.CheckConstraint, writer: Writer) -> Node:
    sql = (_sql(check.sqltext, writer),)
    return _constraint("CheckConstraint", "check", check, sql, writer)


@writes(sa.ForeignKeyConstraint)
def _foreign_key(key: sa.ForeignKeyConstraint, writer: Writer) -> Node:
    referred = [element.target_fullname for element in key.elements]
    actions = {"onupdate": key.onupdate, "ondelete": key.ondelete, "match": key.match}
    said = {name: words for name, words in actions.items() if words is not None}
    columns = [str(each) for each in key.column_keys]
    return _constraint(
        "ForeignKeyConstraint", "foreign_key", key, (columns, referred), writer, **said
    )


def _constraint(
    name: str,
    kind: str,
    constraint: sa.Constraint,
    arguments: tuple[Any, ...],
    writer: Writer,
    **keywords: Any,
) -> Node:
    hooked = writer.hooked(kind, constraint)
    if hooked is not None:
        return hooked
    if isinstance(constraint.name, str):
        keywords = {"name": constraint.name, **keywords}
    if constraint.deferrable is not None:
        keywords["deferrable"] = constraint.deferrable
    if constraint.initially is not None:
        keywords["initially"] = constraint.initially
    return writer.call_of(f"sa.{name}", arguments, {**keywords, **constraint.dialect_kwargs})


def _columns(constraint: Any) -> tuple[str, ...]:
    """Return the names of a constraint's columns, whether it hangs in a table yet or not."""
    pending: Iterable[Any] = constraint._pending_colargs
    found = [str(column.name) for column in constraint.columns]
    return tuple(found or (str(getattr(each, "name", each)) for each in pending))


def _sql(clause: Any, writer: Writer) -> Node:
    """Return a condition as the string that SQLAlchemy takes for `text()`."""
    if isinstance(clause, sa.TextClause):
        return Text(clause.text)
    return Text(escaped(_compiled(clause, writer)))


def _compiled(expression: Any, writer: Writer) -> str:
    try:
        compiled = expression.compile(
            dialect=writer.dialect,
            compile_kwargs={"literal_binds": True, "include_table": False},
        )
    except sa.exc.CompileError as error:
        raise UnwritableError(f"{expression!r} cannot be written as SQL: {error}") from error
    return str(compiled)
