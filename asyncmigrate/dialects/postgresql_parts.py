"""PostgreSQL's constraints and indexes, from catalog rows to values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncmigrate.dialects.postgresql_reading import storage_text
from asyncmigrate.dialects.postgresql_texts import settled
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.exclude import Exclude
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.index import Index, Indexed
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.unique import Unique
from asyncmigrate.schema.parentheses import unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from asyncmigrate.dialects.postgresql_reading import ColumnName, Names, Relations
    from asyncmigrate.schema.snapshot import Object

    Columns: TypeAlias = dict[int, ColumnName]

_ACTIONS = {"a": "", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_MATCHES = {"s": "", "f": "FULL", "p": "PARTIAL"}
_ORDERS = {0: "", 1: "DESC NULLS LAST", 2: "NULLS FIRST", 3: "DESC"}
"""By the bits of `indoption`."""


def read_indexes(
    rows: Iterable[Any], relations: Relations, names: Names
) -> tuple[list[Index], dict[int, Index]]:
    """Return the indexes, and those of EXCLUDE constraints by their oid."""
    own: list[Index] = []
    excluding: dict[int, Index] = {}
    for owner, oid, name, excludes, *rest in rows:
        index = _index(*relations.names[owner], name, names[owner], rest)
        if excludes:
            excluding[oid] = index
        else:
            own.append(index)
    return own, excluding


def _index(
    schema: str, table: str, name: str, columns: dict[int, ColumnName], row: list[Any]
) -> Index:
    method, numbers, count, orders, classes, collations, texts, class_options, *rest = row
    unique, valid, not_distinct, where, storage, tablespace, comment = rest
    keys = [int(each) for each in numbers.split()]
    ordered = method == "btree"
    bits = [int(each) if ordered else 0 for each in orders.split()]
    parts = tuple(
        Indexed(
            columns[key].name if key else texts[place],
            not key,
            _ORDERS[bits[place]],
            _opclass(classes[place], class_options[place] if class_options else ""),
            collations[place] and _collation(collations[place], columns.get(key), texts, place),
        )
        for place, key in enumerate(keys[:count])
    )
    options = (("postgresql_tablespace", tablespace), ("postgresql_with", storage_text(storage)))
    return Index(
        schema,
        table,
        name,
        parts,
        unique,
        "" if ordered else method,
        where and settled(where),
        tuple(columns[number].name for number in keys[count:]),
        tuple(each for each in options if each[1]),
        not_distinct,
        valid,
        comment,
    )


def _opclass(name: str, options: str) -> str:
    """Return an operator class; "=" before its name says that it is the default one."""
    if options:
        return f"{name.removeprefix('=')}({options})"
    return "" if name.startswith("=") else name


def _collation(name: str, column: ColumnName | None, texts: list[str], place: int) -> str:
    """Return an index's collation, unless the column or the expression has it already."""
    if column is not None:
        return "" if column.collation == name else name
    return "" if "COLLATE" in texts[place] and name in texts[place] else name


def read_constraints(
    rows: Iterable[Any], relations: Relations, names: Names, excluding: dict[int, Index]
) -> Iterator[Object]:
    """Give the constraints of the tables; EXCLUDE constraints are told from their indexes."""
    for row in rows:
        schema, table = relations.names[row[0]]
        yield _READERS[row[2]](schema, table, row, names[row[0]], excluding)


def _check(schema: str, table: str, row: Any, columns: Columns, _: Any) -> Check:
    _, name, _, _, _, valid, no_inherit, text, *_ = row
    return Check(schema, table, name, settled(text), valid, no_inherit)


def _foreign_key(schema: str, table: str, row: Any, columns: Columns, _: Any) -> ForeignKey:
    _, name, _, numbers, deferrable, valid, _, _, *referred = row
    other_schema, other, other_columns, on_delete, on_update, match, only, *_ = referred
    action = _ACTIONS[on_delete]
    if only:
        action = f"{action} ({', '.join(_named(only, columns))})"
    return ForeignKey(
        schema,
        table,
        name,
        _named(numbers, columns),
        other_schema,
        other,
        tuple(other_columns),
        action,
        _ACTIONS[on_update],
        _MATCHES[match],
        deferrable,
        valid,
    )


def _primary_key(schema: str, table: str, row: Any, columns: Columns, _: Any) -> PrimaryKey:
    keys = _named(row[3], columns)
    included = _named(row[15], columns)[len(keys) :]
    return PrimaryKey(schema, table, row[1], keys, row[4], included)


def _unique(schema: str, table: str, row: Any, columns: Columns, _: Any) -> Unique:
    keys = _named(row[3], columns)
    included = _named(row[15], columns)[len(keys) :]
    return Unique(schema, table, row[1], keys, row[4], row[16], included)


def _exclude(
    schema: str, table: str, row: Any, columns: Columns, excluding: dict[int, Index]
) -> Exclude:
    *_, operators, oid = row
    index = excluding[oid]
    elements = tuple(
        (_element(part), operator) for part, operator in zip(index.columns, operators, strict=True)
    )
    return Exclude(schema, table, row[1], elements, index.method or "btree", index.where, row[4])


def _element(part: Indexed) -> str:
    """Return what an EXCLUDE constraint is on, in its own words."""
    text = f"({unwrapped(part.text)})" if part.is_expression else part.text
    return f"{text} {part.opclass}" if part.opclass else text


_READERS: dict[str, Callable[[str, str, Any, Columns, dict[int, Index]], Object]] = {
    "c": _check,
    "f": _foreign_key,
    "p": _primary_key,
    "u": _unique,
    "x": _exclude,
}
"""By `contype`."""


def _named(numbers: str | None, columns: Columns) -> tuple[str, ...]:
    return tuple(columns[int(number)].name for number in (numbers or "").split())
