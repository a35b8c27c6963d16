"""The directives about domains and composite types, which only PostgreSQL has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy.types import to_instance

from asyncmigrate.dialects.object_ddl import CompositeChange, Domain, DomainChange
from asyncmigrate.scripts.directives import Directives

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from asyncmigrate.dialects.ddl import ServerDefault
    from asyncmigrate.scripts.column_directives import Type


class TypeDirectives(Directives):
    """Create, change and drop domains and composite types."""

    def create_domain(
        self,
        name: str,
        type_: Type,
        *checks: sa.CheckConstraint,
        nullable: bool = True,
        server_default: ServerDefault | None = None,
        collation: str | None = None,
        schema: str | None = None,
        if_not_exists: bool | None = None,
    ) -> None:
        """Create a domain: a type with a default and conditions (PostgreSQL).

        In a condition the value is called VALUE: `sa.CheckConstraint("VALUE > 0", name="ck")`.

        Raises:
            UnsupportedOperationError: the database has no domains.
        """
        domain = Domain(
            self._elements.bare(name, schema),
            to_instance(type_),
            checks,
            nullable=nullable,
            server_default=server_default,
            collation=collation,
        )
        self._send(self._dialect.create_domain(domain, if_not_exists=bool(if_not_exists)))

    def alter_domain(
        self,
        name: str,
        *,
        nullable: bool | None = None,
        server_default: ServerDefault | Literal[False] | None = False,
        add_checks: Sequence[sa.CheckConstraint] = (),
        drop_checks: Sequence[str | sa.CheckConstraint] = (),
        existing_nullable: bool | None = None,
        existing_server_default: ServerDefault | Literal[False] | None = False,
        schema: str | None = None,
    ) -> None:
        """Change a domain (PostgreSQL): its NOT NULL, its default, its conditions.

        What is not said is left alone; `server_default=None` drops the default. Conditions are
        dropped first. Given whole, those that are dropped can be undone. The rows of every column
        of the domain are checked.

        Raises:
            UnsupportedOperationError: the database has no domains.
        """
        del existing_nullable, existing_server_default
        change = DomainChange(
            self._elements.bare(name, schema),
            nullable=nullable,
            server_default=server_default,
            add_checks=tuple(add_checks),
            drop_checks=tuple(_constraint_name(check) for check in drop_checks),
        )
        self._send(self._dialect.alter_domain(change))

    def drop_domain(
        self, name: str, *, schema: str | None = None, if_exists: bool | None = None
    ) -> None:
        """Drop a domain that nothing uses (PostgreSQL).

        Raises:
            UnsupportedOperationError: the database has no domains.
        """
        named = self._elements.bare(name, schema)
        self._send(self._dialect.drop_domain(named, if_exists=bool(if_exists)))

    def create_composite_type(
        self,
        name: str,
        *attributes: sa.Column[Any],
        schema: str | None = None,
        if_not_exists: bool | None = None,
    ) -> None:
        """Create a type made of attributes (PostgreSQL); of each column the name and type count.

        Raises:
            UnsupportedOperationError: the database has no composite types.
        """
        named = self._elements.bare(name, schema)
        self._send(
            self._dialect.create_composite_type(
                named, attributes, if_not_exists=bool(if_not_exists)
            )
        )

    def alter_composite_type(
        self,
        name: str,
        *,
        add: Sequence[sa.Column[Any]] = (),
        drop: Sequence[str | sa.Column[Any]] = (),
        alter: Sequence[sa.Column[Any]] = (),
        existing: Sequence[sa.Column[Any]] = (),
        schema: str | None = None,
    ) -> None:
        """Change the attributes of a composite type (PostgreSQL), in one statement.

        `alter` has those that get another type, `existing` the same ones as they were. PostgreSQL
        refuses another type while a column of a table is of the composite type. Given whole, those
        that are dropped can be undone, at the end of the attributes.

        Raises:
            UnsupportedOperationError: the database has no composite types.
        """
        del existing
        change = CompositeChange(
            self._elements.bare(name, schema),
            add=tuple(add),
            drop=tuple(a if isinstance(a, str) else a.name for a in drop),
            alter=tuple(alter),
        )
        self._send(self._dialect.alter_composite_type(change))

    def drop_composite_type(
        self, name: str, *, schema: str | None = None, if_exists: bool | None = None
    ) -> None:
        """Drop a composite type that nothing uses (PostgreSQL).

        Raises:
            UnsupportedOperationError: the database has no composite types.
        """
        named = self._elements.bare(name, schema)
        self._send(self._dialect.drop_composite_type(named, if_exists=bool(if_exists)))


def _constraint_name(check: str | sa.CheckConstraint) -> str:
    return check if isinstance(check, str) else str(check.name)
