"""A lifelike history from empty, as processes: Alembic on a sync driver, we on an async one.

Both read the same scripts and keep the same books (`alembic_version` alone), a transaction for each
revision. The modules of both are kept compiled. The limit is what we send to PostgreSQL, by the
driver alone.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lifelike
from databases import MariaDB, NoServerError
from measure import row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from databases import Postgres
    from measure import Bench, Cost, Row

SIZE = 320
DATABASE = "lifelike"
HERE = Path(__file__).resolve().parent
_DRIVERS = {
    "postgresql": ("+asyncpg", "+psycopg"),
    "sqlite": ("+aiosqlite", ""),
    "mariadb": ("+asyncmy", "+pymysql"),
}
_ENV = """\
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""


def rows(bench: Bench, postgres: Postgres) -> Iterator[Row]:
    """Measure both by wall clock and by CPU, on each database that is there."""
    yield from _Life(bench, "postgresql", SIZE, postgres).rows()
    yield from _Life(bench, "sqlite", SIZE // 4, _File(bench.work / "lifelike.db")).rows()
    mariadb = MariaDB()
    try:
        yield from _Life(bench, "mariadb", SIZE, mariadb).rows()
    except NoServerError as error:
        print(f"no rows for MariaDB: {error}", file=sys.stderr)
    finally:
        mariadb.stop()


@dataclass(slots=True)
class _File:
    """SQLite, with the methods of a server."""

    path: Path

    def url(self, _: str) -> str:
        return f"sqlite+aiosqlite:///{self.path}"

    def fresh(self, database: str) -> str:
        for each in self.path.parent.glob(f"{self.path.name}*"):
            each.unlink()
        return self.url(database)

    def query(self, _: str, query: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.path)
        found = connection.execute(query).fetchall()
        connection.close()
        return found


@dataclass(slots=True)
class _Life:
    """The history on one database."""

    bench: Bench
    database: str
    size: int
    server: Postgres | MariaDB | _File

    def rows(self) -> Iterator[Row]:
        """Measure what a second run costs, and the first one on a machine."""
        root = self.bench.work / f"lifelike-{self.database}"
        head = _write(root, self.server.url(DATABASE), self.database, self.size)
        theirs, ours = (driver.strip("+") or "sqlite3" for driver in _DRIVERS[self.database][::-1])
        note = f"Alembic on {theirs}, we on {ours}"
        name = f"lifelike history of {self.size}, {self.database}, process"
        sides: dict[str, Callable[[], Cost]] = {
            "alembic": lambda: self._upgraded(root, head, "alembic"),
            "amigrate": lambda: self._upgraded(root, head, "amigrate"),
        }
        if self.database == "postgresql":
            sides["limit"] = lambda: self._by_driver(root, head)
        series = self.bench.compare(**sides)
        for what in ("wall", "cpu"):
            yield row(name, series, what=what, target=1.0, note=note)
        first = self.bench.compare(
            alembic=lambda: self._first(root, head, "alembic"),
            amigrate=lambda: self._first(root, head, "amigrate"),
        )
        yield row(f"{name}, the first run", first, note=note)

    def _upgraded(self, root: Path, head: str, tool: str, bench: Bench | None = None) -> Cost:
        self.server.fresh(DATABASE)
        bench = bench or self.bench
        run = bench.amigrate if tool == "amigrate" else bench.alembic
        cost = run(root, "upgrade", "head")
        self._check(head)
        return cost

    def _first(self, root: Path, head: str, tool: str) -> Cost:
        """Upgrade with nothing kept of the scripts: no code, no headers, no checksums."""
        cache = self.bench.work / "cache"
        for kept in (cache, root / "alembic" / "versions" / "__pycache__"):
            shutil.rmtree(kept, ignore_errors=True)
        environment = {**self.bench.environment, "XDG_CACHE_HOME": str(cache)}
        return self._upgraded(root, head, tool, replace(self.bench, environment=environment))

    def _by_driver(self, root: Path, head: str) -> Cost:
        file = root / "statements.json"
        if not file.exists():
            url = self.server.fresh(DATABASE)
            file.write_text(json.dumps([asyncio.run(_sent(root, url))]), encoding="utf-8")
        url = self.server.fresh(DATABASE)
        cost = self.bench.run(root, [sys.executable, HERE / "rawdriver.py", url, file])
        self._check(head)
        return cost

    def _check(self, head: str) -> None:
        found = self.server.query(DATABASE, "SELECT version_num FROM alembic_version")
        assert [tuple(each) for each in found] == [(head,)], found


async def _sent(root: Path, url: str) -> list[str | None]:
    """Upgrade, and return what was sent, with its values inside: statements that stand alone.

    What is asked before there are tables is left out, and what has values without a literal.
    """
    from sqlalchemy import event
    from sqlalchemy.ext.asyncio import create_async_engine

    from asyncmigrate import Migrator
    from asyncmigrate.scripts.as_psycopg import with_values

    engine = create_async_engine(url)
    sent: list[str | None] = []

    def hear(*args: Any) -> None:
        _, _, statement, parameters, _, many = args
        each = parameters if many else [parameters]
        sent.extend(with_values(statement, values, keeps_casts=True) for values in each)

    event.listen(engine.sync_engine, "begin", lambda _: sent.append("BEGIN"))
    event.listen(engine.sync_engine, "before_cursor_execute", hear)
    for name in ("commit", "rollback"):
        event.listen(engine.sync_engine, name, lambda _, name=name: sent.append(name.upper()))
    migrator = Migrator.from_config(root / "asyncmigrate.toml", engine=engine)
    await migrator.upgrade("head")
    await engine.dispose()
    texts = [each for each in sent if each is not None]
    first = next(at for at, each in enumerate(texts) if "CREATE TABLE alembic_version" in each)
    return [None, "BEGIN", *texts[first:]]


def _write(root: Path, url: str, database: str, size: int) -> str:
    (root / "alembic").mkdir(parents=True, exist_ok=True)
    (root / "alembic" / "env.py").write_text(_ENV, encoding="utf-8")
    sync = url.replace(*_DRIVERS[database]).replace("%", "%%")
    (root / "alembic.ini").write_text(
        f"[alembic]\nscript_location = alembic\nsqlalchemy.url = {sync}\n", encoding="utf-8"
    )
    (root / "asyncmigrate.toml").write_text(
        f'url = "{url}"\nscript_location = "alembic"\nenv_py = ""\nhistory_table = ""\n',
        encoding="utf-8",
    )
    return lifelike.write(root / "alembic" / "versions", size, database)
