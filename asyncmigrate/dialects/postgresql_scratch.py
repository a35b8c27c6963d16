"""Declared tables and views as temporary ones: how PostgreSQL prints them is read from these.

One message makes all of them: a DO block in which each statement stands alone, so that one that
the server refuses is left out and the others are made. What it makes is taken back at the end,
whatever happens. Temporary objects lie in a schema that only this session sees.

Names that occur in two schemas are made in two rounds; and each round is bounded, because every
table holds locks until it is taken back.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import ColumnCollectionConstraint, CreateIndex, CreateTable

from asyncmigrate.dialects.postgresql_scratch_types import types_of
from asyncmigrate.dialects.questions import SIMPLE
from asyncmigrate.dialects.unheard import unheard
from asyncmigrate.schema.kinds.column import Column
from asyncmigrate.schema.kinds.index import Index
from asyncmigrate.schema.kinds.sequence import Sequence as SequenceValue
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.kinds.view import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from asyncmigrate.dialects.postgresql_forms import PostgreSQLForms
    from asyncmigrate.schema.snapshot import Object

_AT_ONCE = 250
_WITHOUT_INDEX = (sa.CheckConstraint, sa.ForeignKeyConstraint)
_SAVEPOINT = "amigrate_scratch"


@dataclass(slots=True)
class Round:
    """What is made and read back at once."""

    forms: PostgreSQLForms
    tables: Mapping[str, sa.Table] = field(default_factory=dict)
    views: Sequence[View] = ()
    stored: Sequence[View] = ()
    """Materialized views that are made as tables, for their indexes; nothing else is given."""
    domains: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By name, the schema of each domain of the columns and what makes it; known when the other
    statements are. Made before they are read, they would hide the real ones from the columns."""
    schemas: dict[str, str] = field(init=False)
    """By the name of each relation, the schema that it is declared in."""
    comments: dict[tuple[str, str], str] = field(init=False)
    """Of columns, by the names of table and column."""

    def __post_init__(self) -> None:
        views = (*self.views, *self.stored)
        self.schemas = {view.name: view.schema for view in reversed(views)}
        for name, table in self.tables.items():
            self.schemas[name] = self.forms.schema(table.schema)
        self.comments = {
            (name, column.name): column.comment
            for name, table in self.tables.items()
            for column in table.columns
            if column.comment
        }

    def statements(self) -> Iterator[str]:
        """Give what makes everything, types first."""
        needed, self.domains = types_of(self.tables.values(), self.forms)
        yield from needed
        for table in self.tables.values():
            yield from _table(table, self.forms)
        for view in self.views:
            yield f"CREATE TEMP VIEW {_quoted(view.name, self.forms)} AS {self._select(view)}"
        for view in self.stored:
            name = _quoted(view.name, self.forms)
            yield f"CREATE TEMP TABLE {name} AS {self._select(view)}\nWITH NO DATA"
            yield from _indexes(view.element.table, self.forms)

    def _select(self, view: View) -> str:
        """Return a view's SELECT; tables of the default schema without it, as scratch ones are."""
        prefix, select = self.forms.own_prefix, view.definition.rstrip("; \t\n")
        return _unprefixed(select, prefix) if prefix else select

    def given(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Give the rows of these relations, each with the schema that it is declared in."""
        for oid, _, name, *rest in rows:
            if name in self.schemas and rest[0] != "S":
                yield (oid, self.schemas[name], name, *rest)
            elif rest[0] == "S":
                yield (oid, "", name, *rest)

    def with_declared(self, obj: Object) -> Object | None:
        """Return what was read with what is not made: comments and options. None: not asked for."""
        if self.stored:
            made_as_table = {view.name for view in self.stored}
            return obj if isinstance(obj, Index) and obj.table in made_as_table else None
        if isinstance(obj, Table):
            table = self.tables[obj.name]
            return replace(obj, comment=table.comment or None, options=self.forms.options(table))
        if isinstance(obj, Column):
            comment = self.comments.get((obj.table, obj.name))
            return replace(obj, comment=comment) if comment else obj
        if isinstance(obj, View):
            [view] = (view for view in self.views if view.key == obj.key)
            return replace(obj, comment=view.comment, materialized=view.materialized)
        return None if isinstance(obj, SequenceValue) else obj


def rounds(
    tables: Sequence[sa.Table], views: Sequence[View], forms: PostgreSQLForms
) -> Iterator[Round]:
    """Give the rounds in which tables and views are made.

    Views are made beside the tables of the default schema, which are theirs to read: a name
    without a schema means one of these. Other tables they read as they are in the database.
    """
    read = {(key.schema, key.name) for view in views for key in view.references}
    own: list[sa.Table] = []
    others: list[sa.Table] = []
    for table in tables:
        (others if views and forms.schema(table.schema) else own).append(table)
    own.sort(key=lambda table: (forms.schema(table.schema), table.name) not in read)
    first, *more = _packed(own, forms) or [{}]
    ordered = _in_order(views)
    if first or ordered:
        yield Round(forms, first, ordered)
    for some in (*more, *_packed(others, forms)):
        yield Round(forms, some)
    stored = tuple(view for view in ordered if _has_indexes(view))
    if stored:
        beside = tuple(view for view in ordered if view not in stored)
        yield Round(forms, first, beside, stored)


def _packed(tables: Iterable[sa.Table], forms: PostgreSQLForms) -> list[dict[str, sa.Table]]:
    """Return tables by name in as few parts as there may be: no name twice, not too many."""
    parts: list[tuple[dict[str, sa.Table], set[str]]] = []
    for table in tables:
        names = _names(table, forms)
        for part, taken in parts:
            if len(part) < _AT_ONCE and taken.isdisjoint(names):
                break
        else:
            part, taken = {}, set()
            parts.append((part, taken))
        part[forms.name(str(table.name))] = table
        taken |= names
    return [part for part, _ in parts]


def _names(table: sa.Table, forms: PostgreSQLForms) -> set[str]:
    """Return the names of a table and of its indexes, those of its constraints too."""
    keys = (each for each in table.constraints if isinstance(each, ColumnCollectionConstraint))
    names = [each.name for each in keys if not isinstance(each, _WITHOUT_INDEX)]
    names += [each.name for each in table.indexes]
    return {
        forms.name(str(name)) for name in (table.name, *names) if isinstance(name, str) and name
    }


@contextmanager
def made(connection: sa.Connection, what: Round) -> Iterator[bool]:
    """Make everything that the server allows; take it back at the end of the block.

    Gives False if it allows nothing at all. Two statements, and one at the end; the transaction of
    the caller stays usable.
    """
    autocommit = getattr(connection.connection.dbapi_connection, "autocommit", False) is True
    begin, back = (
        ("BEGIN", "ROLLBACK")
        if autocommit
        else (f"SAVEPOINT {_SAVEPOINT}", f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")
    )
    statements = list(what.statements())
    _send(connection, begin)
    try:
        yield _is_done(connection, statements)
    finally:
        _send(connection, back)


def _is_done(connection: sa.Connection, statements: Sequence[str]) -> bool:
    """Run statements; return False where not one of them can be, or it takes too long."""
    try:
        with unheard(connection):
            execute(connection, statements)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return False
    return True


def execute(connection: sa.Connection, statements: Sequence[str]) -> None:
    """Run statements in one message; what the server refuses is left out."""
    _send(connection, _block(statements))


def _send(connection: sa.Connection, statement: str) -> None:
    text = sa.text(statement.replace(":", r"\:"))
    connection.execute(text, execution_options={SIMPLE: True, "compiled_cache": None})


def _block(statements: Sequence[str]) -> str:
    r"""Return one statement that runs each and goes on where one is refused.

    >>> print(_block(["CREATE TEMP TABLE a (b $$)"]))
    DO $do$ BEGIN
    PERFORM set_config('client_min_messages', 'error', true);
    BEGIN EXECUTE $a$CREATE TEMP TABLE a (b $$)$a$; EXCEPTION WHEN OTHERS THEN NULL; END;
    END $do$
    """
    whole = "".join(statements)
    inner = _tag("a", whole)
    lines = [
        f"BEGIN EXECUTE {inner}{each}{inner}; EXCEPTION WHEN OTHERS THEN NULL; END;"
        for each in statements
    ]
    outer = _tag("do", "".join(lines))
    quiet = "PERFORM set_config('client_min_messages', 'error', true);"
    return "\n".join([f"DO {outer} BEGIN", quiet, *lines, f"END {outer}"])


def _tag(name: str, text: str) -> str:
    """Return a dollar quote that does not stand in a text."""
    while f"${name}$" in text or text.endswith(f"${name}"):
        name += "_"
    return f"${name}$"


def _table(table: sa.Table, forms: PostgreSQLForms) -> Iterator[str]:
    """Give CREATE TEMP TABLE without foreign keys and what is stored where, and the indexes."""
    preparer, dialect = forms.dialect.identifier_preparer, forms.dialect
    name = forms.plain(preparer.format_table(table))
    create = CreateTable(table, include_foreign_key_constraints=[])
    sql = _compiled(create, forms)
    _, found, body = sql.partition(f"TABLE {name} (")
    if not found:
        return
    options = forms.plain(forms.ddl.post_create_table(table)).rstrip()
    partition_by = table.dialect_options[dialect.name].get("partition_by")
    tail = f" PARTITION BY {partition_by}" if partition_by else ""
    body = body.rstrip().removesuffix(options)
    yield f"CREATE TEMP TABLE {_quoted(table.name, forms)} ({body}{tail}"
    yield from _indexes(table, forms)


def _indexes(table: sa.Table, forms: PostgreSQLForms) -> Iterator[str]:
    preparer = forms.dialect.identifier_preparer
    name = forms.plain(preparer.format_table(table))
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        head, on, rest = _compiled(CreateIndex(index), forms).partition(f" ON {name} ")
        if on:
            head = head.replace("INDEX CONCURRENTLY ", "INDEX ", 1)
            yield f"{head} ON pg_temp.{_quoted(table.name, forms)} {rest}"


def _quoted(name: str, forms: PostgreSQLForms) -> str:
    return forms.plain(forms.dialect.identifier_preparer.quote(name))


def _unprefixed(sql: str, prefix: str) -> str:
    """Return SQL without a schema's name before names; what is quoted as a text stays.

    >>> _unprefixed("SELECT 'public.a' FROM public.a", "public.")
    "SELECT 'public.a' FROM a"
    """
    pattern = rf"('(?:[^']|'')*')|(?<![\w$.\"]){re.escape(prefix)}(?=[\w\"])"
    return re.sub(pattern, lambda found: found[1] or "", sql)


def _compiled(element: Any, forms: PostgreSQLForms) -> str:
    """Return DDL as text; "" for what SQLAlchemy cannot compile, or leaves out here."""
    try:
        return forms.plain(str(element.compile(dialect=forms.dialect))).strip()
    except SQLAlchemyError:
        return ""


def _in_order(views: Sequence[View]) -> tuple[View, ...]:
    """Return views, those that others read first; of a SELECT in words the words must tell."""
    by_key = {view.key: view for view in views}
    by_name = {view.name: view.key for view in views}
    read = {
        key: (
            {other for other in view.references if other in by_key}
            | {by_name[word] for word in re.findall(r"\w+", view.definition) if word in by_name}
        )
        - {key}
        for key, view in by_key.items()
    }
    try:
        return tuple(by_key[key] for key in TopologicalSorter(read).static_order())
    except CycleError:
        return tuple(views)


def _has_indexes(view: View) -> bool:
    table = getattr(view.element, "table", None)
    return view.materialized and table is not None and bool(table.indexes)
