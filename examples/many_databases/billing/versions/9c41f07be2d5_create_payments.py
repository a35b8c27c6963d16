"""Create payments

Revision ID: 9c41f07be2d5
Revises:
"""

import sqlalchemy as sa

from asyncmigrate import op

revision = "9c41f07be2d5"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("cents", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("payments")
