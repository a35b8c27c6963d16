"""A FastAPI application that migrates its database before it takes the first request.

pip install asyncmigrate fastapi uvicorn
DATABASE_URL=sqlite+aiosqlite:///app.db uvicorn app:app
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from lifespan import health, migrated
from models import User
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///app.db"))


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with migrated(engine) as migrator:
        app.state.migrator = migrator
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/users")
async def users() -> list[str]:
    async with AsyncSession(engine) as session:
        return list(await session.scalars(select(User.email).order_by(User.email)))


@app.get("/health")
async def is_healthy(request: Request) -> JSONResponse:
    code, body = await health(request.app.state.migrator)
    return JSONResponse(body, status_code=code)
