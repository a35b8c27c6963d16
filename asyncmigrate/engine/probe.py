"""Where a database is, asked through its driver alone: for a process that has loaded nothing yet.

Most runs of `amigrate upgrade head` find nothing to do, and most of their time would go into
importing SQLAlchemy. So the version table's rows are first asked for without it, in two round
trips, where the URL is so plain that nothing can be misread.

The probe only ever answers what the ordinary way would answer. Whatever is unusual (another
driver, a query in the URL, a name that needs quoting, SQLite in WAL mode, any error at all) gives
no answer, and the ordinary way is gone, with its checks and its errors. Where SQLAlchemy is
loaded already, in an application or for `env.py`, there is nothing to win and nothing is asked.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncmigrate.history.revision import Heads

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)
# Only characters that mean the same in a URL, in SQLAlchemy's idea of one and to the driver.
_POSTGRESQL = re.compile(
    r"(postgresql\+asyncpg://[\w.]+)(?::([\w.~!$&*=-]+))?(@[\w.-]+(?::[1-9][0-9]{0,4})?/[\w-]+)",
    re.ASCII,
)
_PARTS = re.compile(r"postgresql\+asyncpg://([\w.]+)@([\w.-]+?)(?::([0-9]+))?/([\w-]+)", re.ASCII)
_SQLITE = re.compile(r"sqlite\+aiosqlite:///([\w./-]*\w)", re.ASCII)
_PATIENCE = 5.0  # after that the ordinary way may wait as long as it likes
_WAL = b"\2"


@dataclass(frozen=True, slots=True)
class Probed:
    """What a version table holds. `name` is the database's URL without its password."""

    name: str
    rows: Heads
    checksums: dict[str, str] = field(default_factory=dict)
    """Of each script that is applied, if the history table was asked for, too."""


def standing_checksums(rows: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Return the checksum of each applied script from (revision, outcome, checksum), oldest first.

    >>> standing_checksums([("a", "upgraded", "1"), ("a", "failed", "2"), ("a", "repaired", "3")])
    {'a': '3'}
    """
    found: dict[str, str] = {}
    for revision, outcome, checksum in rows:
        if outcome == "downgraded":
            found.pop(revision, None)
        elif outcome in {"upgraded", "stamped"} or (outcome == "repaired" and revision in found):
            found[revision] = checksum
    return found


async def probe(url: object, table: str, schema: str | None, history: str = "") -> Probed | None:
    """Return what the version table holds, or None if that has to be asked the ordinary way.

    With `history`, the name of the history table, what that holds of scripts, too. Reads only: it
    creates nothing, not even a SQLite file, and waits for no lock. Never raises.
    """
    if "sqlalchemy" in sys.modules or not isinstance(url, str) or not _plain(table, schema):
        return None
    if history and not _plain(history):
        return None
    try:
        if _SQLITE.fullmatch(url):
            return _sqlite(url, table, history) if schema is None else None
        if _POSTGRESQL.fullmatch(url):
            prefix = f'"{schema}".' if schema else ""
            return await _postgresql(url, prefix, table, history)
    except Exception:  # noqa: BLE001 -- whatever it is, the ordinary way meets it and says it well
        return None
    return None


def _plain(*names: str | None) -> bool:
    return all(name is None or _NAME.fullmatch(name) for name in names)


def _of_scripts(prefix: str, history: str) -> str:
    return f'SELECT revision, outcome, checksum FROM {prefix}"{history}" ORDER BY id'


async def _postgresql(url: str, prefix: str, table: str, history: str) -> Probed | None:
    from asyncio import timeout

    import asyncpg  # type: ignore[import-untyped]

    found: Any = _POSTGRESQL.fullmatch(url)
    before, password, after = found.groups()
    user, host, port, database = _PARTS.fullmatch(before + after).groups()  # type: ignore[union-attr]
    given = {"port": port and int(port), "password": password}
    async with timeout(_PATIENCE):
        connection = await asyncpg.connect(
            host=host,
            user=user,
            database=database,
            statement_cache_size=0,  # a pooler in between may not keep named statements
            **{name: value for name, value in given.items() if value},
        )
        try:
            rows: list[Any] = []
            scripts: list[Any] = []
            with suppress(asyncpg.UndefinedTableError):
                rows = await connection.fetch(f'SELECT version_num FROM {prefix}"{table}"')
                scripts = await connection.fetch(_of_scripts(prefix, history)) if history else []
        finally:
            await connection.close()
    return _answer(before + (":***" if password else "") + after, rows, scripts)


def _sqlite(url: str, table: str, history: str) -> Probed | None:
    import sqlite3

    file = os.path.abspath(url.partition(":///")[2])
    if not os.path.exists(file):
        return Probed(url, frozenset()) if os.path.isdir(os.path.dirname(file)) else None
    with open(file, "rb") as head:
        if head.read(20)[18:] == _WAL * 2:  # reading it would leave files beside it
            return None
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=0)
    try:
        rows = database.execute(f'SELECT version_num FROM "{table}"').fetchall()
        scripts = database.execute(_of_scripts("", history)).fetchall() if history else []
    finally:
        database.close()
    return _answer(url, rows, scripts)


def _answer(name: str, rows: list[Any], scripts: list[Any]) -> Probed | None:
    texts = frozenset(row[0] for row in rows if isinstance(row[0], str) and row[0])
    checksums = standing_checksums((row[0], row[1], row[2]) for row in scripts)
    return Probed(name, texts, checksums) if len(texts) == len(rows) else None
