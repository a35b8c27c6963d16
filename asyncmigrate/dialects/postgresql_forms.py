"""How PostgreSQL prints what models declare.

Right for what models ordinarily say, so that the server need not be asked. Conditions are left as
written: how they are printed depends on the types of the columns, which only the server knows.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from asyncmigrate.dialects.forms import StandardForms
from asyncmigrate.dialects.postgresql_numbers import Numbers
from asyncmigrate.dialects.postgresql_texts import default_text, type_text
from asyncmigrate.schema.declared_parts import dialect_options
from asyncmigrate.schema.kinds.column import Identity
from asyncmigrate.schema.kinds.index import Indexed
from asyncmigrate.schema.kinds.options import DOT, unquoted
from asyncmigrate.schema.parentheses import unwrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine.interfaces import Dialect
    from sqlalchemy.types import TypeEngine

MAX_NAME = 63
"""Bytes; longer names are cut off."""
_LABELS = {"unique": "key", "foreign_key": "fkey", "check": "check", "exclude": "excl"}
_LABELS |= {"sequence": "seq"}
_CALL = re.compile(r"^(?:\w+\.)?\w+\(")
_WRITTEN_COLUMN = re.compile(
    r"^(?P<quote>\"?)(?P<name>\w+)(?P=quote)(?:\s+(?P<order>ASC|DESC))?"
    r"(?:\s+(?P<nulls>NULLS\s+(?:FIRST|LAST)))?$",
    re.IGNORECASE,
)
_ORDERS = {
    "ASC": "",
    "NULLS LAST": "",
    "ASC NULLS LAST": "",
    "ASC NULLS FIRST": "NULLS FIRST",
    "DESC NULLS FIRST": "DESC",
}
"""Orders that can be said in less words."""
_DEFAULT_PRIVATE = frozenset({"ignore_search_path", "on_commit", "with_oids", "invalid"})


class PostgreSQLForms(StandardForms):
    """PostgreSQL's way to print types, defaults, conditions and names."""

    kept: ClassVar[frozenset[str]] = StandardForms.kept | {"enum", "domain", "composite", "exclude"}
    not_options: ClassVar[frozenset[str]] = StandardForms.not_options | _DEFAULT_PRIVATE

    merged: ClassVar[frozenset[str]] = frozenset({"unique"})
    name_bytes: ClassVar[int | None] = MAX_NAME

    def __init__(self, dialect: Dialect, default_schema: str = "") -> None:
        super().__init__(dialect, default_schema)
        quoted = dialect.identifier_preparer.quote(default_schema) if default_schema else ""
        self.own_prefix = f"{quoted}." if quoted else ""

    def type_text(self, compiled: str) -> str:
        """Return how `format_type` prints a type."""
        if self.own_prefix and compiled.startswith(self.own_prefix):
            return compiled.removeprefix(self.own_prefix)
        return type_text(compiled)

    def collation(self, type_: TypeEngine[Any]) -> str | None:
        """Return the collation that a declared type asks for; that of a domain is its own."""
        own = self.own_type(type_)
        while isinstance(own, sa.ARRAY):
            own = self.own_type(own.item_type)
        found = None if isinstance(own, postgresql.DOMAIN) else getattr(own, "collation", None)
        return None if found in (None, "default") else str(found)

    def default(self, column: sa.Column[Any]) -> str | None:
        """Return the declared server default; a SERIAL column has none, and NULL is none."""
        text = None if self.autoincrement(column) else super().default(column)
        return None if text == "NULL" else text

    def default_text(self, compiled: str, column: sa.Column[Any]) -> str:
        """Return how a server default is printed; "NULL" stands for none."""
        text = default_text(unwrapped(compiled), self.type(column.type))
        return "NULL" if text is None else text

    def autoincrement(self, column: sa.Column[Any]) -> bool:
        """Return whether SQLAlchemy makes the column SERIAL."""
        if not column.primary_key or column is not column.table._autoincrement_column:
            return False
        default = column.default
        by_sequence = isinstance(default, sa.Sequence) and default.optional
        return column.identity is None and (default is None or by_sequence)

    def nullable(self, column: sa.Column[Any]) -> bool:
        """Return whether the column may be NULL: no key is, no identity is."""
        return bool(column.nullable) and not column.primary_key and column.identity is None

    def identity(self, column: sa.Column[Any]) -> Identity | None:
        """Return the declared identity; its limits are those of the column's type."""
        declared = column.identity
        if declared is None:
            return None
        return Identity(bool(declared.always), _numbers(declared, self.type(column.type)).unusual())

    def sequence(self, sequence: sa.Sequence) -> tuple[tuple[str, int | bool | str], ...]:
        """Return the options of a sequence that are not the default, sorted by name."""
        type_ = "bigint" if sequence.data_type is None else self.type(sequence.data_type)
        counting = _numbers(sequence, type_).unusual()
        return counting if type_ == "bigint" else (*counting, ("type", type_))

    def persisted(self, computed: sa.Computed) -> bool:
        """Return whether a computed value is stored: always, before PostgreSQL 18."""
        if getattr(self.dialect, "supports_virtual_generated_columns", False):
            return bool(computed.persisted)
        return True

    def action(self, words: str | None) -> str:
        """Return ON DELETE or ON UPDATE of a foreign key, also of some of its columns only."""
        action, _, columns = (words or "").partition("(")
        only = ", ".join(each.strip().strip('"') for each in columns.rstrip(" )").split(","))
        return f"{super().action(action)} ({only})" if only else super().action(action)

    def indexed_part(self, index: sa.Index, element: sa.ClauseElement | str) -> Indexed:
        """Return one part of what an index is on, with its operator class."""
        part = _as_column(super().indexed_part(index, element), index)
        classes = dialect_options(index, "postgresql").get("ops") or {}
        found = classes.get(getattr(element, "key", None))
        return part if found is None else replace(part, opclass=str(found))

    def indexed_text(self, compiled: str) -> str:
        """Return an index's expression: in parentheses, if it is not a call of a function."""
        text = self.expression(compiled)
        return text if _is_call(text) else f"({text})"

    def index_method(self, index: sa.Index) -> str:
        """Return the access method of a declared index, "" for btree."""
        method = str(dialect_options(index, "postgresql").get("using") or "").lower()
        return "" if method == "btree" else method

    def options(self, element: sa.Table | sa.Index) -> tuple[tuple[str, str], ...]:
        """Return the declared options that are not the default; UNLOGGED is one, too."""
        found = super().options(element)
        prefixes = {str(each).upper() for each in getattr(element, "_prefixes", ())}
        return tuple(sorted((*found, UNLOGGED))) if "UNLOGGED" in prefixes else found

    def option_text(self, name: str, value: Any) -> str:
        """Return the value of a dialect keyword (its name without the dialect); "" for unset."""
        if name == "with" and value:
            return ", ".join(sorted(f"{key}={_plain(each)}" for key, each in value.items()))
        if name == "inherits":
            parents = value if isinstance(value, list | tuple) else (value,)
            return ", ".join(self._parent(each) for each in parents)
        if name == "using" and str(value).lower() == "heap":
            return ""
        return super().option_text(name, value)

    def _parent(self, name: str) -> str:
        """Return a table's name as `regclass` prints it; SQLAlchemy quotes it as one name."""
        quote = self.dialect.identifier_preparer.quote
        names = DOT.split(name) if getattr(name, "quote", None) is False else [quote(name)]
        return ".".join(quote(unquoted(each)) for each in names).removeprefix(self.own_prefix)

    def constraint_name(self, kind: str, table: str, columns: Sequence[str]) -> str:
        """Return the name that PostgreSQL gives to a constraint without one."""
        if kind == "primary_key":
            return object_name(table, "", "pkey")
        if kind == "check" and len(columns) != 1:
            columns = ()
        return object_name(table, "_".join(columns), _LABELS[kind])


def table_keywords(dialect: Dialect) -> frozenset[str]:
    """Return the dialect's keywords of `sa.Table`; those of SQLAlchemy 2.0 are fewer."""
    arguments: dict[type, Any] = dict(dialect.construct_arguments or ())
    return frozenset(f"{dialect.name}_{name}" for name in arguments.get(sa.Table, ()))


UNLOGGED = ("prefixes", "UNLOGGED")
"""The option of an unlogged table: SQLAlchemy's own keyword for what stands before TABLE."""


def object_name(table: str, column: str, label: str) -> str:
    """Return the name that PostgreSQL makes up: parts are shortened evenly to fit 63 bytes.

    >>> object_name("users", "email", "key")
    'users_email_key'
    >>> object_name("a" * 40, "b" * 40, "fkey")
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbb_fkey'
    """
    first, second = table.encode(), column.encode()[:MAX_NAME]
    free = MAX_NAME - len(label) - 1 - (1 if column else 0)
    lengths = [len(first), len(second)]
    while sum(lengths) > free:
        lengths[0 if lengths[0] > lengths[1] else 1] -= 1
    parts = (each[:length] for each, length in zip((first, second), lengths, strict=True))
    return "_".join([*(each.decode(errors="ignore") for each in parts if each), label])


def _numbers(element: sa.Identity | sa.Sequence, type_: str) -> Numbers:
    return Numbers(
        type_,
        element.start,
        element.increment,
        element.minvalue,
        element.maxvalue,
        element.cache,
        element.cycle,
    )


def _as_column(part: Indexed, index: sa.Index) -> Indexed:
    """Return a column that was written as text, `text("created DESC")`, as one."""
    found = _WRITTEN_COLUMN.match(unwrapped(part.text)) if part.is_expression else None
    if found is None or index.table is None or found["name"] not in index.table.columns:
        return part
    words = " ".join(filter(None, (found["order"], found["nulls"]))).upper()
    order = _ORDERS.get(words, words)
    return Indexed(found["name"], order=order or part.order, collation=part.collation)


def _is_call(text: str) -> bool:
    """Return whether a text is one call and nothing else."""
    found = _CALL.match(text)
    if found is None:
        return False
    arguments = text[found.end() - 1 :]
    return unwrapped(arguments) == arguments[1:-1].strip() != ""


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
