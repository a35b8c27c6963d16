"""Everything that a database holds, read from its catalogs, as one value for `==`.

Read with a sync driver and without SQLAlchemy's inspector where the catalog says it itself, so
that what is looked through is neither our code nor Alembic's. Rows are in order of their text.
"""

from __future__ import annotations

import re
import sqlite3
import warnings
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

Dump = dict[str, Any]
"""What was found, by the kind and the name of the object."""

HISTORY = "amigrate_history"
VERSIONS = "alembic_version"
BOOKKEEPING = (HISTORY, VERSIONS)
_OF_HISTORY = "id, revision, direction, outcome, checksum, tool_version, error"


def dump(connection: Connection) -> Dump:
    """Return the schema and all rows. Reads only."""
    return dict(_DUMPS[connection.dialect.name](connection))


def without_bookkeeping(dump: Any) -> Any:
    """Return the dump without the version table and the history table; a failure as it is."""
    if not isinstance(dump, dict):
        return dump
    return {key: value for key, value in dump.items() if not any(b in key for b in BOOKKEEPING)}


def _all(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    # A driver that was handed no parameters may look for them all the same.
    escaped = query if connection.dialect.paramstyle == "qmark" else query.replace("%", "%%")
    return [tuple(row) for row in connection.exec_driver_sql(escaped)]


def _rows(connection: Connection, quoted: str) -> list[str]:
    columns = _OF_HISTORY if HISTORY in quoted else "*"
    found = _all(connection, f"SELECT {columns} FROM {quoted}")
    return sorted(map(repr, found))


# --- PostgreSQL ------------------------------------------------------------------------------

_NAMESPACES = (
    "SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
)
_POSTGRESQL = {
    "relation": f"""
SELECT oid::regclass::text, relkind, relpersistence, reloptions, obj_description(oid, 'pg_class'),
       CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END,
       (SELECT amname FROM pg_am WHERE pg_am.oid = relam), pg_get_partkeydef(oid)
  FROM pg_class WHERE relnamespace IN ({_NAMESPACES}) AND relkind <> 'i'""",
    "column": f"""
SELECT attrelid::regclass::text, attnum, attname, format_type(atttypid, atttypmod), attnotnull,
       attidentity, attgenerated, pg_get_expr(adbin, adrelid), col_description(attrelid, attnum),
       (SELECT collname FROM pg_collation WHERE oid = attcollation), attisdropped
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE relnamespace IN ({_NAMESPACES}) AND relkind <> 'i' AND attnum > 0""",
    "constraint": f"""
SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid), convalidated,
       obj_description(oid, 'pg_constraint')
  FROM pg_constraint WHERE connamespace IN ({_NAMESPACES})""",
    "index": f"""
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid, indisunique,
       indisprimary, obj_description(indexrelid, 'pg_class'), reloptions
  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
 WHERE relnamespace IN ({_NAMESPACES})""",
    "type": f"""
SELECT format_type(pg_type.oid, NULL), typtype, array_agg(enumlabel ORDER BY enumsortorder)
  FROM pg_type LEFT JOIN pg_enum ON enumtypid = pg_type.oid
 WHERE typnamespace IN ({_NAMESPACES}) AND typtype IN ('e', 'd') GROUP BY pg_type.oid""",
    "sequence": """
SELECT schemaname, sequencename, data_type::text, start_value, min_value, max_value, increment_by,
       cycle, cache_size, last_value FROM pg_sequences""",
    "owned sequence": f"""
SELECT objid::regclass::text, refobjid::regclass::text, refobjsubid, deptype FROM pg_depend
  JOIN pg_class ON pg_class.oid = objid AND relkind = 'S'
 WHERE refobjsubid > 0 AND relnamespace IN ({_NAMESPACES})""",
    "trigger": """
SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
 WHERE NOT tgisinternal""",
    "function": f"""
SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace IN ({_NAMESPACES})
   AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')""",
}


def _postgresql(connection: Connection) -> Iterator[tuple[str, Any]]:
    for kind, query in _POSTGRESQL.items():
        for first, *rest in sorted(_all(connection, query), key=repr):
            yield f"{kind} {first} {rest[0]}", rest
    tables = _all(
        connection,
        f"SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'm', 'p')"
        f" AND relnamespace IN ({_NAMESPACES})",
    )
    for (table,) in tables:
        yield f"rows {table}", _rows(connection, table)


# --- MySQL and MariaDB -----------------------------------------------------------------------


def _mysql(connection: Connection) -> Iterator[tuple[str, Any]]:
    for table, kind in _all(connection, "SHOW FULL TABLES"):
        what = "VIEW" if kind == "VIEW" else "TABLE"
        shown = _all(connection, f"SHOW CREATE {what} `{table}`")
        yield f"table {table}", (kind, shown[0][1].splitlines())
        yield f"rows {table}", _rows(connection, f"`{table}`")
    for trigger, event, table, statement, timing, *_ in _all(connection, "SHOW TRIGGERS"):
        yield f"trigger {trigger}", (event, table, statement, timing)


_NAMED = re.compile(
    r'CONSTRAINT\s+(?:"([^"]+)"|(\w+))\s+(PRIMARY|UNIQUE|CHECK|FOREIGN|REFERENCES)', re.I
)

# --- SQLite ----------------------------------------------------------------------------------


def _sqlite(connection: Connection) -> Iterator[tuple[str, Any]]:
    objects = _all(connection, "SELECT type, name, tbl_name, sql FROM sqlite_master")
    for kind, name, table, sql in objects:
        if kind == "table":
            yield f"rows {name}", _rows(connection, f'"{name}"')
            yield from _sqlite_table(connection, name, sql)
        elif sql:
            yield f"{kind} {name}", (table, _squeezed(sql))
    assert _all(connection, "PRAGMA integrity_check") == [("ok",)]
    try:
        yield "broken references", _all(connection, "PRAGMA foreign_key_check")
    except sa.exc.OperationalError as error:  # a table refers to columns that are not unique
        yield "broken references", str(error.orig)


def _sqlite_table(connection: Connection, name: str, sql: str) -> Iterator[tuple[str, Any]]:
    def pragma(what: str, of: str = name) -> list[tuple[Any, ...]]:
        return _all(connection, f'PRAGMA {what}("{of}")')

    for at, column, type_, required, default, key, hidden in pragma("table_xinfo"):
        plain = None if default is None else _bare(default)
        yield f"column {name} {column}", (at, type_, required, plain, key, hidden)
    for _, index, unique, origin, partial in pragma("index_list"):
        columns = [row[2:] for row in pragma("index_xinfo", index)]
        label = index if origin == "c" else f"of {columns}"
        yield f"index {name} {label}", (unique, origin, partial, columns)
    yield f"foreign keys {name}", sorted(row[2:] for row in pragma("foreign_key_list"))
    yield (
        f"statement {name}",
        {
            "names": sorted(_names(sql)),
            "checks": sorted(_bare(_squeezed(c["sqltext"])) for c in _checks(connection, name)),
            "deferred": sorted(re.findall(r"DEFERRABLE[\w\s]*", sql.upper())),
            "collate": sorted(re.findall(r"COLLATE\s+(\w+)", sql.upper())),
            "autoincrement": "AUTOINCREMENT" in sql.upper(),
            "options": _all(
                connection, f"SELECT wr, strict FROM pragma_table_list WHERE name = '{name}'"
            ),
        },
    )


def _names(sql: str) -> Iterator[tuple[str, str]]:
    """Give the names of constraints, each with its kind; they stand in the statement only."""
    for quoted, plain, kind in _NAMED.findall(sql):
        yield quoted or plain, {"REFERENCES": "FOREIGN"}.get(kind.upper(), kind.upper())


def _checks(connection: Connection, table: str) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sa.inspect(connection).get_check_constraints(table)


def _squeezed(sql: str) -> str:
    """SQL without what is only layout: white space, and quotes around plain names."""
    return re.sub(r"\s*([(),])\s*", r"\1", " ".join(re.sub(r'"(\w+)"', r"\1", sql).split()))


def _bare(sql: str) -> str:
    """SQL without parentheses around all of it."""
    while sql.startswith("(") and sql.endswith(")") and _is_pair(sql):
        sql = sql[1:-1].strip()
    return sql


def _is_pair(sql: str) -> bool:
    depth = 0
    for at, character in enumerate(sql):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return at == len(sql) - 1
    return False


_DUMPS: dict[str, Callable[[Connection], Iterator[tuple[str, Any]]]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "mariadb": _mysql,
    "sqlite": _sqlite,
}
assert sqlite3.sqlite_version_info >= (3, 37), "pragma_table_list tells of STRICT"
