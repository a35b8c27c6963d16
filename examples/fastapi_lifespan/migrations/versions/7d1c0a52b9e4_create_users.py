"""create users

Revision ID: 7d1c0a52b9e4
Revises: <base>
Create Date: 2026-11-20 09:00:00

"""

import sqlalchemy as sa

from asyncmigrate import op

revision = "7d1c0a52b9e4"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(320), nullable=False, unique=True),
    )


def downgrade() -> None:
    op.drop_table("users")
