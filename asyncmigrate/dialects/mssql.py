"""SQL Server: its own words for adding, altering and renaming. Text only: not run by our tests.

A default is a constraint of its own, mostly with a name that the server has made up, and stands
in the way of whoever changes its column. So it is looked up and dropped by a block of T-SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from asyncmigrate.dialects import ddl
from asyncmigrate.dialects.base import Dialect, refuse_generated, terminated
from asyncmigrate.dialects.mssql_object_ddl import SQLServerObjects
from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sqlalchemy.schema import ExecutableDDLElement
    from sqlalchemy.sql.compiler import DDLCompiler, IdentifierPreparer

    from asyncmigrate.dialects.ddl import ColumnChange

Kind = Literal["default", "check", "foreign_key"]


class SQLServer(SQLServerObjects, Dialect):
    """SQL Server 2016 and later."""

    name: ClassVar[str] = "mssql"
    transactional_ddl: ClassVar[bool] = True
    index_needs_table: ClassVar[bool] = True
    offline_begin: ClassVar[str] = "BEGIN TRANSACTION;"
    now: ClassVar[str] = "SYSUTCDATETIME()"
    guards: ClassVar[frozenset[str]] = frozenset(
        {
            "drop_table",
            "drop_column",
            "drop_constraint",
            "drop_schema",
            "drop_sequence",
            "drop_view",
        }
    )
    fixed_in_sequences: ClassVar[frozenset[Literal["start", "type"]]] = frozenset({"start", "type"})

    def from_now(self, seconds: float) -> str:
        """Return DATEADD()."""
        return f"DATEADD(millisecond, {seconds * 1000:.0f}, {self.now})"

    def alter_column(self, change: ColumnChange) -> Iterator[ExecutableDDLElement]:
        """Give what changes a column: type and NULL in one statement, the new name last.

        The default makes way for a new one, and for a new type if the script says that it is
        there (`existing_server_default`); after that it is put back.
        """
        refuse_generated(change)
        table, column, existing = change.table, change.column, change.existing_server_default
        default = change.server_default
        if default is False and change.type_ is not None and existing is not False:
            default = existing
        if default is not False and (change.server_default is not False or default is not None):
            yield DropOf(table, column, "default")
        if change.type_ is not None or change.nullable is not None:
            yield AlterDefinition(change)
        if default is not False and default is not None:
            yield ddl.SetDefault(table, column, default)
        if change.comment is not False:
            yield ReplaceComment(table, column, change.comment)
        if change.new_name is not None:
            yield ddl.RenameColumn(table, column, change.new_name)

    def before_drop_column(
        self, table: sa.Table, column: str, options: Mapping[str, Any]
    ) -> Iterator[ExecutableDDLElement]:
        """Give what `mssql_drop_default`, `…_check` and `…_foreign_key` ask to be dropped first."""
        kinds: tuple[Kind, ...] = ("default", "check", "foreign_key")
        for kind in kinds:
            if options.get(f"mssql_drop_{kind}"):
                yield DropOf(table, column, kind)

    def around_insert(
        self, table: sa.TableClause, columns: Collection[str], preparer: IdentifierPreparer
    ) -> tuple[str, str] | None:
        """Give SET IDENTITY_INSERT, if a value of the IDENTITY column is among the columns."""
        name = preparer.format_table(table)
        switch = f"SET IDENTITY_INSERT {name}"
        if isinstance(table, sa.Table):
            identity = table._autoincrement_column
            given = identity is not None and identity.key in columns
            return (f"{switch} ON", f"{switch} OFF") if given else None
        names = ", ".join(_text(column) for column in columns)
        asked = (
            "IF EXISTS (SELECT 1 FROM sys.identity_columns"
            f" WHERE object_id = OBJECT_ID({_text(name)}) AND name IN ({names}))"
        )
        return f"{asked} {switch} ON", f"{asked} {switch} OFF"

    def script_text(self, sql: str) -> str:
        r"""Return a statement as a batch of its own: with GO.

        >>> SQLServer().script_text("SELECT 1")
        'SELECT 1;\n\nGO'
        """
        return f"{terminated(sql)}\n\nGO"

    def assume(self, dialect: Any) -> None:
        """Assume the default schema."""
        dialect.default_schema_name = "dbo"

    def literal_bytes(self, value: bytes) -> str:
        """Return bytes as a literal.

        >>> SQLServer().literal_bytes(b"a1")
        '0x6131'
        """
        return f"0x{value.hex()}"


def _text(value: str) -> str:
    """Return a string as a literal, in Unicode.

    >>> print(_text("it's"))
    N'it''s'
    """
    quoted = value.replace("'", "''")
    return f"N'{quoted}'"


class DropOf(ddl.AlterColumn):
    """Drops all constraints of one kind of a column, whatever the server calls them."""

    def __init__(self, table: sa.Table, column: str, kind: Kind) -> None:
        super().__init__(table, column)
        self.kind = kind


class ReplaceComment(ddl.SetComment):
    """A comment where there may be one already; None takes it away."""


class AlterDefinition(ddl.AlterColumn):
    """ALTER COLUMN with the type and whether it takes NULL."""

    def __init__(self, change: ColumnChange) -> None:
        super().__init__(change.table, change.column)
        self.type_ = change.type_ if change.type_ is not None else change.existing_type
        self.nullable = change.nullable if change.nullable is not None else change.existing_nullable
        if self.type_ is None or self.nullable is None:
            raise UsageError(
                f"SQL Server writes type and NULL together to alter "
                f"{change.table.fullname}.{change.column}, and one of them is not given.",
                next="Add existing_type=… or existing_nullable=… to op.alter_column.",
            )


@compiles(AlterDefinition, "mssql")
def _alter_definition(element: AlterDefinition, compiler: DDLCompiler, **_: Any) -> str:
    assert element.type_ is not None
    null = "NULL" if element.nullable else "NOT NULL"
    return f"{ddl.alter_column(element, compiler)} {ddl.type_text(element.type_, compiler)} {null}"


_CONSTRAINTS: dict[Kind, tuple[str, str]] = {
    "default": ("name", "sys.default_constraints"),
    "check": ("name", "sys.check_constraints"),
    "foreign_key": ("OBJECT_NAME(constraint_object_id)", "sys.foreign_key_columns"),
}
"""The expression for a constraint's name, and where to look, by kind."""


@compiles(DropOf, "mssql")
def _drop_of(element: DropOf, compiler: DDLCompiler, **_: Any) -> str:
    name, view = _CONSTRAINTS[element.kind]
    start = _text(f"{ddl.alter_table(element, compiler)} DROP CONSTRAINT ")
    table = compiler.preparer.format_table(element.table)
    return (
        "DECLARE @drop NVARCHAR(MAX) = N''\n"
        f"SELECT @drop += {start} + QUOTENAME({name}) + N';' FROM {view}\n"
        f"WHERE parent_object_id = OBJECT_ID({_text(table)})"
        f" AND COL_NAME(parent_object_id, parent_column_id) = {_text(element.column)}\n"
        "EXEC sp_executesql @drop"
    )


def _property(verb: str, element: ddl.SetComment, compiler: DDLCompiler) -> str:
    """Return the call that adds, updates or drops a column's description."""
    preparer = compiler.preparer
    schema = element.table.schema or compiler.dialect.default_schema_name or "dbo"
    table, column = preparer.quote(element.table.name), preparer.quote(element.column)
    value = "" if verb == "drop" else f", {_comment(element, compiler)}"
    return (
        f"EXEC sp_{verb}extendedproperty 'MS_Description'{value},"
        f" 'schema', {preparer.quote_schema(schema)}, 'table', {table}, 'column', {column}"
    )


def _comment(element: ddl.SetComment, compiler: DDLCompiler) -> str:
    return compiler.sql_compiler.render_literal_value(element.comment, sa.NVARCHAR())


@compiles(ddl.SetComment, "mssql")
def _set_comment(element: ddl.SetComment, compiler: DDLCompiler, **_: Any) -> str:
    return _property("drop" if element.comment is None else "add", element, compiler)


@compiles(ReplaceComment, "mssql")
def _replace_comment(element: ReplaceComment, compiler: DDLCompiler, **_: Any) -> str:
    table = _text(compiler.preparer.format_table(element.table))
    asked = (
        "IF EXISTS (SELECT 1 FROM sys.extended_properties WHERE class = 1"
        f" AND name = N'MS_Description' AND major_id = OBJECT_ID({table})"
        f" AND minor_id = COLUMNPROPERTY(OBJECT_ID({table}), {_text(element.column)}, 'ColumnId'))"
    )
    if element.comment is None:
        return f"{asked}\n{_property('drop', element, compiler)}"
    update, add = (_property(verb, element, compiler) for verb in ("update", "add"))
    return f"{asked}\n{update}\nELSE {add}"


@compiles(ddl.AddColumn, "mssql")
def _add_column(element: ddl.AddColumn, compiler: DDLCompiler, **_: Any) -> str:
    return f"{ddl.alter_table(element, compiler)} {ddl.column_text(element, compiler, add='ADD')}"


@compiles(ddl.SetDefault, "mssql")
def _set_default(element: ddl.SetDefault, compiler: DDLCompiler, **_: Any) -> str:
    assert element.default is not None
    text = ddl.default_text(element.default, compiler)
    column = compiler.preparer.quote(element.column)
    return f"{ddl.alter_table(element, compiler)} ADD DEFAULT {text} FOR {column}"


@compiles(ddl.RenameColumn, "mssql")
def _rename_column(element: ddl.RenameColumn, compiler: DDLCompiler, **_: Any) -> str:
    preparer = compiler.preparer
    old = f"{preparer.format_table(element.table)}.{preparer.quote(element.column)}"
    new = ddl.literal_text(element.new_name, compiler)
    return f"EXEC sp_rename {ddl.literal_text(old, compiler)}, {new}, 'COLUMN'"


@compiles(ddl.RenameTable, "mssql")
def _rename_table(element: ddl.RenameTable, compiler: DDLCompiler, **_: Any) -> str:
    old = ddl.literal_text(compiler.preparer.format_table(element.table), compiler)
    return f"EXEC sp_rename {old}, {ddl.literal_text(element.new.name, compiler)}"
