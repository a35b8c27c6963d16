"""create invoices

Revision ID: 5b0e93d1aa70
Revises: <base>
Create Date: 2026-11-20 09:00:00

"""

import sqlalchemy as sa

from asyncmigrate import op

revision = "5b0e93d1aa70"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invoices",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("total", sa.Numeric(10, 2), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("invoices")
