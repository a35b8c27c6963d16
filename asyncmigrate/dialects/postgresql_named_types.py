"""PostgreSQL's ENUM types, domains, composite types and schemas, from catalog rows to values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from asyncmigrate.dialects.postgresql_texts import settled
from asyncmigrate.dialects.postgresql_types import Types
from asyncmigrate.schema.kinds.composite import Composite
from asyncmigrate.schema.kinds.domain import Domain
from asyncmigrate.schema.kinds.enum import EnumType
from asyncmigrate.schema.kinds.namespace import Namespace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.snapshot import Object


@dataclass(slots=True)
class NamedTypes:
    """The types that users made."""

    by_text: dict[str, EnumType | Domain] = field(default_factory=dict)
    """Those of all schemas, also of extensions, by what `format_type` prints."""
    listed: list[Object] = field(default_factory=list)
    """Those of the schemas that are looked at, and these schemas; nothing of extensions."""
    types: Types = field(init=False)


def read_named_types(rows: Iterable[Any], schemas: frozenset[str], forms: Forms) -> NamedTypes:
    """Return named types; of those in `schemas` a list."""
    found = NamedTypes()
    found.types = Types(forms, found.by_text)
    for kind, schema, name, text, of_extension, *rest in rows:
        value = _value(kind, schema, name, rest)
        if isinstance(value, EnumType | Domain):
            found.by_text[text] = value
        if not of_extension and schema in schemas:
            found.listed.append(value)
    found.listed = [
        replace(each, sa_type=found.types.of(each.type)) if isinstance(each, Domain) else each
        for each in found.listed
    ]
    return found


def _value(kind: str, schema: str, name: str, rest: list[Any]) -> Object:
    labels, texts, type_, not_null, default, collation = rest
    match kind:
        case "n":
            return Namespace(schema)
        case "e":
            return EnumType(schema, name, tuple(labels))
        case "c":
            return Composite(schema, name, tuple(zip(labels, texts, strict=True)))
        case _:
            checks = tuple(sorted(zip(labels, map(settled, texts), strict=True)))
            return Domain(schema, name, type_, not not_null, default, collation, checks)
