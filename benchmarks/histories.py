"""Histories on disk that both tools read: linear or branchy, in Alembic's own file format."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MOST_HEADS = 8
MERGES = 0.2
IMPORTS = {"alembic": "from alembic import op", "amigrate": "from asyncmigrate import op"}

_SCRIPT = '''\
"""add table {number}

Revision ID: {id}
Revises: {revises}
Create Date: 2026-01-01 00:00:00.000000

"""
from typing import Sequence, Union

{op}
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision: str = {id!r}
down_revision: Union[str, Sequence[str], None] = {down!r}
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Upgrade schema."""
    op.create_table(
        "table_{number}",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Downgrade schema."""
    op.drop_table("table_{number}")
'''

# What an application does that hands Alembic its own connection: Alembic's "connection sharing".
_SHARED_CONNECTION_ENV = """\
from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transaction_per_migration={each},
)
with context.begin_transaction():
    context.run_migrations()
"""


@dataclass(frozen=True, slots=True)
class History:
    """A project folder: `alembic.ini` for Alembic, `asyncmigrate.toml` for us, one history."""

    root: Path
    heads: tuple[str, ...]
    count: int


def ids(count: int) -> list[str]:
    """Return ids that look like Alembic's: twelve hex digits, in no order of time."""
    return [sha256(str(number).encode()).hexdigest()[:12] for number in range(count)]


def parents(count: int, shape: str) -> list[tuple[str, ...]]:
    """Return each revision's parents: a chain, or branches of which a fifth are merges."""
    names = ids(count)
    if shape == "linear":
        return [() if not n else (names[n - 1],) for n in range(count)]
    chance = random.Random(7)
    found: list[tuple[str, ...]] = [()]
    heads = [names[0]]
    for number in range(1, count):
        draw = chance.random()
        if draw < MERGES and len(heads) > 1:
            above = tuple(chance.sample(heads, 2))
        elif draw > 1 - 1.15 * MERGES and len(heads) < MOST_HEADS:
            above = (names[chance.randrange(max(0, number - 20), number)],)
        else:
            above = (chance.choice(heads),)
        heads = [*(head for head in heads if head not in above), names[number]]
        found.append(above)
    return found


def heads_of(count: int, shape: str) -> tuple[str, ...]:
    """Return the revisions that nothing follows."""
    followed = {parent for above in parents(count, shape) for parent in above}
    return tuple(name for name in ids(count) if name not in followed)


def history(
    base: Path,
    count: int,
    shape: str = "linear",
    *,
    url: str = "sqlite+aiosqlite:///database.sqlite",
    tool: str = "alembic",
    each: bool = False,
) -> History:
    """Write a project (or find it written), with the scripts' `op` that of `tool`.

    `each` gives Alembic a transaction per migration; by default it has one for all.
    """
    scripts = base / f"{shape}-{count}-{tool}"
    if not scripts.exists():
        _write_scripts(scripts, count, shape, IMPORTS[tool])
    name = sha256(f"{scripts} {url} {each}".encode()).hexdigest()[:10]
    root = base / f"project-{name}"
    if not root.exists():
        _write_project(root, scripts, url, each=each)
    return History(root, heads_of(count, shape), count)


def _write_scripts(folder: Path, count: int, shape: str, op: str) -> None:
    folder.mkdir(parents=True)
    pairs = zip(ids(count), parents(count, shape), strict=True)
    for number, (id, above) in enumerate(pairs):
        down = None if not above else above[0] if len(above) == 1 else above
        text = _SCRIPT.format(number=number, id=id, down=down, revises=", ".join(above), op=op)
        (folder / f"{id}_add_table_{number}.py").write_text(text, encoding="utf-8")


def _write_project(root: Path, scripts: Path, url: str, *, each: bool) -> None:
    root.mkdir()
    init = [sys.executable, "-m", "alembic", "init", "-t", "async", "alembic"]
    subprocess.run(init, cwd=root, check=True, capture_output=True)
    ini = root / "alembic.ini"
    text = ini.read_text(encoding="utf-8")
    text = text.replace("driver://user:pass@localhost/dbname", url)
    text = text.replace("\n[alembic]\n", f"\n[alembic]\nversion_locations = {scripts}\n")
    ini.write_text(text, encoding="utf-8")
    assert url in text
    assert f"version_locations = {scripts}" in text
    if each:
        env = root / "alembic" / "env.py"
        once = "context.configure(connection=connection,"
        text = env.read_text(encoding="utf-8")
        assert once in text
        text = text.replace(once, f"{once} transaction_per_migration=True,")
        env.write_text(text, encoding="utf-8")
    shared = root / "shared"
    shared.mkdir()
    (shared / "env.py").write_text(_SHARED_CONNECTION_ENV.format(each=each), encoding="utf-8")
    (root / "asyncmigrate.toml").write_text(
        f'url = "{url}"\nscript_location = "."\nversion_locations = ["{scripts}"]\n',
        encoding="utf-8",
    )
