"""CREATE TABLE of a plain table, without SQLAlchemy's Table: the exception to who writes DDL.

SQLAlchemy's compiler writes our DDL. For `op.create_table` it first needs a Table, and building and
compiling that throwaway object is the largest part of what a revision costs beside the database.
So a *plain* table is put together here: SQLAlchemy still writes every column, type, default and
quoted name; only the frame around them, PRIMARY KEY and PostgreSQL's SERIAL are ours. A table with
anything else to it (a foreign key, CHECK, index, comment, ENUM, dialect option, …), a listener of
SQLAlchemy's schema events, a naming convention, a compiler that an application has replaced, and
whatever would be an error: `plain_table` gives None, and it goes the ordinary way. A law
(`tests/laws/test_plain_table.py`) holds the text to be SQLAlchemy's own, byte for byte.

What `op.create_table` returns is made into a real Table when it is first touched. Nearly always
it never is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateColumn, CreateTable, DefaultClause
from sqlalchemy.sql.base import SchemaEventTarget
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.sql.elements import conv

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine.interfaces import Dialect

    from asyncmigrate.scripts.elements import Elements

_SERIAL: Mapping[type[Any], str] = {
    sa.Integer: "SERIAL", sa.INTEGER: "SERIAL",
    sa.BigInteger: "BIGSERIAL", sa.BIGINT: "BIGSERIAL",
    sa.SmallInteger: "SMALLSERIAL", sa.SMALLINT: "SMALLSERIAL",
}  # fmt: skip
_NUMBERS = (sa.Integer, sa.Numeric)
_CAN_BE_LATER = hasattr(sa.MetaData, "_add_table")
"""Whether `Elements.make` can do its work: that part of SQLAlchemy is not public."""


@dataclass(frozen=True, slots=True)
class _Key:
    columns: tuple[str, ...]
    name: str | None = None
    explicit: bool = False


def plain_table(
    dialect: Dialect, name: str, items: Sequence[Any], *, conventions: bool
) -> str | None:
    """Return CREATE TABLE as SQLAlchemy's compiler would write it, or None if it must do so itself.

    `conventions`: the application's metadata has a naming convention of its own.
    """
    try:
        return _plain(dialect, name, items, conventions=conventions)
    except (SQLAlchemyError, AttributeError):
        return None  # it is going to say so itself, or is a SQLAlchemy that we do not know


def _plain(dialect: Dialect, name: str, items: Sequence[Any], *, conventions: bool) -> str | None:
    if not _is_known(dialect) or not _is_unobserved() or not isinstance(name, str):
        return None
    columns = [item for item in items if type(item) is sa.Column]
    if not columns or not all(map(_is_plain, columns)):
        return None
    if len({column.name for column in columns}) < len(columns):
        return None
    key = _key(columns, [item for item in items if type(item) is not sa.Column])
    if key is None or (conventions and key.columns and not isinstance(key.name, conv)):
        return None
    return _text(dialect, name, columns, key)


def _text(dialect: Dialect, name: str, columns: Sequence[sa.Column[Any]], key: _Key) -> str | None:
    compiler = dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type]  # it has no statement
    quote = dialect.identifier_preparer.quote
    lines = []
    for column in columns:
        in_key = column.name in key.columns
        line = _keyed(compiler, column, key) if in_key else _specification(compiler, column)
        if line is None:
            return None
        lines.append(line)
    if key.columns:
        named = ""
        if key.name is not None:
            shown = dialect.identifier_preparer.truncate_and_render_constraint_name(key.name)
            named = f"CONSTRAINT {shown} "
        own = {column.name: column.name for column in columns}  # they know whether to be quoted
        keyed = (quote(own[each]) for each in key.columns)
        lines.append(f"{named}PRIMARY KEY ({', '.join(keyed)})")
    body = ", \n\t".join(lines)
    return f"\nCREATE TABLE {quote(name)} (\n\t{body}\n)\n\n"


def _specification(compiler: DDLCompiler, column: sa.Column[Any]) -> str:
    """Return the column as the compiler writes it; without a default, all of them do the same."""
    if column.server_default is None:
        return DDLCompiler.get_column_specification(compiler, column)
    return compiler.get_column_specification(column)


def _keyed(compiler: DDLCompiler, column: sa.Column[Any], key: _Key) -> str | None:
    """Return a column of the primary key, or None if its text depends on more than we know."""
    if column.server_default is not None or column.autoincrement != "auto":
        return None
    if key.explicit and column.nullable:  # perhaps not said, and then NOT NULL
        return None
    is_number = isinstance(column.type, _NUMBERS)
    if compiler.dialect.name == "sqlite" or len(key.columns) > 1 or not is_number:
        return DDLCompiler.get_column_specification(compiler, column)
    serial = _SERIAL.get(type(column.type))
    if serial is None or column.type._variant_mapping:
        return None
    null = "" if column.nullable else " NOT NULL"
    return f"{compiler.preparer.format_column(column)} {serial}{null}"


def _key(columns: Sequence[sa.Column[Any]], others: Sequence[Any]) -> _Key | None:
    """Return the primary key, with no columns if there is none; None if it is not plain."""
    marked = tuple(column.name for column in columns if column.primary_key)
    if not others:
        return _Key(marked)
    if len(others) > 1 or marked or type(others[0]) is not sa.PrimaryKeyConstraint:
        return None
    (constraint,) = others
    names = getattr(constraint, "_pending_colargs", None)
    if not names or not all(isinstance(each, str) for each in names) or not _is_bare(constraint):
        return None
    known = {column.name for column in columns}
    if len(set(names)) < len(names) or not known.issuperset(names):
        return None
    return _Key(tuple(names), constraint.name, explicit=True)


def _is_bare(constraint: sa.PrimaryKeyConstraint) -> bool:
    given = (constraint.deferrable, constraint.initially, constraint.comment)
    return (
        given == (None, None, None)
        and (constraint.name is None or isinstance(constraint.name, str))
        and getattr(constraint, "parent", None) is None
        and constraint._create_rule is None
        and constraint._ddl_if is None
        and "dialect_options" not in vars(constraint)
    )


def _is_plain(column: Any) -> bool:
    if not isinstance(column.name, str) or column.key != column.name or column.table is not None:
        return False
    if column.unique or column.index or column.system or column.comment is not None:
        return False
    if column.foreign_keys or column.constraints or "dialect_options" in vars(column):
        return False
    if column.default is not None or column.computed is not None or column.identity is not None:
        return False
    server_default = column.server_default
    if server_default is not None and type(server_default) is not DefaultClause:
        return False
    kind = column.type
    return _is_inert(kind) and all(map(_is_inert, kind._variant_mapping.values()))


def _is_inert(kind: Any) -> bool:
    """Return whether a type does nothing when its column joins a table."""
    if type(kind) is sa.Boolean:
        return not kind.create_constraint
    return not isinstance(kind, SchemaEventTarget)


def _is_known(dialect: Dialect) -> bool:
    """Return whether the dialect writes its DDL as SQLAlchemy's own PostgreSQL or SQLite does."""
    own = _compiler(dialect.name)
    return dialect.ddl_compiler is own and getattr(dialect, "supports_smallserial", True)


@cache
def _compiler(name: str) -> type[DDLCompiler] | None:
    if name == "postgresql":
        from sqlalchemy.dialects.postgresql.base import PGDDLCompiler

        return PGDDLCompiler
    if name == "sqlite":
        from sqlalchemy.dialects.sqlite.base import SQLiteDDLCompiler

        return SQLiteDDLCompiler
    return None


@cache
def _watched() -> tuple[Any, ...]:
    """Return what has listeners of the events that a plain table does without."""
    table = sa.Table("t", sa.MetaData(), sa.Column("c", sa.Integer, primary_key=True))
    joined = [
        listeners
        for each in (table, table.c.c, table.primary_key)
        for listeners in (each.dispatch.before_parent_attach, each.dispatch.after_parent_attach)
    ]
    return (table.dispatch.before_create, table.dispatch.after_create, *joined)


@lru_cache(maxsize=8)
def _are_own(counts: tuple[int, ...]) -> bool:
    """Return whether SQLAlchemy itself is who listens; it was so while there are as many."""
    del counts
    found = (each for listeners in _watched() for each in listeners)
    return all(str(getattr(each, "__module__", "")).startswith("sqlalchemy.") for each in found)


def _is_unobserved() -> bool:
    """Return whether nobody listens to a table's making, nor writes its parts in an own way."""
    return (
        _CAN_BE_LATER
        and not (
            hasattr(CreateTable, "_compiler_dispatcher")
            or hasattr(CreateColumn, "_compiler_dispatcher")
            or hasattr(sa.PrimaryKeyConstraint, "_compiler_dispatcher")
        )
        and _are_own(tuple(map(len, _watched())))
    )


class _LaterTable(sa.Table):
    """Becomes what `Elements.table` gives, in place, when anything is asked of it."""

    def __getattribute__(self, name: str) -> Any:
        waiting = object.__getattribute__(self, "__dict__")
        elements, table_name, items = waiting.pop("waiting")
        object.__setattr__(self, "__class__", sa.Table)
        elements.make(self, table_name, items)
        return getattr(self, name)


def later_table(elements: Elements, name: str, items: Sequence[Any]) -> sa.Table:
    """Return the table, not yet made; it must be one that `plain_table` has written."""
    table = object.__new__(_LaterTable)
    object.__getattribute__(table, "__dict__")["waiting"] = (elements, name, items)
    return table
