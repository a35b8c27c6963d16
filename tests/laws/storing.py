"""What tables are beside their columns: options, partitioned, children; and composite types.

What no database changes in place (how a table is partitioned, whose child it is, WITHOUT ROWID)
goes by the table's name, so that it is mostly the same on both sides of a pair. So does which of
MySQL's options a table says, which models never take back; what they say changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.types import UserDefinedType

from tests.laws import vocabulary as words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.laws.specs import ModelsSpec, TableSpec

PARTITIONED = frozenset({"posts", "a b"})
WITHOUT_ROWID = frozenset({"a b"})
PARENTS = {"ключ": "Group", "co:lon": "Group", 'qu"ote': "users"}
"""The table that a table inherits from on PostgreSQL, if that is there."""
STORAGE = {
    "postgresql": ("", "", "", "full", "toast", "unlogged", "unlogged"),
    "mysql": ("first", "second", "third"),
    "sqlite": ("",),
}
MYSQL: dict[str, dict[str, tuple[str, str, str]]] = {
    "posts": {"row_format": ("COMPRESSED", "DYNAMIC", "COMPACT")},
    "users": {"charset": ("latin1", "utf8mb4", "utf8mb3")},
    "a b": {"collate": ("utf8mb4_bin", "utf8mb4_general_ci", "latin1_bin")},
    "order": {
        "charset": ("utf8mb4", "utf8mb4", "latin1"),
        "collate": ("utf8mb4_bin", "utf8mb4_unicode_ci", "latin1_swedish_ci"),
    },
    "Group": {"engine": ("InnoDB", "MyISAM", "InnoDB")},
}
"""Options of MySQL by the table's name: what they are, one after the other."""


def keywords(dialect: str, table: TableSpec) -> dict[str, Any]:
    """Return what `sa.Table` is told of how a table is stored."""
    if dialect == "postgresql":
        return _of_postgresql(table)
    if dialect == "mysql":
        place = STORAGE["mysql"].index(table.storage)
        return {f"mysql_{k}": v[place] for k, v in MYSQL.get(table.name, {}).items()}
    without = table.name in WITHOUT_ROWID and table.key is not None
    return {"sqlite_with_rowid": False} if without else {}


def _of_postgresql(table: TableSpec) -> dict[str, Any]:
    if table.inherits is not None:
        parent = table.inherits
        if table.schema is not None:
            parent = sa.sql.quoted_name(f'"{table.schema}"."{parent}"', quote=False)
        return {"postgresql_inherits": parent, **_stored(table.storage)}
    if is_partitioned("postgresql", table):
        assert table.key is not None
        return {"postgresql_partition_by": f'HASH ("{table.key.columns[0][0]}")'}
    return _stored(table.storage)


def _stored(storage: str) -> dict[str, Any]:
    if storage == "unlogged":
        return {"prefixes": ["UNLOGGED"]}
    parameters = {"full": {"fillfactor": 70}, "toast": {"autovacuum_enabled": False}}
    return {"postgresql_with": parameters[storage]} if storage else {}


def is_partitioned(dialect: str, table: TableSpec) -> bool:
    """Return whether a table is: its UNIQUE constraints would have to hold the key then."""
    return dialect == "postgresql" and table.name in PARTITIONED and table.key is not None


def can_refer(dialect: str, own: TableSpec, other: TableSpec) -> bool:
    """Return whether a foreign key can be: a key, no unlogged table, and of engines only InnoDB."""
    if other.key is None:
        return False
    if dialect == "postgresql":
        unlogged = [
            each.storage == "unlogged" and not is_partitioned(dialect, each)
            for each in (own, other)
        ]
        return unlogged != [False, True]
    options = (keywords(dialect, each) for each in (own, other))
    return all(each.get("mysql_engine", "InnoDB") == "InnoDB" for each in options)


# --- children ------------------------------------------------------------------------------------


def with_children(dialect: str, tables: Iterable[TableSpec]) -> list[TableSpec]:
    """Return the tables, of which some inherit: parents first, and no column is in both."""
    found = {table.name: table for table in tables}
    if dialect != "postgresql":
        return [*found.values()]
    for name, table in found.items():
        if name in PARENTS:
            found[name] = _without(table, words.COLUMNS[1::2])
        elif name in PARENTS.values():
            found[name] = _without(table, words.COLUMNS[::2])
    children = {name for name in found if PARENTS.get(name) in found}
    for name in children:
        parent = found[PARENTS[name]]
        found[name] = replace(
            found[name], key=None, links=(), schema=parent.schema, inherits=parent.name
        )
    return [table for _, table in sorted(found.items(), key=lambda each: each[0] in children)]


def _without(table: TableSpec, names: Iterable[str]) -> TableSpec:
    gone = {*names}
    return replace(table, columns=tuple(e for e in table.columns if e.name not in gone))


def with_the_same_parents(first: ModelsSpec, second: ModelsSpec) -> ModelsSpec:
    """Return the second models, in which nobody changes its parent, or goes together with it.

    A child that no model has is not ours, and holds its parent.
    """
    former = {table.name: table for table in first.tables}
    found = {table.name: table for table in second.tables}
    for child, parent in PARENTS.items():
        if child in former and parent in former:
            found[parent] = replace(found.get(parent, former[parent]), schema=former[parent].schema)
        elif child in former and child in found:
            found.pop(parent, None)
    return replace(second, tables=tuple(found.values()))


# --- composite types -----------------------------------------------------------------------------


class Composite(UserDefinedType[Any]):
    """A composite type, declared as SQLAlchemy-Utils does it."""

    cache_ok = True

    def __init__(self, name: str, columns: tuple[sa.Column[Any], ...]) -> None:
        self.name = name
        self.columns = columns

    def get_col_spec(self, **_: object) -> str:
        return f'"{self.name}"'


def made_with(metadata: sa.MetaData, composite: Composite) -> None:
    """Have `create_all` make a composite type before the tables."""
    columns = ", ".join(
        f'"{each.name}" {each.type.compile(dialect=_POSTGRESQL)}' for each in composite.columns
    )
    statement = sa.text(f'CREATE TYPE "{composite.name}" AS ({columns})')

    def create(_: Any, connection: sa.Connection, **__: Any) -> None:
        connection.execute(statement)

    sa.event.listen(metadata, "before_create", create)


_POSTGRESQL = sa.create_mock_engine("postgresql+psycopg://", lambda *_: None).dialect
