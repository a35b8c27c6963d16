"""The live database in the terms that models chose, where MySQL has one thing and models have two.

- A unique index and a UNIQUE constraint are the same thing. `read` gives constraints; where
  models declare a unique index of that name, it becomes an index.
- An index that a foreign key cannot do without is made by the server, or cannot be dropped
  (error 1553). While models declare the foreign key, nobody has to declare the index; where they
  declare it by another name, it gets that name. Once the foreign key is declared no more, its
  index is an index like others.
- The primary key has no name, so whatever models call it is right.
- A table has options from the first day. Only those that models declare are compared. Of the
  words after PARTITION BY, those that list partitions are not: partitions come and go.
- ALTER TABLE … CHARSET leaves the columns as they are: where models give a table another character
  set or collation, its columns have the former one of their own until they change, too.
- MariaDB's JSON is a LONGTEXT with a check of its own, but a check that models give the column
  takes that one's place. A column that models declare as JSON, and that has a check, is JSON.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from asyncmigrate.dialects.mysql_types import type_of
from asyncmigrate.schema.kinds.column import Column
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.index import Index, Indexed
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.kinds.unique import Unique

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncmigrate.schema.snapshot import Key, Object, Snapshot

Columns = tuple[str, ...]

_TEXTUAL = re.compile(r"(?:var)?char\b|(?:tiny|medium|long)?text\b|enum\b|set\b")
"""Types that have a collation."""


def as_declared(live: Snapshot, declared: Snapshot) -> dict[Key, Object]:
    """Return the live objects as models would have said them, without what they cannot say."""
    needs = _Needs(live, declared)
    found = (_said(each, live, declared) for each in live.values())
    return {each.key: each for each in found if not needs.hides(each)}


def implied_index(foreign_key: ForeignKey, snapshot: Snapshot) -> Index | None:
    """Return the index that the server makes along with a foreign key.

    None if the snapshot has one that does: then the server makes none. Dropping the foreign key
    leaves the index that was made; what undoes the foreign key has to drop both.
    """
    place = foreign_key.schema, foreign_key.table
    keys = (_columns_of(obj) for key, obj in snapshot.items() if key[1:3] == place)
    if any(_serves(columns, foreign_key.columns) for columns in keys):
        return None
    columns = tuple(Indexed(name) for name in foreign_key.columns)
    name = foreign_key.name or foreign_key.columns[0]
    return Index(foreign_key.schema, foreign_key.table, name, columns)


class _Needs:
    """What the declared foreign keys need, table by table."""

    def __init__(self, live: Snapshot, declared: Snapshot) -> None:
        self.declared = declared
        self.new = {
            replace(each, name="", element=None)
            for key, each in declared.items()
            if isinstance(each, Index) and key not in live
        }
        """Indexes that a live one may become by a new name: that the server lets happen."""
        self.foreign_keys: dict[Key | None, list[ForeignKey]] = {}
        self.served: dict[Key | None, list[Columns]] = {}
        for each in declared.values():
            if isinstance(each, ForeignKey):
                self.foreign_keys.setdefault(each.key.owner, []).append(each)
            elif columns := _columns_of(each):
                self.served.setdefault(each.key.owner, []).append(columns)

    def hides(self, obj: Object) -> bool:
        """Return whether an object is an index that nobody declares and a foreign key needs."""
        if not isinstance(obj, Index) or obj.unique or obj.key in self.declared:
            return False
        if replace(obj, name="") in self.new:
            return False
        columns, owner = _columns_of(obj), obj.key.owner
        served = self.served.get(owner, [])
        return any(
            _is_implied(obj, foreign_key)
            or not any(_serves(other, foreign_key.columns) for other in served)
            for foreign_key in self.foreign_keys.get(owner, [])
            if _serves(columns, foreign_key.columns)
        )


def _is_implied(index: Index, foreign_key: ForeignKey) -> bool:
    """Return whether the server made an index, and so drops it once another serves."""
    if _columns_of(index) != foreign_key.columns:
        return False
    base = foreign_key.columns[0]
    number = index.name.removeprefix(f"{base}_")
    return index.name in (foreign_key.name, base) or (number != index.name and number.isdigit())


def _columns_of(obj: Object) -> Columns:
    """Return the columns of an index or key as far as a foreign key could use it."""
    if isinstance(obj, (PrimaryKey, Unique)):
        return obj.columns
    if isinstance(obj, Index) and not obj.method:
        return tuple(_usable(obj.columns))
    return ()


def _usable(columns: Iterable[Indexed]) -> Iterator[str]:
    for each in columns:
        if each.is_expression or each.length is not None:
            return
        yield each.text


def _serves(columns: Columns, needed: Columns) -> bool:
    return columns[: len(needed)] == needed


def _said(obj: Object, live: Snapshot, declared: Snapshot) -> Object:
    """Return one live object in the terms of the declared one."""
    match obj:
        case Column():
            return _said_column(obj, live, declared)
        case Table():
            return _with_options(obj, declared.get(obj.key))
        case PrimaryKey():
            other = declared.get(obj.key)
            return replace(obj, name=other.name) if isinstance(other, PrimaryKey) else obj
        case Unique():
            index = declared.get(obj.key._replace(kind="index"))
            return obj if index is None or obj.key in declared else _as_index(obj)
        case _:
            return obj


def _said_column(column: Column, live: Snapshot, declared: Snapshot) -> Column:
    other = declared.get(column.key)
    is_json = isinstance(other, Column) and other.type == column.type.replace("longtext", "json")
    if is_json and column.type == "longtext" and column.key._replace(kind="check") in live:
        return _as_json(column)
    if column.collation is None and _TEXTUAL.match(column.type):
        former = _left_behind(column, live, declared)
        if former is not None:
            return replace(column, collation=former, sa_type=type_of(column.type, former))
    return column


def _left_behind(column: Column, live: Snapshot, declared: Snapshot) -> str | None:
    """Return the collation that a column keeps when its table gets another, and it does not."""
    table, other = (side.get(column.key.owner) for side in (live, declared))  # type: ignore[arg-type]
    if not isinstance(table, Table) or not isinstance(other, Table):
        return None
    is_, shall = (_of_text(each) for each in (table, other))
    changes = any(is_.get(name) != text for name, text in shall.items())
    return is_.get("collate") if changes else None


def _of_text(table: Table) -> dict[str, str]:
    """Return the character set and the collation that a table's columns have by themselves."""
    options = ((name.partition("_")[2], text) for name, text in table.options)
    return {name: text for name, text in options if name in {"charset", "collate"}}


def _as_json(column: Column) -> Column:
    return replace(column, type="json", collation=None, sa_type=sa.JSON())


def _as_index(unique: Unique) -> Index:
    columns = tuple(Indexed(name) for name in unique.columns)
    return Index(unique.schema, unique.table, unique.name, columns, unique=True)


def _with_options(live: Table, declared: Object | None) -> Table:
    """Return the table with the options that are declared."""
    if not isinstance(declared, Table):
        return replace(live, options=())
    names = {name for name, _ in declared.options}
    options = tuple(pair for pair in live.options if pair[0] in names)
    same = _squeezed(declared.partition_by or "").startswith(_squeezed(live.partition_by or ""))
    partition_by = declared.partition_by if live.partition_by and same else live.partition_by
    return replace(live, options=options, partition_by=partition_by)


def _squeezed(words: str) -> str:
    return re.sub(r"[`\s]", "", words).lower()
