"""pinned is yes or no

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-20 09:00:00

"""

from asyncmigrate import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite cannot add a constraint: the table is made anew, with its rows, by itself.
    # The way back is known from this line, so there is no downgrade().
    op.create_check_constraint("ck_notes_pinned", "notes", "pinned IN (0, 1)")
