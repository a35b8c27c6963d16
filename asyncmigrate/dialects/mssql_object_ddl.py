"""What stands beside tables in SQL Server, and other names there: sp_rename."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.compiler import compiles

from asyncmigrate.dialects import ddl
from asyncmigrate.dialects.object_ddl import (
    CreateView,
    RenameConstraint,
    RenameIndex,
    RenameObject,
    view_text,
)
from asyncmigrate.dialects.objects import Objects
from asyncmigrate.errors import UnsupportedOperationError
from asyncmigrate.schema.kinds.written import with_schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.schema import ExecutableDDLElement
    from sqlalchemy.sql.compiler import DDLCompiler


class SQLServerObjects(Objects):
    """What stands beside tables, as SQL Server has it."""

    def drop_schema(
        self, name: str, *, cascade: bool, if_exists: bool
    ) -> Iterable[ExecutableDDLElement]:
        """Give DROP SCHEMA.

        Raises:
            UnsupportedOperationError: there is no CASCADE.
        """
        if cascade:
            raise UnsupportedOperationError(
                f"SQL Server drops no schema with what is in it: {name!r}.",
                state="Nothing was sent for this operation.",
                next="Drop what is in it first, and leave cascade=True out.",
            )
        return super().drop_schema(name, cascade=cascade, if_exists=if_exists)


def _rename(old: str, new: str, kind: str, compiler: DDLCompiler) -> str:
    old, new = ddl.literal_text(old, compiler), ddl.literal_text(new, compiler)
    return f"EXEC sp_rename {old}, {new}, '{kind}'"


@compiles(CreateView, "mssql")
def _create_view(element: CreateView, compiler: DDLCompiler, **_: Any) -> str:
    verb = "CREATE OR ALTER" if element.or_replace else "CREATE"
    return view_text(element.view, compiler, verb=verb)


@compiles(RenameObject, "mssql")
def _rename_object(element: RenameObject, compiler: DDLCompiler, **_: Any) -> str:
    return _rename(compiler.preparer.format_table(element.old), element.new, "OBJECT", compiler)


@compiles(RenameIndex, "mssql")
def _rename_index(element: RenameIndex, compiler: DDLCompiler, **_: Any) -> str:
    preparer = compiler.preparer
    old = f"{preparer.format_table(element.table)}.{preparer.quote(element.old)}"
    return _rename(old, element.new, "INDEX", compiler)


@compiles(RenameConstraint, "mssql")
def _rename_constraint(element: RenameConstraint, compiler: DDLCompiler, **_: Any) -> str:
    preparer = compiler.preparer
    old = with_schema(preparer.schema_for_object(element.table), element.old, preparer)
    return _rename(old, element.new, "OBJECT", compiler)
