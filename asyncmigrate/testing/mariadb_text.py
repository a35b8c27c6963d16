"""A MariaDB or MySQL database as statements that make another one like it, on the same server.

These servers have no `CREATE DATABASE … TEMPLATE`. They tell of each object how it was made, and
rows go from one database into another without leaving the server. A sequence goes on where it
would after a restart of the server: behind the numbers that were cached.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from asyncmigrate.testing.session import Session

_TABLES = """
SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = :name
 ORDER BY table_type = 'SEQUENCE' DESC, table_name
"""
_COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
 WHERE table_schema = :name AND coalesce(generation_expression, '') = ''
 ORDER BY table_name, ordinal_position
"""
_ROUTINES = """
SELECT routine_type, routine_name FROM information_schema.routines
 WHERE routine_schema = :name AND routine_type IN ('FUNCTION', 'PROCEDURE') ORDER BY 2
"""
_TRIGGERS = """
SELECT 'TRIGGER', trigger_name FROM information_schema.triggers WHERE trigger_schema = :name
 ORDER BY event_object_table, action_timing, event_manipulation, action_order
"""
_EVENTS = "SELECT 'EVENT', event_name FROM information_schema.events WHERE event_schema = :name"
_SCHEMA = """
SELECT default_character_set_name, default_collation_name FROM information_schema.schemata
 WHERE schema_name = :name
"""
_BEGIN = (
    "SET foreign_key_checks = 0",
    "SET unique_checks = 0",
    "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
)


_LEAVE = "USE information_schema"
_OTHER = "`amigrate_copy`"
"""What stands in the statements for the name of the database that they make."""


def quoted(name: str) -> str:
    """Return a name as it stands in a statement.

    >>> quoted("a`b")
    '`a``b`'
    """
    return f"`{name.replace('`', '``')}`"


def named(statements: Sequence[str], name: str) -> list[str]:
    """Return the statements that `copying` gave, for a database of this name."""
    return [each.replace(_OTHER, quoted(name)) for each in statements]


async def copying(session: Session, name: str) -> tuple[str, ...]:
    """Read a database, and return what makes a copy of it; it must not change meanwhile."""
    await session.run(f"USE {quoted(name)}", *_BEGIN)  # or what is shown has prefixes everywhere
    found = [tuple(row) for row in await session.rows(_TABLES, name=name)]
    tables = [
        (table, kind if kind == "SEQUENCE" else "TABLE") for table, kind in found if kind != "VIEW"
    ]
    views = [view for view, kind in found if kind == "VIEW"]
    charset, collation = await session.row(_SCHEMA, name=name)
    made = [
        f"CREATE DATABASE {_OTHER} CHARACTER SET {charset} COLLATE {collation}",
        f"USE {_OTHER}",
        *_BEGIN,
        *[await _shown(session, kind, each) for each, kind in tables],
        *[await _sequel(session, each) for each, kind in tables if kind == "SEQUENCE"],
    ]
    programs = [
        *await _programs(session, await session.rows(_ROUTINES, name=name)),
        *in_order({each: await _shown(session, "VIEW", each) for each in views}),
        *await _programs(session, await session.rows(_TRIGGERS, name=name)),
        *await _programs(session, await session.rows(_EVENTS, name=name)),
    ]
    rows = await _rows(session, name, [each for each, kind in tables if kind == "TABLE"])
    await session.run(_LEAVE)
    return (*_moved(made, name), *rows, *_moved(programs, name), _LEAVE)


def _moved(statements: list[str], name: str) -> Iterator[str]:
    """Name the copy where the statements name the database itself."""
    return (each.replace(f"{quoted(name)}.", f"{_OTHER}.") for each in statements)


async def _shown(session: Session, kind: str, name: str) -> str:
    return str((await session.row(f"SHOW CREATE {kind} {quoted(name)}"))[1])


async def _sequel(session: Session, name: str) -> str:
    (next,) = await session.row(f"SELECT next_not_cached_value FROM {quoted(name)}")
    return f"DO setval({quoted(name)}, {next}, 0)"


async def _rows(session: Session, name: str, tables: list[str]) -> list[str]:
    """Return what copies the rows of the tables that have any."""
    columns: dict[str, list[str]] = {}
    for table, column in await session.rows(_COLUMNS, name=name):
        columns.setdefault(table, []).append(quoted(column))
    found = []
    for table in tables:
        if await session.rows(f"SELECT 1 FROM {quoted(table)} LIMIT 1"):
            listed = ", ".join(columns[table])
            source = f"{quoted(name)}.{quoted(table)}"
            found.append(f"INSERT INTO {quoted(table)} ({listed}) SELECT {listed} FROM {source}")
    return found


async def _programs(session: Session, found: Sequence[Sequence[str]]) -> list[str]:
    """Return what makes functions, procedures, triggers and events, each in its own SQL mode."""
    statements = []
    for kind, name in found:
        row = await session.row(f"SHOW CREATE {kind} {quoted(name)}")
        statements += [f"SET sql_mode = '{row[1]}'", str(row[3 if kind == "EVENT" else 2])]
    return statements


def in_order(views: Mapping[str, str]) -> list[str]:
    """Return the texts of views, those that others read before them.

    >>> in_order({"a": "VIEW `a` AS SELECT * FROM `b`", "b": "VIEW `b` AS SELECT 1"})
    ['VIEW `b` AS SELECT 1', 'VIEW `a` AS SELECT * FROM `b`']
    """
    reads = {
        view: [each for each in views if each != view and quoted(each) in text]
        for view, text in views.items()
    }
    try:
        return [views[view] for view in TopologicalSorter(reads).static_order()]
    except CycleError:  # a column has the name of another view
        return list(views.values())
