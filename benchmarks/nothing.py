"""Nothing to do: `upgrade head` at head, as a whole process and inside a running application."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from databases import VERSION_TABLE, Postgres, proxied
from files import at_head
from histories import History, history
from measure import Bench, Cost, Row, Series, row

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKER = Path(__file__).with_name("inprocess.py")
SIZES = (1, 1000, 5000, 10_000)
IN_PROCESS = {1000: 0.20, 5000: 0.10}


def rows(bench: Bench, postgres: Postgres) -> Iterator[Row]:
    """Measure on both databases."""
    for size in SIZES:
        for database in ("postgresql", "sqlite"):
            project = _at_head(bench, postgres, database, size)
            yield from _process(bench, project, f"{size} revisions, {database}")
            if size in IN_PROCESS:
                yield from _in_process(bench, project, database, IN_PROCESS[size])
    yield _round_trips(bench, postgres)


def _at_head(bench: Bench, postgres: Postgres, database: str, size: int) -> History:
    if database == "sqlite":
        project = history(bench.work, size)
        at_head(project)
        return project
    name = f"nothing_{size}"
    (head,) = history(bench.work, size).heads
    url = postgres.fresh(name, [VERSION_TABLE, f"INSERT INTO alembic_version VALUES ('{head}')"])
    return history(bench.work, size, url=url)


def _process(bench: Bench, project: History, name: str) -> Iterator[Row]:
    series = bench.compare(
        alembic=lambda: bench.alembic(project.root, "upgrade", "head"),
        amigrate=lambda: bench.amigrate(project.root, "upgrade", "head"),
    )
    yield row(f"nothing to do, process, {name}", series, target=0.75)
    if project.count == 10_000:
        name = f"nothing to do, {name}: peak memory"
        yield row(name, series, what="memory", target=0.8)


def _in_process(bench: Bench, project: History, database: str, target: float) -> Iterator[Row]:
    url = url_of(project)
    found: dict[str, list[Cost]] = {"alembic": [], "amigrate": []}
    for _ in range(3):  # three processes of each in turn, several rounds in each
        for tool, costs in found.items():
            output = bench.run(project.root, [sys.executable, WORKER, tool, url, "4"]).output
            costs += [Cost(*map(float, line.split())) for line in _figures(output)]
    series = {tool: Series(costs) for tool, costs in found.items()}
    name = f"nothing to do, in a running loop, {project.count} revisions, {database}"
    yield row(name, series, what="wall", target=target)


def _figures(output: str) -> list[str]:
    return [line for line in output.splitlines() if line[:1].isdigit()]


def url_of(project: History) -> str:
    """Return the URL that the project's settings hold."""
    first = (project.root / "asyncmigrate.toml").read_text(encoding="utf-8").splitlines()[0]
    return first.split('"')[1]


def _round_trips(bench: Bench, postgres: Postgres) -> Row:
    """Count what one more `upgrade head` costs a pool that is connected."""
    _at_head(bench, postgres, "postgresql", 1)
    counts = {}
    for tool in ("alembic", "amigrate"):
        with proxied(postgres.port) as proxy:
            url = postgres.url("nothing_1").replace(f":{postgres.port}/", f":{proxy.port}/")
            project = history(bench.work, 1, url=postgres.url("nothing_1"))
            turns = []
            for rounds in (5, 15):
                before = proxy.turns
                bench.run(project.root, [sys.executable, WORKER, tool, url, str(rounds)])
                turns.append(proxy.turns - before)
            counts[tool] = (turns[1] - turns[0]) / 10
    return Row(
        "nothing to do, in a running loop, postgresql: round trips",
        "round trips",
        counts,
        counts["amigrate"],
        2,
        against="",
    )
