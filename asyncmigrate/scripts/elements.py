"""The throwaway SQLAlchemy objects that a directive's DDL is compiled from.

Every directive gets a `MetaData` of its own with the naming convention of the application's, so
a constraint without a name gets the one that the models would give it, and nothing that a
script builds is ever seen by another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.types import NULLTYPE

from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.engine.interfaces import Dialect
    from sqlalchemy.schema import SchemaItem

CONSTRAINT_KINDS: Mapping[str | None, Any] = {
    "foreignkey": lambda name: sa.ForeignKeyConstraint([], [], name=name),
    "primary": lambda name: sa.PrimaryKeyConstraint(name=name),
    "unique": lambda name: sa.UniqueConstraint(name=name),
    "check": lambda name: sa.CheckConstraint("", name=name),
    None: lambda name: sa.Constraint(name=name),
}

_CONVENTION = sa.MetaData().naming_convention


@dataclass(frozen=True, slots=True)
class Elements:
    """Builds tables, constraints and indexes that live for one directive."""

    metadata: sa.MetaData | None = None

    @property
    def has_conventions(self) -> bool:
        """Whether names of constraints follow a naming convention of the application."""
        return self.metadata is not None and self.metadata.naming_convention != _CONVENTION

    def _fresh(self) -> sa.MetaData:
        if self.metadata is None:
            return sa.MetaData()
        return sa.MetaData(naming_convention=self.metadata.naming_convention)

    def table(self, name: str, *items: SchemaItem, **options: Any) -> sa.Table:
        """Return a table; what already belongs to another table is copied.

        Foreign keys get placeholder tables to refer to.
        """
        metadata = self._fresh()
        table = sa.Table(name, metadata, *_own(items), **options)
        if table.foreign_keys:
            add_referents(metadata, table)
        return table

    def make(self, table: sa.Table, name: str, items: Sequence[SchemaItem]) -> None:
        """Make an empty object of the class into the table, as Table's own constructor does."""
        metadata = self._fresh()
        metadata._add_table(name, None, table)
        table.__init__(name, metadata, *_own(items), _no_init=False)  # type: ignore[misc]

    def with_column(self, name: str, column: sa.Column[Any], schema: str | None) -> sa.Table:
        """Return a table of which one column is known, and the names of those it refers to."""
        table = self.table(name, column, schema=schema)
        for foreign_key in table.foreign_keys:
            own_schema, own_name, referred = _target(foreign_key)
            is_own = (own_name, own_schema) == (name, schema)
            if is_own and referred is not None and referred not in table.c:
                table.append_column(sa.Column(referred, NULLTYPE))
        return table

    def bare(self, name: str, schema: str | None, columns: Iterable[str] = ()) -> sa.Table:
        """Return a table of which only the name, and perhaps some columns' names, are known."""
        named = dict.fromkeys(columns)
        typeless = [sa.Column(column, NULLTYPE) for column in named]
        return sa.Table(name, self._fresh(), *typeless, schema=schema)

    def attached(self, constraint: sa.Constraint, table: sa.Table) -> sa.Constraint:
        """Return the constraint as a part of the table."""
        table.append_constraint(constraint)
        return constraint

    def named_constraint(self, kind: str | None, name: str | None, table: sa.Table) -> Any:
        """Return a constraint of which only the kind and the name are known.

        Raises:
            UsageError: there is no such kind.
        """
        if kind not in CONSTRAINT_KINDS:
            known = ", ".join(repr(known) for known in CONSTRAINT_KINDS if known)
            raise UsageError(
                f"type_={kind!r} is not a kind of constraint.", next=f"It is one of {known}."
            )
        return self.attached(CONSTRAINT_KINDS[kind](name), table)

    def foreign_key(
        self,
        table: sa.Table,
        referent: tuple[str, str | None],
        columns: tuple[Sequence[str], Sequence[str]],
        **options: Any,
    ) -> sa.Constraint:
        """Return a foreign key of `table`, from the first columns to the second."""
        name, schema = referent
        local, remote = columns
        target = table
        if (name, schema) != (table.name, table.schema):
            target = sa.Table(name, table.metadata, schema=schema)
        for column in remote:
            if column not in target.c:
                target.append_column(sa.Column(column, NULLTYPE))
        references = [target.c[column] for column in remote]
        return self.attached(sa.ForeignKeyConstraint(list(local), references, **options), table)

    def index(
        self,
        name: str | None,
        table: sa.Table,
        expressions: Sequence[str | sa.TextClause | sa.ColumnElement[Any]],
        **options: Any,
    ) -> sa.Index:
        """Return an index of `table`; columns that it names are added to the table."""
        for expression in [*expressions, *included(options)]:
            if isinstance(expression, str) and expression not in table.c:
                table.append_column(sa.Column(expression, NULLTYPE))
        index = sa.Index(name, *_keyed(expressions, options), **options)
        table.append_constraint(index)
        return index


def _keyed(expressions: Iterable[Any], options: Mapping[str, Any]) -> Iterator[Any]:
    """Give the expressions of an index; a text that an operator class is for gets a key.

    SQLAlchemy finds the classes of `postgresql_ops` by the expressions' keys.
    """
    classes = {key for name, of in options.items() if name.endswith("_ops") for key in of or ()}
    for expression in expressions:
        is_named = isinstance(expression, sa.TextClause) and expression.text in classes
        yield sa.literal_column(expression.text) if is_named else expression


def included(options: Mapping[str, Any]) -> list[str]:
    """Return the columns that `postgresql_include` and its like name beside the key.

    >>> included({"postgresql_include": ["a", "b"], "postgresql_using": "gin"})
    ['a', 'b']
    """
    lists = (value for name, value in options.items() if name.endswith("_include") and value)
    return [column for columns in lists for column in columns]


def real_constraints(table: sa.Table, dialect: Dialect) -> tuple[sa.Constraint, ...]:
    """Return the constraints beside the primary key that `dialect` would make, oldest first.

    A type brings its own CHECK only where the database has no such type.
    """
    compiler = dialect.statement_compiler(dialect, None)
    made = [
        constraint
        for constraint in table.constraints
        if not isinstance(constraint, sa.PrimaryKeyConstraint)
        and (constraint._create_rule is None or constraint._create_rule(compiler))
    ]
    return tuple(sorted(made, key=lambda constraint: constraint._creation_order))


def _own(items: Iterable[Any]) -> list[Any]:
    """Return the items of a new table; a type that is given brings its CHECK along again."""
    return [
        _unattached(item)
        for item in items
        if isinstance(item, sa.Column) or not getattr(item, "_type_bound", False)
    ]


def _unattached(item: Any) -> Any:
    """Return the item, or a copy if it is a part of some table already."""
    if isinstance(item, sa.Column):
        return item if item.table is None else item._copy()
    if isinstance(item, sa.Constraint) and getattr(item, "parent", None) is not None:
        return item._copy()
    return item


def add_referents(metadata: sa.MetaData, table: sa.Table) -> None:
    """Give the foreign keys of a table placeholders to refer to, where there is nothing."""
    for foreign_key in table.foreign_keys:
        schema, name, column = _target(foreign_key)
        if name == table.name and schema == table.schema:
            continue
        referent = metadata.tables.get(f"{schema}.{name}" if schema else name)
        if referent is None:
            referent = sa.Table(name, metadata, schema=schema)
        if column is not None and column not in referent.c:
            referent.append_column(sa.Column(column, NULLTYPE))


def _target(foreign_key: Any) -> tuple[str | None, str, str | None]:
    """Return the schema, table and column that a foreign key names."""
    # 2.1 has a public name for what 2.0 keeps private.
    public = getattr(foreign_key, "target_tokens", None)
    return public or foreign_key._column_tokens  # type: ignore[no-any-return]
