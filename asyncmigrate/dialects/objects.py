"""What a database makes of the directives about what stands beside tables: here, standard SQL.

Methods give DDL elements and send nothing; one that cannot do what was asked raises first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, NoReturn

from sqlalchemy.schema import CreateSchema, DropSchema

from asyncmigrate.dialects.object_ddl import CreateView, DropView
from asyncmigrate.errors import UnsupportedOperationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import sqlalchemy as sa
    from sqlalchemy.schema import ExecutableDDLElement

    from asyncmigrate.dialects.object_ddl import CompositeChange, Domain, DomainChange, View


class Objects:
    """Schemas, sequences, views, domains and composite types of one kind of database."""

    sequences: ClassVar[bool] = True
    materialized_views: ClassVar[bool] = False

    schemas: ClassVar[str] = ""
    """What the schemas of this database are, if they cannot be created: "files", "users"."""

    renames_constraints: ClassVar[bool] = True
    """False if there are no words for it, and what a constraint says must be said again."""

    fixed_in_sequences: ClassVar[frozenset[Literal["start", "type"]]] = frozenset()
    """What ALTER SEQUENCE cannot change."""

    def create_schema(self, name: str, *, if_not_exists: bool) -> Iterable[ExecutableDDLElement]:
        """Give CREATE SCHEMA.

        Raises:
            UnsupportedOperationError: schemas are something else here.
        """
        self._check_schemas(name)
        return [CreateSchema(name, if_not_exists=if_not_exists)]

    def drop_schema(
        self, name: str, *, cascade: bool, if_exists: bool
    ) -> Iterable[ExecutableDDLElement]:
        """Give DROP SCHEMA.

        Raises:
            UnsupportedOperationError: schemas are something else here.
        """
        self._check_schemas(name)
        return [DropSchema(name, cascade=cascade, if_exists=if_exists)]

    def names_in_schema(self, name: str) -> sa.TextClause | None:
        """Return the query for all that DROP SCHEMA would take along without being told.

        None: it takes nothing along.
        """
        return None

    def _check_schemas(self, name: str) -> None:
        if self.schemas:
            raise UnsupportedOperationError(
                f"The schemas of this database are {self.schemas}, so {name!r} cannot be created "
                "or dropped by a migration.",
                state="Nothing was sent for this operation.",
                next="Ask op.get_context().dialect.name in the script, and leave it out here.",
            )

    def check_sequence_change(self, sequence: sa.Sequence) -> None:
        """Raise if ALTER SEQUENCE cannot do this.

        Raises:
            UnsupportedOperationError: it cannot change the start or the type.
        """
        asked = {"start": sequence.start, "type": sequence.data_type}
        fixed = [what for what in sorted(self.fixed_in_sequences) if asked[what] is not None]
        if fixed:
            raise UnsupportedOperationError(
                f"This database cannot change the {' and the '.join(fixed)} of the sequence "
                f"{sequence.name!r}.",
                state="Nothing was sent for this operation.",
                next="Drop the sequence and create it again.",
            )

    def rename_constraint(
        self, connection: sa.Connection, table: sa.Table, old: str, new: str
    ) -> Iterable[ExecutableDDLElement]:
        """Give what renames a CHECK or a foreign key where there are no words for it.

        Reads what it says. Asked for only if not `renames_constraints`.

        Raises:
            UsageError: the table has no such constraint.
        """
        raise NotImplementedError

    def check_view(self, view: View) -> None:
        """Raise if there are no views of this kind.

        Raises:
            UnsupportedOperationError: it is a materialized view, and not PostgreSQL.
        """
        if view.materialized and not self.materialized_views:
            raise UnsupportedOperationError(
                f"Materialized views, one of which {view.name.fullname!r} would be, are made on "
                "PostgreSQL only.",
                state="Nothing was sent for this operation.",
                next="Use materialized=False, or ask op.get_context().dialect.name in the script.",
            )

    def create_or_replace_view(self, view: View) -> Iterable[ExecutableDDLElement]:
        """Give what creates a view in place of one that may be there.

        Raises:
            UnsupportedOperationError: there are no views of this kind.
        """
        self.check_view(view)
        if view.materialized:
            return [DropView(view, if_exists=True), CreateView(view)]
        return [CreateView(view, or_replace=True)]

    def replace_view(self, view: View) -> Iterable[ExecutableDDLElement]:
        """Give what puts a view in the place of one that is there.

        Raises:
            UnsupportedOperationError: there are no views of this kind.
        """
        self.check_view(view)
        if view.materialized:
            return [DropView(view), CreateView(view)]
        return [CreateView(view, or_replace=True)]

    def create_domain(
        self, domain: Domain, *, if_not_exists: bool
    ) -> Iterable[ExecutableDDLElement]:
        """Give CREATE DOMAIN.

        Raises:
            UnsupportedOperationError: there are no domains.
        """
        _refuse("domains", domain.name)

    def alter_domain(self, change: DomainChange) -> Iterable[ExecutableDDLElement]:
        """Give ALTER DOMAIN, as often as it takes.

        Raises:
            UnsupportedOperationError: there are no domains.
        """
        _refuse("domains", change.name)

    def drop_domain(self, name: sa.Table, *, if_exists: bool) -> Iterable[ExecutableDDLElement]:
        """Give DROP DOMAIN.

        Raises:
            UnsupportedOperationError: there are no domains.
        """
        _refuse("domains", name)

    def create_composite_type(
        self, name: sa.Table, attributes: Sequence[sa.Column[object]], *, if_not_exists: bool
    ) -> Iterable[ExecutableDDLElement]:
        """Give CREATE TYPE … AS.

        Raises:
            UnsupportedOperationError: there are no composite types.
        """
        _refuse("composite types", name)

    def alter_composite_type(self, change: CompositeChange) -> Iterable[ExecutableDDLElement]:
        """Give ALTER TYPE with all changes in it.

        Raises:
            UnsupportedOperationError: there are no composite types.
        """
        _refuse("composite types", change.name)

    def drop_composite_type(
        self, name: sa.Table, *, if_exists: bool
    ) -> Iterable[ExecutableDDLElement]:
        """Give DROP TYPE.

        Raises:
            UnsupportedOperationError: there are no composite types.
        """
        _refuse("composite types", name)


def _refuse(what: str, name: sa.Table) -> NoReturn:
    raise UnsupportedOperationError(
        f"This database has no {what}; {name.fullname!r} would be one.",
        state="Nothing was sent for this operation.",
        next="Ask op.get_context().dialect.name in the script, and leave it out here.",
    )
