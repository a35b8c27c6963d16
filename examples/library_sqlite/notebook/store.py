"""A user's file may be years old: opening it brings it up to date."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmigrate import Migrator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

notes = sa.table("notes", sa.column("id"), sa.column("text"), sa.column("pinned"))


@dataclass(frozen=True)
class Notebook:
    """An open file."""

    engine: AsyncEngine

    async def add(self, text: str, *, pinned: bool = False) -> None:
        """Write one note."""
        async with self.engine.begin() as connection:
            await connection.execute(notes.insert().values(text=text, pinned=pinned))

    async def texts(self) -> list[str]:
        """Return all notes, pinned ones first."""
        query = sa.select(notes.c.text).order_by(notes.c.pinned.desc(), notes.c.id)
        async with self.engine.connect() as connection:
            return list(await connection.scalars(query))


@asynccontextmanager
async def open_notebook(file: Path) -> AsyncIterator[Notebook]:
    """Open a file, new or old. Two processes may open the same old file at once."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
    migrator = Migrator(
        engine,
        script_location="notebook:migrations",  # the folder inside the installed package
        version_table="notebook_version",  # a name of our own: the file may hold other tables
        history_table="",  # no record of who ran what
    )
    try:
        await migrator.upgrade("head")
        yield Notebook(engine)
    finally:
        await engine.dispose()
