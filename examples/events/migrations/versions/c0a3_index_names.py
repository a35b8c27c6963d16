"""index names

Revision ID: c0a3
Revises: c0a2
Create Date: 2026-11-20 09:00:00

"""

from asyncmigrate import op

revision = "c0a3"
down_revision = "c0a2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_users_name", "users", ["name"])


def downgrade() -> None:
    op.drop_index("ix_users_name", "users")
