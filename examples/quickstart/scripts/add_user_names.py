import sqlalchemy as sa

from asyncmigrate import op


def upgrade() -> None:
    op.add_column("users", sa.Column("name", sa.String(100)))


def downgrade() -> None:
    op.drop_column("users", "name")
