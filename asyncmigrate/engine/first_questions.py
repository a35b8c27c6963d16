"""What SQLAlchemy asks a server when an engine first connects, asked all at once.

On asyncpg these are four questions of two round trips each, with a BEGIN before and a ROLLBACK
behind; they are most of what a command line waits for that reads a database far away. An engine
that we make ourselves asks them in one round trip. What SQLAlchemy concludes from the answers stays
its own doing: its `initialize` runs, on a stand-in that has the answers ready.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.util import await_only

from asyncmigrate.scripts.copying import copied

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

_ASKED = {
    "select pg_catalog.version()": "pg_catalog.version()",
    "select current_schema()": "pg_catalog.current_schema()",
    "show transaction isolation level": "pg_catalog.current_setting('transaction_isolation')",
    "show standard_conforming_strings": "pg_catalog.current_setting('standard_conforming_strings')",
}
"""SQLAlchemy's questions, and what they are in one SELECT."""
_SELECT = f"SELECT pg_catalog.json_build_array({', '.join(_ASKED.values())})::text"


def at_once(engine: AsyncEngine) -> None:
    """Make an engine that has not connected yet ask its first questions at once, if it can.

    Where that fails (another driver, a server that is not quite PostgreSQL, a SQLAlchemy that asks
    something else) they are asked one by one, as ever.
    """
    dialect = engine.sync_engine.dialect
    one_by_one = dialect.initialize
    if dialect.driver != "asyncpg":
        return

    def initialize(connection: Connection) -> None:
        try:
            one_by_one(_Answers(_asked(connection)))  # type: ignore[arg-type]
        except Exception:  # noqa: BLE001 -- whatever it is, the ordinary way meets it and says it well
            one_by_one(connection)

    dialect.initialize = initialize  # type: ignore[method-assign]


def _asked(connection: Connection) -> dict[str, str | None]:
    driver = connection.connection.driver_connection
    return dict(zip(_ASKED, json.loads(await_only(copied(driver, _SELECT))), strict=True))


@dataclass(slots=True)
class _Answers:
    """Stands in for a connection, its driver's connection, a cursor and a result.

    Raises:
        KeyError: something is asked that is not known.
    """

    known: dict[str, str | None]
    answer: str | None = None

    @property
    def connection(self) -> _Answers:
        return self

    @property
    def dbapi_connection(self) -> _Answers:
        return self

    def cursor(self) -> _Answers:
        return self

    def exec_driver_sql(self, question: str) -> _Answers:
        self.answer = self.known[question]
        return self

    execute = exec_driver_sql

    def scalar(self) -> str | None:
        return self.answer

    def fetchone(self) -> tuple[str | None]:
        return (self.answer,)

    def close(self) -> None:
        return
