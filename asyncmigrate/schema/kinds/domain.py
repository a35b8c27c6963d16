"""Domains: a type with a default and conditions (PostgreSQL)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

import sqlalchemy as sa

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.column_values import Column
from asyncmigrate.schema.kinds.named_types import type_keys, written_type
from asyncmigrate.schema.kinds.written import escaped, in_schema, named, qualified, quoted, text
from asyncmigrate.schema.operations import Create
from asyncmigrate.schema.snapshot import Key
from asyncmigrate.schema.types import RawType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.types import TypeEngine

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Alter, Drop


_MAX_NAME = 50
_LITERAL = re.compile(r"('(?:[^']|'')*')::[^']+")


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain. Texts are as the database prints them."""

    schema: str
    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    collation: str | None = None
    checks: tuple[tuple[str, str], ...] = ()
    """Name and condition of each, sorted by name."""
    sa_type: TypeEngine[Any] = field(default_factory=sa.types.NullType, compare=False, repr=False)
    """The type that it is made of."""
    element: Any = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("domain", self.schema, "", self.name)


class DomainKind(Kind[Domain]):
    """Domains."""

    name: ClassVar[str] = "domain"
    title: ClassVar[str] = "domain"

    def references(self, obj: Domain) -> Iterable[Key]:
        """Give the types that it may be made of."""
        return type_keys(obj.type)

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give CREATE DOMAIN."""
        domain = cast("Domain", change.obj)
        keywords: dict[str, Any] = {} if domain.nullable else {"nullable": False}
        if domain.default is not None:
            keywords["server_default"] = text(domain.default)
        if domain.collation is not None:
            keywords["collation"] = domain.collation
        type_ = written_type(domain.sa_type, around.forms)
        arguments = (domain.name, type_, *map(_check, domain.checks))
        yield Call("create_domain", arguments, {**keywords, **in_schema(domain.schema)})

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP DOMAIN."""
        domain = cast("Domain", change.obj)
        yield Call("drop_domain", (domain.name,), in_schema(domain.schema))

    def alter(self, change: Alter, around: Around[Any]) -> Iterator[Call]:
        """Give ALTER DOMAIN; with another type, what makes it anew and converts its columns."""
        before, after = cast("Domain", change.before), cast("Domain", change.after)
        if is_retyped(before, after):
            yield from self._made_anew(before, after, around)
            return
        keywords: dict[str, Any] = {}
        if before.nullable != after.nullable:
            keywords |= {"nullable": after.nullable, "existing_nullable": before.nullable}
        if before.default != after.default:
            keywords["server_default"] = _default(after)
            keywords["existing_server_default"] = _default(before)
        added = [_check(each) for each in after.checks if each not in before.checks]
        dropped = [_check(each) for each in before.checks if each not in after.checks]
        keywords |= {"add_checks": added} if added else {}
        keywords |= {"drop_checks": dropped} if dropped else {}
        yield Call("alter_domain", (after.name,), {**keywords, **in_schema(after.schema)})

    def _made_anew(self, before: Domain, after: Domain, around: Around[Any]) -> Iterator[Call]:
        former = f"{before.name[:_MAX_NAME]}_former"
        own = qualified(before.schema, before.name, around.forms)
        renamed = f"ALTER DOMAIN {own} RENAME TO {quoted(former, around.forms)}"
        yield Call("execute", (escaped(renamed),), note="A domain cannot get another type.")
        yield from self.create(Create(after), around)
        for column in around.before.values():
            if isinstance(column, Column) and after.key in type_keys(column.type):
                yield _converted(column, around.forms)
        drop = f"DROP DOMAIN {qualified(before.schema, former, around.forms)}"
        yield Call("execute", (escaped(drop),))


def is_retyped(before: Any, after: Any) -> bool:
    """Return whether a domain cannot be altered in place."""
    return bool((before.type, before.collation) != (after.type, after.collation))


def _converted(column: Column, forms: Forms) -> Call:
    """Return the call that gives a column the domain as it is now."""
    text_type = "text[]" if column.type.endswith("[]") else "text"
    keywords: dict[str, Any] = {
        "type_": RawType(column.type),
        "postgresql_using": f"{quoted(column.name, forms)}::{text_type}::{column.type}",
        "existing_nullable": column.nullable,
    }
    if column.default is not None:
        literal = _LITERAL.fullmatch(column.default)
        keywords["server_default"] = text(literal[1] if literal else column.default)
        keywords["existing_server_default"] = text(column.default)
    arguments = (column.table, column.name)
    return Call("alter_column", arguments, {**keywords, **in_schema(column.schema)})


def _check(check: tuple[str, str]) -> sa.CheckConstraint:
    name, condition = check
    return sa.CheckConstraint(escaped(condition), name=named(name))


def _default(domain: Domain) -> sa.TextClause | None:
    return None if domain.default is None else text(domain.default)
