"""The application under test, on a database of each test's own."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

sys.path.insert(0, str(Path(__file__).parents[1]))


@pytest.fixture
async def client(amigrate_engine: AsyncEngine) -> AsyncIterator[AsyncClient]:
    from app import create_app

    transport = ASGITransport(app=create_app(amigrate_engine))
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
