"""DDL that SQLAlchemy has no construct for, in standard SQL: ADD, ALTER and RENAME.

Each element holds a `Table` rather than a name, so that quoting, schemas and
`schema_translate_map` work in it as they do in SQLAlchemy's own CREATE TABLE. What one database
writes differently is registered in that dialect's file with `@compiles(Element, "name")`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement

if TYPE_CHECKING:
    from sqlalchemy.schema import FetchedValue
    from sqlalchemy.sql.compiler import DDLCompiler
    from sqlalchemy.types import TypeEngine

    ServerDefault: TypeAlias = str | sa.TextClause | sa.ColumnElement[Any] | FetchedValue


@dataclass(frozen=True, slots=True)
class ColumnAddition:
    """What `op.add_column` asks for; the column hangs in a throwaway table.

    `constraints` are those that this database would really make, in the order of their creation.
    """

    column: sa.Column[Any]
    constraints: tuple[sa.Constraint, ...] = ()
    indexes: tuple[sa.Index, ...] = ()
    if_not_exists: bool = False
    inline_references: bool = False
    inline_primary_key: bool = False

    @property
    def single_reference(self) -> sa.ForeignKeyConstraint | None:
        """The column's foreign key, if it has exactly one and that has one column."""
        match [c for c in self.constraints if isinstance(c, sa.ForeignKeyConstraint)]:
            case [only] if len(only.elements) == 1:
                return only
        return None


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """What `op.alter_column` asks for, and what its caller says the column was before.

    False as a default or a comment means that nothing was said; None means that there is none.
    """

    table: sa.Table
    column: str
    nullable: bool | None = None
    server_default: ServerDefault | Literal[False] | None = False
    comment: str | Literal[False] | None = False
    new_name: str | None = None
    type_: TypeEngine[Any] | None = None
    autoincrement: bool | None = None
    using: str | None = None
    existing_type: TypeEngine[Any] | None = None
    existing_server_default: ServerDefault | Literal[False] | None = False
    existing_nullable: bool | None = None
    existing_comment: str | Literal[False] | None = False
    existing_autoincrement: bool | None = None
    existing_text: str | None = None
    """The column in the database's own words, if they were read (`Dialect.read_column`)."""

    @property
    def is_rename_only(self) -> bool:
        """True if nothing but the name changes."""
        return self.new_name is not None and not self.alters_definition

    @property
    def known_type(self) -> TypeEngine[Any] | None:
        """The type that the column will have, if the caller says."""
        return self.type_ if self.type_ is not None else self.existing_type

    @property
    def alters_definition(self) -> bool:
        """True if anything but the name changes."""
        return (
            self.nullable is not None
            or self.server_default is not False
            or self.comment is not False
            or self.type_ is not None
            or self.autoincrement is not None
        )

    def described(self) -> sa.Column[Any]:
        """Return the column as it will be, as far as the caller says, to restate all of it."""
        default = _said(self.server_default, self.existing_server_default)
        increments = _first(self.autoincrement, self.existing_autoincrement)
        return sa.Column(
            self.new_name or self.column,
            self.known_type,
            nullable=_first(self.nullable, self.existing_nullable, True),
            server_default=None if default is False else default,
            autoincrement="auto" if increments is None else increments,
            comment=_said(self.comment, self.existing_comment) or None,
        )


def _said(new: Any, existing: Any) -> Any:
    return existing if new is False else new


def _first(*candidates: bool | None) -> Any:
    return next((candidate for candidate in candidates if candidate is not None), None)


class AlterTable(ExecutableDDLElement):
    """The base of what follows: one ALTER TABLE of `table`."""

    def __init__(self, table: sa.Table) -> None:
        self.table = table


class RenameTable(AlterTable):
    """ALTER TABLE … RENAME TO."""

    def __init__(self, table: sa.Table, new: sa.Table) -> None:
        super().__init__(table)
        self.new = new


class AddColumn(AlterTable):
    """ALTER TABLE … ADD COLUMN. `inline` are constraints written into the column itself."""

    def __init__(
        self,
        column: sa.Column[Any],
        *,
        if_not_exists: bool = False,
        inline: tuple[sa.Constraint, ...] = (),
        primary_key: bool = False,
    ) -> None:
        super().__init__(column.table)
        self.column = column
        self.if_not_exists = if_not_exists
        self.inline = inline
        self.primary_key = primary_key


class DropColumn(AlterTable):
    """ALTER TABLE … DROP COLUMN."""

    def __init__(self, table: sa.Table, column: str, *, if_exists: bool = False) -> None:
        super().__init__(table)
        self.column = column
        self.if_exists = if_exists


class AlterColumn(AlterTable):
    """The base of the elements that change one thing about one column."""

    def __init__(self, table: sa.Table, column: str) -> None:
        super().__init__(table)
        self.column = column


class SetType(AlterColumn):
    """ALTER COLUMN … TYPE."""

    def __init__(
        self,
        table: sa.Table,
        column: str,
        type_: TypeEngine[Any],
        *,
        using: str | None = None,
        existing: TypeEngine[Any] | None = None,
    ) -> None:
        super().__init__(table, column)
        self.type_ = type_
        self.using = using
        self.existing = existing


class DropTypeChecks(AlterColumn):
    """The nameless CHECKs that came with a column's type, less: for SQLite's tables only."""


class SetNullable(AlterColumn):
    """ALTER COLUMN … SET or DROP NOT NULL."""

    def __init__(self, table: sa.Table, column: str, *, nullable: bool) -> None:
        super().__init__(table, column)
        self.nullable = nullable


class SetDefault(AlterColumn):
    """ALTER COLUMN … SET or DROP DEFAULT."""

    def __init__(self, table: sa.Table, column: str, default: ServerDefault | None) -> None:
        super().__init__(table, column)
        self.default = default


class RenameColumn(AlterColumn):
    """ALTER TABLE … RENAME COLUMN."""

    def __init__(self, table: sa.Table, column: str, new_name: str) -> None:
        super().__init__(table, column)
        self.new_name = new_name


class SetComment(AlterColumn):
    """COMMENT ON COLUMN; None takes the comment away."""

    def __init__(self, table: sa.Table, column: str, comment: str | None) -> None:
        super().__init__(table, column)
        self.comment = comment


def alter_table(element: AlterTable, compiler: DDLCompiler) -> str:
    """Return `ALTER TABLE name`, quoted as needed."""
    return f"ALTER TABLE {compiler.preparer.format_table(element.table)}"


def alter_column(element: AlterColumn, compiler: DDLCompiler) -> str:
    """Return `ALTER TABLE name ALTER COLUMN name`, quoted as needed."""
    column = compiler.preparer.quote(element.column)
    return f"{alter_table(element, compiler)} ALTER COLUMN {column}"


def type_text(type_: TypeEngine[Any], compiler: DDLCompiler) -> str:
    """Return a type as this database writes it."""
    return compiler.dialect.type_compiler_instance.process(type_)


def default_text(default: ServerDefault, compiler: DDLCompiler) -> str:
    """Return what stands after DEFAULT."""
    column = sa.Column("x", sa.Integer, server_default=default)
    return str(compiler.get_column_default_string(column))


def column_text(element: AddColumn, compiler: DDLCompiler, *, add: str = "ADD COLUMN") -> str:
    """Return everything of an added column that follows the table's name."""
    guard = " IF NOT EXISTS" if element.if_not_exists else ""
    parts = [f"{add}{guard}", compiler.get_column_specification(element.column)]
    if element.primary_key:
        parts.append("PRIMARY KEY")
    parts += [_inline_constraint(constraint, compiler) for constraint in element.inline]
    parts += [compiler.process(constraint) for constraint in _column_checks(element)]
    return " ".join(part for part in parts if part)


def _column_checks(element: AddColumn) -> list[sa.Constraint]:
    return sorted(element.column.constraints, key=lambda constraint: str(constraint.name or ""))


def _inline_constraint(constraint: sa.Constraint, compiler: DDLCompiler) -> str:
    if not isinstance(constraint, sa.ForeignKeyConstraint):
        return compiler.process(constraint)
    [reference] = constraint.elements
    target = reference.column
    preparer = compiler.preparer
    name = (
        "" if constraint.name is None else f"CONSTRAINT {preparer.format_constraint(constraint)} "
    )
    table = compiler.define_constraint_remote_table(  # type: ignore[no-untyped-call]
        constraint, target.table, preparer
    )
    return (
        f"{name}REFERENCES {table} ({preparer.quote(target.name)})"
        + compiler.define_constraint_match(constraint)
        + compiler.define_constraint_cascades(constraint)
        + compiler.define_constraint_deferrability(constraint)
    )


@compiles(RenameTable)
def _rename_table(element: RenameTable, compiler: DDLCompiler, **_: Any) -> str:
    return (
        f"{alter_table(element, compiler)} RENAME TO {compiler.preparer.format_table(element.new)}"
    )


@compiles(RenameTable, "postgresql")
@compiles(RenameTable, "sqlite")
def _rename_table_in_place(element: RenameTable, compiler: DDLCompiler, **_: Any) -> str:
    # The new name is never qualified: RENAME cannot move a table to another schema.
    return f"{alter_table(element, compiler)} RENAME TO {compiler.preparer.quote(element.new.name)}"


@compiles(AddColumn)
def _add_column(element: AddColumn, compiler: DDLCompiler, **_: Any) -> str:
    return f"{alter_table(element, compiler)} {column_text(element, compiler)}"


@compiles(DropColumn)
def _drop_column(element: DropColumn, compiler: DDLCompiler, **_: Any) -> str:
    guard = "IF EXISTS " if element.if_exists else ""
    column = compiler.preparer.quote(element.column)
    return f"{alter_table(element, compiler)} DROP COLUMN {guard}{column}"


@compiles(SetType)
def _set_type(element: SetType, compiler: DDLCompiler, **_: Any) -> str:
    using = f" USING {element.using}" if element.using else ""
    return f"{alter_column(element, compiler)} TYPE {type_text(element.type_, compiler)}{using}"


@compiles(SetNullable)
def _set_nullable(element: SetNullable, compiler: DDLCompiler, **_: Any) -> str:
    return f"{alter_column(element, compiler)} {'DROP' if element.nullable else 'SET'} NOT NULL"


@compiles(SetDefault)
def _set_default(element: SetDefault, compiler: DDLCompiler, **_: Any) -> str:
    if element.default is None:
        return f"{alter_column(element, compiler)} DROP DEFAULT"
    return (
        f"{alter_column(element, compiler)} SET DEFAULT {default_text(element.default, compiler)}"
    )


@compiles(RenameColumn)
def _rename_column(element: RenameColumn, compiler: DDLCompiler, **_: Any) -> str:
    quote = compiler.preparer.quote
    return (
        f"{alter_table(element, compiler)} RENAME COLUMN "
        f"{quote(element.column)} TO {quote(element.new_name)}"
    )


@compiles(SetComment)
def _set_comment(element: SetComment, compiler: DDLCompiler, **_: Any) -> str:
    preparer = compiler.preparer
    name = f"{preparer.format_table(element.table)}.{preparer.quote(element.column)}"
    text = "NULL" if element.comment is None else literal_text(element.comment, compiler)
    return f"COMMENT ON COLUMN {name} IS {text}"


def literal_text(text: str, compiler: DDLCompiler) -> str:
    """Return a string as a quoted literal of this database."""
    return compiler.sql_compiler.render_literal_value(text, sa.String())
