"""A FastAPI application that migrates its database before it takes the first request."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from models import User
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.asgi import lifespan

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///app.db"))
migrator = Migrator(engine, script_location=Path(__file__).parent / "migrations")


@asynccontextmanager
async def application(_: FastAPI) -> AsyncIterator[None]:
    """What the application itself does at its start and its end; the database is ready by then."""
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan(migrator, then=application))


@app.get("/users")
async def users() -> list[str]:
    async with AsyncSession(engine) as session:
        return list(await session.scalars(select(User.email).order_by(User.email)))


@app.post("/users/{email}", status_code=201)
async def add(email: str) -> None:
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(email=email))


@app.get("/health")
async def health() -> JSONResponse:
    status = await migrator.status()
    return JSONResponse(status.to_json(), status_code=200 if status.is_up_to_date else 503)
