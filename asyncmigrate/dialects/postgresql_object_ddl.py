"""PostgreSQL's views, domains and composite types.

What the server has no words for (replace a view whose columns change, keep the indexes of a
materialized view) is a DO block: one statement, the same on a connection and in SQL text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement

from asyncmigrate.dialects import ddl
from asyncmigrate.dialects.object_ddl import CreateView, View, name_literal, view_text
from asyncmigrate.dialects.objects import Objects
from asyncmigrate.dialects.postgresql_enums import block, unless

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import sqlalchemy as sa
    from sqlalchemy.sql.compiler import DDLCompiler

    from asyncmigrate.dialects.object_ddl import CompositeChange, Domain, DomainChange


class PostgreSQLObjects(Objects):
    """What stands beside tables, as PostgreSQL has it."""

    materialized_views: ClassVar[bool] = True

    def create_or_replace_view(self, view: View) -> Iterable[ExecutableDDLElement]:
        """Give CREATE OR REPLACE VIEW; a materialized view is made anew with its indexes."""
        if view.materialized:
            return [ReplaceView(view, if_exists=True)]
        return [CreateView(view, or_replace=True)]

    def replace_view(self, view: View) -> Iterable[ExecutableDDLElement]:
        """Give what replaces a view: it is dropped only if its columns leave no other way."""
        return [ReplaceView(view)]

    def create_domain(
        self, domain: Domain, *, if_not_exists: bool
    ) -> Iterator[ExecutableDDLElement]:
        """Give CREATE DOMAIN."""
        yield CreateDomain(domain, if_not_exists=if_not_exists)

    def alter_domain(self, change: DomainChange) -> Iterator[ExecutableDDLElement]:
        """Give ALTER DOMAIN: what is dropped first."""
        for name in change.drop_checks:
            yield AlterDomain(change.name, drop_check=name)
        if change.nullable is not None:
            yield AlterDomain(change.name, nullable=change.nullable)
        if change.server_default is not False:
            yield AlterDomain(change.name, sets_default=True, default=change.server_default)
        for check in change.add_checks:
            yield AlterDomain(change.name, add_check=check)

    def drop_domain(self, name: sa.Table, *, if_exists: bool) -> Iterator[ExecutableDDLElement]:
        """Give DROP DOMAIN."""
        yield DropType("DOMAIN", name, if_exists=if_exists)

    def create_composite_type(
        self, name: sa.Table, attributes: Sequence[sa.Column[Any]], *, if_not_exists: bool
    ) -> Iterator[ExecutableDDLElement]:
        """Give CREATE TYPE … AS."""
        yield CreateComposite(name, attributes, if_not_exists=if_not_exists)

    def alter_composite_type(self, change: CompositeChange) -> Iterator[ExecutableDDLElement]:
        """Give one ALTER TYPE."""
        if change.add or change.drop or change.alter:
            yield AlterComposite(change)

    def drop_composite_type(
        self, name: sa.Table, *, if_exists: bool
    ) -> Iterator[ExecutableDDLElement]:
        """Give DROP TYPE."""
        yield DropType("TYPE", name, if_exists=if_exists)


class ReplaceView(ExecutableDDLElement):
    """CREATE OR REPLACE VIEW, or DROP and CREATE where that is refused; indexes are kept."""

    def __init__(self, view: View, *, if_exists: bool = False) -> None:
        self.view = view
        self.if_exists = if_exists


class CreateDomain(ExecutableDDLElement):
    """CREATE DOMAIN."""

    def __init__(self, domain: Domain, *, if_not_exists: bool) -> None:
        self.domain = domain
        self.if_not_exists = if_not_exists

    @property
    def key(self) -> tuple[str | None, str]:
        """The schema and the name of the type."""
        return self.domain.name.schema, self.domain.name.name


class AlterDomain(ExecutableDDLElement):
    """ALTER DOMAIN: one change."""

    def __init__(
        self,
        name: sa.Table,
        *,
        nullable: bool | None = None,
        sets_default: bool = False,
        default: ddl.ServerDefault | None = None,
        add_check: sa.CheckConstraint | None = None,
        drop_check: str | None = None,
    ) -> None:
        self.name = name
        self.nullable = nullable
        self.sets_default = sets_default
        self.default = default
        self.add_check = add_check
        self.drop_check = drop_check


class DropType(ExecutableDDLElement):
    """DROP DOMAIN or DROP TYPE."""

    def __init__(self, kind: str, name: sa.Table, *, if_exists: bool) -> None:
        self.kind = kind
        self.name = name
        self.if_exists = if_exists

    @property
    def key(self) -> tuple[str | None, str]:
        """The schema and the name of the type."""
        return self.name.schema, self.name.name


class CreateComposite(ExecutableDDLElement):
    """CREATE TYPE … AS (…)."""

    def __init__(
        self, name: sa.Table, attributes: Sequence[sa.Column[Any]], *, if_not_exists: bool
    ) -> None:
        self.name = name
        self.attributes = attributes
        self.if_not_exists = if_not_exists


class AlterComposite(ExecutableDDLElement):
    """ALTER TYPE with ADD, DROP and ALTER ATTRIBUTE."""

    def __init__(self, change: CompositeChange) -> None:
        self.change = change


@compiles(CreateView, "postgresql")
def _create_view(element: CreateView, compiler: DDLCompiler, **_: Any) -> str:
    view = element.view
    if not element.if_not_exists:
        verb = "CREATE OR REPLACE" if element.or_replace else "CREATE"
        return view_text(view, compiler, verb=verb)
    if view.materialized:
        return view_text(view, compiler, guard="IF NOT EXISTS ")
    return unless("duplicate_table", view_text(view, compiler))


@compiles(ReplaceView, "postgresql")
def _replace_view(element: ReplaceView, compiler: DDLCompiler, **_: Any) -> str:
    view = element.view
    name = compiler.preparer.format_table(view.name)
    guard = "IF EXISTS " if element.if_exists else ""
    drop, create = f"DROP {view.kind} {guard}{name}", view_text(view, compiler)
    if view.materialized:
        found = name_literal(name, compiler)
        return block(
            f"DECLARE made text[] := ARRAY(SELECT pg_catalog.pg_get_indexdef(indexrelid)"
            f" FROM pg_catalog.pg_index WHERE indrelid = to_regclass({found}) ORDER BY indexrelid);"
            f" made_by text; BEGIN {drop}; {create};"
            " FOREACH made_by IN ARRAY made LOOP EXECUTE made_by; END LOOP; END"
        )
    replace = view_text(view, compiler, verb="CREATE OR REPLACE")
    return block(
        f"BEGIN {replace}; EXCEPTION WHEN invalid_table_definition THEN {drop}; {create}; END"
    )


@compiles(CreateDomain, "postgresql")
def _create_domain(element: CreateDomain, compiler: DDLCompiler, **_: Any) -> str:
    domain = element.domain
    name = compiler.preparer.format_table(domain.name)
    parts = [f"CREATE DOMAIN {name} AS {ddl.type_text(domain.type_, compiler)}"]
    if domain.collation is not None:
        parts.append(f"COLLATE {compiler.preparer.quote(domain.collation)}")
    if domain.server_default is not None:
        parts.append(f"DEFAULT {ddl.default_text(domain.server_default, compiler)}")
    if not domain.nullable:
        parts.append("NOT NULL")
    parts += [_check(check, compiler) for check in domain.checks]
    statement = " ".join(parts)
    return unless("duplicate_object", statement) if element.if_not_exists else statement


@compiles(AlterDomain, "postgresql")
def _alter_domain(element: AlterDomain, compiler: DDLCompiler, **_: Any) -> str:
    prefix = f"ALTER DOMAIN {compiler.preparer.format_table(element.name)}"
    if element.drop_check is not None:
        return f"{prefix} DROP CONSTRAINT {compiler.preparer.quote(element.drop_check)}"
    if element.add_check is not None:
        return f"{prefix} ADD {_check(element.add_check, compiler)}"
    if element.nullable is not None:
        return f"{prefix} {'DROP' if element.nullable else 'SET'} NOT NULL"
    if element.default is None:
        return f"{prefix} DROP DEFAULT"
    return f"{prefix} SET DEFAULT {ddl.default_text(element.default, compiler)}"


@compiles(DropType, "postgresql")
def _drop_type(element: DropType, compiler: DDLCompiler, **_: Any) -> str:
    guard = "IF EXISTS " if element.if_exists else ""
    return f"DROP {element.kind} {guard}{compiler.preparer.format_table(element.name)}"


@compiles(CreateComposite, "postgresql")
def _create_composite(element: CreateComposite, compiler: DDLCompiler, **_: Any) -> str:
    attributes = ", ".join(_attribute(each, compiler) for each in element.attributes)
    name = compiler.preparer.format_table(element.name)
    statement = f"CREATE TYPE {name} AS ({attributes})"
    return unless("duplicate_object", statement) if element.if_not_exists else statement


@compiles(AlterComposite, "postgresql")
def _alter_composite(element: AlterComposite, compiler: DDLCompiler, **_: Any) -> str:
    change = element.change
    quote = compiler.preparer.quote
    actions = [f"DROP ATTRIBUTE {quote(name)}" for name in change.drop]
    for each in change.alter:
        type_ = ddl.type_text(each.type, compiler)
        actions.append(f"ALTER ATTRIBUTE {quote(each.name)} TYPE {type_}")
    actions += [f"ADD ATTRIBUTE {_attribute(each, compiler)}" for each in change.add]
    return f"ALTER TYPE {compiler.preparer.format_table(change.name)} {', '.join(actions)}"


def _attribute(attribute: sa.Column[Any], compiler: DDLCompiler) -> str:
    return f"{compiler.preparer.quote(attribute.name)} {ddl.type_text(attribute.type, compiler)}"


def _check(check: sa.CheckConstraint, compiler: DDLCompiler) -> str:
    name = ""
    if isinstance(check.name, str):
        name = f"CONSTRAINT {compiler.preparer.quote(check.name)} "
    condition = compiler.sql_compiler.process(
        check.sqltext, include_table=False, literal_binds=True
    )
    return f"{name}CHECK ({condition})"
