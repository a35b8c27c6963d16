"""What a database of SQLite holds, in the words of the models, where to SQLite both are the same.

Names that differ in capitals only are one name to SQLite. The key of an AUTOINCREMENT column
stands in the column, where SQLAlchemy writes no name. A foreign key to another file cannot exist;
SQLAlchemy leaves it out of what it creates, so a database without it is as the models want it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from asyncmigrate.dialects.sqlite_syntax import folded
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from asyncmigrate.schema.snapshot import Object, Snapshot


def as_declared(live: Snapshot, declared: Snapshot) -> Snapshot:
    """Return the live snapshot in the words of the models. Pure."""
    spelling = _Spelling(_twins(live, declared))
    if spelling.twins:
        respelled = (spelling.of(each) for each in live.values())
        live = {each.key: each for each in respelled}
    known = {**_named_keys(live, declared), **_left_out(live, declared)}
    return {**live, **known} if known else live


def _named_keys(live: Snapshot, declared: Snapshot) -> dict[Key, Object]:
    """Return the keys of AUTOINCREMENT columns with the names that models give them."""
    found: dict[Key, Object] = {}
    for key, wanted in declared.items():
        own: Any = live.get(key) if key.kind == "primary_key" else None
        if own is None or own == wanted or own.name or len(own.columns) != 1:
            continue
        column: Any = live.get(Key("column", key.schema, key.table, own.columns[0]))
        if column is not None and column.autoincrement:
            found[key] = replace(own, name=wanted.name)  # type: ignore[attr-defined]
    return found


def _left_out(live: Snapshot, declared: Snapshot) -> dict[Key, Object]:
    """Return the declared foreign keys between two files, of tables that are there."""
    return {
        key: each
        for key, each in declared.items()
        if key.kind == "foreign_key"
        and each.referred_schema != key.schema  # type: ignore[attr-defined]
        and key.owner in live
    }


def _twins(live: Snapshot, declared: Snapshot) -> dict[Key, Key]:
    """Return the keys of what is spelled otherwise in the models, with its key there."""
    missing = [key for key in declared if key not in live]
    if not missing:
        return {}
    others = {_folded(key): key for key in live if key not in declared}
    pairs = ((others.get(_folded(key)), key) for key in missing)
    return {there: key for there, key in pairs if there is not None}


def _folded(key: Key) -> Key:
    return Key(key.kind, key.schema, folded(key.table), folded(key.name))


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How models spell what a database has."""

    twins: Mapping[Key, Key]

    def of(self, obj: Any) -> Any:
        """Return an object with all names as models spell them."""
        key = obj.key
        said: dict[str, Any] = {}
        if key.table:
            said["table"] = self._table(key.schema, key.table)
        if getattr(obj, "name", "") and key.name == obj.name and key in self.twins:
            said["name"] = self.twins[key].name
        if key.kind == "index":
            said["columns"] = tuple(self._indexed(key, obj.columns))
        elif hasattr(obj, "columns"):
            said["columns"] = tuple(self._columns(key.schema, key.table, obj.columns))
        if key.kind == "foreign_key":
            schema, table = obj.referred_schema, obj.referred_table
            said["referred_table"] = self._table(schema, table)
            said["referred_columns"] = tuple(self._columns(schema, table, obj.referred_columns))
        return replace(obj, **said) if said else obj

    def _table(self, schema: str, name: str) -> str:
        key = Key("table", schema, "", name)
        return self.twins.get(key, key).name

    def _columns(self, schema: str, table: str, names: Iterable[str]) -> Iterator[str]:
        for name in names:
            key = Key("column", schema, table, name)
            yield self.twins.get(key, key).name

    def _indexed(self, index: Key, columns: Iterable[Any]) -> Iterator[Any]:
        for each in columns:
            if each.is_expression:
                yield each
            else:
                (name,) = self._columns(index.schema, index.table, [each.text])
                yield replace(each, text=name)
