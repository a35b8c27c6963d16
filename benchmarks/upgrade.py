"""A thousand revisions of one table each, from empty, against the driver doing the same."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from databases import VERSION_TABLE, Postgres, proxied
from histories import History, history, ids
from measure import Bench, Cost, Row, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

SIZE = 1000
RAW = Path(__file__).with_name("rawdriver.py")
DATABASE = "upgraded"
_COLUMNS = (
    "id {serial} NOT NULL, name VARCHAR(100) NOT NULL, email VARCHAR(255),"
    " amount NUMERIC(12, 2), created_at {time} NOT NULL, is_active BOOLEAN NOT NULL,"
    " PRIMARY KEY (id)"
)
_TYPES = {
    "postgresql": {"serial": "SERIAL", "time": "TIMESTAMP WITH TIME ZONE"},
    "sqlite": {"serial": "INTEGER", "time": "DATETIME"},
}


def rows(bench: Bench, postgres: Postgres) -> Iterator[Row]:
    """Measure both databases; count round trips on PostgreSQL."""
    for database in ("sqlite", "postgresql"):
        yield from _overheads(_Sides(bench, postgres, database))
    yield _round_trips(bench, postgres)


class _Sides:
    """What is compared on one database: each call upgrades an empty one to the head."""

    def __init__(self, bench: Bench, postgres: Postgres, database: str) -> None:
        self.bench, self.postgres, self.database = bench, postgres, database
        self.statements = bench.work / f"statements-{database}.json"
        self.statements.write_text(json.dumps(_statements(database)), encoding="utf-8")

    def alembic(self) -> Cost:
        """Alembic as it comes: one transaction for all where DDL is transactional."""
        return self._upgraded("alembic", self.bench.alembic, each=False)

    def alembic_each(self) -> Cost:
        """Alembic with `transaction_per_migration`: the transactions that we have."""
        return self._upgraded("alembic", self.bench.alembic, each=True)

    def amigrate(self) -> Cost:
        """Ours: a transaction per revision, with a history row that the others do not write."""
        return self._upgraded("amigrate", self.bench.amigrate, each=True)

    def limit(self) -> Cost:
        """The driver alone: a transaction per revision, with the version row."""
        url = self._empty()
        cost = self.bench.run(self.bench.work, [sys.executable, RAW, url, self.statements])
        self._check()
        return cost

    def _upgraded(self, tool: str, run: Callable[..., Cost], *, each: bool) -> Cost:
        project = history(self.bench.work, SIZE, url=self._empty(), tool=tool, each=each)
        cost = run(project.root, "upgrade", "head")
        self._check()
        return cost

    def _empty(self) -> str:
        if self.database == "postgresql":
            return self.postgres.fresh(DATABASE)
        for file in self.bench.work.glob("upgraded.sqlite*"):
            file.unlink()
        return f"sqlite+aiosqlite:///{self.bench.work / 'upgraded.sqlite'}"

    def _check(self) -> None:
        query = "SELECT version_num FROM alembic_version"
        if self.database == "postgresql":
            found: list[Any] = self.postgres.query(DATABASE, query)
        else:
            database = sqlite3.connect(self.bench.work / "upgraded.sqlite")
            found = database.execute(query).fetchall()
            database.close()
        assert found == [(ids(SIZE)[-1],)], found


def _overheads(sides: _Sides) -> Iterator[Row]:
    series = sides.bench.compare(
        limit=sides.limit,
        alembic=sides.alembic,
        alembic_each=sides.alembic_each,
        amigrate=sides.amigrate,
    )
    for what in ("wall", "cpu"):
        for against in ("alembic", "alembic_each"):
            yield _overhead(sides.database, series, what, against)


def _overhead(database: str, series: dict[str, Series], what: str, against: str) -> Row:
    limit = series["limit"].median(what)
    ours = series["amigrate"].median(what) - limit
    theirs = series[against].median(what) - limit
    return Row(
        f"upgrade from empty, {SIZE} tables, {database}: overhead over the driver, {what}",
        f"ms {what}",
        {name: 1000 * series[name].median(what) for name in ("limit", against, "amigrate")},
        ours / theirs,
        0.5 if what == "wall" else None,
        "process; ours with the history row",
        against,
        len(series["limit"].costs),
    )


def _statements(database: str) -> list[list[str]]:
    columns = _COLUMNS.format(**_TYPES[database])
    names = ids(SIZE)
    found = [[VERSION_TABLE]]
    for number, name in enumerate(names):
        recorded = (
            f"UPDATE alembic_version SET version_num='{name}'"
            f" WHERE alembic_version.version_num = '{names[number - 1]}'"
            if number
            else f"INSERT INTO alembic_version (version_num) VALUES ('{name}')"
        )
        found.append([f"CREATE TABLE table_{number} ({columns})", recorded])
    return found


def _round_trips(bench: Bench, postgres: Postgres) -> Row:
    """Count round trips per revision: the difference between two lengths of a history."""
    ways = {
        "alembic": ("alembic", bench.alembic, False),
        "alembic_each": ("alembic", bench.alembic, True),
        "amigrate": ("amigrate", bench.amigrate, True),
    }
    counts = {}
    for way, (tool, run, each) in ways.items():
        turns = []
        for size in (20, 120):
            with proxied(postgres.port) as proxy:
                url = postgres.fresh(DATABASE)
                url = re.sub(r":\d+/", f":{proxy.port}/", url)
                project: History = history(bench.work, size, url=url, tool=tool, each=each)
                run(project.root, "upgrade", "head")
                turns.append(proxy.turns)
        counts[way] = (turns[1] - turns[0]) / 100
    return Row(
        "upgrade, postgresql: round trips per revision",
        "round trips",
        counts,
        counts["amigrate"] / counts["alembic"],
        0.99,
        "CREATE TABLE, version row; ours also the history row",
    )
