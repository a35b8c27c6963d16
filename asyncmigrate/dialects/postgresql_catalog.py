"""PostgreSQL, read into a snapshot by five queries, and asked how it prints what is declared."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.dialects import postgresql_queries as queries
from asyncmigrate.dialects import postgresql_scratch as scratch
from asyncmigrate.dialects.postgresql_forms import PostgreSQLForms, table_keywords
from asyncmigrate.dialects.postgresql_named_types import read_named_types
from asyncmigrate.dialects.postgresql_parts import read_constraints, read_indexes
from asyncmigrate.dialects.postgresql_reading import Relations, read_columns, read_relations
from asyncmigrate.dialects.postgresql_types import Types
from asyncmigrate.dialects.postgresql_uncompared import uncompared
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.domain import Domain
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.unique import Unique

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from asyncmigrate.dialects.postgresql_reading import Names
    from asyncmigrate.dialects.postgresql_scratch import Round
    from asyncmigrate.schema.kinds.view import View
    from asyncmigrate.schema.scope import Scope
    from asyncmigrate.schema.snapshot import Key, Object, Snapshot


class PostgreSQLCatalog:
    """Reads PostgreSQL 12 and later."""

    def __init__(self) -> None:
        self._asked: tuple[sa.Connection, PostgreSQLForms] | None = None

    def forms(self, connection: sa.Connection) -> PostgreSQLForms:
        """Return how this server prints what models declare. One query, sent once."""
        if self._asked is None or self._asked[0] is not connection:
            schema = connection.scalar(sa.text("SELECT current_schema()"))
            self._asked = connection, PostgreSQLForms(connection.dialect, schema or "")
        return self._asked[1]

    def read(self, connection: sa.Connection, scope: Scope) -> Snapshot:
        """Return what the database holds, by five queries.

        A partition or an inherited child is listed only if models declare it as a table. The
        indexes of a materialized view are listed with the view as their table.
        """
        schemas = queries.array(sorted(scope.schemas - {""}))
        rows = connection.execute(
            queries.relations(),
            {
                "schemas": schemas,
                "default": "" in scope.schemas,
                "children": queries.array([".".join(each) for each in sorted(scope.declared)]),
            },
        )
        relations = read_relations(rows, scope.takes, table_keywords(connection.dialect))
        named = read_named_types(
            connection.execute(queries.named_types(), {"schemas": schemas}),
            scope.schemas,
            PostgreSQLForms(connection.dialect),
        )
        parts = _parts(connection, relations, named.types)
        return _snapshot((*named.listed, *_relation_objects(relations), *parts))

    def uncompared(self, connection: sa.Connection, scope: Scope) -> tuple[str, ...]:
        """Return what is of no kind that is compared, in words; one query."""
        return uncompared(connection, scope)

    def printed(
        self, connection: sa.Connection, tables: Sequence[sa.Table], views: Sequence[View]
    ) -> Snapshot:
        """Return declared tables and views, and the domains of their columns, as printed.

        They are made as temporary ones, in a savepoint that is rolled back. Where that is not
        allowed (a standby, no TEMP privilege) the result is empty.
        """
        forms = self.forms(connection)
        found: dict[Key, Object] = {}
        for each in scratch.rounds(tables, views, forms):
            with scratch.made(connection, each) as is_done:
                if is_done:
                    found |= _snapshot(_printed(connection, each, forms))
        return found

    def reconcile(self, live: Snapshot, declared: Snapshot) -> Snapshot:
        """Return the live snapshot, where NOT VALID of the models is met by what is valid, too.

        Models say how a constraint is added; whether it has been validated since is not a
        difference. Nor is it one that CREATE TABLE makes one constraint of a primary key and a
        UNIQUE on the same columns.
        """
        found = dict(live)
        for key, each in declared.items():
            if isinstance(each, Check | ForeignKey) and not each.validated and key in live:
                found[key] = replace(live[key], validated=False)  # type: ignore[type-var]
        return {**found, **_snapshot(_one_with_the_key(live, declared))}


def _one_with_the_key(live: Snapshot, declared: Snapshot) -> Iterator[Unique]:
    """Give the UNIQUE constraints that models declare and primary keys stand for."""
    for key, each in declared.items():
        if isinstance(each, Unique) and key not in live:
            primary = key._replace(kind="primary_key", name="")
            found = [getattr(side.get(primary), "columns", None) for side in (live, declared)]
            plain = Unique(each.schema, each.table, each.name, each.columns)
            if each == plain and all(columns == each.columns for columns in found):
                yield plain


def _snapshot(objects: Sequence[Object] | Iterator[Object]) -> dict[Key, Object]:
    return {each.key: each for each in objects}


def _relation_objects(relations: Relations) -> Iterator[Object]:
    yield from relations.others
    yield from relations.tables.values()


def _parts(connection: sa.Connection, relations: Relations, types: Types) -> Iterator[Object]:
    """Give columns, constraints and indexes, by three queries."""
    if not relations.names:
        return
    version = (connection.dialect.server_version_info or (12,))[0]
    ask = partial(_rows, connection, oids=queries.array(list(relations.names)))
    names: Names = {}
    yield from read_columns(ask(queries.columns()), relations, types, names)
    indexes, excluding = read_indexes(ask(queries.indexes(version)), relations, names)
    yield from read_constraints(ask(queries.constraints(version)), relations, names, excluding)
    yield from indexes


def _rows(connection: sa.Connection, query: sa.TextClause, oids: str) -> Sequence[sa.Row[Any]]:
    return connection.execute(query, {"oids": oids}).all()  # one by one they cost twice as much


def _printed(connection: sa.Connection, made: Round, forms: PostgreSQLForms) -> Iterator[Object]:
    rows = connection.execute(queries.scratch_relations())
    relations = read_relations(made.given(rows), lambda schema, name: True, frozenset())
    types = Types(forms, {})
    for each in (*_relation_objects(relations), *_parts(connection, relations, types)):
        if (declared := made.with_declared(each)) is not None:
            yield declared
    if made.domains:
        scratch.execute(connection, [statement for _, statement in made.domains.values()])
        rows = connection.execute(queries.scratch_domains())
        for each in read_named_types(rows, frozenset({""}), forms).listed:
            if isinstance(each, Domain) and each.name in made.domains:
                yield replace(each, schema=made.domains[each.name][0])
