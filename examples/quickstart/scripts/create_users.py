import sqlalchemy as sa

from asyncmigrate import op


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(320), nullable=False, unique=True),
    )


def downgrade() -> None:
    op.drop_table("users")
