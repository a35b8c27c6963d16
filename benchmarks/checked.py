"""The project of `check`: models of many tables, for both tools, and no history."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MODELS = '''\
"""{count} tables."""

import sqlalchemy as sa

metadata = sa.MetaData()
for number in range({count}):
    sa.Table(
        f"table_{{number:04}}",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.ForeignKey(f"table_{{max(number - 1, 0):04}}.id")),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(100), nullable=False, index=True),
        sa.Column("email", sa.String(255)),
        sa.Column("amount", sa.Numeric(12, 2), server_default="0"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("notes", sa.Text),
        sa.Column("position", sa.BigInteger),
        sa.UniqueConstraint("code"),
        sa.Index(f"ix_table_{{number:04}}_active", "is_active", "created_at"),
    )
'''

# What an application does that hands Alembic its own connection: Alembic's "connection sharing".
_SHARED_CONNECTION_ENV = """\
from alembic import context
from models import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
)
with context.begin_transaction():
    context.run_migrations()
"""


def project(base: Path, url: str, count: int) -> Path:
    """Write a project folder (or find it written) and return it."""
    root = base / f"checked-{sha256(f'{url} {count}'.encode()).hexdigest()[:10]}"
    if root.exists():
        return root
    root.mkdir()
    (root / "models.py").write_text(_MODELS.format(count=count), encoding="utf-8")
    init = [sys.executable, "-m", "alembic", "init", "-t", "async", "alembic"]
    subprocess.run(init, cwd=root, check=True, capture_output=True)
    ini, env = root / "alembic.ini", root / "alembic" / "env.py"
    _replace(ini, "driver://user:pass@localhost/dbname", url)
    _replace(env, "target_metadata = None", "from models import metadata as target_metadata")
    shared = root / "shared"
    (shared / "versions").mkdir(parents=True)
    (shared / "env.py").write_text(_SHARED_CONNECTION_ENV, encoding="utf-8")
    (root / "migrations" / "versions").mkdir(parents=True)
    (root / "asyncmigrate.toml").write_text(
        f'url = "{url}"\nscript_location = "migrations"\nmetadata = "models:metadata"\n',
        encoding="utf-8",
    )
    return root


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, file
    file.write_text(text.replace(old, new), encoding="utf-8")
