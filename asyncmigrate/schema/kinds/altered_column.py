"""Columns that are there and change, go, or get another name."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.schema import casting
from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.created_column import default_of, sa_column
from asyncmigrate.schema.kinds.fill import default_fill, fill_of, filled
from asyncmigrate.schema.kinds.named_types import written_type
from asyncmigrate.schema.kinds.serial import counting, not_counting
from asyncmigrate.schema.kinds.written import in_schema, quoted
from asyncmigrate.schema.names import names_in
from asyncmigrate.schema.needs import NeedsAnswerError, NeedsHand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.kinds.column_values import Column
    from asyncmigrate.schema.snapshot import Object

_SET_EXPRESSION = (17,)
"""The PostgreSQL that can give a generated column another expression."""

_TEXT = re.compile("char|text|binary|blob")

_USUAL: dict[str, int | bool] = {
    "start": 1,
    "increment": 1,
    "minvalue": 1,
    "maxvalue": 2**63 - 1,
    "cycle": False,
    "cache": 1,
}
"""What an identity is without being told so; its type may have a lower greatest value."""


def dropped(column: Column) -> Iterator[Call]:
    """Give DROP COLUMN."""
    yield Call("drop_column", (column.table, column.name), in_schema(column.schema))


def renamed(column: Column, to: str) -> Iterator[Call]:
    """Give RENAME COLUMN."""
    keywords = {"new_column_name": to, **in_schema(column.schema)}
    yield Call("alter_column", (column.table, column.name), keywords)


def altered(before: Column, after: Column, around: Around[Any]) -> Iterator[Call]:
    """Give what changes a column: one call, but where rows or a sequence need more.

    Raises:
        NeedsAnswerError: the table is partitioned by the column, and its type changes.
    """
    forms = around.forms
    if before.type != after.type:
        _refuse_partition_key(before, around)
    step = _step_between(before, after, forms)
    if not _changes_in_place(before, after, forms):
        yield from _made_again(after, around)
    elif step is not None:
        yield from _altered(before, step, forms)
        yield from _with_rows(step, after, around)
    elif before.autoincrement != after.autoincrement and forms.dialect.name == "postgresql":
        plain = replace(before, autoincrement=False, default=None, identity=None)
        yield from not_counting(before, forms)
        if before.autoincrement is False and default_of(before) is not None:
            yield from _altered(before, plain, forms)
        yield from _altered(plain, replace(after, autoincrement=False), forms)
        yield from counting(after, forms)
    else:
        yield from _with_rows(before, after, around)


def _refuse_partition_key(column: Column, around: Around[Any]) -> None:
    table: Any = around.before.get(column.key.owner) if column.key.owner else None
    by = getattr(table, "partition_by", None)
    if by is None or column.name not in names_in(by):
        return
    reason = (
        f"The table {table.key.path} is partitioned by {by}, so the type of {column.key.path} "
        "cannot be changed in place. Create another table, copy the rows, drop this one, and give "
        "the new one its name."
    )
    raise NeedsAnswerError(hands=(NeedsHand(column.key, reason),))


def _with_rows(before: Column, after: Column, around: Around[Any]) -> Iterator[Call]:
    """Give the change; before NOT NULL, the rows that have NULL get a value if one is known."""
    if not before.nullable or after.nullable:
        yield from _altered(before, after, around.forms)
        return
    nullable = replace(after, nullable=True)
    fill = fill_of(after, around) or default_fill(after) if after.element is not None else None
    if fill is None:
        note = "This fails if rows have NULL."
        yield from _altered(before, after, around.forms, note=note)
        return
    yield from _altered(before, nullable, around.forms)
    yield filled(after, fill)
    yield from _altered(nullable, after, around.forms)


def _step_between(before: Column, after: Column, forms: Forms) -> Column | None:
    """Return the column as text, where a type leads to no other one but text (MariaDB's UUID)."""
    if forms.dialect.name not in {"mysql", "mariadb"} or before.type == after.type:
        return None
    types = [each.type for each in (before, after)]
    if "uuid" not in types or any(_TEXT.search(each) for each in types):
        return None
    return replace(before, type="varchar(36)", sa_type=sa.String(36), default=None, nullable=True)


def _altered(before: Column, after: Column, forms: Forms, *, note: str = "") -> Iterator[Call]:
    changes = _changes(before, after, forms)
    if not changes:
        return
    existing: dict[str, Any] = {
        "existing_type": written_type(before.sa_type, forms, before.collation),
        "existing_nullable": before.nullable,
        "existing_server_default": default_of(before),
    }
    if forms.comments():
        existing["existing_comment"] = before.comment
    if forms.dialect.name in {"mysql", "mariadb"} and _is_whole(before):
        existing["existing_autoincrement"] = before.autoincrement
    keywords = {**changes, **existing, **in_schema(after.schema)}
    yield Call("alter_column", (after.table, after.name), keywords, note=note)


def _changes(before: Column, after: Column, forms: Forms) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (before.type, before.collation) != (after.type, after.collation):
        found["type_"] = written_type(after.sa_type, forms, after.collation)
        if forms.dialect.name == "postgresql":
            using = casting.using(quoted(after.name, forms), before.type, after.type)
            found |= {} if using is None else {"postgresql_using": using}
    if before.nullable != after.nullable:
        found["nullable"] = after.nullable
    if _value(before) != _value(after):
        found["server_default"] = default_of(_counting_as_said(before, after))
    if before.comment != after.comment:
        found["comment"] = after.comment
    if before.autoincrement != after.autoincrement:
        found["autoincrement"] = after.autoincrement
    return found


def _counting_as_said(before: Column, after: Column) -> Column:
    """Return the column with the options of its identity that go back to what is usual, said."""
    if before.identity is None or after.identity is None:
        return after
    said = dict(after.identity.options)
    back = {name: _USUAL[name] for name, _ in before.identity.options if name not in said}
    options = tuple(sorted({**back, **said}.items()))
    return replace(after, identity=replace(after.identity, options=options))


def _value(column: Column) -> tuple[Any, ...]:
    return (column.default, column.identity, column.computed)


def _is_whole(column: Column) -> bool:
    affinity = column.sa_type._type_affinity
    return affinity is not None and issubclass(affinity, sa.Integer)


def _changes_in_place(before: Column, after: Column, forms: Forms) -> bool:
    """Return whether GENERATED can come, go or change without another column."""
    dialect = forms.dialect
    if before.computed is not None and dialect.name == "postgresql" and _needs_using(before, after):
        return False
    if before.computed == after.computed:
        return before.identity == after.identity or dialect.name == "postgresql"
    if dialect.name != "postgresql":
        return dialect.name == "sqlite"
    if before.computed is None or not before.computed.persisted:
        return False
    if after.computed is None:
        return True
    version = getattr(dialect, "server_version_info", None) or (0,)
    return after.computed.persisted and version >= _SET_EXPRESSION


def _needs_using(before: Column, after: Column) -> bool:
    """Return whether another type needs USING, which generated columns cannot have."""
    return casting.using("", before.type, after.type) is not None


def _made_again(after: Column, around: Around[Any]) -> Iterator[Call]:
    note = "It cannot be changed in place: it is dropped and added anew."
    arguments = (after.table, after.name)
    yield Call("drop_column", arguments, in_schema(after.schema), note=note)
    column = sa_column(after, around.forms)
    yield Call("add_column", (after.table, column), in_schema(after.schema))
    yield from _went_with_it(after, around)


def _went_with_it(column: Column, around: Around[Any]) -> Iterator[Call]:
    """Give what creates again the indexes and constraints that went with the column."""
    from asyncmigrate.schema.kinds import kind_of
    from asyncmigrate.schema.operations import Create

    for key, obj in around.after.items():
        if key.owner == column.key.owner and around.before.get(key) == obj and _uses(obj, column):
            yield from kind_of(key.kind).create(Create(obj), around)


def _uses(obj: Object, column: Column) -> bool:
    columns = getattr(obj, "columns", ())
    return column.name in {getattr(each, "text", each) for each in columns}
