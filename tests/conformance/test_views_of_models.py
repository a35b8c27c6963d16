"""`View`: what `create_all` and `drop_all` make of it on every live database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import View
from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.schema.declared import declared
from asyncmigrate.schema.scope import Scope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine


class Models:
    """Users, a view of those with an o in their names, and a view of that view."""

    def __init__(self) -> None:
        self.metadata = sa.MetaData()
        self.users = sa.Table(
            "users",
            self.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(20)),
        )
        odd = sa.select(self.users.c.id, self.users.c.name).where(self.users.c.name.like("%o%"))
        self.odd = View("odd", odd, self.metadata)
        self.odd_names = View("odd names", sa.select(self.odd.table.c.name), self.metadata)


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine for an empty PostgreSQL database."""
    engine = create_async_engine(postgres_url)
    yield engine
    await engine.dispose()


async def test_create_all_makes_views_that_can_be_queried(engine: AsyncEngine) -> None:
    models = Models()

    async with engine.begin() as connection:
        await connection.run_sync(models.metadata.create_all)
        await connection.run_sync(models.metadata.create_all)
        await connection.execute(
            sa.insert(models.users), [{"id": 1, "name": "one"}, {"id": 2, "name": "i"}]
        )
        rows = (await connection.execute(sa.select(models.odd_names.table))).all()

    assert rows == [("one",)]


async def test_drop_all_leaves_nothing(engine: AsyncEngine) -> None:
    models = Models()

    async with engine.begin() as connection:
        await connection.run_sync(models.metadata.create_all)
        await connection.run_sync(models.metadata.drop_all)
        left = await connection.run_sync(lambda sync: sa.inspect(sync).get_view_names())

    assert left == []


async def test_a_materialized_view_gets_its_indexes_and_its_comment(postgres: AsyncEngine) -> None:
    metadata = sa.MetaData()
    users = sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True))
    view = View("m", sa.select(users.c.id), metadata, materialized=True, comment="it's all")
    sa.Index("ix_m_id", view.table.c.id, unique=True)

    def both(sync: sa.Connection) -> tuple[object, object]:
        metadata.create_all(sync)
        catalog = catalog_of("postgresql")
        live = catalog.read(sync, Scope())
        wanted = declared([metadata], catalog.forms(sync))
        return (
            {key: (key.kind, getattr(each, "comment", None)) for key, each in live.items()},
            {key: (key.kind, getattr(each, "comment", None)) for key, each in wanted.items()},
        )

    async with postgres.begin() as connection:
        live, wanted = await connection.run_sync(both)

    assert live == wanted
