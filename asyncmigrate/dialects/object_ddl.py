"""DDL about what stands beside tables: views, sequences, types; and other names for them.

The name of each is a throwaway `Table`, whatever it names, so that quoting, schemas and
`schema_translate_map` work as they do for tables. What one database writes differently is in that
dialect's own file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement

from asyncmigrate.dialects import ddl
from asyncmigrate.schema.kinds.written import with_schema

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.sql.compiler import DDLCompiler
    from sqlalchemy.types import TypeEngine

    from asyncmigrate.dialects.ddl import ServerDefault

    Definition: TypeAlias = str | sa.SelectBase | sa.TextClause


@dataclass(frozen=True, slots=True)
class View:
    """What a directive says about a view."""

    name: sa.Table
    definition: Definition
    materialized: bool = False
    with_data: bool = True

    @property
    def kind(self) -> str:
        """VIEW or MATERIALIZED VIEW."""
        return "MATERIALIZED VIEW" if self.materialized else "VIEW"


@dataclass(frozen=True, slots=True)
class Domain:
    """What `op.create_domain` says."""

    name: sa.Table
    type_: TypeEngine[Any]
    checks: tuple[sa.CheckConstraint, ...] = ()
    nullable: bool = True
    server_default: ServerDefault | None = None
    collation: str | None = None


@dataclass(frozen=True, slots=True)
class DomainChange:
    """What `op.alter_domain` says; None, and False as a default, mean that nothing was said."""

    name: sa.Table
    nullable: bool | None = None
    server_default: ServerDefault | Literal[False] | None = False
    add_checks: tuple[sa.CheckConstraint, ...] = ()
    drop_checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CompositeChange:
    """What `op.alter_composite_type` says."""

    name: sa.Table
    add: tuple[sa.Column[Any], ...] = ()
    drop: tuple[str, ...] = ()
    alter: tuple[sa.Column[Any], ...] = ()


class AlterSequence(ExecutableDDLElement):
    """ALTER SEQUENCE: the options that `sequence` has are set."""

    def __init__(self, sequence: sa.Sequence) -> None:
        self.sequence = sequence


class CreateView(ExecutableDDLElement):
    """CREATE [OR REPLACE] [MATERIALIZED] VIEW."""

    def __init__(
        self, view: View, *, or_replace: bool = False, if_not_exists: bool = False
    ) -> None:
        self.view = view
        self.or_replace = or_replace
        self.if_not_exists = if_not_exists


class DropView(ExecutableDDLElement):
    """DROP [MATERIALIZED] VIEW."""

    def __init__(self, view: View, *, if_exists: bool = False) -> None:
        self.view = view
        self.if_exists = if_exists


class RenameObject(ExecutableDDLElement):
    """ALTER … RENAME TO of what does not belong to a table; `kind` is SQL's word for it."""

    def __init__(self, kind: str, old: sa.Table, new: str) -> None:
        self.kind = kind
        self.old = old
        self.new = new


class RenameIndex(ExecutableDDLElement):
    """ALTER INDEX … RENAME TO; the table matters where indexes belong to tables."""

    def __init__(self, table: sa.Table, old: str, new: str) -> None:
        self.table = table
        self.old = old
        self.new = new


class RenameConstraint(ddl.AlterTable):
    """ALTER TABLE … RENAME CONSTRAINT."""

    def __init__(self, table: sa.Table, old: str, new: str) -> None:
        super().__init__(table)
        self.old = old
        self.new = new


class Sql(ExecutableDDLElement):
    """A statement that is SQL already, in the words of this one database."""

    def __init__(self, text: str) -> None:
        self.text = text


def definition_text(definition: Definition, compiler: DDLCompiler) -> str:
    """Return the SELECT of a view, with the values in it."""
    if isinstance(definition, str):
        text = definition.strip().removesuffix(";").rstrip()
        return str(compiler.sql_compiler.post_process_text(text))  # type: ignore[no-untyped-call]
    return str(compiler.sql_compiler.process(definition, literal_binds=True))


def view_text(view: View, compiler: DDLCompiler, *, verb: str = "CREATE", guard: str = "") -> str:
    """Return the statement that creates a view."""
    name = compiler.preparer.format_table(view.name)
    text = f"{verb} {view.kind} {guard}{name} AS {definition_text(view.definition, compiler)}"
    return text if view.with_data else f"{text} WITH NO DATA"


@compiles(Sql)
def _sql(element: Sql, compiler: DDLCompiler, **_: Any) -> str:
    return str(compiler.sql_compiler.post_process_text(element.text))  # type: ignore[no-untyped-call]


@compiles(AlterSequence)
def _alter_sequence(element: AlterSequence, compiler: DDLCompiler, **_: Any) -> str:
    sequence = element.sequence
    parts = [f"ALTER SEQUENCE {compiler.preparer.format_sequence(sequence)}"]
    if sequence.data_type is not None:
        parts.append(f"AS {ddl.type_text(sequence.data_type, compiler)}")
    options = compiler.get_identity_options(sequence)
    return " ".join([*parts, options] if options else parts)


@compiles(CreateView)
def _create_view(element: CreateView, compiler: DDLCompiler, **_: Any) -> str:
    verb = "CREATE OR REPLACE" if element.or_replace else "CREATE"
    guard = "IF NOT EXISTS " if element.if_not_exists else ""
    return view_text(element.view, compiler, verb=verb, guard=guard)


@compiles(DropView)
def _drop_view(element: DropView, compiler: DDLCompiler, **_: Any) -> str:
    guard = "IF EXISTS " if element.if_exists else ""
    name = compiler.preparer.format_table(element.view.name)
    return f"DROP {element.view.kind} {guard}{name}"


@compiles(RenameObject)
def _rename_object(element: RenameObject, compiler: DDLCompiler, **_: Any) -> str:
    old = compiler.preparer.format_table(element.old)
    return f"ALTER {element.kind} {old} RENAME TO {compiler.preparer.quote(element.new)}"


@compiles(RenameIndex)
def _rename_index(element: RenameIndex, compiler: DDLCompiler, **_: Any) -> str:
    old = index_name(element, compiler)
    return f"ALTER INDEX {old} RENAME TO {compiler.preparer.quote(element.new)}"


@compiles(RenameConstraint)
def _rename_constraint(element: RenameConstraint, compiler: DDLCompiler, **_: Any) -> str:
    quote = compiler.preparer.quote
    return (
        f"{ddl.alter_table(element, compiler)} RENAME CONSTRAINT "
        f"{quote(element.old)} TO {quote(element.new)}"
    )


def name_literal(name: str, compiler: DDLCompiler) -> str:
    """Return a quoted name as a literal, for what looks it up by its text."""
    if getattr(compiler.preparer, "_double_percents", False):
        name = name.replace("%%", "%")  # the literal doubles them again
    return ddl.literal_text(name, compiler)


def index_name(element: RenameIndex, compiler: DDLCompiler) -> str:
    """Return the name that an index has, with its schema."""
    schema = compiler.preparer.schema_for_object(element.table)
    return with_schema(schema, element.old, compiler.preparer)
