"""Making a database empty again, faster than making a new one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psycopg

from tests.chaos.dump import is_mysql, mysql_admin, sync_url


def emptied(url: str) -> None:
    """Take everything out of a database."""
    if url.startswith("sqlite"):
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(sync_url(url) + suffix).unlink(missing_ok=True)
        return
    if is_mysql(url):
        with closing(mysql_admin(url)) as admin, admin.cursor() as cursor:
            cursor.execute("SHOW TABLES")
            tables = ", ".join(f"`{row[0]}`" for row in cursor.fetchall())
            cursor.execute(f"DROP TABLE {tables}" if tables else "SELECT 1")
        return
    with psycopg.connect(sync_url(url), autocommit=True) as admin:
        admin.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
