"""A Litestar application that migrates its database before it takes the first request."""

import os
from pathlib import Path

from litestar import Litestar, get
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.asgi import MigrationGate, lifespan

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///app.db"))
migrator = Migrator(engine, script_location=Path(__file__).parent / "migrations")


@get("/notes")
async def notes() -> list[str]:
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT words FROM notes ORDER BY id"))
        return list(rows.scalars())


application = Litestar(
    route_handlers=[notes],
    lifespan=[lifespan(migrator, mode="background")],
    on_shutdown=[engine.dispose],
)
app = MigrationGate(application, migrator)
