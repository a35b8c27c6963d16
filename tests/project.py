"""A project on disk with migration scripts, written from short text."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent, indent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = '''\
"""{message}

Revision ID: {id}
Revises: {revises}
"""

import sqlalchemy as sa

from asyncmigrate import op

revision = {id!r}
down_revision = {down!r}
branch_labels = {labels!r}
depends_on = {depends_on!r}


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
{downgrade}
'''

Ids = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with `migrations/versions/`."""

    root: Path

    @property
    def script_location(self) -> Path:
        """`migrations`."""
        return self.root / "migrations"

    @property
    def versions(self) -> Path:
        """`migrations/versions`."""
        return self.script_location / "versions"

    def write(self, path: str, text: str) -> Path:
        """Write any file, its folders too; `path` is relative to the root."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
        return file

    def revision(
        self,
        id: str,
        down: Ids = None,
        *,
        upgrade: str = "pass",
        downgrade: str = "pass",
        message: str = "",
        labels: Ids = None,
        depends_on: Ids = None,
    ) -> Path:
        """Write a migration script; `op` and `sa` are there in its bodies."""
        text = _SCRIPT.format(
            id=id,
            down=down,
            revises=down if isinstance(down, str) else ", ".join(down or ()),
            labels=labels,
            depends_on=depends_on,
            message=message or id,
            upgrade=indent(dedent(upgrade).strip(), "    "),
            downgrade=indent(dedent(downgrade).strip(), "    "),
        )
        return self.write(f"migrations/versions/{id}.py", text)

    def users_in_three_steps(self) -> None:
        """Write a1, b2 and c3: a table, a column of it, and an index on the column."""
        self.revision(
            "a1",
            upgrade='op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))',
            downgrade='op.drop_table("users")',
            message="create users",
        )
        self.revision(
            "b2",
            "a1",
            upgrade='op.add_column("users", sa.Column("name", sa.String(50)))',
            downgrade='op.drop_column("users", "name")',
            message="add name",
        )
        self.revision(
            "c3",
            "b2",
            upgrade='op.create_index("ix_users_name", "users", ["name"])',
            downgrade='op.drop_index("ix_users_name", "users")',
            message="index name",
        )
