"""A table of SQLite with a million rows, two indexes and a child is made anew: the twelve steps.

Against the sqlite3 library doing the same steps by hand, which is the limit: SQLite itself copies
the rows and builds the indexes in both. Ours is a whole `Migrator.upgrade()` with its version and
history rows, the counts before and after, and the foreign keys of the child looked at twice.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

from measure import Bench, Cost, Series, row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from measure import Row

ROWS = 1_000_000
CREATE = """CREATE TABLE {name} (
    id INTEGER PRIMARY KEY,
    customer VARCHAR(40) COLLATE NOCASE,
    amount REAL DEFAULT 0{more},
    placed DATETIME,
    note TEXT
)"""
INDEXES = (
    "CREATE INDEX ix_customer ON orders (customer)",
    "CREATE INDEX ix_placed ON orders (placed DESC) WHERE amount > 500",
)
SCRIPT = '''"""Demand an amount."""

from asyncmigrate import op

revision = "a1"
down_revision = None


def upgrade() -> None:
    op.alter_column("orders", "amount", nullable=False)
'''


def rows(bench: Bench) -> Iterator[Row]:
    """Measure in a process each, on a copy of the same file each time."""
    folder = bench.work / "rebuild"
    (folder / "migrations" / "versions").mkdir(parents=True, exist_ok=True)
    (folder / "migrations" / "versions" / "a1.py").write_text(SCRIPT, encoding="utf-8")
    original = folder / "original.sqlite"
    if not original.exists():
        fill(original)

    def side(tool: str) -> Cost:
        shutil.copyfile(original, folder / "app.sqlite")
        output = bench.run(folder, [sys.executable, __file__, tool]).output
        wall, cpu = map(float, output.split())
        return Cost(wall, cpu)

    series: dict[str, Series] = bench.compare(
        sqlite3=lambda: side("sqlite3"), amigrate=lambda: side("amigrate")
    )
    yield row(
        f"SQLite: a table of {ROWS:,} rows made anew", series, what="wall", target=1.2,
        against="sqlite3",
    )  # fmt: skip


def fill(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(CREATE.format(name="orders", more=""))
        connection.execute("CREATE TABLE line (id INTEGER PRIMARY KEY, o INT REFERENCES orders)")
        numbers = (
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})"
        )
        connection.execute(
            f"INSERT INTO orders {numbers} SELECT i, 'customer ' || (i * 7919 % 50000), "
            "i % 1000, datetime(1700000000 + i, 'unixepoch'), 'note number ' || i FROM n"
        )
        connection.execute("INSERT INTO line SELECT id, id FROM orders WHERE id % 10 = 0")
        for index in INDEXES:
            connection.execute(index)
        connection.commit()


def by_hand() -> None:
    with closing(sqlite3.connect("app.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(CREATE.format(name="new_orders", more=" NOT NULL"))
        connection.execute("INSERT INTO new_orders SELECT * FROM orders")
        connection.execute("DROP TABLE orders")
        connection.execute("ALTER TABLE new_orders RENAME TO orders")
        for index in INDEXES:
            connection.execute(index)
        assert not connection.execute("PRAGMA foreign_key_check").fetchall()
        connection.execute("COMMIT")


def with_amigrate() -> None:
    migrator = Migrator("sqlite+aiosqlite:///app.sqlite", script_location="migrations")
    asyncio.run(migrator.upgrade("head"))


if __name__ == "__main__":
    if sys.argv[1] == "amigrate":
        import asyncio

        import asyncmigrate.engine.run  # noqa: F401 -- loaded before the clock starts, as in an application
        from asyncmigrate import Migrator
    wall, cpu = time.perf_counter(), time.process_time()
    {"sqlite3": by_hand, "amigrate": with_amigrate}[sys.argv[1]]()
    print(time.perf_counter() - wall, time.process_time() - cpu)
