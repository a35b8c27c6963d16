"""A history like those of real projects: what their scripts call, about as often as they call it.

Eight kinds of revision take turns, each on the table that the last turn has made: tables with
foreign keys and indexes, columns that are filled and then made NOT NULL, batches, scripts that look
into the catalog before they do something, rows that are read and written one by one.

What a database does not have is said as its projects say it: on SQLite constraints and columns
change in batches, and MariaDB has no index of an expression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from histories import ids

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = '''\
"""revision {number}

Revision ID: {id}
Revises: {down}
Create Date: 2026-01-01 00:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


revision = {id!r}
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade():
'''
_TURNS = (
    """
    op.create_table(
        "t{n}",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("amount", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["t{parent}.id"], name="fk_t{n}_parent"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_t{n}_email"), "t{n}", ["email"], unique=True)
    op.create_index(op.f("ix_t{n}_name"), "t{n}", ["name"], unique=False)
""",
    """
    op.add_column("t{n}", sa.Column("kind", sa.String(length=20), nullable=True))
    op.add_column("t{n}", sa.Column("rank", sa.Integer(), nullable=True))
    op.execute("UPDATE t{n} SET kind = 'plain' WHERE kind IS NULL")
    op.execute("UPDATE t{n} SET rank = 0")
    op.alter_column("t{n}", "kind", existing_type=sa.String(length=20), nullable=False)
    op.create_index("ix_t{n}_kind", "t{n}", ["kind"])
""",
    """
    with op.batch_alter_table("t{n}") as batch_op:
        batch_op.add_column(sa.Column("slug", sa.String(length=50), nullable=True))
        batch_op.create_index(batch_op.f("ix_t{n}_slug"), ["slug"], unique=False)
        batch_op.alter_column("rank", existing_type=sa.Integer(), type_=sa.BigInteger())
        batch_op.drop_index("ix_t{n}_kind")
""",
    """
    bind = op.get_bind()
    inspector = sa.inspect(bind)
    columns = {{column["name"] for column in inspector.get_columns("t{n}")}}
    if "extra" not in columns:
        op.add_column("t{n}", sa.Column("extra", sa.Text(), nullable=True))
    if "ix_t{n}_name" in {{index["name"] for index in inspector.get_indexes("t{n}")}}:
        op.drop_index("ix_t{n}_name", table_name="t{n}")
    if inspector.has_table("t{n}") and inspector.get_foreign_keys("t{n}"):
        op.drop_constraint("fk_t{n}_parent", "t{n}", type_="foreignkey")
""",
    """
    t = sa.table("t{n}", sa.column("id", sa.Integer), sa.column("name", sa.String),
                 sa.column("kind", sa.String))
    op.bulk_insert(t, [{{"id": i, "name": f"row {{i}}", "kind": "plain"}} for i in range(1, 21)])
    bind = op.get_bind()
    for row in bind.execute(sa.text("SELECT id, name FROM t{n} WHERE id < 6")).fetchall():
        bind.execute(sa.text("UPDATE t{n} SET slug = :slug WHERE id = :id"),
                     {{"slug": row.name.replace(" ", "-"), "id": row.id}})
    bind.execute(t.update().where(t.c.id > 10).values(kind="other"))
""",
    """
    op.create_unique_constraint("uq_t{n}_name", "t{n}", ["name", "kind"])
    op.create_foreign_key("fk_t{n}_up", "t{n}", "t{parent}", ["parent_id"], ["id"],
                          ondelete="CASCADE")
    op.create_check_constraint("ck_t{n}_rank", "t{n}", "rank >= 0")
    op.execute("CREATE INDEX ix_t{n}_lower ON t{n} (lower(name))")
""",
    """
    op.alter_column("t{n}", "note", existing_type=sa.Text(), new_column_name="remark")
    op.alter_column("t{n}", "amount", existing_type=sa.Numeric(10, 2), type_=sa.Numeric(12, 4),
                    existing_nullable=True)
    op.alter_column("t{n}", "kind", existing_type=sa.String(length=20), server_default="plain")
    op.drop_column("t{n}", "extra")
""",
    """
    op.drop_constraint("ck_t{n}_rank", "t{n}", type_="check")
    op.drop_column("t{n}", "slug")
    if op.get_bind().execute(sa.text("SELECT count(*) FROM t{n}")).scalar():
        op.execute("DELETE FROM t{n} WHERE id > 15")
""",
)
_ON_SQLITE = {
    1: """
    op.add_column("t{n}", sa.Column("kind", sa.String(length=20), nullable=True))
    op.add_column("t{n}", sa.Column("rank", sa.Integer(), nullable=True))
    op.execute("UPDATE t{n} SET kind = 'plain' WHERE kind IS NULL")
    op.execute("UPDATE t{n} SET rank = 0")
    with op.batch_alter_table("t{n}") as batch_op:
        batch_op.alter_column("kind", existing_type=sa.String(length=20), nullable=False)
    op.create_index("ix_t{n}_kind", "t{n}", ["kind"])
""",
    3: """
    bind = op.get_bind()
    inspector = sa.inspect(bind)
    columns = {{column["name"] for column in inspector.get_columns("t{n}")}}
    if "extra" not in columns:
        op.add_column("t{n}", sa.Column("extra", sa.Text(), nullable=True))
    if "ix_t{n}_name" in {{index["name"] for index in inspector.get_indexes("t{n}")}}:
        op.drop_index("ix_t{n}_name", table_name="t{n}")
    if inspector.has_table("t{n}") and inspector.get_foreign_keys("t{n}"):
        with op.batch_alter_table("t{n}") as batch_op:
            batch_op.drop_constraint("fk_t{n}_parent", type_="foreignkey")
""",
    5: """
    with op.batch_alter_table("t{n}") as batch_op:
        batch_op.create_unique_constraint("uq_t{n}_name", ["name", "kind"])
        batch_op.create_foreign_key("fk_t{n}_up", "t{parent}", ["parent_id"], ["id"],
                                    ondelete="CASCADE")
        batch_op.create_check_constraint("ck_t{n}_rank", "rank >= 0")
    op.execute("CREATE INDEX ix_t{n}_lower ON t{n} (lower(name))")
""",
    6: """
    with op.batch_alter_table("t{n}") as batch_op:
        batch_op.alter_column("note", existing_type=sa.Text(), new_column_name="remark")
        batch_op.alter_column("amount", existing_type=sa.Numeric(10, 2), type_=sa.Numeric(12, 4),
                              existing_nullable=True)
        batch_op.alter_column("kind", existing_type=sa.String(length=20), server_default="plain")
        batch_op.drop_column("extra")
""",
    7: """
    with op.batch_alter_table("t{n}") as batch_op:
        batch_op.drop_constraint("ck_t{n}_rank", type_="check")
        batch_op.drop_index("ix_t{n}_slug")
        batch_op.drop_column("slug")
    if op.get_bind().execute(sa.text("SELECT count(*) FROM t{n}")).scalar():
        op.execute("DELETE FROM t{n} WHERE id > 15")
""",
}


def _turns(database: str) -> list[str]:
    if database == "sqlite":
        return [_ON_SQLITE.get(number, turn) for number, turn in enumerate(_TURNS)]
    if database == "mariadb":
        return [turn.replace("(lower(name))", "(name(20))") for turn in _TURNS]
    return list(_TURNS)


def write(folder: Path, count: int, database: str = "postgresql") -> str:
    """Write the scripts for a database, and return the id of the last one."""
    turns = _turns(database)
    folder.mkdir(parents=True, exist_ok=True)
    names = ids(count)
    for number, name in enumerate(names):
        table = number - number % len(turns)
        down = names[number - 1] if number else None
        body = turns[number % len(turns)].format(n=table, parent=max(0, table - len(turns)))
        text = _HEADER.format(number=number, id=name, down=down) + body.lstrip("\n")
        text += "\n\ndef downgrade():\n    pass\n"
        (folder / f"{name}_{number}.py").write_text(text, encoding="utf-8")
    return names[-1]
