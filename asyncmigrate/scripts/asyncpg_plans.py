"""Queries that a migration asks more than once are prepared once, on a session of our own.

An engine that we make leaves nothing prepared, because a pooler that lends one session to many
would lose it: asyncpg then sends each query three times, twice to have it parsed. Scripts that
reflect a hundred tables ask the same eight queries for each of them. Where the lock has shown that
the session is ours, a query is parsed once, and one that comes again keeps its plan until DDL.

Queries of SQLAlchemy's inspector keep theirs from the first time on, and after DDL, too: a server
refuses a plan if the columns of its answer have changed, and those of the catalog never do. Without
that asyncpg would ask anew after each DDL statement what the types of these columns are.
"""

from __future__ import annotations

import math
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, Table
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.util import LRUCache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_PLANS = "asyncmigrate_plans"
_MOST = 100
_NEEDED = ("_prepared_statement_cache", "_prepared_statement_name_func")
_ENABLED = "_stmt_cache_enabled"
"""asyncpg: whether a statement without a name stays parsed until it is executed."""


_KEEPS_PLANS = ("INSERT", "UPDATE", "DELETE", "SET", "COMMIT")
"""How the answer to a statement begins that leaves prepared statements valid."""
_DROPS_NONE = (
    "CREATE",
    "ALTER",
    "DROP",
    "COMMENT",
    "TRUNCATE",
    "INSERT",
    "UPDATE",
    "DELETE",
    "SET",
)
"""How the answer to one statement begins that cannot have dropped any."""
_DROPS_PLANS = re.compile(r"\b(?:DISCARD|DEALLOCATE)\b", re.IGNORECASE)


class _Plans(LRUCache[str, Any]):
    """What SQLAlchemy's adapter takes for its cache: what was asked before, or is the inspector's.

    The third of an entry's values is since when it stands; the adapter takes none that is older
    than the last DDL.
    """

    def __init__(self) -> None:
        super().__init__(_MOST)
        self._seen: dict[str, bool] = {}
        """Of each statement, whether it is the inspector's."""
        self._keeps = self._is_inspectors = False
        self._announced: str | None = None

    def announce(self, statement: str, compiled: Any) -> None:
        """Say which statement comes next."""
        known = self._seen.get(statement)
        if not known and _DROPS_PLANS.search(statement):
            self.forget()
        if known is None:
            self._seen[statement] = self._is_inspectors = _is_inspectors(compiled)
        else:
            self._is_inspectors = known
        self._keeps = known is not None or self._is_inspectors
        self._announced = statement

    def pass_by(self) -> None:
        """Say that what comes next will hardly come again."""
        self._keeps, self._announced = False, None

    def name(self) -> str | None:
        """Return what the adapter prepares under: None for a name of asyncpg's own."""
        return None if self._keeps else ""

    def __setitem__(self, statement: str, plan: Any) -> None:
        if self._keeps and statement == self._announced:  # and not a raw cursor's
            kept = (*plan[:2], math.inf) if self._is_inspectors else plan
            super().__setitem__(statement, kept)

    def clear(self) -> None:
        """Forget what DDL may have changed."""
        for statement in [each for each in self if not self._seen[each]]:
            del self[statement]

    def forget(self) -> None:
        """Forget everything: the server has."""
        super().clear()


def _is_inspectors(compiled: Any) -> bool:
    """Return whether a statement reads SQLAlchemy's own tables of the catalog, and nothing else."""
    from sqlalchemy.dialects.postgresql.pg_catalog import pg_catalog_meta

    statement = getattr(compiled, "statement", None)
    if not isinstance(statement, Select):
        return False
    tables = [each for each in iterate(statement) if isinstance(each, Table)]
    return bool(tables) and all(each.metadata is pg_catalog_meta for each in tables)


@contextmanager
def kept(connection: Connection, *, in_session: bool) -> Iterator[None]:
    """Let plans be kept while the block runs, if the session is ours and the engine as well."""
    adapter: Any = connection.connection.dbapi_connection
    if not in_session or not _is_unprepared(adapter):
        yield
        return
    driver, info = adapter.driver_connection, connection.info
    former = adapter._prepared_statement_cache, adapter._prepared_statement_name_func
    plans = info[_PLANS] = _Plans()
    adapter._prepared_statement_cache, adapter._prepared_statement_name_func = plans, plans.name
    enabled = getattr(driver, _ENABLED, None)
    if enabled is not None:
        setattr(driver, _ENABLED, True)
    try:
        yield
    finally:
        info.pop(_PLANS, None)
        adapter._prepared_statement_cache, adapter._prepared_statement_name_func = former
        if enabled is not None:
            setattr(driver, _ENABLED, enabled)


def announce(connection: Connection, statement: str, compiled: Any) -> None:
    """Say which statement is sent next on the connection, and what SQLAlchemy has made it of."""
    plans = connection.info.get(_PLANS)
    if plans is not None:
        plans.announce(statement, compiled)


def pass_by(connection: Connection) -> None:
    """Say that what is sent next, instead of the announced, has its values inside."""
    plans = connection.info.get(_PLANS)
    if plans is not None:
        plans.pass_by()


def changed(adapter: Any, statement: str, status: str) -> None:
    """Forget the plans that are of no use after a statement; `status` is what the server said."""
    plans = getattr(adapter, "_prepared_statement_cache", None)
    if not plans:
        return
    is_one = ";" not in statement
    if is_one and status.startswith(_KEEPS_PLANS):
        return
    drops = not (is_one and status.startswith(_DROPS_NONE)) and _DROPS_PLANS.search(statement)
    if drops and isinstance(plans, _Plans):
        plans.forget()
    else:
        plans.clear()


def _is_unprepared(adapter: Any) -> bool:
    """Whether it is asyncpg's, of an engine that leaves nothing prepared (see `engine.urls`)."""
    needed = all(hasattr(adapter, name) for name in _NEEDED)
    return needed and adapter._prepared_statement_name_func is str
