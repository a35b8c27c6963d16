"""What a user's migration script looks like to mypy --strict. Checked, never run.

`warn_unused_ignores` makes every `type: ignore` below an assertion: the line must be an error.
"""

from __future__ import annotations

import sqlalchemy as sa

from asyncmigrate import op


def upgrade() -> None:
    table: sa.Table = op.create_table(
        "account",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(200), nullable=False),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
        comment="who may log in",
        postgresql_partition_by="RANGE (id)",
    )
    op.bulk_insert(table, [{"email": "a@example.org"}])
    op.add_column("account", sa.Column("age", sa.Integer), if_not_exists=True)
    op.alter_column("account", "age", type_=sa.BigInteger, server_default=sa.text("0"))
    op.alter_column("account", "age", server_default=None, comment=None, nullable=True)
    op.alter_column("account", "age", server_default=sa.Identity(always=True))
    op.create_index("ix", "account", ["email", sa.text("lower(email)"), sa.func.lower("email")])
    op.create_foreign_key("fk", "account", "team", ["team_id"], ["id"], ondelete="CASCADE")
    op.create_check_constraint("ck", "account", sa.column("age", sa.Integer) > 0)
    op.execute(sa.update(table).values(age=op.inline_literal(7)))
    op.execute("SELECT 1", execution_options={"stream_results": True})
    rows: sa.CursorResult[tuple[object, ...]] = op.get_bind().execute(sa.text("SELECT 1"))
    del rows
    with op.autocommit():
        op.drop_index("ix", table_name="account", postgresql_concurrently=True)


def downgrade() -> None:
    op.create_table(7)  # type: ignore[arg-type]
    op.create_tabel("account")  # type: ignore[attr-defined]
    op.drop_column("account")  # type: ignore[call-arg]
    op.alter_column("account", "age", nullabel=True)  # type: ignore[call-arg]
    op.alter_column("account", "age", nullable="no")  # type: ignore[arg-type]
    op.create_index("ix", "account", [1])  # type: ignore[list-item]
    op.bulk_insert("account", [])  # type: ignore[arg-type]
