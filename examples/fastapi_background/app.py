"""A FastAPI application that answers its probes while a long migration runs.

Every other path gets 503 with Retry-After until the database is ready.
"""

import os
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.asgi import MigrationGate, lifespan

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///app.db"))
migrator = Migrator(
    engine,
    script_location=Path(__file__).parent / "migrations",
    x={"pause": os.environ.get("PAUSE", "1.0")},
)

app = FastAPI(lifespan=lifespan(migrator, mode="background"))
app.add_middleware(MigrationGate, migrator=migrator, allow=["/docs", "/openapi.json"])


@app.get("/orders")
async def orders() -> dict[str, int]:
    query = text("SELECT count(*), count(currency) FROM orders")
    async with engine.connect() as connection:
        row = (await connection.execute(query)).one()
    return {"orders": row[0], "with a currency": row[1]}
