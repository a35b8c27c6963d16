"""A real project's history, run by Alembic and by us, from empty: a tool, not a test.

    python -m tests.oracle.real_histories postgresql path/to/versions [more/versions …]
        [--path FOLDER] [--stub MODULE] [--sql]

Both run the same scripts on databases of their own, each in a process of its own. Compared are the
dump after `upgrade heads`, the order of `history`, the dump after `downgrade base`, and what the
scripts' `--sql` leaves. What does not work for Alembic is not asked of us. `--path` makes the
application importable, `--stub` stands in for modules that are not installed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import pickle
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import sqlalchemy.dialects.mysql
import sqlalchemy.dialects.postgresql
import sqlalchemy.dialects.sqlite
import sqlalchemy.orm
from sqlalchemy.ext.asyncio import create_async_engine

from tests.oracle.catalogs import HISTORY, VERSIONS, dump
from tests.oracle.stand_ins import stand_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENV = """
from alembic import context
connection = context.config.attributes["connection"]
def run(c, **more):
    context.configure(connection=c, compare_type=True, **more)
    with context.begin_transaction():
        context.run_migrations()
if context.is_offline_mode():
    context.configure(dialect_name=connection, literal_binds=True,
                      dialect_opts={"paramstyle": "named"}, **context.config.attributes["opts"])
    with context.begin_transaction():
        context.run_migrations()
else:
    run(connection, **context.config.attributes["opts"])
"""
DRIVERS = {
    "postgresql": ("postgresql+psycopg", "postgresql+asyncpg"),
    "sqlite": ("sqlite", "sqlite+aiosqlite"),
    "mariadb": ("mysql+pymysql", "mysql+asyncmy"),
}


# --- one side, in a process of its own ------------------------------------------------------------


def alembic_config(folder: Path, versions: list[str], attributes: dict[str, Any]) -> Any:
    """Alembic's own settings for the scripts."""
    from alembic.config import Config

    (folder / "env.py").write_text(ENV, encoding="utf-8")
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("version_locations", os.pathsep.join(versions))
    config.set_main_option("path_separator", "os")
    config.attributes.update(attributes)
    return config


def with_alembic(command: str, url: str, versions: list[str], out: Path) -> Any:
    """Run a command of Alembic, and return what it gives."""
    from alembic import command as run
    from alembic.script import ScriptDirectory

    # As most projects have it, and as ours does: one transaction for each revision.
    options = {"transaction_per_migration": True}
    name = sa.make_url(url).get_backend_name()
    config = alembic_config(out.parent, versions, {"connection": name, "opts": options})
    if command == "history":
        script = ScriptDirectory.from_config(config)
        return [each.revision for each in script.walk_revisions()]
    if command == "sql":
        with out.with_suffix(".sql").open("w", encoding="utf-8") as stream:
            config.output_buffer = stream
            run.upgrade(config, "heads", sql=True)
        return None

    def migrate(connection: sa.Connection) -> None:
        config.attributes["connection"] = connection
        if command == "upgrade":
            run.upgrade(config, "heads")
        else:
            run.downgrade(config, "base")

    if sa.make_url(url).get_dialect().is_async:
        asyncio.run(in_a_loop(url, migrate))
    else:
        with sa.create_engine(url).connect() as connection:
            migrate(connection)
    return None


async def in_a_loop(url: str, migrate: Callable[[sa.Connection], None]) -> None:
    """Run Alembic as its own template for async drivers does."""
    async with create_async_engine(url, poolclass=sa.NullPool).connect() as connection:
        await connection.run_sync(migrate)


def with_us(command: str, url: str, versions: list[str], out: Path) -> Any:
    """Run the same command of ours."""
    from asyncmigrate import Migrator

    (out.parent / "migrations").mkdir(exist_ok=True)
    migrator = Migrator(
        url,
        script_location=out.parent / "migrations",
        version_locations=versions,
        history_table="",
    )
    if command == "history":
        return [each.revision.id for each in migrator.history()]
    if command == "sql":
        text = migrator.sql("upgrade", "heads")
        out.with_suffix(".sql").write_text(text, encoding="utf-8")
    elif command == "upgrade":
        asyncio.run(migrator.upgrade("heads"))
    else:
        asyncio.run(migrator.downgrade("base"))
    return None


def side(arguments: argparse.Namespace) -> None:
    """Run one command with one tool, and leave what it gave in a file."""
    sys.path[:0] = arguments.path
    for name in arguments.stub:
        stand_in(name)
    run = with_alembic if arguments.tool == "alembic" else with_us
    out = Path(arguments.out)
    started = time.perf_counter()
    try:
        given = {"given": run(arguments.command, arguments.url, arguments.versions, out)}
    except BaseException as error:
        import traceback

        trace = traceback.format_exc()
        given = {"failed": f"{type(error).__name__}: {error}"[:3000], "trace": trace}
    given["seconds"] = time.perf_counter() - started
    out.write_bytes(pickle.dumps(given))


# --- both sides -----------------------------------------------------------------------------------


class Comparison:
    """One history on one kind of database."""

    def __init__(self, arguments: argparse.Namespace, folder: Path, server: Any) -> None:
        self.arguments, self.folder, self.server = arguments, folder, server
        self.database = arguments.database
        self.said: dict[str, Any] = {}

    def run(self, tool: str, command: str, url: str) -> dict[str, Any]:
        out = self.folder / f"{tool}-{command}.pickle"
        given = [sys.executable, "-m", "tests.oracle.real_histories", self.database]
        given += [*self.arguments.versions, "--tool", tool, "--command", command]
        given += ["--url", url, "--out", str(out)]
        given += [word for each in self.arguments.path for word in ("--path", each)]
        given += [word for each in self.arguments.stub for word in ("--stub", each)]
        log = self.folder / f"{tool}-{command}.log"
        with log.open("w") as stream:
            subprocess.run(given, stdout=stream, stderr=stream, check=False, env=environment())
        if not out.exists():
            return {"failed": log.read_text()[-2000:], "seconds": 0.0}
        found: dict[str, Any] = pickle.loads(out.read_bytes())
        return found

    @contextmanager
    def databases(self) -> Iterator[tuple[str, str]]:
        """Give the URL of a fresh database for a sync driver, and for an async one."""
        sync, asynchronous = DRIVERS[self.database]
        alembics = asynchronous if self.arguments.asynchronous else sync
        if self.database == "sqlite":
            file = self.folder / "database.sqlite"
            file.unlink(missing_ok=True)
            yield f"{alembics}:///{file}", f"{asynchronous}:///{file}"
            return
        name = f"real_{os.getpid()}"
        admin = self.server.url(driver=sync.partition("+")[2])
        admin = sa.make_url(admin).set(drivername=sync)
        execute(admin, f"DROP DATABASE IF EXISTS {name}")
        execute(admin, f"CREATE DATABASE {name}")
        made = admin.set(database=name)
        yield (
            made.set(drivername=alembics).render_as_string(hide_password=False),
            made.set(drivername=asynchronous).render_as_string(hide_password=False),
        )
        execute(admin, f"DROP DATABASE IF EXISTS {name}")

    def both(self, command: str) -> None:
        """Run `upgrade`, then `downgrade`, with each tool."""
        found: dict[Any, Any] = {}
        for tool in ("alembic", "ours"):
            with self.databases() as (sync, asynchronous):
                url = sync if tool == "alembic" else asynchronous
                for command in ("upgrade", "downgrade"):
                    if self.arguments.prepare:
                        prepare(sync, self.arguments.prepare)
                    given = self.run(tool, command, url)
                    found[tool, command] = given
                    given["dump"] = dumped(sync)
                    if "failed" in given:
                        break
        for command in ("upgrade", "downgrade"):
            self.compare(command, found.get(("alembic", command)), found.get(("ours", command)))

    def compare(
        self, command: str, alembic: dict[str, Any] | None, ours: dict[str, Any] | None
    ) -> None:
        if alembic is None or "failed" in alembic:
            self.said[command] = f"Alembic fails: {(alembic or {}).get('failed', 'before')[:600]}"
            if ours and "failed" in ours:
                self.said[command] += f" | ours fails: {ours['failed'][:600]}"
            return
        if ours is None or "failed" in ours:
            self.said[command] = f"OURS FAILS: {(ours or {}).get('failed')}"
            if self.arguments.trace:
                print((ours or {}).get("trace"))
            return
        keys = sorted({*alembic["dump"], *ours["dump"]})
        differing = {
            key: (alembic["dump"].get(key), ours["dump"].get(key))
            for key in keys
            if alembic["dump"].get(key) != ours["dump"].get(key)
        }
        seconds = f"{alembic['seconds']:.1f} s / {ours['seconds']:.1f} s"
        self.said[command] = f"same ({seconds})"
        if differing:
            self.said[command] = f"DIFFERS ({seconds}): {details(differing)}"

    def history(self) -> None:
        with self.databases() as (_, url):
            alembic, ours = (self.run(tool, "history", url) for tool in ("alembic", "ours"))
        if "failed" in alembic or "failed" in ours:
            self.said["history"] = f"{alembic.get('failed')} | {ours.get('failed')}"
            return
        count = len(alembic["given"])
        same = alembic["given"] == ours["given"]
        word = "same" if same else "DIFFERS"
        if not same and sorted(alembic["given"]) == sorted(ours["given"]):
            word = "same revisions, another order"
        self.said["history"] = f"{word} ({count} revisions)"

    def sql(self) -> None:
        found = {}
        for tool in ("alembic", "ours"):
            with self.databases() as (sync, asynchronous):
                found[tool] = given = self.run(tool, "sql", asynchronous)
                if "failed" not in given:
                    complaint = fed(sync, (self.folder / f"{tool}-sql.sql"))
                    given.update({"failed": complaint} if complaint else {})
                given["dump"] = dumped(sync)
        self.compare("sql", found["alembic"], found["ours"])


def environment() -> dict[str, str]:
    here = Path(__file__).parents[2]
    path = os.pathsep.join(filter(None, (str(here), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def execute(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def prepare(url: str, statements: list[str]) -> None:
    for statement in statements:
        execute(synchronous(url), statement)


def synchronous(url: str) -> sa.URL:
    """Return the same address for a sync driver."""
    made = sa.make_url(url)
    sync = {each: driver for driver, each in DRIVERS.values()}
    return made.set(drivername=sync.get(made.drivername, made.drivername))


def dumped(url: str) -> dict[str, Any]:
    engine = sa.create_engine(synchronous(url))
    with engine.connect() as connection:
        found = dump(connection)
    engine.dispose()
    return {
        key: masked(value)
        for key, value in found.items()
        if HISTORY not in str(key) and not is_not_null(value)
    }


def is_not_null(value: Any) -> bool:
    """Whether it is a NOT NULL of PostgreSQL 18, which the columns say, too.

    Its name tells whether Alembic has made the table under another one (recreate="always").
    """
    return isinstance(value, list) and value[1:2] == ["n"]


_CHANCE = re.compile(
    r"UUID\('[-0-9a-f]{36}'\)|datetime\.\w+\([^()]*(\([^()]*\))*[^()]*\)"
    r"|\b[0-9a-f]{32}\b|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?"
)


def masked(value: Any) -> Any:
    """Return a value without what no two runs have in common.

    The time, random ids, and in which order the indexes of one CREATE TABLE were made (a set).
    """
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return sorted(_CHANCE.sub("…", each) for each in value)
    match value:
        case str(kind), [str(), *_] as lines:
            keys = [each.rstrip(",") for each in lines if each.startswith("  KEY ")]
            return kind, [each for each in lines if not each.startswith("  KEY ")], sorted(keys)
    return value


def fed(url: str, file: Path) -> str:
    """Have the database's own shell run a file; return what it complains about."""
    made = sa.make_url(url)
    if made.get_backend_name() == "sqlite":
        program = ["sqlite3", "-bail", str(made.database)]
    elif made.get_backend_name() == "postgresql":
        address = made.set(drivername="postgresql").render_as_string(hide_password=False)
        program = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", address]
    else:
        program = ["mariadb", "--no-defaults", "--protocol=tcp", f"--host={made.host}"]
        program += [f"--port={made.port}", f"--user={made.username}", str(made.database)]
    with file.open("rb") as stream:
        ran = subprocess.run(program, stdin=stream, capture_output=True, check=False)
    complaint = ran.stderr.decode(errors="replace")[-600:]
    return "" if ran.returncode == 0 else complaint or f"exit {ran.returncode}"


def details(differing: dict[Any, Any]) -> str:
    lines = []
    for key, (alembic, ours) in list(differing.items())[:30]:
        if isinstance(alembic, list) and isinstance(ours, list):
            alembic = [each for each in alembic if each not in ours][:3]
            ours = [each for each in ours if each not in differing[key][0]][:3]
        lines.append(
            f"\n    {key}:\n      alembic {str(alembic)[:700]}\n      ours    {str(ours)[:700]}"
        )
    return f"{len(differing)} places" + "".join(lines)


def main() -> None:
    """Compare one history, and print what was found as JSON or lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", choices=DRIVERS)
    parser.add_argument("versions", nargs="+")
    parser.add_argument("--path", action="append", default=[])
    parser.add_argument("--stub", action="append", default=[])
    parser.add_argument("--prepare", action="append", default=[], help="SQL before each run")
    parser.add_argument("--sql", action="store_true")
    parser.add_argument("--asynchronous", action="store_true", help="Alembic, too, in a loop")
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--keep", default="")
    parser.add_argument("--tool", choices=["alembic", "ours"])
    parser.add_argument("--command")
    parser.add_argument("--url")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    arguments.versions = [str(Path(each).absolute()) for each in arguments.versions]
    if arguments.tool:
        side(arguments)
        return
    from contextlib import nullcontext

    from tests.servers.available import mysql, postgres

    servers: dict[str, Any] = {"postgresql": postgres, "mariadb": mysql, "sqlite": nullcontext}
    with tempfile.TemporaryDirectory() as made, servers[arguments.database]() as server:
        folder = Path(arguments.keep or made)
        folder.mkdir(exist_ok=True)
        found = Comparison(arguments, folder, server)
        found.history()
        found.both("upgrade")
        if arguments.sql:
            found.sql()
        for name, said in found.said.items():
            print(f"{name}: {said}", flush=True)


assert VERSIONS, "the version table is a part of the dump"
if __name__ == "__main__":
    main()
