"""create notes

Revision ID: n001
Revises: <base>
Create Date: 2026-11-20 09:00:00

"""

import sqlalchemy as sa

from asyncmigrate import op

revision = "n001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    notes = op.create_table(
        "notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("words", sa.String(200), nullable=False),
    )
    op.bulk_insert(notes, [{"id": 1, "words": "milk"}])


def downgrade() -> None:
    op.drop_table("notes")
