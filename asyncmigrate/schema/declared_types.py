"""Types with a name of their own that models use: ENUMs, domains, composite types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.types import UserDefinedType

from asyncmigrate.schema.kinds.composite import Composite
from asyncmigrate.schema.kinds.domain import Domain
from asyncmigrate.schema.kinds.enum import EnumType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.types import TypeEngine

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.snapshot import Object


class NamedTypes:
    """Finds the named types inside other types, each once."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._seen: dict[int, object] = {}
        self._enums = forms.keeps("enum")
        self._domains = forms.keeps("domain")
        self._composites = forms.keeps("composite")

    def of_table(self, table: sa.Table) -> Iterator[Object]:
        """Give those that the columns of a table are of."""
        if self._enums or self._domains or self._composites:
            for column in table.columns:
                yield from self.of(column.type)

    def of_metadata(self, metadata: sa.MetaData) -> Iterator[Object]:
        """Give those that were made with `metadata=`: they are there without any column."""
        for listener in metadata.dispatch.before_create:
            # SQLAlchemy 2.0 wraps the method in an object of its own, with the arguments that it
            # has for the type of a column: those types are found by their columns.
            owner = getattr(listener, "__self__", None) or getattr(listener, "target", None)
            if getattr(listener, "kwargs", None):
                continue
            if isinstance(owner, sa.types.SchemaType) and isinstance(owner, sa.types.TypeEngine):
                yield from self.of(owner)

    def of(self, type_: TypeEngine[Any]) -> Iterator[Object]:
        """Give those that a type is, or is made of."""
        own = self._forms.own_type(type_)
        while isinstance(own, sa.ARRAY):
            own = self._forms.own_type(own.item_type)
        if id(own) in self._seen:
            return
        self._seen[id(own)] = own  # Decorators make new types: freed, one could have its id.
        if isinstance(own, sa.Enum):
            yield from self._enum(own)
        elif own.__visit_name__ == "DOMAIN":
            yield from self._domain(own)
        elif isinstance(own, UserDefinedType):
            yield from self._composite(own)

    def _enum(self, enum: sa.Enum) -> Iterator[EnumType]:
        # Also with create_type=False: then something else makes it, and it is in use all the same.
        if self._enums and enum.native_enum and enum.name:
            yield EnumType(
                self._forms.schema(enum.schema),
                self._forms.name(str(enum.name)),
                tuple(str(value) for value in enum.enums),
                enum,
            )

    def _domain(self, domain: Any) -> Iterator[Object]:
        yield from self.of(domain.data_type)
        if not self._domains:
            return
        forms = self._forms
        name = forms.name(str(domain.name))
        checks = []
        if domain.check is not None:
            # In SQLAlchemy's CREATE DOMAIN it is NOT NULL that takes the name, if there is one.
            given = None if domain.not_null else domain.constraint_name
            own_name = given or forms.constraint_name("check", name, ())
            checks = [(forms.name(str(own_name)), forms.expression(forms.sql(domain.check)))]
        yield Domain(
            forms.schema(domain.schema),
            name,
            forms.type(domain.data_type),
            nullable=not domain.not_null,
            default=forms.default(sa.Column(name, domain.data_type, server_default=domain.default)),
            collation=domain.collation or forms.collation(domain.data_type),
            checks=tuple(checks),
            sa_type=domain.data_type,
            element=domain,
        )

    def _composite(self, type_: Any) -> Iterator[Object]:
        """Give a composite type: SQLAlchemy has none, SQLAlchemy-Utils a class with columns."""
        columns = getattr(type_, "columns", None)
        if not isinstance(columns, list | tuple) or not getattr(type_, "name", None):
            return
        for column in columns:
            yield from self.of(column.type)
        if self._composites:
            yield Composite(
                self._forms.schema(getattr(type_, "schema", None)),
                self._forms.name(str(type_.name)),
                tuple((str(each.name), self._forms.type(each.type)) for each in columns),
                type_,
            )
