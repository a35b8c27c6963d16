"""The parts of SQLite's CREATE statements as the objects of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from asyncmigrate.dialects.sqlite_statements import (
    columns_of,
    condition,
    index_statement,
    reaction,
    view_statement,
)
from asyncmigrate.dialects.sqlite_syntax import folded, names_in, tokens
from asyncmigrate.dialects.sqlite_types import sa_type
from asyncmigrate.dialects.sqlite_words import Names, expression
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.column import Column, Computed
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.index import Index
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.kinds.unique import Unique
from asyncmigrate.schema.kinds.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from asyncmigrate.dialects.sqlite_statements import Part, TableStatement
    from asyncmigrate.dialects.sqlite_table import Clause
    from asyncmigrate.schema.snapshot import Key, Object


@dataclass(frozen=True, slots=True)
class Found:
    """A table that was found: where, under which name, and what it says."""

    schema: str
    name: str
    statement: TableStatement
    names: Names

    @classmethod
    def of(cls, schema: str, name: str, statement: TableStatement) -> Found:
        """Return a table with the names that its expressions can mention."""
        return cls(schema, name, statement, Names.of(name, [c.name for c in statement.columns]))

    def spelled(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return columns as the table spells them."""
        return tuple(self.names.spelled(column) for column in columns)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return self.spelled(self.statement.key_columns)


def table_objects(table: Found, others: Mapping[str, Found]) -> Iterator[Object]:
    """Give a table and its parts; `others` are the tables of its schema by their folded names."""
    yield Table(table.schema, table.name, None, _options(table.statement))
    never_null = _never_null(table)
    for position, part in enumerate(table.statement.columns):
        yield _column(table, part, position, nullable=part.name not in never_null)
    for own, clause in table.statement.constraints:
        yield _constraint(table, own, clause, others)


def _options(statement: TableStatement) -> tuple[tuple[str, str], ...]:
    strict = (("sqlite_strict", "True"),) if statement.strict else ()
    return (*strict, ("sqlite_with_rowid", "False")) if statement.without_rowid else strict


def _never_null(table: Found) -> frozenset[str]:
    """Return the columns that cannot be NULL for being the key."""
    key = table.key
    if table.statement.without_rowid or table.statement.strict or _is_rowid(table, key):
        return frozenset(key)
    return frozenset()


def _is_rowid(table: Found, key: tuple[str, ...]) -> bool:
    if len(key) != 1:
        return False
    part = next((each for each in table.statement.columns if each.name == key[0]), None)
    return part is not None and part.type == "INTEGER" and not part.descends


def _column(table: Found, part: Part, position: int, *, nullable: bool) -> Column:
    computed = None
    if part.formula is not None:
        computed = Computed(expression(part.formula, table.names), part.stored)
    return Column(
        table.schema,
        table.name,
        part.name,
        part.type,
        nullable and not part.not_null,
        part.default,
        part.increments,
        None,
        computed,
        part.collation,
        None,
        sa_type(part.typed),
        position,
    )


def _constraint(
    table: Found, own: Part | None, clause: Clause, others: Mapping[str, Found]
) -> Object:
    schema, name, called = table.schema, table.name, clause.name or ""
    if clause.kind == "check":
        return Check(schema, name, called, condition(clause, table.names))
    columns = table.spelled(columns_of(own, clause))
    if clause.kind == "primary key":
        return PrimaryKey(schema, name, called, columns)
    if clause.kind == "unique":
        return Unique(schema, name, called, columns)
    parent = others.get(folded(clause.referent))
    referred = clause.referred
    if parent is not None:
        referred = parent.spelled(referred) or parent.key
    said = reaction(clause)
    return ForeignKey(
        schema,
        name,
        called,
        columns,
        schema,
        clause.referent if parent is None else parent.name,
        referred,
        said.on_delete,
        said.on_update,
        said.match,
        said.deferrable,
    )


def index_object(table: Found, name: str, sql: str) -> Index:
    """Return an index of a table."""
    collations = {part.name: part.collation for part in table.statement.columns if part.collation}
    said = index_statement(sql, table.names, collations)
    return Index(table.schema, table.name, name, said.columns, said.unique, where=said.where)


def view_object(schema: str, name: str, sql: str, relations: Mapping[str, Key]) -> View:
    """Return a view; `relations` are the tables and views of its schema by their folded names."""
    named = names_in(tokens(sql)[0])
    read = {relations[each] for each in named if each in relations and each != folded(name)}
    return View(schema, name, view_statement(sql, name), references=tuple(sorted(read)))
