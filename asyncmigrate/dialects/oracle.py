"""Oracle: ADD and MODIFY without COLUMN. Text only: not run by our tests."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from asyncmigrate.dialects import ddl
from asyncmigrate.dialects.base import Dialect
from asyncmigrate.dialects.object_ddl import RenameObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.schema import ExecutableDDLElement
    from sqlalchemy.sql.compiler import DDLCompiler

    from asyncmigrate.dialects.ddl import ColumnChange


class Oracle(Dialect):
    """Oracle 12c and later."""

    name: ClassVar[str] = "oracle"
    offline_begin: ClassVar[str] = "SET TRANSACTION READ WRITE"
    offline_commit: ClassVar[str] = "COMMIT"
    guards: ClassVar[frozenset[str]] = frozenset()
    schemas: ClassVar[str] = "users"
    fixed_in_sequences: ClassVar[frozenset[Literal["start", "type"]]] = frozenset({"start", "type"})

    def alter_column(self, change: ColumnChange) -> Iterator[ExecutableDDLElement]:
        """Give what changes a column; an identity goes before a default comes."""
        new, existing = change.server_default, change.existing_server_default
        if isinstance(existing, sa.Identity) and new and not isinstance(new, sa.Identity):
            yield SetIdentity(change.table, change.column, None)
            change = replace(change, existing_server_default=None)
        yield from super().alter_column(change)

    def set_default(self, change: ColumnChange) -> ExecutableDDLElement:
        """Give what sets or drops a column's default or identity.

        Raises:
            UnsupportedOperationError: a column cannot become generated, or an identity, in place.
        """
        new, existing = change.server_default, change.existing_server_default
        if isinstance(existing, sa.Identity) or (isinstance(new, sa.Identity) and not existing):
            identity = new if isinstance(new, sa.Identity) else None
            return SetIdentity(change.table, change.column, identity)
        return super().set_default(change)

    def script_text(self, sql: str) -> str:
        r"""Return a statement without its semicolon (PL/SQL keeps it) and with a slash.

        >>> Oracle().script_text("SELECT 1 FROM dual;"), Oracle().script_text("BEGIN a(); END;")
        ('SELECT 1 FROM dual\n\n/', 'BEGIN a(); END;\n\n/')
        """
        text = sql.strip()
        if not _ENDS_A_BLOCK.search(text):
            text = text.rstrip("; \n\t")
        return f"{text}\n\n/"

    def literal_bytes(self, value: bytes) -> str:
        """Return bytes as a literal.

        >>> Oracle().literal_bytes(b"a1")
        "HEXTORAW('6131')"
        """
        return f"HEXTORAW('{value.hex()}')"


_ENDS_A_BLOCK = re.compile(r"\bEND(\s+\w+)?\s*;$", re.IGNORECASE)


class SetIdentity(ddl.AlterColumn):
    """MODIFY with GENERATED … AS IDENTITY, or DROP IDENTITY."""

    def __init__(self, table: sa.Table, column: str, identity: sa.Identity | None) -> None:
        super().__init__(table, column)
        self.identity = identity


@compiles(SetIdentity, "oracle")
def _set_identity(element: SetIdentity, compiler: DDLCompiler, **_: Any) -> str:
    if element.identity is None:
        return _modify(element, compiler, "DROP IDENTITY")
    text = compiler.visit_identity_column(element.identity)  # type: ignore[no-untyped-call]
    return _modify(element, compiler, " ".join(text.split()))


def _modify(element: ddl.AlterColumn, compiler: DDLCompiler, what: str) -> str:
    column = compiler.preparer.quote(element.column)
    return f"{ddl.alter_table(element, compiler)} MODIFY {column} {what}"


@compiles(ddl.AddColumn, "oracle")
def _add_column(element: ddl.AddColumn, compiler: DDLCompiler, **_: Any) -> str:
    return f"{ddl.alter_table(element, compiler)} {ddl.column_text(element, compiler, add='ADD')}"


@compiles(ddl.SetType, "oracle")
def _set_type(element: ddl.SetType, compiler: DDLCompiler, **_: Any) -> str:
    return _modify(element, compiler, ddl.type_text(element.type_, compiler))


@compiles(ddl.SetNullable, "oracle")
def _set_nullable(element: ddl.SetNullable, compiler: DDLCompiler, **_: Any) -> str:
    return _modify(element, compiler, "NULL" if element.nullable else "NOT NULL")


@compiles(ddl.SetDefault, "oracle")
def _set_default(element: ddl.SetDefault, compiler: DDLCompiler, **_: Any) -> str:
    text = "NULL" if element.default is None else ddl.default_text(element.default, compiler)
    return _modify(element, compiler, f"DEFAULT {text}")


@compiles(ddl.SetComment, "oracle")
def _set_comment(element: ddl.SetComment, compiler: DDLCompiler, **_: Any) -> str:
    preparer = compiler.preparer
    name = f"{preparer.format_table(element.table)}.{preparer.quote(element.column)}"
    return f"COMMENT ON COLUMN {name} IS {ddl.literal_text(element.comment or '', compiler)}"


@compiles(ddl.RenameTable, "oracle")
def _rename_table(element: ddl.RenameTable, compiler: DDLCompiler, **_: Any) -> str:
    new = compiler.preparer.quote(element.new.name)
    return f"{ddl.alter_table(element, compiler)} RENAME TO {new}"


@compiles(RenameObject, "oracle")
def _rename_object(element: RenameObject, compiler: DDLCompiler, **_: Any) -> str:
    # It takes no schema: what is renamed is one's own.
    quote = compiler.preparer.quote
    return f"RENAME {quote(element.old.name)} TO {quote(element.new)}"
