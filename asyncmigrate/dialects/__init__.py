"""How one database differs: one file each, the same shape in each.

A package of a third party adds a database by an entry point in the group
`asyncmigrate.dialects`: its name is SQLAlchemy's name of the dialect, its value a subclass of
`asyncmigrate.dialects.base.Dialect`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import cast

from asyncmigrate.dialects.base import Dialect

_FILES = {
    "postgresql": "postgresql:PostgreSQL",
    "sqlite": "sqlite:SQLite",
    "mysql": "mysql:MySQL",
    "mariadb": "mysql:MariaDB",
    "mssql": "mssql:SQLServer",
    "oracle": "oracle:Oracle",
}


@cache
def by_name(name: str) -> Dialect:
    """Return what is known about the database that SQLAlchemy calls `name`.

    A name that nobody knows gives the default: standard SQL.

    >>> by_name("postgresql").transactional_ddl
    True
    >>> by_name("klingon").name
    'default'
    """
    if name in _FILES:
        module, _, attribute = _FILES[name].partition(":")
        found = getattr(import_module(f"{__name__}.{module}"), attribute)
        return cast("type[Dialect]", found)()
    for entry in entry_points(group="asyncmigrate.dialects", name=name):
        return cast("type[Dialect]", entry.load())()
    return Dialect()


def note_on(name: str) -> str:
    """Return what a person should know about a database that has no file; empty if it has one.

    >>> note_on("postgresql")
    ''
    >>> note_on("klingon").partition(":")[0]
    'asyncmigrate knows nothing of the dialect klingon'
    """
    if type(by_name(name)) is not Dialect:
        return ""
    return (
        f"asyncmigrate knows nothing of the dialect {name}: it is sent standard SQL, and its DDL "
        "is taken for one that does not roll back."
    )
