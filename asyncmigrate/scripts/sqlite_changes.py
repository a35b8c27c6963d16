"""DDL elements as edits of a table's own statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint as SqlAddConstraint
from sqlalchemy.schema import CreateIndex as SqlCreateIndex
from sqlalchemy.schema import CreateTable
from sqlalchemy.schema import DropConstraint as SqlDropConstraint
from sqlalchemy.schema import DropIndex as SqlDropIndex

from asyncmigrate.dialects import ddl
from asyncmigrate.dialects.object_ddl import RenameConstraint as SqlRenameConstraint
from asyncmigrate.dialects.sqlite_as_alembic import DropTypeChecks
from asyncmigrate.dialects.sqlite_constraints import (
    KINDS,
    AddConstraint,
    CreateIndex,
    DropConstraint,
    DropIndex,
    RenameConstraint,
    SetOptions,
)
from asyncmigrate.dialects.sqlite_edits import (
    AddColumn,
    Arrange,
    ChangeColumn,
    DropColumn,
    Edit,
    RenameColumn,
)
from asyncmigrate.dialects.sqlite_parser import parse_column, parse_constraint
from asyncmigrate.scripts.elements import Elements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.engine.interfaces import Dialect
    from sqlalchemy.schema import SchemaItem
    from sqlalchemy.sql.compiler import DDLCompiler

    from asyncmigrate.dialects.sqlite_constraints import Naming
    from asyncmigrate.dialects.sqlite_table import Clause, Column, Table


@dataclass(frozen=True, slots=True)
class Target:
    """The table that a change is about."""

    schema: str | None
    name: str


def target_of(statement: object) -> Target | None:
    """Return the table that a DDL element changes; None if it is no change of a table."""
    if isinstance(statement, ddl.AlterTable) and not isinstance(statement, ddl.RenameTable):
        return _target(statement.table)
    if isinstance(statement, SqlAddConstraint | SqlDropConstraint | SqlCreateIndex | SqlDropIndex):
        return _target(statement.element.table)
    return None


def _target(table: Any) -> Target:
    return Target(table.schema, table.name)


def edit_of(statement: Any, dialect: Dialect, naming: Naming | None) -> Edit | None:
    """Return the edit that a DDL element asks for; None if there is nothing to do."""
    compiler = _compiler(dialect)
    sql = "" if isinstance(statement, _NEVER_NATIVE) else str(statement.compile(dialect=dialect))
    match statement:
        case ddl.SetType() | ddl.SetNullable() | ddl.SetDefault() | ddl.DropTypeChecks():
            return _column_change(statement, compiler)
        case ddl.AddColumn():
            text = ddl.column_text(statement, compiler, add="").strip()
            return AddColumn(parse_column(text), sql)
        case ddl.DropColumn():
            return DropColumn(
                statement.column, sql.replace("IF EXISTS ", "", 1), statement.if_exists
            )
        case ddl.RenameColumn():
            return RenameColumn(statement.column, statement.new_name, sql)
        case SqlAddConstraint():
            return AddConstraint(parse_constraint(compiler.process(statement.element)))
        case SqlRenameConstraint():
            return RenameConstraint(statement.old, compiler.preparer.quote(statement.new), naming)
        case SqlDropConstraint():
            return _drop(statement, compiler, naming)
        case SqlCreateIndex():
            return CreateIndex(str(statement.element.name), sql)
        case SqlDropIndex():
            return DropIndex(str(statement.element.name), sql)
    return None


_NEVER_NATIVE = (
    ddl.SetType, ddl.SetNullable, ddl.SetDefault, ddl.DropTypeChecks, SqlAddConstraint,
    SqlDropConstraint, SqlRenameConstraint,
)  # fmt: skip


def _column_change(statement: Any, compiler: Any) -> Edit:
    match statement:
        case ddl.SetType():
            return ChangeColumn(
                statement.column,
                type_=ddl.type_text(statement.type_, compiler),
                collated=getattr(statement.existing, "collation", None) is None,
            )
        case ddl.SetNullable():
            return ChangeColumn(statement.column, nullable=statement.nullable)
        case ddl.DropTypeChecks():
            return DropTypeChecks(statement.column)
    return ChangeColumn(statement.column, value=_value(statement.default, compiler))


def _compiler(dialect: Any) -> Any:
    return dialect.ddl_compiler(dialect, None)


def _value(default: Any, compiler: DDLCompiler) -> str:
    """Return a column's DEFAULT or GENERATED as CREATE TABLE writes it."""
    if default is None:
        return ""
    column: Any = sa.Column("x", sa.Integer, server_default=default)
    if isinstance(default, sa.Computed):
        column = sa.Column("x", sa.Integer, default)
    table = sa.Table("x", sa.MetaData(), column)
    described = parse_column(compiler.get_column_specification(table.c.x))
    return " ".join(c.text for c in described.clauses if c.kind in {"default", "generated"})


def _drop(statement: Any, compiler: Any, naming: Naming | None) -> Edit:
    constraint = statement.element
    name = constraint.name
    if name is not None:
        name = compiler.preparer.format_constraint(constraint, _alembic_quote=False)
    kind = KINDS.get({
        sa.PrimaryKeyConstraint: "primary",
        sa.UniqueConstraint: "unique",
        sa.CheckConstraint: "check",
        sa.ForeignKeyConstraint: "foreignkey",
    }.get(type(constraint), ""))  # fmt: skip
    of_type = bool(getattr(constraint, "_type_bound", False))
    plain, clause = "", None
    if of_type or (name is None and kind == "check"):
        clause = parse_constraint(compiler.process(constraint))
        plain = clause.plain
    columns: Any = ()
    if name is None:  # by a name it is found alone, and of any kind
        columns = getattr(constraint, "column_keys", ()) or constraint.columns.keys()
    return DropConstraint(
        name,
        kind,
        plain=plain,
        clause=clause,
        columns=tuple(columns),
        if_exists=bool(statement.if_exists) or of_type,
        naming=naming,
    )


def table_text(table: sa.Table, dialect: Dialect) -> str:
    """Return the CREATE TABLE statement of a table."""
    return str(CreateTable(table).compile(dialect=dialect)).strip()


def convention(metadata: sa.MetaData | None) -> Naming | None:
    """Return what gives the names that a naming convention has for nameless constraints."""
    if metadata is None or not {"pk", "uq", "fk"} & {str(k) for k in metadata.naming_convention}:
        return None  # SQLAlchemy's own default knows indexes only
    rules = metadata.naming_convention

    def name(table: Table, column: Column | None, clause: Clause) -> str | None:
        columns = clause.columns or ((column.name,) if column is not None else ())
        fresh = sa.MetaData(naming_convention=rules)
        made = sa.Table(table.name, fresh, *(sa.Column(c.name, sa.Integer) for c in table.columns))
        constraint = _constraint(clause, columns, fresh)
        if constraint is None:
            return None
        made.append_constraint(constraint)
        return None if constraint.name is None else str(constraint.name)

    return name


def _constraint(clause: Clause, columns: Sequence[str], metadata: sa.MetaData) -> Any:
    match clause.kind:
        case "unique":
            return sa.UniqueConstraint(*columns)
        case "primary key":
            return sa.PrimaryKeyConstraint(*columns)
        case "foreign key":
            referred = clause.referred or columns
            parent = metadata.tables.get(clause.referent)
            if parent is None:
                parent = sa.Table(clause.referent, metadata)
            for name in referred:
                if name not in parent.c:
                    parent.append_column(sa.Column(name, sa.Integer))
            return sa.ForeignKeyConstraint(list(columns), [parent.c[name] for name in referred])
    return None


def from_table_args(items: Sequence[SchemaItem], around: Table, dialect: Dialect) -> Iterator[Edit]:
    """Give what `table_args` asks for; a constraint that is there already is left alone."""
    compiler = _compiler(dialect)
    for item in items:
        if isinstance(item, sa.Column):
            text = compiler.get_column_specification(item._copy())
            yield AddColumn(parse_column(text), "")
        elif isinstance(item, sa.Constraint):
            columns = [sa.Column(column.name, sa.Integer) for column in around.columns]
            fresh = Elements().table(around.name, *columns, item)
            made = [c for c in fresh.constraints if type(c) is type(item)]
            text = compiler.process(made[-1])
            yield AddConstraint(parse_constraint(text), unless_there=True)


def from_reflect_args(items: Sequence[SchemaItem], dialect: Dialect) -> Iterator[Edit]:
    """Give the types that `reflect_args` says columns have."""
    compiler = _compiler(dialect)
    for item in items:
        if isinstance(item, sa.Column) and not isinstance(item.type, sa.types.NullType):
            yield ChangeColumn(item.name, type_=ddl.type_text(item.type, compiler))


def from_table_kwargs(options: Mapping[str, Any]) -> Iterator[Edit]:
    """Give the options that `table_kwargs` asks for; those of other databases are passed over."""
    wanted = SetOptions(
        strict=options.get("sqlite_strict"),
        rowid=options.get("sqlite_with_rowid"),
        autoincrement=options.get("sqlite_autoincrement"),
    )
    if wanted != SetOptions():
        yield wanted


def from_reordering(lists: Sequence[Sequence[str]]) -> Iterator[Edit]:
    """Give what `partial_reordering` asks for."""
    if lists:
        yield Arrange(tuple(tuple(names) for names in lists))
