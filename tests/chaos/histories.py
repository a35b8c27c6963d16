"""Histories that show when a revision ran twice, in half, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.project import Project

IDS = tuple(f"r{number:02}" for number in range(1, 13))
"""The revisions of `twelve`, in order."""

_STEP = """
op.create_table("{id}", sa.Column("id", sa.Integer, primary_key=True), sa.Column("word", sa.Text))
op.create_index("ix_{id}_word", "{id}", ["word"])
op.bulk_insert(sa.table("{id}", sa.column("word")), [dict(word=str(n)) for n in range(20)])
op.execute("INSERT INTO journal (revision) VALUES ('{id}')")
"""
_FIRST = """
op.create_table("journal", sa.Column("revision", sa.String(8)))
"""


def twelve(project: Project) -> Project:
    """Write twelve revisions: each makes a table with rows, and writes itself into `journal`."""
    for id, down in zip(IDS, (None, *IDS), strict=False):
        project.revision(id, down, upgrade=(_STEP if down else _FIRST + _STEP).format(id=id))
    return project


def three(project: Project, last: str) -> Project:
    """Write three revisions, the last with a body of one's own."""
    project.revision(
        "a1",
        upgrade="""
        op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))
        op.execute("INSERT INTO users (id) VALUES (1), (2)")
        """,
    )
    project.revision("b2", "a1", upgrade='op.add_column("users", sa.Column("name", sa.String(50)))')
    project.revision("c3", "b2", upgrade=last)
    return project


# --- what a fault may hit: DDL, rows, steps outside of a transaction, tables made anew -----------

_TRANSACTIONAL = (
    """
op.create_table("users", sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("age", sa.Integer))
op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("owner", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE")))
op.bulk_insert(sa.table("users", sa.column("id"), sa.column("age")),
               [dict(id=n, age=n) for n in range(1, 200)])
op.execute("INSERT INTO pets (id, owner) SELECT id + 1000, id FROM users")
""",
    """
op.add_column("users", sa.Column("name", sa.String(50), server_default="x"))
op.execute("UPDATE users SET name = 'user ' || id, age = age + 1")
op.create_index("ix_users_name", "users", ["name"])
""",
)

MIXED = {
    "postgresql": (
        *_TRANSACTIONAL,
        """
        op.execute("INSERT INTO pets (id) VALUES (1), (2)")
        op.create_index("ix_users_age", "users", ["age"], postgresql_concurrently=True)
        op.execute("INSERT INTO pets (id) VALUES (3), (4)")
        """,
        """
        op.execute("CREATE TYPE mood AS ENUM ('good')")
        op.execute("ALTER TABLE users ADD COLUMN mood mood DEFAULT 'good' NOT NULL")
        op.create_unique_constraint("uq_users_name", "users", ["name"])
        op.alter_column("users", "name", nullable=False)
        """,
        """
        with op.autocommit():
            op.execute("ALTER TYPE mood ADD VALUE 'bad'")
        """,
        """
        op.execute("UPDATE users SET mood = 'bad' WHERE id % 2 = 0")
        op.execute("INSERT INTO users (id, age, name) SELECT id + 500, age, name || '!' FROM users")
        """,
    ),
    "sqlite": (
        *_TRANSACTIONAL,
        """
        with op.batch_alter_table("users") as batch:
            batch.alter_column("name", type_=sa.String(80), nullable=False)
            batch.create_check_constraint("ck_age", "age > 0")
        """,
        """
        op.execute("INSERT INTO users (id, age, name) SELECT id + 500, age, name || '!' FROM users")
        op.drop_index("ix_users_name", "users")
        """,
    ),
    "mysql": (
        """
        op.create_table("users", sa.Column("id", sa.Integer, primary_key=True),
                        sa.Column("age", sa.Integer))
        op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True),
                        sa.Column("owner", sa.Integer, sa.ForeignKey("users.id")))
        op.bulk_insert(sa.table("users", sa.column("id"), sa.column("age")),
                       [dict(id=n, age=n) for n in range(1, 200)])
        op.execute("INSERT INTO pets (id, owner) SELECT id + 1000, id FROM users")
        """,
        """
        op.add_column("users", sa.Column("name", sa.String(50)))
        op.execute("UPDATE users SET name = CONCAT('user ', id), age = age + 1")
        op.create_index("ix_users_name", "users", ["name"])
        """,
        """
        op.alter_column("users", "name", existing_type=sa.String(50), type_=sa.String(80),
                        nullable=False)
        op.execute("INSERT INTO users (id, age, name) SELECT id + 500, age, name FROM users")
        op.drop_index("ix_users_name", "users")
        op.execute("DELETE FROM users WHERE id > 600")
        """,
    ),
}
"""Revisions in the order in which they run, by the name of SQLAlchemy's dialect."""


def mixed(project: Project, dialect: str) -> Project:
    """Write `MIXED` of one dialect."""
    for number, body in enumerate(MIXED[dialect], 1):
        down = f"m{number - 1}" if number > 1 else None
        project.revision(f"m{number}", down, upgrade=body)
    return project
