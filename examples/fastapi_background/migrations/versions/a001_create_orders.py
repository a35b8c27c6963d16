"""create orders

Revision ID: a001
Revises: <base>
Create Date: 2026-11-20 09:00:00

"""

import sqlalchemy as sa

from asyncmigrate import op

revision = "a001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    orders = op.create_table(
        "orders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("currency", sa.String(3)),
    )
    op.bulk_insert(orders, [{"id": number} for number in range(1200)])


def downgrade() -> None:
    op.drop_table("orders")
