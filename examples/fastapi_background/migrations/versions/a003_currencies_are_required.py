"""currencies are required

Revision ID: a003
Revises: a002
Create Date: 2026-11-20 09:20:00

"""

import sqlalchemy as sa

from asyncmigrate import op

revision = "a003"
down_revision = "a002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("orders", "currency", existing_type=sa.String(3), nullable=False)


def downgrade() -> None:
    op.alter_column("orders", "currency", existing_type=sa.String(3), nullable=True)
