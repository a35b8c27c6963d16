"""PostgreSQL's sessions: how long one may take and wait, what it does, and who is in its way."""

from __future__ import annotations

from typing import Any

_PROGRESS = (
    "SELECT pid, phase, coalesce(nullif(blocks_total, 0), nullif(tuples_total, 0)) AS total,"
    " CASE blocks_total WHEN 0 THEN tuples_done ELSE blocks_done END AS done"
    " FROM pg_catalog.pg_stat_progress_create_index"
    " UNION ALL SELECT pid, phase, nullif(heap_blks_total, 0), heap_blks_scanned"
    " FROM pg_catalog.pg_stat_progress_vacuum"
    " UNION ALL SELECT pid, phase, nullif(heap_blks_total, 0), heap_blks_scanned"
    " FROM pg_catalog.pg_stat_progress_cluster"
)
"""How far a statement is, in the phase that it is in, where PostgreSQL counts."""


class PostgreSQLSessions:
    """The methods of the dialect that are about sessions, and need no more than text."""

    def limits(self, statement: float, table_lock: float, *, local: bool = False) -> str:
        """Return set_config() for both, of the session: a rollback takes it back."""
        values = {"statement_timeout": statement, "lock_timeout": table_lock}
        calls = (
            f"set_config('{name}', '{seconds * 1000:.0f}ms', {'true' if local else 'false'})"
            for name, seconds in values.items()
        )
        return f"SELECT {', '.join(calls)}"

    def limits_before(self, driver: Any) -> str:
        """Return the query for set_config() with today's values."""
        call = "'set_config(''{0}'', ' || quote_literal(current_setting('{0}')) || ', false)'"
        calls = (call.format(name) for name in ("statement_timeout", "lock_timeout"))
        return f"SELECT 'SELECT ' || {' || chr(44) || '.join(calls)} WHERE {is_own(driver)}"

    def wait_for_writers(self, table: str) -> str:
        """Return a lock that every writer excludes."""
        return f"LOCK TABLE {table} IN SHARE MODE"

    def is_lock_timeout(self, error: BaseException) -> bool:
        """Tell it by SQLSTATE; a deadlock is one, too: one of the two had to give in."""
        return getattr(getattr(error, "orig", None), "sqlstate", "") in {"55P03", "40P01"}

    def activity(self, driver: Any) -> str | None:
        """Return the query for the session, those that wait for it, and its progress reports."""
        number = session_of(driver)
        if number is None:
            return None
        return (
            "SELECT state = 'active' AS is_active, (SELECT count(DISTINCT pid)"
            " FROM pg_catalog.pg_locks"
            f" WHERE NOT granted AND {number} = ANY (pg_blocking_pids(pid))) AS queued,"
            " phase, 100.0 * done / total AS percent"
            f" FROM pg_catalog.pg_stat_activity LEFT JOIN ({_PROGRESS}) AS doing USING (pid)"
            f" WHERE pid = {number}"
        )

    def blockers(self, driver: Any) -> tuple[str, ...]:
        """Return the query that asks pg_blocking_pids()."""
        number = session_of(driver)
        if number is None:
            return ()
        query = (
            "SELECT pid AS process, CASE pid WHEN 0 THEN 'a prepared transaction'"
            " ELSE coalesce(nullif(application_name, ''), usename, 'somebody') END AS name,"
            " coalesce(state, backend_type) AS state,"
            " extract(epoch FROM clock_timestamp() - state_change)::float AS age,"
            " left(nullif(query, '<insufficient privilege>'), 200) AS query"
            f" FROM (SELECT DISTINCT unnest(pg_blocking_pids({number})) AS pid) AS in_the_way"
            " LEFT JOIN pg_catalog.pg_stat_activity USING (pid)"
        )
        return (query,)

    def end_session(self, process: int) -> str:
        """Return pg_terminate_backend(); a prepared transaction has no session to end."""
        return f"SELECT pg_terminate_backend({process})" if process else ""


def is_own(driver: Any) -> str:
    """Return the condition that no pooler stands between the driver and its session.

    The server tells the session's number when the session begins, for cancel requests. A pooler
    that lends one session to many tells each of them a number of its own making instead; a proxy
    or a NAT passes the server's on. True for a driver that does not tell.
    """
    number = session_of(driver)
    return "true" if number is None else f"pg_backend_pid() = {number}"


def session_of(driver: Any) -> int | None:
    """Return the session's number on the server (asyncpg and psycopg), if the driver tells."""
    if hasattr(driver, "get_server_pid"):
        return int(driver.get_server_pid())
    number: int | None = getattr(getattr(driver, "info", None), "backend_pid", None)
    return number
