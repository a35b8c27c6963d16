"""Queries that a migration asks more than once are prepared once, on a session of our own.

An engine that we make leaves nothing prepared, because a pooler that lends one session to many
would lose it: asyncpg then sends each query three times, twice to have it parsed. Scripts that
reflect a hundred tables ask the same eight queries for each of them. Where the lock has shown that
the session is ours, a query is parsed once, and one that comes again keeps its plan until DDL.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.util import LRUCache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_PLANS = "asyncmigrate_plans"
_MOST = 100
_NEEDED = ("_prepared_statement_cache", "_prepared_statement_name_func")
_ENABLED = "_stmt_cache_enabled"
"""asyncpg: whether a statement without a name stays parsed until it is executed."""


class _Plans(LRUCache[str, Any]):
    """What SQLAlchemy's adapter takes for its cache; only what was asked before goes in."""

    def __init__(self) -> None:
        super().__init__(_MOST)
        self._seen: set[str] = set()
        self._keeps = False

    def announce(self, statement: str) -> None:
        """Say which statement comes next."""
        self._keeps = statement in self._seen
        self._seen.add(statement)

    def name(self) -> str | None:
        """Return what the adapter prepares under: None for a name of asyncpg's own."""
        return None if self._keeps else ""

    def __setitem__(self, statement: str, plan: Any) -> None:
        if self._keeps:
            super().__setitem__(statement, plan)


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


def announce(connection: Connection, statement: str) -> None:
    """Say which statement is sent next on the connection."""
    plans = connection.info.get(_PLANS)
    if plans is not None:
        plans.announce(statement)


def _is_unprepared(adapter: Any) -> bool:
    """Whether it is asyncpg's, of an engine that leaves nothing prepared (see `engine.urls`)."""
    needed = all(hasattr(adapter, name) for name in _NEEDED)
    return needed and adapter._prepared_statement_name_func is str
