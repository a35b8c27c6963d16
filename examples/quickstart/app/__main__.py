"""`python -m app`: an application that awaits its migrations in its own event loop."""

import asyncio
import os

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from app.models import User
from asyncmigrate import Migrator


async def main() -> None:
    engine = create_async_engine(os.environ["DATABASE_URL"])
    migrator = Migrator(engine, script_location="migrations")

    result = await migrator.upgrade("head")
    print(f"ran {len(result.steps)} migrations")

    async with AsyncSession(engine) as session, session.begin():
        session.add(User(email="ada@example.org", name="Ada"))
    async with AsyncSession(engine) as session:
        print("users:", await session.scalar(select(func.count(User.id))))
    print("up to date:", (await migrator.status()).is_up_to_date)

    await engine.dispose()


asyncio.run(main())
