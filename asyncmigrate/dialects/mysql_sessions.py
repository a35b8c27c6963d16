"""MySQL's sessions: how long one may take and wait, what it does now, and who is in its way.

Who holds a lock on a table's metadata is told by three sources, none of which is always there:
the performance schema (off on MariaDB as a rule), MariaDB's plugin `metadata_lock_info`, and the
list of open transactions, which knows no tables. So the last one says "perhaps".
"""

from __future__ import annotations

import math
from typing import Any

_WAITED, _DEADLOCK = 1205, 1213
_WAITS = "LEFT({0}.state, 11) = 'Waiting for' AND LOCATE('lock', {0}.state) > 0"
_PERCENT = (
    "/*M! IF(mine.max_stage > 0,"
    " (mine.stage - 1 + mine.progress / 100) * 100 / mine.max_stage, */ NULL /*M! ) */"
)
"""Only MariaDB tells how far a statement is; for MySQL the rest is a comment."""
_ROWS = "SELECT blocking_pid AS id FROM sys.innodb_lock_waits WHERE waiting_pid = {0}"
_TABLES = (
    "SELECT blocking_pid AS id FROM sys.schema_table_lock_waits"
    " WHERE waiting_pid = {0} AND blocking_pid <> {0}"
)
_TABLES_OF_PLUGIN = (
    "SELECT theirs.thread_id AS id FROM information_schema.metadata_lock_info AS theirs"
    " JOIN information_schema.metadata_lock_info AS ours USING (table_schema, table_name)"
    " WHERE ours.thread_id = {0} AND theirs.thread_id <> {0}"
    " AND ours.lock_type = 'Table metadata lock' AND theirs.lock_type = 'Table metadata lock'"
)
_TRANSACTIONS = (
    "SELECT trx_mysql_thread_id AS id, trx_started FROM information_schema.innodb_trx"
    " WHERE trx_mysql_thread_id <> {0}"
)


class MySQLSessions:
    """The methods of the dialect that are about sessions, and need no more than text."""

    def limits(self, statement: float, table_lock: float, *, local: bool = False) -> str:
        """Return SET SESSION; only MariaDB can limit any statement, and MySQL skips its comment."""
        lock = math.ceil(table_lock) or "DEFAULT"
        return (
            f"SET SESSION /*M! max_statement_time = {statement:.3f}, */"
            f" lock_wait_timeout = {lock}, innodb_lock_wait_timeout = {lock}"
        )

    def limits_before(self, driver: Any) -> str:
        """Return the query for SET SESSION with today's values."""
        return (
            "SELECT CONCAT('SET SESSION ',"
            " /*M! 'max_statement_time = ', @@max_statement_time, ', ', */"
            " 'lock_wait_timeout = ', @@lock_wait_timeout,"
            " ', innodb_lock_wait_timeout = ', @@innodb_lock_wait_timeout)"
        )

    def wait_for_writers(self, table: str) -> str:
        """Return a read that waits for what is not committed yet, new rows included."""
        return f"SELECT * FROM {table} FOR UPDATE"

    def is_lock_timeout(self, error: BaseException) -> bool:
        """Tell it by MySQL's numbers for a wait that was too long and for a deadlock."""
        return _number(error) in {_WAITED, _DEADLOCK}

    def takes_back(self, error: BaseException) -> bool:
        """Tell a deadlock: one of the two loses its whole transaction, and the other goes on."""
        return _number(error) == _DEADLOCK

    def activity(self, driver: Any) -> str | None:
        """Return the query for the session, and for others that wait for a lock since it runs."""
        number = session_of(driver)
        if number is None:
            return None
        processes = "information_schema.processlist"
        return (
            "SELECT mine.command <> 'Sleep' AS is_active,"
            f" (SELECT COUNT(*) FROM {processes} AS others WHERE others.id <> mine.id"
            f" AND others.db = mine.db AND others.time <= mine.time AND {_WAITS.format('others')})"
            f" AS queued, mine.state AS phase, {_PERCENT} AS percent"
            f" FROM {processes} AS mine WHERE mine.id = {number}"
        )

    def blockers(self, driver: Any) -> tuple[str, ...]:
        """Return the queries for those that lock a row, a table, or perhaps a table."""
        number = session_of(driver)
        if number is None:
            return ()
        waits = (
            "EXISTS (SELECT 1 FROM information_schema.processlist AS mine"
            f" WHERE mine.id = {number} AND {_WAITS.format('mine')})"
        )
        oldest = f"WHERE theirs.db = DATABASE() AND {waits} ORDER BY found.trx_started LIMIT 1"
        return (
            _sessions(_ROWS.format(number)),
            _sessions(_TABLES.format(number)),
            _sessions(_TABLES_OF_PLUGIN.format(number), f"WHERE {waits}"),
            _sessions(_TRANSACTIONS.format(number), oldest, perhaps="perhaps "),
        )

    def end_session(self, process: int) -> str:
        """Return KILL."""
        return f"KILL {process}"


def _sessions(found: str, which: str = "", *, perhaps: str = "") -> str:
    """Return the query for sessions whose numbers another one gives."""
    return (
        f"SELECT theirs.id AS process, CONCAT('{perhaps}', theirs.user, '@', theirs.host) AS name,"
        " IF(theirs.command = 'Sleep', 'idle in transaction',"
        " COALESCE(NULLIF(theirs.state, ''), theirs.command)) AS state,"
        " theirs.time AS age, LEFT(theirs.info, 200) AS query"
        " FROM information_schema.processlist AS theirs"
        f" JOIN ({found}) AS found ON found.id = theirs.id {which}"
    )


def _number(error: BaseException) -> object:
    """Return the server's number of an error of SQLAlchemy's; None if it has none."""
    return next(iter(getattr(getattr(error, "orig", None), "args", ())), None)


def session_of(driver: Any) -> int | None:
    """Return the session's number on the server (asyncmy and aiomysql), if the driver tells."""
    thread = getattr(driver, "thread_id", None)
    return None if thread is None else int(thread())
