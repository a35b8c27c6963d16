"""`include_object`: a project says which differences count, in Alembic's words.

The hook gets SQLAlchemy objects: the declared ones as they are, and stand-ins for those that were
read from the database, with their names, columns and types.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.schema.operations import Alter, Create, Drop
from asyncmigrate.scripts.comparing import ALEMBIC_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncmigrate.schema.operations import Change
    from asyncmigrate.schema.snapshot import Key, Object, Snapshot

    IncludeObject = Callable[[Any, str | None, str, bool, Any], bool]

_ASKED = frozenset({"table", "column", "index", "unique", "foreign_key", "check", "view"})


class Including:
    """Asks `include_object` about changes; a table that it leaves out goes with its parts."""

    def __init__(self, include_object: IncludeObject, live: Snapshot, declared: Snapshot) -> None:
        self._include_object = include_object
        self._live = live
        self._declared = declared
        self._tables: dict[Key, bool] = {}

    def __call__(self, change: Change) -> bool:
        """Return whether a change counts."""
        key = change.key
        owner = key.owner
        if owner is not None and not self._takes_table(owner):
            return False
        if key.kind not in _ASKED:
            return True
        if key.kind == "table":
            return self._takes_table(key)
        match change:
            case Create(obj):
                return self._asked(obj, None)
            case Drop(obj):
                return self._asked(None, obj)
            case Alter(before, after):
                return self._asked(after, before)
        return True

    def _takes_table(self, key: Key) -> bool:
        if key not in self._tables:
            sides = self._declared.get(key), self._live.get(key)
            # Neither has it: a renamed table, whose rename was said, or a materialized view.
            self._tables[key] = sides == (None, None) or self._asked(*sides)
        return self._tables[key]

    def _asked(self, declared: Object | None, live: Object | None) -> bool:
        read = None if live is None else self._stand_in(live)
        element = getattr(declared, "element", None) if declared is not None else read
        key = (declared or live).key  # type: ignore[union-attr]  # one of them is there
        type_ = ALEMBIC_TYPES.get(key.kind, key.kind)
        compare_to = read if declared is not None else None
        return bool(self._include_object(element, key.name, type_, declared is None, compare_to))

    @cached_property
    def _metadata(self) -> sa.MetaData:
        """The tables of the database, with their columns."""
        metadata = sa.MetaData()
        columns: dict[Key | None, list[sa.Column[Any]]] = {}
        for key, each in self._live.items():
            if key.kind == "column":
                column: Any = each
                made = sa.Column(key.name, column.sa_type, nullable=column.nullable)
                columns.setdefault(key.owner, []).append(made)
        for key in self._live:
            if key.kind == "table":
                sa.Table(key.name, metadata, *columns.get(key, ()), schema=key.schema or None)
        return metadata

    def _stand_in(self, obj: Any) -> Any:
        key: Key = obj.key
        name = key.name if key.kind == "table" else key.table
        table = self._metadata.tables.get(".".join(filter(None, (key.schema, name))))
        match key.kind:
            case "table" if table is not None:
                return table
            case "column" if table is not None and key.name in table.c:
                return table.c[key.name]
            case "index" if table is not None:
                index = sa.Index(obj.name, unique=obj.unique)
                index.table = table
                return index
            case "unique":
                return _on(table, sa.UniqueConstraint(name=obj.name))
            case "check":
                return _on(table, sa.CheckConstraint(sa.text(obj.text), name=obj.name))
            case "foreign_key":
                target = [f"{obj.referred_table}.{each}" for each in obj.referred_columns]
                return _on(table, sa.ForeignKeyConstraint(obj.columns, target, name=obj.name))
            case _:
                return sa.table(key.name, schema=key.schema or None)


def _on(table: sa.Table | None, constraint: Any) -> Any:
    """Return a constraint that knows its table, and that the table does not know."""
    constraint.parent = table
    return constraint
