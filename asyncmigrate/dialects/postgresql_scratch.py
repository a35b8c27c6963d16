"""Declared tables and views as temporary ones: how PostgreSQL prints them is read from these.

One message makes all of them: a DO block in which each statement stands alone, so that one that
the server refuses is left out and the others are made. What it makes is taken back at the end,
whatever happens. Temporary objects lie in a schema that only this session sees.

Tables of two schemas may have one name, so each schema is a round of its own; and each round is
bounded, because every table holds locks until it is taken back.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from asyncmigrate.dialects.postgresql_scratch_types import types_of
from asyncmigrate.schema.kinds.column import Column
from asyncmigrate.schema.kinds.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from asyncmigrate.dialects.postgresql_forms import PostgreSQLForms
    from asyncmigrate.schema.kinds.view import View
    from asyncmigrate.schema.snapshot import Object

_AT_ONCE = 250
_SAVEPOINT = "amigrate_scratch"


@dataclass(slots=True)
class Round:
    """What is made and read back at once."""

    schema: str
    """The schema that it is declared in."""
    forms: PostgreSQLForms
    tables: dict[str, sa.Table] = field(default_factory=dict)
    views: list[View] = field(default_factory=list)
    rows_of: dict[str, View] = field(default_factory=dict)
    """Materialized views that are made as tables, for their indexes; nothing else is read."""
    domains: bool = False
    """Whether there are domains to read back; known when the statements are."""
    comments: dict[tuple[str, str], str] | None = None

    def takes(self, schema: str, name: str) -> bool:
        """Return whether a temporary relation is one of these."""
        return (
            name in self.tables
            or name in self.rows_of
            or any(name == view.name for view in self.views)
        )

    def with_declared(self, obj: Object) -> Object | None:
        """Return what was read with what is not made: comments, options; None if not asked for."""
        if obj.key.kind == "sequence":
            return None
        if self.rows_of:
            return obj if obj.key.kind == "index" else None
        if isinstance(obj, Table):
            table = self.tables[obj.name]
            return replace(obj, comment=table.comment or None, options=self.forms.options(table))
        if isinstance(obj, Column):
            comment = self._comments().get((obj.table, obj.name))
            return replace(obj, comment=comment) if comment else obj
        return obj

    def _comments(self) -> dict[tuple[str, str], str]:
        if self.comments is None:
            self.comments = {
                (name, column.name): column.comment
                for name, table in self.tables.items()
                for column in table.columns
                if column.comment
            }
        return self.comments

    def statements(self) -> Iterator[str]:
        """Give what makes everything, types first."""
        needed, domains = types_of(self.tables.values(), self.forms)
        yield from needed
        for table in self.tables.values():
            yield from _table(table, self.forms)
        for view in (*self.views, *self.rows_of.values()):
            yield from _view(view, self.forms, as_table=bool(self.rows_of))
        self.domains = bool(domains)
        yield from domains


def rounds(
    tables: Sequence[sa.Table], views: Sequence[View], forms: PostgreSQLForms
) -> Iterator[Round]:
    """Give the rounds in which tables and views are made; views with the tables that they read."""
    by_schema: dict[str, list[sa.Table]] = defaultdict(list)
    read = {key for view in views for key in view.references}
    for table in tables:
        by_schema[forms.schema(table.schema)].append(table)
    for schema in {**by_schema, **{view.schema: [] for view in views}}:
        own = sorted(
            by_schema[schema],
            key=lambda table: ("table", schema, "", table.name) not in read,
        )
        for start in range(0, max(len(own), 1), _AT_ONCE):
            some = {str(table.name): table for table in own[start : start + _AT_ONCE]}
            of_schema = [] if start else [view for view in views if view.schema == schema]
            yield Round(schema, forms, some, _in_order(of_schema))
        indexed = {view.name: view for view in views if view.schema == schema and _indexes(view)}
        if indexed:
            yield Round(schema, forms, rows_of=indexed)


@contextmanager
def made(connection: sa.Connection, what: Round) -> Iterator[None]:
    """Make everything that the server allows; take it back at the end of the block.

    Two statements, and one at the end. The transaction of the caller stays usable.
    """
    autocommit = getattr(connection.connection.dbapi_connection, "autocommit", False) is True
    begin, back = (
        ("BEGIN", "ROLLBACK")
        if autocommit
        else (f"SAVEPOINT {_SAVEPOINT}", f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")
    )
    block = sa.text(_block(list(what.statements())).replace(":", r"\:"))
    connection.exec_driver_sql(begin)
    try:
        connection.execute(block, execution_options={"compiled_cache": None})
        yield
    finally:
        connection.exec_driver_sql(back)


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
    name = preparer.format_table(table)
    create = CreateTable(table, include_foreign_key_constraints=[])
    sql = _compiled(create, forms)
    _, found, body = sql.partition(f"TABLE {name} (")
    if not found:
        return
    options = forms.ddl.post_create_table(table).rstrip()
    partition_by = table.dialect_options[dialect.name].get("partition_by")
    tail = f" PARTITION BY {partition_by}" if partition_by else ""
    body = body.rstrip().removesuffix(options)
    yield f"CREATE TEMP TABLE {preparer.quote(table.name)} ({body}{tail}"
    yield from _index_statements(table, forms)


def _index_statements(table: sa.Table, forms: PostgreSQLForms) -> Iterator[str]:
    preparer = forms.dialect.identifier_preparer
    name = preparer.format_table(table)
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        head, on, rest = _compiled(CreateIndex(index), forms).partition(f" ON {name} ")
        if on:
            head = head.replace("INDEX CONCURRENTLY ", "INDEX ", 1)
            yield f"{head} ON pg_temp.{preparer.quote(table.name)} {rest}"


def _view(view: View, forms: PostgreSQLForms, *, as_table: bool) -> Iterator[str]:
    name = forms.dialect.identifier_preparer.quote(view.name)
    if not as_table:
        yield f"CREATE TEMP VIEW {name} AS {view.definition}"
        return
    yield f"CREATE TEMP TABLE {name} AS {view.definition} WITH NO DATA"
    yield from _index_statements(view.element.table, forms)


def _compiled(element: Any, forms: PostgreSQLForms) -> str:
    """Return DDL as text; "" for what SQLAlchemy cannot compile, or leaves out here."""
    try:
        return str(element.compile(dialect=forms.dialect)).strip()
    except SQLAlchemyError:
        return ""


def _in_order(views: Iterable[View]) -> list[View]:
    """Return views, those that others read first."""
    by_key = {view.key: view for view in views}
    sorter = TopologicalSorter({key: view.references for key, view in by_key.items()})
    try:
        return [by_key[key] for key in sorter.static_order() if key in by_key]
    except CycleError:
        return list(by_key.values())


def _indexes(view: View) -> bool:
    table = getattr(view.element, "table", None)
    return view.materialized and table is not None and bool(table.indexes)
