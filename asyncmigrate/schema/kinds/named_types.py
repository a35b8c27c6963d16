"""Types with a name of their own (ENUM, DOMAIN): created by directives, used by columns.

A script creates such a type by its own directive. In a column it is only named: SQLAlchemy would
otherwise ask the database about it at each table, and create it where `--sql` cannot ask.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

    from asyncmigrate.schema.forms import Forms

_NAME = r'(?:"((?:[^"]|"")+)"|([^\s"().\[\]]+))'
_TYPE_NAME = re.compile(rf"^(?:{_NAME}\.)?{_NAME}(?:\[\])*$")
_KINDS = ("enum", "domain", "composite")


def type_keys(text: str) -> list[Key]:
    """Return the keys of the named type that a type's text may be; none if it has parameters.

    >>> type_keys('crm."Mood"[]')[0]
    Key(kind='enum', schema='crm', table='', name='Mood')
    """
    found = _TYPE_NAME.match(text)
    if found is None:
        return []
    schema, name = (
        (quoted or "").replace('""', '"') or plain or ""
        for quoted, plain in (found.group(1, 2), found.group(3, 4))
    )
    return [Key(kind, schema, "", name) for kind in _KINDS]


def written_type(
    type_: TypeEngine[Any], forms: Forms, collation: str | None = None
) -> TypeEngine[Any]:
    """Return a type as a script has it: named types only named, CHECKs left out.

    A CHECK that a type would bring along is an object of its own, with its own call.
    """
    made = _on_this_database(type_, forms, collation)
    if made is not type_:
        for dialect, variant in type_._variant_mapping.items():
            if dialect not in made._variant_mapping:
                made = made.with_variant(variant, dialect)
    return made


def _on_this_database(
    type_: TypeEngine[Any], forms: Forms, collation: str | None
) -> TypeEngine[Any]:
    if type(type_) in (sa.Enum, postgresql.ENUM):
        return _enum(type_, forms)  # type: ignore[arg-type]  # it is one
    if isinstance(type_, postgresql.DOMAIN):
        return _domain(type_, forms)
    if isinstance(type_, sa.ARRAY):
        item = written_type(type_.item_type, forms, collation)
        return type_ if item is type_.item_type else _array(type_, item)
    if isinstance(type_, sa.Boolean) and type_.create_constraint:
        return sa.Boolean()
    if collation is not None and isinstance(type_, sa.String) and type_.collation is None:
        collated = type_.copy()
        collated.collation = collation
        return collated
    return type_


def _enum(enum: sa.Enum, forms: Forms) -> sa.Enum:
    schema = forms.schema(enum.schema) or None
    if enum.native_enum and enum.name and forms.keeps("enum"):
        return postgresql.ENUM(*enum.enums, name=enum.name, schema=schema, create_type=False)
    if not enum.native_enum:
        return sa.Enum(*enum.enums, name=enum.name, native_enum=False, length=enum.length)
    return sa.Enum(*enum.enums, name=enum.name, schema=schema)


def _domain(domain: postgresql.DOMAIN, forms: Forms) -> postgresql.DOMAIN:
    return postgresql.DOMAIN(
        str(domain.name),
        domain.data_type,
        schema=forms.schema(domain.schema) or None,
        create_type=False,
    )


def _array(array: sa.ARRAY[Any], item: TypeEngine[Any]) -> sa.ARRAY[Any]:
    return type(array)(
        item, as_tuple=array.as_tuple, dimensions=array.dimensions, zero_indexes=array.zero_indexes
    )
