"""`alembic.ddl.base`: renaming a table as a DDL element, for plug-ins that compile it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DDLElement

from asyncmigrate.alembic.words import absent


class AlterTable(DDLElement):
    """A change of a table."""

    def __init__(self, table_name: str, schema: str | None = None) -> None:
        self.table_name = table_name
        self.schema = schema


class RenameTable(AlterTable):
    """`ALTER TABLE … RENAME TO …`."""

    def __init__(self, old_table_name: str, new_table_name: str, schema: str | None = None) -> None:
        super().__init__(old_table_name, schema=schema)
        self.new_table_name = new_table_name


def format_table_name(compiler: Any, name: str, schema: str | None) -> str:
    """Return a table's name as the dialect quotes it."""
    quote = compiler.preparer.quote
    return f"{quote(schema)}.{quote(name)}" if schema else str(quote(name))


def format_column_name(compiler: Any, name: str) -> str:
    """Return a column's name as the dialect quotes it."""
    return str(compiler.preparer.quote(name))


def format_type(compiler: Any, type_: Any) -> str:
    """Return a type's SQL."""
    return str(compiler.dialect.type_compiler_instance.process(type_))


def alter_table(compiler: Any, name: str, schema: str | None) -> str:
    """Return how a change of a table begins."""
    return f"ALTER TABLE {format_table_name(compiler, name, schema)}"


@compiles(RenameTable)
def visit_rename_table(element: RenameTable, compiler: Any, **_: Any) -> str:
    """Return the SQL of a renaming."""
    new = format_table_name(compiler, element.new_table_name, element.schema)
    return f"{alter_table(compiler, element.table_name, element.schema)} RENAME TO {new}"


def __getattr__(name: str) -> Any:
    raise absent("alembic.ddl.base", name)
