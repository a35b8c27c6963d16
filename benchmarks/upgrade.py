"""A thousand revisions of one table each, from empty: what a tool costs over the driver alone.

The overhead of a tool is its cost, less that of the raw driver sending the tool's own statements in
the tool's own transactions, one `execute()` each (see `statements`). So nobody is charged for a
history row, or for a second commit, that the other does not have; the plain figures stand beside.

In a running loop: everything imported, engine connected, one upgrade (`upgrading`). As a process:
from the shell's return key to the exit, less the same of a process with the driver alone.
SQLite's file and PostgreSQL's data are in memory where the machine has a file system for that
(the server runs with fsync off): a disk would be most of the figure, and of its noise.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import statements
from databases import Postgres, proxied
from histories import History, history, ids
from measure import Bench, Cost, Row, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

SIZE = 1000
HERE = Path(__file__).parent
DATABASE = "upgraded"
SIDES = {
    # name: (tool, a transaction per migration, its statements)
    "alembic": ("alembic", False, statements.alembic),
    "alembic_each": ("alembic", True, statements.alembic_each),
    "amigrate": ("amigrate", True, statements.amigrate),
}
"""Alembic as it comes (one transaction for all, but on SQLite), with
`transaction_per_migration` (the transactions that we have), and ours, which writes a history."""


def rows(bench: Bench, postgres: Postgres) -> Iterator[Row]:
    """Measure both databases; count round trips on PostgreSQL."""
    memory = Path("/dev/shm")
    folder = memory if os.access(memory, os.W_OK) else bench.work
    file = folder / f"asyncmigrate-benchmark-{os.getpid()}.sqlite"
    try:
        for database in ("sqlite", "postgresql"):
            yield from _Compared(bench, postgres, database, file).rows()
        yield _round_trips(bench, postgres)
    finally:
        _unlink(file)


class _Compared:
    """The sides on one database: each call upgrades an empty one to the head."""

    def __init__(self, bench: Bench, postgres: Postgres, database: str, file: Path) -> None:
        self.bench, self.postgres, self.database, self.file = bench, postgres, database, file
        self.sides = dict(SIDES)
        if database == "sqlite":
            del self.sides["alembic_each"]  # no difference

    def rows(self) -> Iterator[Row]:
        """Measure in a running loop, then as processes."""
        for where, cost in (("in a running loop", self._in_loop), ("process", self._process)):
            found: dict[str, Callable[[], Cost]] = {}
            for name in self.sides:
                found[name] = lambda cost=cost, name=name: cost(name, limit=False)
                found[f"limit of {name}"] = lambda cost=cost, name=name: cost(name, limit=True)
            series = self.bench.compare(**found)
            for what in ("wall", "cpu"):
                for against in self.sides:
                    if against != "amigrate":
                        yield self._overhead(where, series, what, against)
                        yield self._plain(where, series, what, against)

    def _in_loop(self, name: str, *, limit: bool) -> Cost:
        tool, each, _ = self.sides[name]
        url = self._empty()
        project = history(self.bench.work, SIZE, url=url, tool=tool, each=each)
        command = [sys.executable, HERE / "upgrading.py", tool, url]
        output = self.bench.run(project.root, self._limit(name, url) if limit else command).output
        self._check()
        wall, cpu = map(float, output.splitlines()[-1].split())
        return Cost(wall, cpu)

    def _process(self, name: str, *, limit: bool) -> Cost:
        tool, each, _ = self.sides[name]
        url = self._empty()
        project = history(self.bench.work, SIZE, url=url, tool=tool, each=each)
        if limit:
            cost = self.bench.run(project.root, self._limit(name, url))
        else:
            run = self.bench.amigrate if tool == "amigrate" else self.bench.alembic
            cost = run(project.root, "upgrade", "head")
        self._check()
        return cost

    def _limit(self, name: str, url: str) -> list[str | Path]:
        file = self.bench.work / f"statements-{self.database}-{name}.json"
        if not file.exists():
            _, _, sent = self.sides[name]
            file.write_text(json.dumps(sent(self.database, SIZE)), encoding="utf-8")
        return [sys.executable, HERE / "rawdriver.py", url, file]

    def _empty(self) -> str:
        if self.database == "postgresql":
            return self.postgres.fresh(DATABASE)
        _unlink(self.file)
        return f"sqlite+aiosqlite:///{self.file}"

    def _check(self) -> None:
        query = "SELECT version_num FROM alembic_version"
        if self.database == "postgresql":
            found: list[Any] = self.postgres.query(DATABASE, query)
        else:
            database = sqlite3.connect(self.file)
            found = database.execute(query).fetchall()
            database.close()
        assert found == [(ids(SIZE)[-1],)], found

    def _overhead(self, where: str, series: dict[str, Series], what: str, against: str) -> Row:
        def over(name: str) -> float:
            return series[name].median(what) - series[f"limit of {name}"].median(what)

        return self._row(
            f"overhead over the driver, {what}",
            where,
            what,
            {name: 1000 * over(name) for name in (against, "amigrate")},
            against,
            0.5,
            len(series[against].costs),
        )

    def _plain(self, where: str, series: dict[str, Series], what: str, against: str) -> Row:
        names = (f"limit of {against}", against, "limit of amigrate", "amigrate")
        figures = {name: 1000 * series[name].median(what) for name in names}
        return self._row(
            f"all of it, {what}",
            where,
            what,
            figures,
            against,
            None,
            len(series[against].costs),
        )

    def _row(
        self,
        said: str,
        where: str,
        what: str,
        figures: dict[str, float],
        against: str,
        target: float | None,
        rounds: int,
    ) -> Row:
        return Row(
            f"upgrade from empty, {SIZE} tables, {self.database}, {where}: {said}",
            f"ms {what}",
            figures,
            figures["amigrate"] / figures[against],
            target,
            "ours with the history row",
            against,
            rounds,
        )


def _unlink(file: Path) -> None:
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()


def _round_trips(bench: Bench, postgres: Postgres) -> Row:
    """Count round trips per revision: the difference between two lengths of a history."""
    counts = {}
    for name, (tool, each, _) in SIDES.items():
        run = bench.amigrate if tool == "amigrate" else bench.alembic
        turns = []
        for size in (20, 120):
            with proxied(postgres.port) as proxy:
                url = postgres.fresh(DATABASE)
                url = re.sub(r":\d+/", f":{proxy.port}/", url)
                project: History = history(bench.work, size, url=url, tool=tool, each=each)
                run(project.root, "upgrade", "head")
                turns.append(proxy.turns)
        counts[name] = (turns[1] - turns[0]) / 100
    return Row(
        "upgrade, postgresql: round trips per revision",
        "round trips",
        counts,
        counts["amigrate"] / counts["alembic"],
        0.99,
        "CREATE TABLE, version row; ours also the history row",
    )
