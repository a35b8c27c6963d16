"""What only reads the scripts, on thousands of them: heads, history, plan, current."""

from __future__ import annotations

import sqlite3
import sys
from typing import TYPE_CHECKING

from histories import History, history
from measure import Bench, Row, row

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = (5000, 10_000)

# Alembic has no such command: the planning that its `upgrade` does, and nothing else.
_ALEMBIC_PLAN = """\
from alembic.config import Config
from alembic.script import ScriptDirectory
scripts = ScriptDirectory.from_config(Config("alembic.ini"))
for step in scripts._upgrade_revs("heads", ()):
    print(step.revision.revision, step.doc)
"""


def at_head(project: History) -> None:
    """Give the project an SQLite database whose version table holds the heads."""
    with sqlite3.connect(project.root / "database.sqlite") as database:
        database.execute(
            "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL,"
            " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
        database.execute("DELETE FROM alembic_version")
        database.executemany(
            "INSERT INTO alembic_version VALUES (?)", [(head,) for head in project.heads]
        )
    database.close()


def rows(bench: Bench) -> Iterator[Row]:
    """Measure every command on every shape and size."""
    for shape in ("linear", "branchy"):
        for size in SIZES:
            project = history(bench.work, size, shape)
            yield from _reading(bench, project, f"{size} {shape}", shape)
            yield from _planning(bench, project, f"{size} {shape}", shape)


def _reading(bench: Bench, project: History, name: str, shape: str) -> Iterator[Row]:
    root = project.root
    series = bench.compare(
        alembic=lambda: bench.alembic(root, "heads"), amigrate=lambda: bench.amigrate(root, "heads")
    )
    yield row(f"heads, {name}", series, target=0.30)
    yield row(
        f"heads, {name}: peak memory",
        series,
        what="memory",
        target=0.8 if project.count == 10_000 else None,
    )
    series = bench.compare(
        alembic=lambda: bench.alembic(root, "history"),
        amigrate=lambda: bench.amigrate(root, "history"),
    )
    target = 0.05 if shape == "branchy" else None
    yield row(f"history, {name}", series, target=target)


def _planning(bench: Bench, project: History, name: str, shape: str) -> Iterator[Row]:
    root = project.root
    (root / "database.sqlite").unlink(missing_ok=True)
    series = bench.compare(
        alembic=lambda: bench.run(root, [sys.executable, "-c", _ALEMBIC_PLAN]),
        amigrate=lambda: bench.amigrate(root, "plan", "heads"),
    )
    target = 0.05 if shape == "branchy" else None
    note = "Alembic: ScriptDirectory._upgrade_revs, without a database"
    yield row(f"plan from base, {name}", series, target=target, note=note)
    at_head(project)
    series = bench.compare(
        alembic=lambda: bench.alembic(root, "current"),
        amigrate=lambda: bench.amigrate(root, "current"),
    )
    yield row(f"current at head, {name}", series, target=0.05)
