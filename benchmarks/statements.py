"""What each tool sends to upgrade an empty database, one table per revision.

What a tool asks (catalogs, locks, the heads) is left out: that is its overhead.
"""

from __future__ import annotations

from databases import VERSION_TABLE
from histories import ids

_COLUMNS = (
    "id {serial} NOT NULL, name VARCHAR(100) NOT NULL, email VARCHAR(255),"
    " amount NUMERIC(12, 2), created_at {time} NOT NULL, is_active BOOLEAN NOT NULL,"
    " PRIMARY KEY (id)"
)
_HISTORY_TABLE = (
    "CREATE TABLE amigrate_history (id {big} NOT NULL, revision VARCHAR(32) NOT NULL,"
    " direction VARCHAR(16) NOT NULL, started_at {time} NOT NULL, finished_at {time} NOT NULL,"
    " outcome VARCHAR(16) NOT NULL, checksum VARCHAR(64) NOT NULL, host VARCHAR(255) NOT NULL,"
    " pid INTEGER NOT NULL, os_user VARCHAR(255) NOT NULL, tool_version VARCHAR(64) NOT NULL,"
    " error TEXT, message TEXT, PRIMARY KEY (id))"
)
_HISTORY_ROW = (
    "INSERT INTO amigrate_history (revision, direction, started_at, finished_at, outcome,"
    " checksum, host, pid, os_user, tool_version, error, message) VALUES ('{id}', 'upgrade',"
    " '2026-01-01 10:00:00.000001+00:00', '2026-01-01 10:00:00.000002+00:00', 'upgraded',"
    " 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'host', 12345, 'user',"
    " '0.1.0', NULL, 'add table {number}')"
)
_TYPES = {
    "postgresql": {"serial": "SERIAL", "big": "BIGSERIAL", "time": "TIMESTAMP WITH TIME ZONE"},
    "sqlite": {"serial": "INTEGER", "big": "INTEGER", "time": "DATETIME"},
}


def amigrate(database: str, count: int) -> list[list[str | None]]:
    """Ours: the table, the version row and the history row in one transaction per revision."""
    history = _HISTORY_TABLE.format(**_TYPES[database])
    steps = zip(_tables(database, count), _version_rows(count), ids(count), strict=True)
    return [
        [VERSION_TABLE, history],
        *(
            [table, row, _HISTORY_ROW.format(id=id, number=number)]
            for number, (table, row, id) in enumerate(steps)
        ),
    ]


def alembic_each(database: str, count: int) -> list[list[str | None]]:
    """Alembic's with `transaction_per_migration`.

    On SQLite, with or without it: each CREATE TABLE commits itself before its version row.
    """
    steps = zip(_tables(database, count), _version_rows(count), strict=True)
    if database != "sqlite":
        return [[VERSION_TABLE], *([table, row] for table, row in steps)]
    found: list[list[str | None]] = [[None, VERSION_TABLE]]
    for table, row in steps:
        found += [[None, table], [row]]
    return found


def alembic(database: str, count: int) -> list[list[str | None]]:
    """Alembic's as it comes: one transaction where DDL is transactional for it."""
    each = alembic_each(database, count)
    if database == "sqlite":
        return each
    return [[statement for statements in each for statement in statements]]


def _tables(database: str, count: int) -> list[str]:
    columns = _COLUMNS.format(**_TYPES[database])
    return [f"CREATE TABLE table_{number} ({columns})" for number in range(count)]


def _version_rows(count: int) -> list[str]:
    first, *names = ids(count)
    rows = [f"INSERT INTO alembic_version (version_num) VALUES ('{first}')"]
    for name, before in zip(names, [first, *names], strict=False):
        rows.append(
            f"UPDATE alembic_version SET version_num='{name}'"
            f" WHERE alembic_version.version_num = '{before}'"
        )
    return rows
