"""PostgreSQL, read into a snapshot by one statement, and asked how it prints what is declared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from asyncmigrate.dialects import postgresql_queries as queries
from asyncmigrate.dialects import postgresql_scratch as scratch
from asyncmigrate.dialects.postgresql_forms import PostgreSQLForms, table_keywords
from asyncmigrate.dialects.postgresql_named_types import read_named_types
from asyncmigrate.dialects.postgresql_parts import read_constraints, read_indexes
from asyncmigrate.dialects.postgresql_reading import Relations, read_columns, read_relations
from asyncmigrate.dialects.postgresql_types import Types
from asyncmigrate.dialects.postgresql_uncompared import uncompared
from asyncmigrate.dialects.questions import answer, answers
from asyncmigrate.dialects.uncompared import in_words
from asyncmigrate.schema.elsewhere import elsewhere
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.domain import Domain
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.unique import Unique

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import sqlalchemy as sa

    from asyncmigrate.dialects.postgresql_reading import Names
    from asyncmigrate.dialects.postgresql_scratch import Round
    from asyncmigrate.schema.kinds.view import View
    from asyncmigrate.schema.scope import Scope
    from asyncmigrate.schema.snapshot import Key, Object, Snapshot


Groups: TypeAlias = "Mapping[str, list[list[Any]]]"
"""Rows of the catalogs, by what they are about."""


class PostgreSQLCatalog:
    """Reads PostgreSQL 12 and later."""

    def __init__(self) -> None:
        self._forms: tuple[sa.Connection, PostgreSQLForms] | None = None
        self._ahead: tuple[Scope, Groups] | None = None

    def forms(self, connection: sa.Connection) -> PostgreSQLForms:
        """Return how this server prints what models declare. One query, sent once."""
        if self._forms is None or self._forms[0] is not connection:
            schema = answer(connection, "SELECT pg_catalog.to_json(current_schema())::text")
            self._forms = connection, PostgreSQLForms(connection.dialect, schema or "")
        return self._forms[1]

    def ahead(self, connection: sa.Connection, scope: Scope) -> None:
        """Ask for all that `read` and `uncompared` will tell of this scope; one statement."""
        self._ahead = scope, _groups(connection, scope)

    def read(self, connection: sa.Connection, scope: Scope) -> Snapshot:
        """Return what the database holds, by one statement.

        A partition or an inherited child is listed only if models declare it as a table. The
        indexes of a materialized view are listed with the view as their table.
        """
        groups = self._asked(connection, scope)
        return elsewhere(len(groups["columns"]), _made, groups, scope, connection.dialect)

    def uncompared(self, connection: sa.Connection, scope: Scope) -> tuple[str, ...]:
        """Return what is of no kind that is compared, in words."""
        return in_words(self._asked(connection, scope)["uncompared"], scope)

    def _asked(self, connection: sa.Connection, scope: Scope) -> Groups:
        """Return the rows of a scope: those that were asked for ahead, or those of now."""
        if self._ahead is not None and self._ahead[0] == scope:
            return self._ahead[1]
        return _groups(connection, scope)

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
        not_valid = _snapshot(_not_valid(live, declared))
        return {**live, **not_valid, **_snapshot(_one_with_the_key(live, declared))}


def _not_valid(live: Snapshot, declared: Snapshot) -> Iterator[Check | ForeignKey]:
    """Give what is valid and all that models say, if they had not said NOT VALID.

    A condition need not be the same: how the server words it is not known yet.
    """
    said = [
        each
        for each in declared.values()
        if isinstance(each, Check | ForeignKey) and not each.validated
    ]
    tables = {each.key.owner for each in said}
    for found in live.values() if said else ():
        if isinstance(found, Check | ForeignKey) and found.key.owner in tables:
            for each in said:
                if _says(found, each):
                    yield replace(found, validated=False, was_validated=found.validated)


def _says(live: Check | ForeignKey, declared: Check | ForeignKey) -> bool:
    """Return whether a constraint is what models say of one NOT VALID, as far as can be seen."""
    if type(live) is not type(declared) or live.key.owner != declared.key.owner:
        return False
    said: Any = replace(live, validated=False, name=live.name if declared.name else "")
    if isinstance(declared, Check) and declared.name:
        said = replace(said, text=declared.text)
    return bool(said == declared)


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


def _groups(connection: sa.Connection, scope: Scope) -> Groups:
    asked = {
        "relations": queries.relations(),
        "named types": queries.named_types(scope),
        **queries.parts(_version(connection)),
        "uncompared": uncompared(scope),
    }
    return answers(connection, asked, given=queries.seen(scope))


def _version(connection: sa.Connection) -> int:
    return int((connection.dialect.server_version_info or (12,))[0])


def _made(groups: Groups, scope: Scope, dialect: sa.Dialect) -> Snapshot:
    relations = read_relations(groups["relations"], scope.takes, table_keywords(dialect))
    named = read_named_types(groups["named types"], scope.schemas, PostgreSQLForms(dialect))
    parts = _parts(groups, relations, named.types)
    return _snapshot((*named.listed, *_relation_objects(relations), *parts))


def _parts(groups: Groups, relations: Relations, types: Types) -> Iterator[Object]:
    """Give columns, constraints and indexes of the relations that are looked at."""
    names: Names = {}
    columns, indexed, constraints = (
        [row for row in groups[each] if row[0] in relations.names]
        for each in ("columns", "indexes", "constraints")
    )
    yield from read_columns(columns, relations, types, names)
    indexes, excluding = read_indexes(indexed, relations, names)
    yield from read_constraints(constraints, relations, names, excluding)
    yield from indexes


def _printed(connection: sa.Connection, made: Round, forms: PostgreSQLForms) -> Iterator[Object]:
    asked = {"relations": queries.scratch_relations(), **queries.parts(_version(connection))}
    groups = answers(connection, asked, given=queries.seen_of_scratch())
    rows = made.given(groups["relations"])
    relations = read_relations(rows, lambda schema, name: True, frozenset())
    parts = _parts(groups, relations, Types(forms, {}))
    for each in (*_relation_objects(relations), *parts):
        if (declared := made.with_declared(each)) is not None:
            yield declared
    if made.domains:
        scratch.execute(connection, [statement for _, statement in made.domains.values()])
        yield from _domains(connection, made, forms)


def _domains(connection: sa.Connection, made: Round, forms: PostgreSQLForms) -> Iterator[Domain]:
    rows = answers(connection, {"domains": queries.scratch_domains()})["domains"]
    for each in read_named_types(rows, frozenset({""}), forms).listed:
        if isinstance(each, Domain) and each.name in made.domains:
            yield replace(each, schema=made.domains[each.name][0])
