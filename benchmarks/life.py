"""A lifelike history from empty, as processes: Alembic on psycopg, we on asyncpg.

Both read the same scripts and keep the same books (`alembic_version` alone), a transaction for each
revision. The modules of both are kept compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lifelike
from measure import row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from databases import Postgres
    from measure import Bench, Cost, Row

SIZE = 320
DATABASE = "lifelike"
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
    """Measure both by wall clock and by CPU."""
    root = bench.work / "lifelike"
    head = _write(root, postgres.url(DATABASE))

    def upgraded(tool: str) -> Cost:
        postgres.fresh(DATABASE)
        run = bench.amigrate if tool == "amigrate" else bench.alembic
        cost = run(root, "upgrade", "head")
        found = postgres.query(DATABASE, "SELECT version_num FROM alembic_version")
        assert found == [(head,)], found
        return cost

    series = bench.compare(
        alembic=lambda: upgraded("alembic"), amigrate=lambda: upgraded("amigrate")
    )
    for what in ("wall", "cpu"):
        name = f"lifelike history of {SIZE}, postgresql, process"
        yield row(name, series, what=what, target=1.0, note="Alembic on psycopg, we on asyncpg")


def _write(root: Path, url: str) -> str:
    (root / "alembic").mkdir(parents=True, exist_ok=True)
    (root / "alembic" / "env.py").write_text(_ENV, encoding="utf-8")
    sync = url.replace("+asyncpg", "+psycopg").replace("%", "%%")
    (root / "alembic.ini").write_text(
        f"[alembic]\nscript_location = alembic\nsqlalchemy.url = {sync}\n", encoding="utf-8"
    )
    (root / "asyncmigrate.toml").write_text(
        f'url = "{url}"\nscript_location = "alembic"\nenv_py = ""\nhistory_table = ""\n',
        encoding="utf-8",
    )
    return lifelike.write(root / "alembic" / "versions", SIZE)
