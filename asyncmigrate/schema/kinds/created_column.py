"""Columns that are new: as part of a new table, or added to one that may have rows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.fill import fill_of, filled
from asyncmigrate.schema.kinds.named_types import type_keys, written_type
from asyncmigrate.schema.kinds.written import escaped, in_schema, text
from asyncmigrate.schema.needs import NeedsAnswerError, NeedsValue
from asyncmigrate.schema.snapshot import Key
from asyncmigrate.schema.types import RawType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.types import TypeEngine

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.kinds.column_values import Column, Identity
    from asyncmigrate.schema.kinds.foreign_key import ForeignKey
    from asyncmigrate.schema.kinds.primary_key import PrimaryKey

_NEXTVAL = re.compile(r"""nextval\('(?:"?([^".']+)"?\.)?"?([^".']+)"?'""")
_COUNTING = frozenset({"postgresql", "mysql", "mariadb"})
"""The databases whose snapshots tell a key that counts from one that does not."""

_SERIAL = {"smallint": "SMALLSERIAL", "integer": "SERIAL", "bigint": "BIGSERIAL"}


def references(column: Column) -> list[Key]:
    """Return what must exist before the column can."""
    found = [Key("table", column.schema, "", column.table), *type_keys(column.type)]
    sequence = _NEXTVAL.search(column.default or "")
    if sequence is not None:
        found.append(Key("sequence", sequence[1] or "", "", sequence[2]))
    return found


def counts_by_itself(
    column: Column, key: PrimaryKey | None, references: Sequence[ForeignKey]
) -> bool:
    """Return whether SQLAlchemy numbers a column of a new table without being told to."""
    return (
        key is not None
        and key.columns == (column.name,)
        and default_of(column) is None
        and column.sa_type._type_affinity is not None
        and issubclass(column.sa_type._type_affinity, sa.Integer)
        and not any(column.name in each.columns for each in references)
    )


def sa_column(column: Column, forms: Forms, *, counts: bool | None = None) -> sa.Column[Any]:
    """Return the column as a script has it.

    `counts` says whether SQLAlchemy would number it without being told to.
    """
    type_ = written_type(column.sa_type, forms, column.collation)
    keywords: dict[str, Any] = {}
    if forms.dialect.name in _COUNTING:
        serial = column.autoincrement and not counts
        if serial and forms.dialect.name == "postgresql":
            type_ = _serial(column, type_)
        elif counts is not None and column.autoincrement != counts:
            keywords["autoincrement"] = column.autoincrement
    elif getattr(column.element, "autoincrement", "auto") != "auto":
        keywords["autoincrement"] = column.element.autoincrement  # type: ignore[union-attr]
    default = default_of(column)
    generated = [default] if isinstance(default, sa.Identity | sa.Computed) else []
    if default is not None and not generated:
        keywords["server_default"] = default
    keywords["nullable"] = column.nullable
    if column.comment is not None:
        keywords["comment"] = column.comment
    return sa.Column(column.name, type_, *generated, **keywords)


def default_of(column: Column) -> Any:
    """Return what stands for the server's default, in the model's spelling if it has one."""
    if column.identity is not None:
        return _identity(column.identity)
    if column.computed is not None:
        return sa.Computed(escaped(column.computed.text), persisted=column.computed.persisted)
    if column.default is None:
        return None
    declared = getattr(column.element, "server_default", None)
    spelled = getattr(declared, "arg", None)
    return spelled if isinstance(spelled, str) else text(column.default)


def _identity(identity: Identity) -> sa.Identity:
    options: dict[str, Any] = dict(identity.options)
    return sa.Identity(always=identity.always, **options)


def added(column: Column, around: Around[Any]) -> Iterator[Call]:
    """Give what adds a column to a table that is there.

    Raises:
        NeedsAnswerError: it takes no NULL, and nobody has said what the rows get.
    """
    if _brings_its_key(column, around):
        made = sa_column(column, around.forms, counts=True)
        made.primary_key = True
        keywords = {"inline_primary_key": True, **in_schema(column.schema)}
        yield Call("add_column", (column.table, made), keywords)
        return
    if column.nullable or _has_value(column):
        yield _addition(column, around.forms)
        return
    fill = fill_of(column, around)
    if fill is None and column.element is not None:
        owner = Key("table", column.schema, "", column.table)
        raise NeedsAnswerError(values=(NeedsValue(owner, column.name, column.type),))
    if fill is None:
        yield _addition(column, around.forms, note="This fails if the table has rows.")
        return
    yield _addition(replace(column, nullable=True), around.forms, note=fill.note)
    yield filled(column, fill)
    keywords = {
        "existing_type": written_type(column.sa_type, around.forms, column.collation),
        "nullable": False,
        "existing_nullable": True,
        "existing_server_default": None,
        "existing_comment": column.comment,
        **in_schema(column.schema),
    }
    yield Call("alter_column", (column.table, column.name), keywords)


def _brings_its_key(column: Column, around: Around[Any]) -> bool:
    """Return whether a column is added together with the key that it needs (MySQL)."""
    if around.forms.dialect.name not in {"mysql", "mariadb"} or not column.autoincrement:
        return False
    key = column.key._replace(kind="primary_key", name="")
    columns = [getattr(side.get(key), "columns", None) for side in (around.before, around.after)]
    return columns[1] == (column.name,) and columns[0] != columns[1]


def _addition(column: Column, forms: Forms, note: str = "") -> Call:
    arguments = (column.table, sa_column(column, forms))
    return Call("add_column", arguments, in_schema(column.schema), note=note)


def _has_value(column: Column) -> bool:
    """Return whether the database itself gives rows a value."""
    return column.autoincrement or default_of(column) is not None


def _serial(column: Column, type_: TypeEngine[Any]) -> TypeEngine[Any]:
    words = _SERIAL.get(column.type)
    return type_ if words is None else RawType(words)
