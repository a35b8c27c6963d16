"""What tables are beside their columns: options, partitioned; and composite types.

What no database changes in place (how a table is partitioned, WITHOUT ROWID), and what models only
say and never take back (MySQL's options), goes by the table's name, so that it is mostly the same
on both sides of a pair.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import UserDefinedType

PARTITIONED = frozenset({"posts", "a b"})
WITHOUT_ROWID = frozenset({"a b"})
STORAGE = ("", "", "full", "toast")
MYSQL = {"posts": ("row_format", "COMPRESSED"), "users": ("charset", "latin1")}
"""Options of MySQL by the table's name."""


def keywords(dialect: str, name: str, storage: str, key: list[str]) -> dict[str, Any]:
    """Return what `sa.Table` is told of how a table is stored; `key` are the key's columns."""
    if dialect == "postgresql":
        return _of_postgresql(name, storage, key)
    if dialect == "mysql":
        return {f"mysql_{word}": value for word, value in [MYSQL[name]]} if name in MYSQL else {}
    return _of_sqlite(name, key)


def _of_postgresql(name: str, storage: str, key: list[str]) -> dict[str, Any]:
    if is_partitioned("postgresql", name, key):
        return {"postgresql_partition_by": f'HASH ("{key[0]}")'}
    parameters = {"full": {"fillfactor": 70}, "toast": {"autovacuum_enabled": False}}
    return {"postgresql_with": parameters[storage]} if storage else {}


def _of_sqlite(name: str, key: list[str]) -> dict[str, Any]:
    return {"sqlite_with_rowid": False} if name in WITHOUT_ROWID and key else {}


def is_partitioned(dialect: str, name: str, key: list[str]) -> bool:
    """Return whether a table is: its UNIQUE constraints would have to hold the key then."""
    return dialect == "postgresql" and name in PARTITIONED and bool(key)


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
