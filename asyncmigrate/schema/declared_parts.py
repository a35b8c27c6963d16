"""The parts of declared tables as values: columns, constraints, indexes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql.ddl import CreateConstraint

from asyncmigrate.errors import MetadataError
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.column import Column
from asyncmigrate.schema.kinds.exclude import Exclude
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.index import Index
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.sequence import Sequence
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.kinds.unique import Unique

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.snapshot import Object

_KINDS = {
    "primary_key_constraint": "primary_key",
    "unique_constraint": "unique",
    "check_constraint": "check",
    "column_check_constraint": "check",
    "table_or_column_check_constraint": "check",
    "foreign_key_constraint": "foreign_key",
    "exclude_constraint": "exclude",
}
"""By SQLAlchemy's name of a constraint, which its subclasses inherit."""


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Parts:
    """Makes values of SQLAlchemy's elements, for one database."""

    def __init__(self, forms: Forms) -> None:
        self.forms = forms
        self._dialect = forms.dialect
        self._compiler = forms.dialect.ddl_compiler(forms.dialect, None)  # type: ignore[arg-type]
        self._comments = forms.comments()
        makers: dict[str, Callable[[Any, str, str], Iterator[Object]]] = {
            "primary_key": self.primary_key,
            "unique": self.unique,
            "check": self.check,
            "foreign_key": self.foreign_key,
            "exclude": self.exclude,
        }
        self._makers = {
            constraint: makers[kind] for constraint, kind in _KINDS.items() if forms.keeps(kind)
        }

    def of(self, table: sa.Table) -> Iterator[Object]:
        """Give a table and all its parts, as far as this database would get them."""
        schema, name = self.forms.schema(table.schema), self.forms.name(str(table.name))
        yield self.table(table, schema, name)
        for position, column in enumerate(table.columns):
            if not column.system:
                yield self.column(column, schema, name, position)
        for constraint in _constraints(table):
            make = self._makers.get(constraint.__visit_name__)
            if make is not None and self.is_wanted(constraint):
                yield from make(constraint, schema, name)
        yield from self.indexes(table, schema, name)

    def is_wanted(self, item: sa.Constraint | sa.Index) -> bool:
        """Return whether this database gets it: what `ddl_if` says, and the type that made it."""
        # Once SQLAlchemy has created a constraint by ALTER, its rule says no, for CREATE TABLE.
        if isinstance(item, sa.CheckConstraint) and item._type_bound:
            rule = item._create_rule
            if rule is not None and not rule(self._compiler):
                return False
        if item._ddl_if is None:
            return True
        create = CreateIndex(item) if isinstance(item, sa.Index) else CreateConstraint(item)
        return item._ddl_if._should_execute(create, item, None, compiler=self._compiler)

    def table(self, table: sa.Table, schema: str, name: str) -> Table:
        """Return the table itself."""
        partition_by = self._option(table, "partition_by")
        return Table(
            schema,
            name,
            comment=(table.comment or None) if self._comments else None,
            options=self.forms.options(table),
            partition_by=None if partition_by is None else " ".join(str(partition_by).split()),
            element=table,
        )

    def column(self, column: sa.Column[Any], schema: str, table: str, position: int) -> Column:
        """Return a column."""
        forms = self.forms
        try:
            return Column(
                schema,
                table,
                forms.name(str(column.name)),
                forms.type(column.type),
                forms.nullable(column),
                None if column.server_default is None else forms.default(column),
                forms.autoincrement(column),
                None if column.identity is None else forms.identity(column),
                None if column.computed is None else forms.computed(column),
                forms.collation(column.type),
                (column.comment or None) if self._comments else None,
                column.type,
                position,
                column,
            )
        except SQLAlchemyError as error:
            raise MetadataError(
                f"The column {table}.{column.name} cannot be declared for"
                f" {self._dialect.name}: {_reason(column, error)}.",
                next="Correct the model; a type can differ from one database to another: "
                "`type.with_variant(…)`.",
            ) from error

    def primary_key(
        self, constraint: sa.PrimaryKeyConstraint, schema: str, table: str
    ) -> Iterator[PrimaryKey]:
        """Give the primary key, unless it has no column."""
        if constraint.columns:
            ordered: Iterable[sa.Column[Any]] = constraint.columns
            if constraint._implicit_generated:
                ordered = constraint.columns_autoinc_first
            yield PrimaryKey(
                schema,
                table,
                self._name(constraint),
                self._names(ordered),
                _deferrable(constraint),
                self._included(constraint, constraint.table),
                constraint,
            )

    def unique(self, constraint: sa.UniqueConstraint, schema: str, table: str) -> Iterator[Unique]:
        """Give a UNIQUE constraint, unless it has no column."""
        if constraint.columns:
            yield Unique(
                schema,
                table,
                self._name(constraint),
                self._names(constraint.columns),
                _deferrable(constraint),
                bool(self._option(constraint, "nulls_not_distinct")),
                self._included(constraint, constraint.table),
                constraint,
            )

    def check(self, constraint: sa.CheckConstraint, schema: str, table: str) -> Iterator[Check]:
        """Give a CHECK constraint."""
        yield Check(
            schema,
            table,
            self._name(constraint),
            self.forms.expression(self.forms.sql(constraint.sqltext)),
            validated=not self._option(constraint, "not_valid"),
            element=constraint,
        )

    def foreign_key(
        self, constraint: sa.ForeignKeyConstraint, schema: str, table: str
    ) -> Iterator[ForeignKey]:
        """Give a foreign key."""
        referred = [element.column for element in constraint.elements]
        match = (constraint.match or "").upper()
        yield ForeignKey(
            schema,
            table,
            self._name(constraint),
            self._names(element.parent for element in constraint.elements),
            self.forms.schema(referred[0].table.schema),
            self.forms.name(str(referred[0].table.name)),
            self._names(referred),
            self.forms.action(constraint.ondelete),
            self.forms.action(constraint.onupdate),
            "" if match == "SIMPLE" else match,
            _deferrable(constraint),
            not self._option(constraint, "not_valid"),
            constraint,
        )

    def exclude(self, constraint: Any, schema: str, table: str) -> Iterator[Exclude]:
        """Give an EXCLUDE constraint of PostgreSQL."""
        yield Exclude(
            schema,
            table,
            self._name(constraint),
            tuple(
                (self._excluded(each, constraint.ops), operator)
                for each, _, operator in constraint._render_exprs
            ),
            constraint.using.lower(),
            self._condition(constraint.where),
            _deferrable(constraint),
            constraint,
        )

    def indexes(self, table: sa.Table, schema: str, name: str) -> Iterator[Index]:
        """Give the indexes of a table or of a materialized view."""
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            if self.is_wanted(index):
                yield self.index(index, schema, name)

    def index(self, index: sa.Index, schema: str, table: str) -> Index:
        """Return an index."""
        name = self._name(index)
        if not name:
            raise MetadataError(
                f"An index of the table {table!r} has no name.", next="Give it one."
            )
        return Index(
            schema,
            table,
            name,
            self.forms.indexed(index),
            bool(index.unique),
            self.forms.index_method(index),
            self._condition(self._option(index, "where")),
            self._included(index, index.table),
            self.forms.options(index),
            bool(self._option(index, "nulls_not_distinct")),
            element=index,
        )

    def sequence(self, sequence: sa.Sequence) -> Sequence:
        """Return a sequence."""
        schema, name = self.forms.schema(sequence.schema), self.forms.name(str(sequence.name))
        return Sequence(schema, name, self.forms.sequence(sequence), sequence)

    def _name(self, item: sa.Constraint | sa.Index) -> str:
        """Return the name that SQLAlchemy's compiler writes: by convention, and shortened."""
        if item.name is None:
            return ""
        preparer = self._dialect.identifier_preparer
        name = preparer.format_constraint(item, _alembic_quote=False)
        return self.forms.name(str(name or ""))

    def _names(self, columns: Iterable[sa.Column[Any]]) -> tuple[str, ...]:
        return tuple([self.forms.name(str(column.name)) for column in columns])

    def _option(self, element: Any, name: str) -> Any:
        return dialect_options(element, self._dialect.name).get(name)

    def _included(
        self, element: sa.Constraint | sa.Index, table: sa.Table | None
    ) -> tuple[str, ...]:
        included = self._option(element, "include") or ()
        return self._names(
            table.c[each] if isinstance(each, str) and table is not None else each
            for each in included
        )

    def _condition(self, condition: sa.ClauseElement | str | None) -> str | None:
        if condition is None:
            return None
        text = condition if isinstance(condition, str) else self.forms.sql(condition)
        return self.forms.expression(text)

    def _excluded(self, element: Any, operator_classes: Any) -> str:
        if isinstance(element, sa.Column):
            text = str(element.name)
        else:
            text = f"({self.forms.expression(self.forms.sql(element))})"
        chosen = operator_classes.get(getattr(element, "key", None))
        return f"{text} {chosen}" if chosen else text


def dialect_options(element: Any, dialect: str) -> Mapping[str, Any]:
    """Return the keywords that an element was given for a dialect, by names without the dialect."""
    # SQLAlchemy would make a dictionary of all defaults for each of thousands of elements; while
    # it has none yet, nothing was given.
    if "dialect_options" not in vars(element):
        return _NOTHING
    prefix = f"{dialect}_"
    return {
        name.removeprefix(prefix): value
        for name, value in element.dialect_kwargs.items()
        if name.startswith(prefix)
    }


def _constraints(table: sa.Table) -> list[sa.Constraint]:
    """Return the constraints of a table and of its columns, in the order of their making."""
    found = list(table.constraints)
    for column in table.columns:
        found.extend(column.constraints)
    return sorted(found, key=lambda constraint: constraint._creation_order)


def _reason(column: sa.Column[Any], error: SQLAlchemyError) -> SQLAlchemyError:
    """Return why a column has no type, if it should have that of a column which is not there."""
    for reference in column.foreign_keys:
        try:
            _ = reference.column
        except SQLAlchemyError as missing:
            return missing
    return error


def _deferrable(constraint: sa.Constraint) -> str:
    initially = (constraint.initially or "").upper()
    if initially == "DEFERRED" and constraint.deferrable is not False:
        return "DEFERRABLE INITIALLY DEFERRED"
    return "DEFERRABLE" if constraint.deferrable else ""
