import sqlalchemy as sa

from asyncmigrate import op


def upgrade() -> None:
    op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO order_totals VALUES (0)")  # there is no such table


def downgrade() -> None:
    op.drop_table("orders")
