"""The project of the guides to Alembic: `alembic init alembic`, models, and two revisions."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from sqlite3 import connect
from typing import TYPE_CHECKING

from tests.project import Project

if TYPE_CHECKING:
    from tests.terminal import Terminal

URL = "sqlite:///example.db"
MODELS = """
    import datetime
    import sqlalchemy as sa
    from sqlalchemy.orm import declarative_base

    Base = declarative_base()

    class User(Base):
        __tablename__ = "users"
        id = sa.Column(sa.Integer, primary_key=True)
        username = sa.Column(sa.String(50), unique=True, nullable=False)
        email = sa.Column(sa.String(100), unique=True, nullable=False)
        is_active = sa.Column(sa.Boolean, default=True)
        created_at = sa.Column(sa.DateTime, default=datetime.datetime.now)
    """
USERS = """
    op.create_table(
        'users',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('username', sa.String(50), nullable=False),
        sa.Column('email', sa.String(100), nullable=False),
        sa.Column('is_active', sa.Boolean, default=True),
        sa.Column('created_at', sa.DateTime, default=sa.func.now())
    )
    op.create_index('ix_users_username', 'users', ['username'])
    op.create_index('ix_users_email', 'users', ['email'])
    """
NO_USERS = """
    op.drop_index('ix_users_email', 'users')
    op.drop_index('ix_users_username', 'users')
    op.drop_table('users')
    """
POSTS = """
    op.create_table(
        'posts',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('title', sa.String(200), nullable=False),
        sa.Column('content', sa.Text),
        sa.Column('user_id', sa.Integer, nullable=False),
        sa.Column('created_at', sa.DateTime, default=sa.func.now())
    )
    op.create_foreign_key(
        'fk_posts_user_id',
        'posts', 'users',
        ['user_id'], ['id']
    )
    op.create_index('ix_posts_title', 'posts', ['title'])
    op.create_index('ix_posts_user_id', 'posts', ['user_id'])
    op.add_column('users', sa.Column('last_login', sa.DateTime))
    """
NO_POSTS = """
    op.drop_column('users', 'last_login')
    op.drop_index('ix_posts_user_id', 'posts')
    op.drop_index('ix_posts_title', 'posts')
    op.drop_constraint('fk_posts_user_id', 'posts', type_='foreignkey')
    op.drop_table('posts')
    """


def replace(project: Project, file: str, old: str, new: str) -> None:
    path = project.root / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def env_py(project: Project, old: str, new: str) -> None:
    replace(project, "alembic/env.py", old, new)


def fill(project: Project, rev_id: str, upgrade: str, downgrade: str) -> None:
    """Write the bodies of a new, empty script, as its author would."""
    (script,) = (project.root / "alembic/versions").glob(f"{rev_id}_*.py")
    head, _, _ = script.read_text().partition("def upgrade")
    body = Project(project.root).revision("none", upgrade=upgrade, downgrade=downgrade)
    script.write_text(f"{head}def upgrade{body.read_text().partition('def upgrade')[2]}")
    body.unlink()


def tables(project: Project, file: str = "example.db") -> set[str]:
    with closing(connect(project.root / file)) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {row[0] for row in rows} - {"alembic_version"}


def begun(project: Project) -> None:
    """Make the project: an ini with a URL, models, and an env.py that names them."""
    init = [sys.executable, "-m", "alembic", "init", "alembic"]
    subprocess.run(init, cwd=project.root, check=True, capture_output=True)
    replace(project, "alembic.ini", "driver://user:pass@localhost/dbname", URL)
    project.write("myproject/models.py", MODELS)
    imported = "from myproject.models import Base\ntarget_metadata = Base.metadata"
    env_py(project, "target_metadata = None", imported)


def with_two(project: Project, typed: Terminal) -> None:
    """Write the guides' two revisions: users, then posts."""
    typed.ok("revision", "-m", "create users table", "--rev-id", "a1")
    fill(project, "a1", USERS, NO_USERS)
    typed.ok("revision", "-m", "create posts", "--rev-id", "b2")
    fill(project, "b2", POSTS, NO_POSTS)
