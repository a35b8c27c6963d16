"""How an ordinary database prints what models declare; each database's own file says the rest.

The words are those that SQLAlchemy's compilers write for the dialect, made plain: no parentheses
around the whole, no collation in a type. A database that prints otherwise overrides the small
methods at the end (`type_text`, `default_text`, `expression`, `indexed_text`, `option_text`);
the others compile, and are the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import CollationClause, Label, UnaryExpression
from sqlalchemy.types import TypeDecorator

from asyncmigrate.schema.casting import base
from asyncmigrate.schema.declared_parts import dialect_options
from asyncmigrate.schema.kinds.column import Column, Computed, Identity
from asyncmigrate.schema.kinds.index import Indexed
from asyncmigrate.schema.parentheses import unwrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine.interfaces import Dialect
    from sqlalchemy.sql.compiler import DDLCompiler
    from sqlalchemy.types import TypeEngine

    from asyncmigrate.schema.snapshot import Object, Snapshot

_COLLATE = re.compile(r"""\s+COLLATE\s+("[^"]*"|`[^`]*`|\[[^\]]*\]|\S+)""", re.IGNORECASE)
_NUMBERS = ("start", "increment", "minvalue", "maxvalue", "cycle", "cache")
_ORDERS = {
    operators.asc_op: "",
    operators.desc_op: "DESC",
    operators.nulls_first_op: "NULLS FIRST",
    operators.nulls_last_op: "NULLS LAST",
}


class StandardForms:
    """What is common to all databases. One is made for each snapshot, so it may remember texts."""

    kept: ClassVar[frozenset[str]] = frozenset(
        {"namespace", "sequence", "table", "column", "primary_key", "unique", "check", "index"}
        | {"foreign_key", "view"}
    )
    """The kinds of objects that the database has."""

    not_options: ClassVar[frozenset[str]] = frozenset(
        {"concurrently", "include", "nulls_not_distinct", "ops", "partition_by", "using", "where"}
    )
    """Dialect keywords that have a field of their own, or are no property of the object."""

    passed_on: ClassVar[frozenset[str]] = frozenset()
    """Those of them that nothing reads from a database, but that belong into what is created."""

    usual_numbers: ClassVar[dict[str, int | bool]] = {"start": 1, "increment": 1, "cycle": False}
    """What a sequence or an identity is without being told so."""

    rebuilds: ClassVar[bool] = False
    """True if a table is made anew when its constraints change, so that all should at once."""

    merged: ClassVar[frozenset[str]] = frozenset()
    """The kinds of constraints of which a table keeps one where several are equal."""

    name_bytes: ClassVar[int | None] = None
    """The length at which the database cuts names off, in bytes of UTF-8; None: it never does."""

    def __init__(self, dialect: Dialect, default_schema: str = "") -> None:
        self._dialect = dialect
        self._default_schema = default_schema
        self._types: dict[str, str] = {}
        self._formats = dialect.identifier_preparer._double_percents
        self.ddl: DDLCompiler = dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type]

    # --- what is compiled, and the same everywhere ---------------------------------------------

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect, to compile with."""
        return self._dialect

    @property
    def default_schema(self) -> str:
        """The name of the schema that `""` stands for; "" where there are no schemas."""
        return self._default_schema

    def schema(self, name: str | None) -> str:
        """Return a declared schema as snapshots have it: "" for the default one."""
        return "" if name is None or name == self._default_schema else str(name)

    def name(self, name: str) -> str:
        """Return a name as the database keeps it."""
        if self.name_bytes is None or len(name) * 4 <= self.name_bytes:
            return name
        return name.encode()[: self.name_bytes].decode(errors="ignore")

    def type(self, type_: TypeEngine[Any]) -> str:
        """Return a type with its parameters, without its collation."""
        compiled = self.plain(self._dialect.type_compiler_instance.process(type_))
        text = self._types.get(compiled)
        if text is None:
            text = self._types[compiled] = self.type_text(_COLLATE.sub("", compiled))
        return text

    def own_type(self, type_: TypeEngine[Any]) -> TypeEngine[Any]:
        """Return what a type is on this database: without decorators and variants."""
        while True:
            if self._dialect.name in type_._variant_mapping:
                type_ = type_._variant_mapping[self._dialect.name]
            elif isinstance(type_, TypeDecorator):
                type_ = type_.type_engine(self._dialect)
            else:
                return type_

    def collation(self, type_: TypeEngine[Any]) -> str | None:
        """Return the collation that a declared type asks for, if it is not the default one."""
        found = getattr(self.own_type(type_), "collation", None)
        return None if found is None else str(found)

    def sql(self, element: sa.ClauseElement) -> str:
        """Return an expression as it stands in DDL: values written out, columns without a table."""
        text = self.ddl.sql_compiler.process(element, include_table=False, literal_binds=True)
        return self.plain(text)

    def plain(self, compiled: str) -> str:
        """Return compiled SQL as the database gets it: drivers that format halve each `%%`."""
        return compiled.replace("%%", "%") if self._formats else compiled

    def definition(self, select: sa.ClauseElement | str) -> str:
        """Return the SELECT of a view."""
        if isinstance(select, str):
            return select
        # A compiler of its own: one that is shared would carry a WITH into the next text.
        literal = {"literal_binds": True}
        return self.plain(str(select.compile(dialect=self._dialect, compile_kwargs=literal)))

    def default(self, column: sa.Column[Any]) -> str | None:
        """Return the declared server default as SQL."""
        if not isinstance(column.server_default, sa.DefaultClause):
            return None
        text = self.ddl.get_column_default_string(column)
        return None if text is None else self.default_text(self.plain(text), column)

    def identity(self, column: sa.Column[Any]) -> Identity | None:
        """Return the declared identity, where the database has such."""
        declared = column.identity
        if declared is None or not self._dialect.supports_identity_columns:
            return None
        return Identity(bool(declared.always), self.numbers(declared))

    def computed(self, column: sa.Column[Any]) -> Computed | None:
        """Return the declared computed value."""
        declared = column.computed
        if declared is None:
            return None
        text = self.expression(self.sql(declared.sqltext))
        return Computed(text, self.persisted(declared))

    def sequence(self, sequence: sa.Sequence) -> tuple[tuple[str, int | bool | str], ...]:
        """Return the options of a sequence that are not the default, sorted by name."""
        return self.numbers(sequence)

    def numbers(self, element: sa.Identity | sa.Sequence) -> tuple[tuple[str, int | bool], ...]:
        """Return how an identity or a sequence counts, where that is not as usual."""
        found = {name: getattr(element, name, None) for name in _NUMBERS}
        return tuple(
            (name, value)
            for name, value in sorted(found.items())
            if value is not None and value != self.usual_numbers.get(name)
        )

    def indexed(self, index: sa.Index) -> tuple[Indexed, ...]:
        """Return what a declared index is on."""
        return tuple(self.indexed_part(index, each) for each in index.expressions)

    def indexed_part(self, index: sa.Index, element: sa.ClauseElement | str) -> Indexed:
        """Return one part of what an index is on."""
        if isinstance(element, (str, sa.Column)):
            return Indexed(str(getattr(element, "name", element)))
        inner, order = _ordered(element)
        inner, collation = _collated(inner)
        if isinstance(inner, sa.Column):
            return Indexed(str(inner.name), order=order, collation=collation)
        text = self.indexed_text(self.sql(inner))
        return Indexed(text, is_expression=True, order=order, collation=collation)

    def options(self, element: sa.Table | sa.Index) -> tuple[tuple[str, str], ...]:
        """Return the declared dialect options that are not the default, sorted by name."""
        dialect = self._dialect.name
        given = dialect_options(element, dialect)
        found = [
            (f"{dialect}_{name}", self.option_text(name, value))
            for name, value in given.items()
            if name not in self.not_options
        ]
        return tuple(sorted((name, text) for name, text in found if text))

    def keeps(self, kind: str) -> bool:
        """Return whether the database has objects of this kind at all."""
        return kind in self.kept

    def comments(self) -> bool:
        """Return whether the database keeps comments."""
        return self._dialect.supports_comments

    # --- what a database may say otherwise -----------------------------------------------------

    def type_text(self, compiled: str) -> str:
        """Return how the database prints a type that SQLAlchemy writes so (asked once for each)."""
        return compiled

    def default_text(self, compiled: str, column: sa.Column[Any]) -> str:
        """Return how the database prints a server default that SQLAlchemy writes so."""
        return self.expression(compiled)

    def autoincrement(self, column: sa.Column[Any]) -> bool:
        """Return whether the database numbers this column by SERIAL, AUTO_INCREMENT or the like."""
        return False

    def nullable(self, column: sa.Column[Any]) -> bool:
        """Return whether the database will say that the column may be NULL."""
        return bool(column.nullable) and not column.primary_key

    def persisted(self, computed: sa.Computed) -> bool:
        """Return whether a computed value is stored; models may leave that to the database."""
        return bool(computed.persisted)

    def action(self, words: str | None) -> str:
        """Return ON DELETE or ON UPDATE of a foreign key; "" for the default."""
        found = " ".join((words or "").upper().split())
        return "" if found == "NO ACTION" else found

    def expression(self, text: str) -> str:
        """Return a condition, a computed value or an index's expression."""
        return unwrapped(text)

    def indexed_text(self, compiled: str) -> str:
        """Return how the database prints an index's expression that SQLAlchemy writes so."""
        return self.expression(compiled)

    def index_method(self, index: sa.Index) -> str:
        """Return the access method of a declared index, "" for the default one."""
        return ""

    def option_text(self, name: str, value: Any) -> str:
        """Return the value of a dialect keyword (its name without the dialect); "" for unset."""
        if isinstance(value, Mapping):
            return ", ".join(sorted(f"{key}={each}" for key, each in value.items()))
        return "" if value is None or value is False else str(value)

    def constraint_name(self, kind: str, table: str, columns: Sequence[str]) -> str:
        """Return the name that the database gives to a constraint without one; "" for none."""
        return ""

    def holds(self, before: Object, after: Object) -> bool:
        """Return whether a column cannot change so while a foreign key is on it."""
        old, new = (each.type for each in (before, after) if isinstance(each, Column))
        return base(old) != base(new)

    def implied_index(self, foreign_key: Object, snapshot: Snapshot) -> Object | None:
        """Return the index that the database makes along with a foreign key, and leaves behind."""
        return None


def _ordered(element: Any) -> tuple[Any, str]:
    """Take DESC and NULLS FIRST or LAST off; only what is not the default is named."""
    words: list[str] = []
    while isinstance(element, UnaryExpression) and element.modifier in _ORDERS:
        words.insert(0, _ORDERS[element.modifier])
        element = element.element
    return element, _order(" ".join(filter(None, words)))


def _order(words: str) -> str:
    """NULLS LAST is the default of ascending order, NULLS FIRST that of descending order."""
    return {"NULLS LAST": "", "DESC NULLS FIRST": "DESC"}.get(words, words)


def _collated(element: Any) -> tuple[Any, str]:
    """Take COLLATE and a label off."""
    while isinstance(element, Label):
        element = element.element
    if getattr(element, "operator", None) is operators.collate and isinstance(
        element.right, CollationClause
    ):
        return element.left, str(element.right.collation)
    return element, ""
