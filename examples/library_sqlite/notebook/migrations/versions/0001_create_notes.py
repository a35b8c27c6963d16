"""create notes

Revision ID: 0001
Revises: <base>
Create Date: 2026-11-20 09:00:00

"""

import sqlalchemy as sa

from asyncmigrate import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("notes")
