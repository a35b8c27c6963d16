"""`check` of a database that is equal to its models: a thousand tables, and two thousand.

Ten columns, a SERIAL key, two indexes, a unique constraint and a foreign key each. The limit is the
driver alone that asks our own queries and compares the rows, as tuples, with those of a file.

Beside Alembic by CPU; beside the limit by the wall clock, for its time is the server's; and through
a proxy that makes a round trip last 20 ms by the wall clock, for the time is nobody's.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from checked import project
from databases import Postgres, proxied
from measure import Bench, Cost, Row, Series, row

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
SIZES = (1000, 2000)
ROUND_TRIP = 0.020


def rows(bench: Bench, postgres: Postgres) -> Iterator[Row]:
    """Measure both databases."""
    growth: dict[int, float] = {}
    for size in SIZES:
        url = _filled(bench, postgres.fresh(f"check_{size}"), size)
        yield from _process(bench, url, size, "postgresql", 0.30, growth)
        if size == SIZES[0]:
            yield from _in_loop(bench, url, size, "postgresql", 0.30)
            yield from _far_away(bench, postgres, size)
            yield _round_trips(bench, postgres, size)
    yield _growth(growth)
    file = bench.work / "check.sqlite"
    file.unlink(missing_ok=True)
    url = _filled(bench, f"sqlite+aiosqlite:///{file}", SIZES[0])
    yield from _process(bench, url, SIZES[0], "sqlite", 0.20, {})
    yield from _in_loop(bench, url, SIZES[0], "sqlite", 0.20)


def _filled(bench: Bench, url: str, size: int) -> str:
    """Make the tables, and write down what the limit asks; return the URL."""
    root = project(bench.work, url, size)
    bench.run(root, [sys.executable, HERE / "checking.py", "fill", url])
    return url


def _process(
    bench: Bench, url: str, size: int, database: str, target: float, growth: dict[int, float]
) -> Iterator[Row]:
    root = project(bench.work, url, size)
    series = bench.compare(
        alembic=lambda: bench.alembic(root, "check"),
        amigrate=lambda: bench.amigrate(root, "check"),
        limit=lambda: bench.run(root, [sys.executable, HERE / "rawcheck.py", url]),
    )
    name = f"check in sync, process, {size} tables, {database}"
    growth[size] = series["amigrate"].median("cpu")
    yield row(name, series, target=target)
    yield row(f"{name}: to the limit", series, what="wall", target=8.0, against="limit")
    yield row(f"{name}: peak memory", series, what="memory")


def _in_loop(bench: Bench, url: str, size: int, database: str, target: float) -> Iterator[Row]:
    root = project(bench.work, url, size)
    found: dict[str, list[Cost]] = {"alembic": [], "amigrate": [], "limit": []}
    statements: dict[str, float] = {}
    for _ in range(2 if bench.rounds > 3 else 1):  # processes in turn, several rounds in each
        for tool, costs in found.items():
            command = [sys.executable, HERE / "checking.py", tool, url, "3"]
            for line in bench.run(root, command).output.splitlines():
                wall, cpu, count = map(float, line.split())
                costs.append(Cost(wall, cpu))
                statements[tool] = count
    series = {tool: Series(costs) for tool, costs in found.items()}
    name = f"check in sync, in a running loop, {size} tables, {database}"
    yield row(name, series, target=target)
    yield row(f"{name}: to the limit", series, what="wall", target=8.0, against="limit")
    del statements["limit"]
    ours = statements["amigrate"]
    yield Row(f"{name}: statements", "statements", statements, ours, 15, against="")


def _growth(medians: dict[int, float]) -> Row:
    small, large = SIZES
    figures = {str(size): 1000 * median for size, median in medians.items()}
    ratio = medians[large] / medians[small]
    name = "check in sync, process, twice as many tables, postgresql"
    return Row(name, "ms cpu", figures, ratio, large / small, against=f"{small} tables")


def _far_away(bench: Bench, postgres: Postgres, size: int) -> Iterator[Row]:
    """Measure through a proxy; three rounds, for Alembic asks once for each table."""
    with proxied(postgres.port, delay=ROUND_TRIP / 2) as proxy:
        direct = postgres.url(f"check_{size}")
        url = direct.replace(f":{postgres.port}/", f":{proxy.port}/")
        root = project(bench.work, url, size)
        shutil.copy(project(bench.work, direct, size) / "asked.pickle", root)
        series = bench.compare(
            alembic=lambda: bench.alembic(root, "check"),
            amigrate=lambda: bench.amigrate(root, "check"),
            limit=lambda: bench.run(root, [sys.executable, HERE / "rawcheck.py", url]),
        )
        name = f"check in sync, process, {size} tables, postgresql at 20 ms"
        yield row(name, series, what="wall", target=0.05)
        yield row(f"{name}: to the limit", series, what="wall", against="limit")


def _round_trips(bench: Bench, postgres: Postgres, size: int) -> Row:
    """Count what a process waits for, from connecting to the end."""
    counts = {}
    for tool, run in (("alembic", bench.alembic), ("amigrate", bench.amigrate)):
        with proxied(postgres.port) as proxy:
            direct = postgres.url(f"check_{size}")
            url = direct.replace(f":{postgres.port}/", f":{proxy.port}/")
            run(project(bench.work, url, size), "check")
            counts[tool] = float(proxy.turns)
    name = f"check in sync, process, {size} tables, postgresql: round trips"
    return Row(name, "round trips", counts, counts["amigrate"], 12, against="")
