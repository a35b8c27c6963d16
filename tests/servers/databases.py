"""An empty database of its own for a test."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.available import Server


def fresh_name() -> str:
    """A name that nobody else uses, on a server that others may share."""
    return f"amigrate_test_{uuid4().hex[:12]}"


@contextmanager
def postgres_database(server: Server) -> Iterator[str]:
    """Create a database, give its URL, drop it even if somebody is still connected."""
    name = fresh_name()
    address = make_url(server.url()).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            yield server.url(name)
        finally:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def mysql_execute(server: Server, statement: str) -> None:
    """Run one statement on the server."""
    engine = create_async_engine(server.url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()
