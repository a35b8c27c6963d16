"""Making a database empty again, faster than making a new one."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.chaos.dump import sync_url


def emptied(url: str) -> None:
    """Take everything out of a database."""
    if url.startswith("sqlite"):
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(sync_url(url) + suffix).unlink(missing_ok=True)
        return
    with psycopg.connect(sync_url(url), autocommit=True) as admin:
        admin.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
