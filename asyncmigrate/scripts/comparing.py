"""Reading both sides of a comparison: the database and the models, in the same words.

The server is the judge of how a text is printed. A declared table that looks unlike its twin in the
database is made as a scratch object and read back; only what still differs then is a difference.
Tables that look alike at once, the ordinary case, cost nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.schema.compare import Sides
from asyncmigrate.schema.declared import declared, tables_of
from asyncmigrate.schema.diff import diff, differing_tables
from asyncmigrate.schema.elsewhere import elsewhere
from asyncmigrate.schema.kinds import kinds
from asyncmigrate.schema.kinds.column_values import Column
from asyncmigrate.schema.kinds.named_types import type_keys
from asyncmigrate.schema.match import matched, with_server_names
from asyncmigrate.scripts.declared_hooks import taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import sqlalchemy as sa

    from asyncmigrate.dialects.catalog import Catalog
    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.operations import Change
    from asyncmigrate.schema.scope import Scope
    from asyncmigrate.schema.snapshot import Key, Object, Snapshot

_PRINTED = {
    "table": ("partition_by",),
    "column": ("type", "nullable", "default", "autoincrement", "identity", "computed", "collation"),
    "primary_key": ("columns", "deferrable", "include"),
    "unique": ("columns", "deferrable", "nulls_not_distinct", "include"),
    "check": ("text",),
    "exclude": ("elements", "method", "where", "deferrable"),
    "index": ("columns", "unique", "method", "where", "include", "options", "nulls_not_distinct"),
    "view": ("definition",),
    "domain": ("type", "default", "checks"),
}
"""What is taken from a scratch object: all that the server may word differently than models do."""


@dataclass(frozen=True, slots=True)
class Comparators:
    """A project's own answers, with Alembic's parameters; None leaves the answer to us."""

    compare_type: Callable[..., bool | None] | bool | None = None
    compare_server_default: Callable[..., bool | None] | bool | None = None
    include_name: Callable[..., bool] | None = None


def read_sides(
    connection: sa.Connection,
    metadatas: Sequence[sa.MetaData],
    scope: Scope,
    comparators: Comparators = Comparators(),
) -> Sides:
    """Read the database, and put what models declare into its words. Leaves nothing behind.

    `scope.schemas` gets the schemas of the models added. Runs in the caller's transaction.
    """
    catalog = catalog_of(connection.dialect.name)
    models = declared(metadatas, catalog.forms(connection))
    return sides_of(connection, catalog, models, scope, comparators)


def likely_scope(metadatas: Sequence[sa.MetaData], forms: Forms, scope: Scope) -> Scope:
    """Return what `sides_of` will read, as a rule: before it is known what models declare."""
    tables = tables_of(metadatas, forms)
    whole = replace(scope, schemas=scope.schemas | {schema for schema, _ in tables})
    return replace(whole, declared=frozenset(each for each in tables if whole.takes(*each)))


def sides_of(
    connection: sa.Connection,
    catalog: Catalog,
    models: Snapshot,
    scope: Scope,
    comparators: Comparators = Comparators(),
) -> Sides:
    """Do the rest of `read_sides`, when it is known what models declare."""
    forms = catalog.forms(connection)
    models = _in_scope(models, scope)
    scope = scope_of(scope, models)
    live = _named_ok(_read(catalog, connection, scope), comparators.include_name)
    live = elsewhere(len(live), _reconciled, catalog, live, models)
    named, unnamed = elsewhere(len(models), with_server_names, models, forms)
    named, missed = _with_printed(catalog, connection, live, named, unnamed)
    answered = _answered(live, named, comparators, forms)
    left_out = (*missed, *_uncompared(catalog, connection, scope))
    return Sides(live, answered, frozenset(unnamed), forms, left_out, _structure(connection))


def _uncompared(catalog: Catalog, connection: sa.Connection, scope: Scope) -> tuple[str, ...]:
    uncompared = getattr(catalog, "uncompared", None)
    return () if uncompared is None else uncompared(connection, scope)


def _structure(connection: sa.Connection) -> tuple[str, ...]:
    """Return the texts that SQLite keeps of a database, in the order in which they were made."""
    if connection.dialect.name != "sqlite":
        return ()
    query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    return tuple(connection.exec_driver_sql(f"{query} ORDER BY rowid").scalars())


def _in_scope(models: Snapshot, scope: Scope) -> dict[Key, Object]:
    """Return what models declare without the tables and views that the settings leave out."""
    whole = scope_of(scope, models)
    out = {
        (key.schema, key.name)
        for key in models
        if key.kind in {"table", "view"} and not whole.takes(key.schema, key.name)
    }
    return {
        key: obj for key, obj in models.items() if (key.schema, key.table or key.name) not in out
    }


def scope_of(scope: Scope, keys: Iterable[Key]) -> Scope:
    """Return a scope that looks into the schemas of these objects, too."""
    keys = tuple(keys)
    return replace(
        scope,
        schemas=scope.schemas | {key.schema for key in keys},
        declared=frozenset((key.schema, key.name) for key in keys if key.kind == "table"),
    )


def _read(catalog: Catalog, connection: sa.Connection, scope: Scope) -> dict[Key, Object]:
    live = dict(catalog.read(connection, scope))
    for kind in kinds().values():
        live |= {obj.key: obj for obj in kind.reflected(connection, scope)}
    return live


def _reconciled(catalog: Catalog, live: dict[Key, Object], models: Snapshot) -> dict[Key, Object]:
    reconcile = getattr(catalog, "reconcile", None)
    return live if reconcile is None else dict(reconcile(live, models))


def _with_printed(
    catalog: Catalog,
    connection: sa.Connection,
    live: Snapshot,
    named: dict[Key, Object],
    unnamed: set[Key],
) -> tuple[dict[Key, Object], tuple[str, ...]]:
    """Return the declared objects with the server's texts, and what it would not print."""
    tables, views = elsewhere(len(live) + len(named), _in_question, named, unnamed, live)
    if not tables and not views:
        return named, ()
    elements = [each.element for each in tables.values()]
    printed = catalog.printed(connection, elements, [*views.values()])
    made = {key.owner for key in printed}
    missed = [
        f"{key.kind} {key.path}: the server would not make a scratch copy of it, so its texts were "
        "compared as they are written"
        for key in sorted(tables)
        if key.kind == "table" and key not in made
    ]
    return elsewhere(len(named), _all_reworded, named, printed), tuple(missed)


def _in_question(
    named: dict[Key, Object], unnamed: set[Key], live: Snapshot
) -> tuple[dict[Key, Any], dict[Key, Any]]:
    """Return the declared tables and views whose texts the server must be asked for."""
    first = matched(named, unnamed, live)
    changes = diff(live, first)
    if not changes:
        return {}, {}
    wanted = differing_tables(changes, live, first) | _users_of_domains(changes, first)
    if any(key.kind == "table" and key not in named for key in live):
        wanted |= {key for key in named if key.kind == "table" and key not in live}  # renamed?
    tables = {key: obj for key, obj in named.items() if key in wanted}
    views = [each.key for each in changes if each.key.kind == "view" and each.key in named]
    return tables, {key: named[key] for key in views}


def _all_reworded(named: dict[Key, Object], printed: Snapshot) -> dict[Key, Object]:
    return {key: _reworded(obj, printed.get(key)) for key, obj in named.items()}


def _users_of_domains(changes: Iterable[Change], declared: Snapshot) -> set[Key]:
    """Return the tables whose columns are of domains that differ: these are printed with them."""
    domains = {each.key for each in changes if each.key.kind == "domain"} & {*declared}
    columns = (each for each in declared.values() if domains and isinstance(each, Column))
    return {
        each.key.owner
        for each in columns
        if each.key.owner is not None and domains.intersection(type_keys(each.type))
    }


def _reworded(obj: Any, printed: Object | None) -> Any:
    fields = _PRINTED.get(obj.key.kind, ())
    if printed is None or not fields:
        return obj
    return replace(obj, **{name: getattr(printed, name) for name in fields})


# --- a project's own answers -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """What a comparator is handed as its context: the dialect, where Alembic's has it, too."""

    dialect: Any

    @property
    def connection(self) -> AnswerConnection:
        """What says which dialect it is, and no more: both sides have been read."""
        return AnswerConnection(self.dialect)

    @property
    def bind(self) -> AnswerConnection:
        """The same, under its other name."""
        return self.connection


@dataclass(frozen=True, slots=True)
class AnswerConnection:
    """A connection that a comparator can ask for its dialect only."""

    dialect: Any

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"context.connection.{name}: a comparator is asked when the database has been read; "
            "its connection has only `dialect`"
        )


def _answered(
    live: Snapshot, named: dict[Key, Object], comparators: Comparators, forms: Forms
) -> dict[Key, Object]:
    """Return the declared columns as the project's comparators want them compared."""
    if comparators.compare_type is None and comparators.compare_server_default is None:
        return named
    context = AnswerContext(forms.dialect)
    return {
        key: _answered_column(live[key], obj, comparators, context)
        if key.kind == "column" and key in live
        else obj
        for key, obj in named.items()
    }


def _answered_column(
    before: Any, after: Any, comparators: Comparators, context: AnswerContext
) -> Object:
    old, new = before.sa_type, after.sa_type
    answer = _ask(comparators.compare_type, context, before, after, old, new)
    if answer is not None:
        said = f"{after.type} (says compare_type)"
        after = replace(after, type=_answer(before.type, after.type, said, differs=answer))
    texts = (before.default, after.default)
    answer = _ask(comparators.compare_server_default, context, before, after, *texts, texts[1])
    if answer is not None:
        # A default may be written into the script as it stands here.
        said = after.default and f"{after.default} /* says compare_server_default */"
        after = replace(after, default=_answer(*texts, said, differs=answer))
    return after  # type: ignore[no-any-return]


def _ask(comparator: Callable[..., bool | None] | bool | None, *arguments: object) -> bool | None:
    """Ask a comparator; `False` in its place never sees a difference, `True` leaves it to us."""
    if callable(comparator):
        return comparator(*taken(comparator, arguments))
    return False if comparator is False else None


def _answer(
    before: str | None, after: str | None, said: str | None, *, differs: bool
) -> str | None:
    """Return what is to be compared with `before`; `said` makes the difference if there is none."""
    if not differs:
        return before
    return after if after != before else said


def _named_ok(
    live: dict[Key, Object], include_name: Callable[..., bool] | None
) -> dict[Key, Object]:
    """Return what `include_name` takes; a table that it does not take goes with its parts."""
    if include_name is None:
        return live
    found = {key: obj for key, obj in live.items() if _takes_name(include_name, key)}
    return {key: obj for key, obj in found.items() if key.owner is None or key.owner in found}


ALEMBIC_TYPES: Mapping[str, str] = {
    "namespace": "schema",
    "unique": "unique_constraint",
    "foreign_key": "foreign_key_constraint",
    "check": "check_constraint",
    "primary_key": "primary_key_constraint",
    "exclude": "exclude_constraint",
}
"""What hooks call the kinds whose names here are others."""


def _takes_name(include_name: Callable[..., bool], key: Key) -> bool:
    if key.kind == "primary_key":
        return True
    schema = key.schema or None
    table = key.table or (key.name if key.kind == "table" else None)
    parents = {
        "schema_name": schema,
        "table_name": table,
        "schema_qualified_table_name": ".".join(filter(None, (schema, table))) or None,
    }
    name = key.schema if key.kind == "namespace" else key.name
    return bool(include_name(name, ALEMBIC_TYPES.get(key.kind, key.kind), parents))
