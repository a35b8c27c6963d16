"""add names

Revision ID: c0a2
Revises: c0a1
Create Date: 2026-11-20 09:00:00

"""

import sqlalchemy as sa

from asyncmigrate import op

revision = "c0a2"
down_revision = "c0a1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("name", sa.String(100)))


def downgrade() -> None:
    op.drop_column("users", "name")
