"""Questions to a database, each with an engine of its own, and what scripts tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from asyncmigrate.testing import DatabaseServer
    from tests.project import Project

TABLES = {
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1",
    "mysql": "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() "
    "ORDER BY 1",
}


def noting(project: Project, word: str) -> str:
    """What a script does to leave a trace outside of its database."""
    return f'with open({str(project.root / "ran")!r}, "a") as file:\n    file.write({word!r})'


async def ask(url: str, question: str) -> list[Any]:
    """Run a statement and give the first column of what it returns."""
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        result = await connection.execute(text(question))
        return list(result.scalars()) if result.returns_rows else []


async def tables(url: str) -> list[str]:
    """The tables of a database."""
    return await ask(url, TABLES[url.partition("+")[0]])


async def databases(server: DatabaseServer, pattern: str) -> list[str]:
    """The databases of a PostgreSQL server whose names match."""
    question = f"SELECT datname FROM pg_database WHERE datname ~ '{pattern}' ORDER BY oid"
    return await ask(server.url("postgres"), question)
