"""How a declared object looks in SQLite, which keeps what is typed: in the spelling of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa

from asyncmigrate.dialects.forms import StandardForms
from asyncmigrate.dialects.sqlite_statements import indexed
from asyncmigrate.dialects.sqlite_syntax import tokens
from asyncmigrate.dialects.sqlite_words import (
    Names,
    collation,
    default,
    expression,
    type_words,
    view_definition,
)
from asyncmigrate.schema.kinds.index import Indexed

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

    from asyncmigrate.schema.snapshot import Object


class SQLiteForms(StandardForms):
    """SQLite's."""

    kept: ClassVar[frozenset[str]] = frozenset(
        {"table", "column", "primary_key", "unique", "check", "index", "foreign_key", "view"}
    )
    not_options: ClassVar[frozenset[str]] = StandardForms.not_options | {"autoincrement"}
    rebuilds: ClassVar[bool] = True
    merged: ClassVar[frozenset[str]] = frozenset({"unique", "check", "foreign_key"})

    def type_text(self, compiled: str) -> str:
        """Return a type in one spelling."""
        return type_words(compiled)

    def collation(self, type_: TypeEngine[Any]) -> str | None:
        """Return the collation that a declared type asks for, if it is not the default one."""
        return collation(super().collation(type_))

    def default(self, column: sa.Column[Any]) -> str | None:
        """Return the declared server default as SQL; NULL is none."""
        if not isinstance(column.server_default, sa.DefaultClause):
            return None
        text = self.ddl.get_column_default_string(column)
        return None if text is None else default(text)

    def autoincrement(self, column: sa.Column[Any]) -> bool:
        """Return whether SQLAlchemy writes AUTOINCREMENT: `sqlite_autoincrement` of its table."""
        return (
            column.primary_key
            and bool(column.table.dialect_options["sqlite"]["autoincrement"])
            and len(column.table.primary_key.columns) == 1
            and issubclass(column.type._type_affinity or object, sa.Integer)
            and not column.foreign_keys
        )

    def nullable(self, column: sa.Column[Any]) -> bool:
        """Return whether the column may be NULL, which a key of SQLite sometimes may."""
        if not column.nullable or not column.primary_key:
            return bool(column.nullable)
        options = column.table.dialect_options["sqlite"]
        is_rowid = len(column.table.primary_key) == 1 and self.type(column.type) == "INTEGER"
        return bool(options["with_rowid"]) and not options["strict"] and not is_rowid

    def holds(self, before: Object, after: Object) -> bool:
        """Return False: a table is made anew without a look at who refers to it."""
        return False

    def expression(self, text: str) -> str:
        """Return a condition, a computed value or an index's expression in one spelling."""
        return expression(text)

    def indexed(self, index: sa.Index) -> tuple[Indexed, ...]:
        """Return what a declared index is on, read as the database's own statement is."""
        if all(isinstance(each, sa.Column) for each in index.expressions):
            return tuple(Indexed(str(each.name)) for each in index.columns)
        columns = () if index.table is None else index.table.columns
        names = Names.of("", [column.name for column in columns])
        collations = {column.name: self.collation(column.type) for column in columns}
        written = [each if isinstance(each, str) else self.sql(each) for each in index.expressions]
        return tuple(indexed(tokens(each)[0], names, collations) for each in written)

    def option_text(self, name: str, value: Any) -> str:
        """Return the value of a dialect keyword (its name without the dialect); "" for unset."""
        if name == "with_rowid":
            return "" if value else "False"
        return super().option_text(name, value)

    def definition(self, select: sa.ClauseElement | str) -> str:
        """Return the SELECT of a view in one spelling."""
        # A compiler writes the WITH and counts the nameless labels of all that it has compiled.
        fresh = StandardForms(self.dialect, self.default_schema)
        return view_definition(fresh.definition(select))
