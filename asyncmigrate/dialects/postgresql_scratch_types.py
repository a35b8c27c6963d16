"""What scratch tables need beside themselves: types and sequences that may not be there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateSchema, CreateSequence
from sqlalchemy.sql import visitors
from sqlalchemy.sql.functions import next_value

from asyncmigrate.dialects.postgresql_enums import CreateEnum

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.types import TypeEngine

    from asyncmigrate.dialects.postgresql_forms import PostgreSQLForms


def types_of(
    tables: Iterable[sa.Table], forms: PostgreSQLForms
) -> tuple[list[str], dict[str, tuple[str, str]]]:
    """Return what makes the types and sequences that tables need, and their domains as scratch.

    What exists already is refused by the server, and stays as it is. The domains that are read back
    are temporary ones, by name with their schema; they must come last: they hide the real ones.
    """
    needed: dict[str, None] = {}
    domains: dict[str, tuple[str, str]] = {}
    for table in tables:
        for column in table.columns:
            for each in _needs(column, forms):
                needed.update(dict.fromkeys(_creation(each, forms)))
                if isinstance(each, postgresql.DOMAIN):
                    schema = forms.schema(each.schema)
                    domains.setdefault(str(each.name), (schema, _as_temporary(each, forms)))
    return list(needed), domains


def _needs(column: sa.Column[Any], forms: PostgreSQLForms) -> Iterator[Any]:
    """Give the named types and the sequences of a column."""
    type_ = forms.own_type(column.type)
    while isinstance(type_, sa.ARRAY):
        type_ = forms.own_type(type_.item_type)
    yield from _named(type_, forms)
    default = getattr(column.server_default, "arg", None)
    if isinstance(default, sa.ClauseElement):
        found = (each for each in visitors.iterate(default) if isinstance(each, next_value))
        yield from (each.sequence for each in found)


def _named(type_: TypeEngine[Any], forms: PostgreSQLForms) -> Iterator[TypeEngine[Any]]:
    if isinstance(type_, postgresql.DOMAIN):
        yield from _named(forms.own_type(type_.data_type), forms)
        yield type_
    elif isinstance(type_, sa.Enum) and type_.native_enum and type_.name:
        yield type_


def _creation(each: Any, forms: PostgreSQLForms) -> Iterator[str]:
    if each.schema and forms.schema(each.schema):
        yield _compiled(CreateSchema(each.schema, if_not_exists=True), forms)
    if isinstance(each, sa.Sequence):
        yield _compiled(CreateSequence(each), forms)
    elif isinstance(each, postgresql.DOMAIN):
        yield _compiled(postgresql.CreateDomainType(each), forms)
    else:
        yield _enum_creation(each, forms)


def _enum_creation(enum: sa.Enum, forms: PostgreSQLForms) -> str:
    """Return what makes an ENUM type, unless there is one of that name with the same values.

    A name without a schema is given to a temporary type, which stands before the real one. With a
    schema the real one has to make room.
    """
    preparer: Any = forms.dialect.identifier_preparer
    name = forms.plain(preparer.format_type(enum))
    create = _compiled(CreateEnum(enum, if_not_exists=False), forms)
    room = ""
    if enum.schema:
        room = (
            f"IF to_regtype({_literal(name)}) IS NOT NULL THEN "
            f"ALTER TYPE {name} RENAME TO amigrate_{uuid4().hex}; END IF; "
        )
    else:
        create = create.replace(f"TYPE {name} ", f"TYPE pg_temp.{name} ", 1)
    values = ", ".join(_literal(value) for value in enum.enums)
    body = (
        "BEGIN IF (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder)"
        f" FROM pg_catalog.pg_enum e WHERE e.enumtypid = to_regtype({_literal(name)}))"
        f" IS DISTINCT FROM ARRAY[{values}]::text[] THEN {room}{create}; END IF; END"
    )
    return f"DO {_literal(body)}"


def _literal(value: str) -> str:
    quoted = value.replace("'", "''")
    return f"'{quoted}'"


def _as_temporary(domain: postgresql.DOMAIN, forms: PostgreSQLForms) -> str:
    preparer: Any = forms.dialect.identifier_preparer
    name, own = forms.plain(preparer.format_type(domain)), forms.plain(preparer.quote(domain.name))
    sql = _compiled(postgresql.CreateDomainType(domain), forms)
    return sql.replace(f"DOMAIN {name} ", f"DOMAIN pg_temp.{own} ", 1)


def _compiled(element: Any, forms: PostgreSQLForms) -> str:
    return forms.plain(str(element.compile(dialect=forms.dialect))).strip()
