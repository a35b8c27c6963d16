"""Any database, as SQLAlchemy's inspector sees it: for those that have no file of their own.

Nothing can be asked of the server but what the inspector asks, so texts are compared by their
words: `([age]>(17))` and `age > 17` count as one condition. What an inspector cannot read at all
(CHECK constraints of SQL Server, the options of sequences) is taken to be as it is declared.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from asyncmigrate.dialects.forms import StandardForms
from asyncmigrate.dialects.inspected_parts import InspectedParts
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.column import Column
from asyncmigrate.schema.kinds.index import Index
from asyncmigrate.schema.kinds.namespace import Namespace
from asyncmigrate.schema.kinds.sequence import Sequence
from asyncmigrate.schema.kinds.unique import Unique
from asyncmigrate.schema.kinds.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Sequence as Many

    from sqlalchemy.engine import Inspector

    from asyncmigrate.schema.scope import Scope
    from asyncmigrate.schema.snapshot import Key, Object, Snapshot

_QUERIES: dict[str, Callable[[Inspector, str | None], dict[Any, Any]]] = {
    "table": lambda inspector, schema: inspector.get_multi_table_comment(schema),
    "column": lambda inspector, schema: inspector.get_multi_columns(schema),
    "primary_key": lambda inspector, schema: inspector.get_multi_pk_constraint(schema),
    "unique": lambda inspector, schema: inspector.get_multi_unique_constraints(schema),
    "check": lambda inspector, schema: inspector.get_multi_check_constraints(schema),
    "foreign_key": lambda inspector, schema: inspector.get_multi_foreign_keys(schema),
    "index": lambda inspector, schema: inspector.get_multi_indexes(schema),
}
"""What is asked of all tables of a schema at once, by kind."""

_PUNCTUATION = re.compile(r"""[\s()\[\]"`;]+""")
_CREATE_VIEW = re.compile(r"^\s*CREATE\s.*?\sAS\s+(?=SELECT|WITH|\()", re.IGNORECASE | re.DOTALL)
T = TypeVar("T")


class InspectedCatalog:
    """Reads a database by SQLAlchemy's inspector; remembers what could not be read."""

    def __init__(self) -> None:
        self._unread: set[str] = set()

    def forms(self, connection: sa.Connection) -> StandardForms:
        """Return how SQLAlchemy writes what models declare. Asks nothing."""
        return StandardForms(connection.dialect, connection.dialect.default_schema_name or "")

    def read(self, connection: sa.Connection, scope: Scope) -> Snapshot:
        """Return what the inspector sees."""
        inspector, forms = sa.inspect(connection), self.forms(connection)
        found: dict[Key, Object] = {}
        for schema in sorted(scope.schemas):
            for each in self._objects(inspector, schema, scope, forms):
                found[each.key] = each
        return found

    def printed(
        self, connection: sa.Connection, tables: Many[sa.Table], views: Many[View]
    ) -> Snapshot:
        """Return nothing: how this server prints a declared object cannot be asked in general."""
        return {}

    def reconcile(self, live: Snapshot, declared: Snapshot) -> Snapshot:
        """Return the live snapshot in the words that models chose, where they say the same."""
        found: dict[Key, Object] = {}
        for each in live.values():
            named = _unique_of(each, declared)
            value = each if named is None else named
            found[value.key] = _in_words_of(value, declared.get(value.key))
        for key, each in declared.items():
            if key.kind in self._unread and key.owner in live:
                found.setdefault(key, each)
        return found

    def _objects(
        self, inspector: Inspector, schema: str, scope: Scope, forms: StandardForms
    ) -> Iterator[Object]:
        asked = schema or None
        if schema and schema in inspector.get_schema_names():
            yield Namespace(schema)
        parts = InspectedParts(forms, schema)
        for name in self._names("sequence", inspector.get_sequence_names, asked):
            yield Sequence(schema, name)
        for kind, query in _QUERIES.items():
            for (_, table), answer in self._answer(kind, query, inspector, asked).items():
                if scope.takes(schema, table):
                    yield from parts.of(kind, table, answer)
        for name in self._names("view", inspector.get_view_names, asked):
            if scope.takes(schema, name):
                definition = inspector.get_view_definition(name, asked)
                yield View(schema, name, _CREATE_VIEW.sub("", definition or "").strip())

    def _answer(
        self,
        kind: str,
        query: Callable[[Inspector, str | None], dict[Any, Any]],
        inspector: Inspector,
        schema: str | None,
    ) -> dict[Any, Any]:
        try:
            return query(inspector, schema)
        except NotImplementedError:
            self._unread.add(kind)
            names = inspector.get_table_names(schema) if kind == "table" else ()
            return {(schema, name): {} for name in names}

    def _names(
        self, kind: str, query: Callable[[str | None], list[str]], schema: str | None
    ) -> Iterable[str]:
        try:
            return query(schema)
        except NotImplementedError:
            self._unread.add(kind)
            return ()


def _unique_of(each: Object, declared: Snapshot) -> Unique | None:
    """Return the UNIQUE constraint that some inspectors show as an index of its name."""
    if not isinstance(each, Index) or not each.unique or each.key in declared:
        return None
    wanted = declared.get(each.key._replace(kind="unique"))
    if not isinstance(wanted, Unique) or wanted.columns != tuple(p.text for p in each.columns):
        return None
    return replace(wanted, element=None)


def _in_words_of(live: Object, declared: Object | None) -> Object:
    match live, declared:
        case Column(), Column():
            return _column(live, declared)
        case Check(), Check():
            return replace(live, text=_chosen(live.text, declared.text))
        case Index(), Index():
            parts = live.columns
            if [_words(each.text) for each in parts] == [_words(e.text) for e in declared.columns]:
                parts = tuple(
                    replace(each, text=other.text, is_expression=other.is_expression)
                    for each, other in zip(parts, declared.columns, strict=True)
                )
            return replace(live, columns=parts, where=_chosen(live.where, declared.where))
        case View(), View():
            chosen = _chosen(live.definition, declared.definition)
            return replace(live, definition=chosen, materialized=declared.materialized)
        case Sequence(), Sequence():
            return replace(live, options=declared.options)
    return live


def _column(live: Column, declared: Column) -> Column:
    identity, computed = live.identity, live.computed
    element = declared.element
    numbered = element is not None and element.table.autoincrement_column is element
    if declared.identity is None and numbered:
        identity = None  # SQL Server makes one for every integer primary key.
    if computed and declared.computed:
        computed = replace(computed, text=_chosen(computed.text, declared.computed.text))
    default = _chosen(live.default, declared.default)
    # Some inspectors tell no collation, and others that of every column.
    one_sided = None in (live.collation, declared.collation)
    collation = declared.collation if one_sided else live.collation
    return replace(live, default=default, identity=identity, computed=computed, collation=collation)


def _chosen(live: T, declared: T) -> T:
    """Return the declared text if it has the same words, else that which was read."""
    return declared if _words(live) == _words(declared) else live


def _words(text: object) -> str | None:
    return None if text is None else _PUNCTUATION.sub("", str(text)).lower()
