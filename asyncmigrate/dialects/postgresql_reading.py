"""PostgreSQL's catalog rows as values.

Rows come by the ten thousand, so they are unpacked by position, in the order of the queries.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from asyncmigrate.dialects.postgresql_forms import UNLOGGED
from asyncmigrate.dialects.postgresql_numbers import Numbers
from asyncmigrate.schema.kinds.column import Column, Computed, Identity
from asyncmigrate.schema.kinds.sequence import Sequence
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.kinds.view import View
from asyncmigrate.schema.parentheses import unwrapped
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from asyncmigrate.dialects.postgresql_types import Types
    from asyncmigrate.schema.snapshot import Object

_TABLES = frozenset("rp")
_VIEWS = frozenset("vm")


@dataclass(slots=True)
class Relations:
    """The tables, views and sequences that are looked at."""

    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Schema and name of each table and materialized view, by oid."""
    tables: dict[int, Table] = field(default_factory=dict)
    others: list[Object] = field(default_factory=list)
    """Views, and sequences that belong to no column."""
    owned: dict[tuple[int, int], tuple[str, Numbers]] = field(default_factory=dict)
    """Name and counting of the sequence that belongs to a column, by oid and number."""


@dataclass(slots=True)
class ColumnName:
    """What constraints and indexes must know of a column."""

    name: str
    collation: str
    """ "" for the default one."""


Names = dict[int, dict[int, ColumnName]]
"""By the table's oid and the column's number."""


def read_relations(
    rows: Iterable[Any], takes: Callable[[str, str], bool], keywords: frozenset[str]
) -> Relations:
    """Return the relations that `takes(schema, name)` takes.

    Of a table's options those are read that models can say by one of the `keywords`.
    """
    found = Relations()
    keys: dict[int, Key] = {}
    views: list[tuple[View, str]] = []
    for oid, schema, name, kind, *rest in rows:
        if kind == "S":
            _add_sequence(found, schema, name, rest)
        elif takes(schema, name):
            if kind != "v":
                found.names[oid] = (schema, name)
            keys[oid] = Key("view" if kind in _VIEWS else "table", schema, "", name)
            if kind in _TABLES:
                found.tables[oid] = _table(schema, name, rest, keywords)
            else:
                views.append((_view(schema, name, kind, rest), rest[7]))
    found.others += (_with_references(view, oids, keys) for view, oids in views)
    return found


def _add_sequence(found: Relations, schema: str, name: str, rest: list[Any]) -> None:
    owner, number, type_, start, increment, lowest, highest, cache, cycle = rest[9:]
    numbers = Numbers(type_, start, increment, lowest, highest, cache, cycle)
    if owner is not None:
        found.owned[owner, number] = (name, numbers)
        return
    options = numbers.unusual()
    typed = options if type_ == "bigint" else (*options, ("type", type_))
    found.others.append(Sequence(schema, name, typed))


def _table(schema: str, name: str, rest: list[Any], keywords: frozenset[str]) -> Table:
    persistence, comment, storage, tablespace, method, partition_by, _, _, parents = rest[:9]
    options = [
        ("postgresql_inherits", parents),
        ("postgresql_tablespace", tablespace),
        ("postgresql_using", method),
        ("postgresql_with", storage_text(storage)),
    ]
    found = [each for each in options if each[1] and each[0] in keywords]
    if persistence == "u":
        found.append(UNLOGGED)
    return Table(schema, name, comment, tuple(sorted(found)), partition_by)


def storage_text(parameters: list[str] | None) -> str:
    """Return storage parameters as forms write them.

    >>> storage_text(["fillfactor=70", "autovacuum_enabled=false"])
    'autovacuum_enabled=false, fillfactor=70'
    """
    return ", ".join(sorted(parameters or ()))


def _view(schema: str, name: str, kind: str, rest: list[Any]) -> View:
    definition = rest[6].strip().removesuffix(";")
    kept = storage_text(rest[2])
    return View(schema, name, definition, kind == "m", rest[1], kept=kept)


def _with_references(view: View, oids: str, keys: dict[int, Key]) -> View:
    read = {keys[int(oid)] for oid in oids.split() if int(oid) in keys}
    return replace(view, references=tuple(sorted(read)))


def read_columns(
    rows: Iterable[Any], relations: Relations, types: Types, names: Names
) -> Iterator[Column]:
    """Give the columns of the tables; fill `names` for constraints and indexes."""
    of_type = types.of
    tables, owned = relations.tables, relations.owned
    current, schema, table, known = -1, "", "", {}
    for oid, number, name, type_, not_null, default, *rest in rows:
        identity, generated, collation, collated, local, comment = rest
        if oid != current:
            current, known = oid, names.setdefault(oid, {})
            schema, table = relations.names[oid]
        known[number] = ColumnName(
            name, "" if collation is None or collation == "default" else collation
        )
        if oid not in tables or not local:
            continue
        serial, counted, computed = False, None, None
        if generated:
            computed, default = Computed(unwrapped(default), generated == "s"), None
        elif (oid, number) in owned:
            sequence, numbers = owned[oid, number]
            if identity:
                counted = Identity(identity == "a", numbers.unusual())
            elif default and _is_next_of(default, sequence):
                serial, default = True, None
        yield Column(
            schema,
            table,
            name,
            type_,
            not not_null,
            default,
            serial,
            counted,
            computed,
            collation if collated else None,
            comment,
            of_type(type_),
            number,
        )


def _is_next_of(default: str, sequence: str) -> bool:
    """Return whether a default takes the next value of the column's own sequence."""
    quoted = sequence.replace('"', '""').replace("'", "''")
    return default.startswith("nextval('") and quoted in default
