"""Everything in a database as one value, so that `==` says whether two ended the same.

Times, hosts, process ids and the numbers of sequences are left out: they differ between any two
runs. So is the number in a sequence's name: PostgreSQL puts one there while another transaction has
a sequence of that name, even if it is rolled back later. Read with a sync driver of its own, so
that nothing of the tool under test is involved.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any

import psycopg
import pymysql
from sqlalchemy.engine import make_url

Dump = dict[str, list[Any]]

_HISTORY = "SELECT revision, direction, outcome FROM amigrate_history ORDER BY id"
_PG_SCHEMA = """
SELECT 'column', table_name, column_name, data_type, is_nullable,
       regexp_replace(column_default, '_seq[0-9]+''', '_seq''')
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'index', tablename, indexname, indexdef, indisvalid::text, ''
  FROM pg_indexes JOIN pg_index ON indexrelid = format('%I', indexname)::regclass
 WHERE schemaname = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', ''
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""


def sync_url(url: str) -> str:
    """Return a URL for the sync driver: what psycopg or sqlite3 takes."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return str(parsed.database)
    return parsed.set(drivername="postgresql").render_as_string(hide_password=False)


def mysql_admin(url: str) -> pymysql.Connection[Any]:
    """Connect to MySQL or MariaDB with a sync driver; each statement stands for itself."""
    parsed = make_url(url)
    return pymysql.connect(
        host=parsed.host,
        port=parsed.port or 3306,
        user=parsed.username,
        password=parsed.password or "",
        database=parsed.database,
        autocommit=True,
    )


def is_mysql(url: str) -> bool:
    """Return whether a URL is one of MySQL or MariaDB."""
    return url.startswith(("mysql", "mariadb"))


def dump(url: str) -> Dump:
    """Return schema, rows, version rows and history of a database."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(sync_url(url))) as connection:
            return _sqlite(connection)
    if is_mysql(url):
        with closing(mysql_admin(url)) as admin, admin.cursor() as cursor:
            return _mysql(cursor)
    with psycopg.connect(sync_url(url), autocommit=True) as connection:
        return _postgres(connection)


def _sqlite(connection: sqlite3.Connection) -> Dump:
    schema = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2")
    found: Dump = {"schema": schema.fetchall()}
    tables = [name for kind, name, _ in found["schema"] if kind == "table"]
    for table in tables:
        query = _HISTORY if table == "amigrate_history" else f'SELECT * FROM "{table}" ORDER BY 1'
        found[table] = connection.execute(query).fetchall()
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return found


def _postgres(connection: psycopg.Connection[Any]) -> Dump:
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found: Dump = {"schema": connection.execute(_PG_SCHEMA).fetchall()}
    for (table,) in tables.fetchall():
        query = _HISTORY if table == "amigrate_history" else f'SELECT * FROM "{table}" ORDER BY 1'
        found[table] = connection.execute(query).fetchall()
    return found


def _mysql(cursor: Any) -> Dump:
    cursor.execute("SHOW TABLES")
    tables = sorted(row[0] for row in cursor.fetchall())
    found: Dump = {"schema": []}
    for table in tables:
        cursor.execute(f"SHOW CREATE TABLE `{table}`")
        found["schema"].append(re.sub(r" AUTO_INCREMENT=\d+", "", cursor.fetchone()[1]))
        query = _HISTORY if table == "amigrate_history" else f"SELECT * FROM `{table}` ORDER BY 1"
        cursor.execute(query)
        found[table] = list(cursor.fetchall())
    return found


def versions(found: Dump) -> list[Any]:
    """Return the rows of the version table."""
    return [row[0] for row in found.get("alembic_version", [])]


def upgraded(found: Dump) -> list[Any]:
    """Return the revisions that the history table says were upgraded, in order."""
    done = ("upgrade", "upgraded")
    return [row[0] for row in found.get("amigrate_history", []) if row[1:] == done]


def without_traces(found: Dump) -> Dump:
    """Return a dump without what a run that failed leaves and a rerun has no cause to take away.

    Those are the failures in the history table, a journal in which nothing is half done, and how
    often a lease was taken, and by whom it was left to run out.
    """
    rows = [row for row in found.get("amigrate_history", []) if row[2] != "failed"]
    cleaned = found | ({"amigrate_history": rows} if "amigrate_history" in found else {})
    cleaned.pop("amigrate_heartbeat", None)
    if "amigrate_lease" in cleaned:
        cleaned["amigrate_lease"] = [
            (name, revision) for name, _, _, _, _, revision, _ in cleaned["amigrate_lease"]
        ]
    if any(row[0] for row in cleaned.pop("amigrate_journal", [])):
        return found
    schema = [row for row in found["schema"] if "amigrate_journal" not in str(row)]
    return cleaned | {"schema": schema}
