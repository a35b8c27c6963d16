"""MySQL and MariaDB: every DDL statement commits, and MODIFY restates the whole column.

Because of that, what is not restated is lost. On a connection the column is read first, and what
the script did not name is written again in the server's own words (`mysql_column`). In SQL text,
whatever could be lost must be named by the script (`mysql_existing`).
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import sqlalchemy as sa

from asyncmigrate.dialects import mysql_ddl
from asyncmigrate.dialects.base import GUARDED, Dialect
from asyncmigrate.dialects.ddl import ColumnChange
from asyncmigrate.dialects.mysql_column import definition_of
from asyncmigrate.dialects.mysql_object_ddl import MySQLObjects
from asyncmigrate.dialects.mysql_sessions import MySQLSessions, session_of
from asyncmigrate.errors import UnsupportedOperationError, UsageError
from asyncmigrate.schema.kinds.written import with_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.schema import ExecutableDDLElement

    from asyncmigrate.dialects.ddl import ColumnAddition


_KINDS = {
    "PRIMARY KEY": "primary",
    "UNIQUE": "unique",
    "FOREIGN KEY": "foreignkey",
    "CHECK": "check",
}
_LONGEST_WAIT = 2_147_483
"""Seconds; the most that a server on Windows takes."""
_SYNTAX_ERROR = 1064
_ALREADY = frozenset(
    {1007, 1008, 1022, 1050, 1051, 1060, 1061, 1062, 1068, 1091, 1304, 1359, 1826, 3822}
)
"""A database, table, column, index, key, constraint, routine, trigger or row is there, or gone."""


class MySQL(MySQLObjects, MySQLSessions, Dialect):
    """MySQL 8 and later."""

    name: ClassVar[str] = "mysql"
    guards: ClassVar[frozenset[str]] = frozenset(
        {"create_table", "drop_table", "create_schema", "drop_schema", "drop_view"}
    )
    index_needs_table: ClassVar[bool] = True
    drops_by_kind: ClassVar[bool] = True
    enum_values: ClassVar[Literal["type", "check", "column"]] = "column"
    offline_encoding: ClassVar[str] = "SET NAMES utf8mb4;"
    now: ClassVar[str] = "UTC_TIMESTAMP(6)"
    renames_in_checks: ClassVar[bool] = False
    """Whether the server writes a column's new name into the CHECKs that use it."""

    def read_column(self, connection: sa.Connection, change: ColumnChange) -> str | None:
        """Read SHOW CREATE TABLE; not for a name alone, which MariaDB changes in CHECKs as well.

        Raises:
            UsageError: the table has no such column.
            UnsupportedOperationError: its text cannot be read in this `sql_mode`.
        """
        if change.is_rename_only and self.renames_in_checks:
            return None
        shown = _shown(connection, change)
        if definition_of(shown, change.column) is None:
            raise UsageError(
                f"The table {change.table.fullname} has no column {change.column!r}.",
                next="Check the names in op.alter_column().",
            )
        return shown

    def drop_check_of_column(
        self, connection: sa.Connection, check: sa.CheckConstraint
    ) -> ExecutableDDLElement | None:
        """Return MODIFY without the CHECK, where MariaDB calls it by its column's name."""
        if not getattr(connection.dialect, "is_mariadb", False):
            return None
        change = ColumnChange(check.table, str(check.name))
        found = definition_of(_shown(connection, change), change.column)
        if found is None or found.of("check") is None:
            return None
        return mysql_ddl.RewriteColumn(change, found.without("check"))

    def alter_column(self, change: ColumnChange) -> Iterator[ExecutableDDLElement]:
        """Give one statement, as a rule: see `mysql_ddl.changes`."""
        return mysql_ddl.changes(change, renames_in_checks=self.renames_in_checks)

    def kind_of_constraint(
        self, connection: sa.Connection, table: sa.Table, name: str
    ) -> str | None:
        """Look it up in information_schema."""
        schema = connection.schema_for_object(table)
        query = sa.text(
            "SELECT constraint_type FROM information_schema.table_constraints WHERE table_schema"
            " = COALESCE(:schema, DATABASE()) AND table_name = :table AND constraint_name = :name"
        ).bindparams(schema=schema, table=table.name, name=name)
        kinds = connection.execute(query).scalars()
        found = sorted(_KINDS[kind] for kind in kinds if kind in _KINDS)
        if len(found) > 1:
            raise UsageError(
                f"The table {table.fullname} has {' and '.join(found)} constraints named {name!r}.",
                next=f"Say which one to drop: type_={found[0]!r}.",
            )
        return found[0] if found else None

    def inline_constraints(self, addition: ColumnAddition) -> tuple[sa.Constraint, ...]:
        """Return none: MySQL reads REFERENCES in a column, and ignores it."""
        return ()

    def drop_constraint(
        self, constraint: sa.Constraint, *, if_exists: bool
    ) -> ExecutableDDLElement:
        """Give DROP FOREIGN KEY, INDEX, CHECK or PRIMARY KEY; of unknown kind, DROP CONSTRAINT."""
        if type(constraint) is sa.Constraint:
            return mysql_ddl.DropNamedConstraint(constraint, if_exists=if_exists)
        return super().drop_constraint(constraint, if_exists=if_exists)

    def try_lock(self, key: int, *, in_transaction: bool = False, driver: Any = None) -> str:
        """Return the query for a named lock of the session; a transaction has none here."""
        return f"SELECT GET_LOCK({_lock_name(key)}, 0)"

    def unlock(self, key: int) -> str:
        """Return the query that gives it back."""
        return f"SELECT RELEASE_LOCK({_lock_name(key)})"

    def distrust(self) -> str:
        """Return the query whether this is a node of a Galera cluster.

        There GET_LOCK() is the node's own. A server that has no such variable gives no row.
        """
        return "SHOW GLOBAL VARIABLES WHERE Variable_name = 'wsrep_on' AND Value = 'ON'"

    def from_now(self, seconds: float) -> str:
        """Return a sum with an interval."""
        return f"{self.now} + INTERVAL {seconds * 1_000_000:.0f} MICROSECOND"

    def lock_details(self, key: int) -> str:
        """Return the query for the holder: its connection, whose it is, how long it has been idle.

        It has been idle since it took the lock.
        """
        number = f"IS_USED_LOCK({_lock_name(key)})"
        return (
            f"SELECT {number} AS process,"
            " (SELECT CONCAT(user, '@', host) FROM information_schema.processlist"
            f" WHERE id = {number}) AS name,"
            f" (SELECT time FROM information_schema.processlist WHERE id = {number}) AS age,"
            " 0 AS is_from_here"
        )

    def session_setup(self, name: str, driver: Any = None) -> str:
        """Return SET wait_timeout: the session that holds the lock is idle for as long as a run.

        A session has no name that others could see.
        """
        return f"SET SESSION wait_timeout = {_LONGEST_WAIT}"

    def recognised(self, error: BaseException | None) -> Literal["syntax", "already", ""]:
        """Tell them by MySQL's error numbers."""
        code = next(iter(getattr(getattr(error, "orig", None), "args", ())), None)
        if code == _SYNTAX_ERROR:
            return "syntax"
        return "already" if code in _ALREADY else ""

    def sessions_running(self) -> str:
        """Return the query about the process list."""
        return (
            "SELECT COUNT(*) FROM information_schema.processlist WHERE id <> CONNECTION_ID()"
            " AND db = DATABASE() AND LEFT(TRIM(info), CHAR_LENGTH(:text)) = :text"
        )

    def remember_id(self, number: int) -> str:
        """Return the query that sets LAST_INSERT_ID()."""
        return f"SELECT LAST_INSERT_ID({number})"

    def interrupt(self, driver: Any) -> str | None:
        """Return KILL QUERY (asyncmy and aiomysql)."""
        number = session_of(driver)
        return None if number is None else f"KILL QUERY {number}"


def _lock_name(key: int) -> str:
    # GET_LOCK counts for the whole server, so the database is a part of the name, of which there
    # may be 64 characters. MD5() is gone from MySQL 9.6.
    return f"CONCAT('amigrate:', LEFT(SHA2(CONCAT(DATABASE(), ':{key}'), 256), 32))"


class MariaDB(MySQL):
    """MariaDB 10.6 and later."""

    name: ClassVar[str] = "mariadb"
    sequences: ClassVar[bool] = True
    renames_in_checks: ClassVar[bool] = True
    fixed_in_sequences: ClassVar[frozenset[Literal["start", "type"]]] = frozenset({"type"})
    guards: ClassVar[frozenset[str]] = GUARDED - {"drop_index"}
    # SQLAlchemy 2.0 leaves the IF EXISTS of DROP INDEX out without a word.

    @contextmanager
    def fitted(self, table: sa.Table) -> Iterator[None]:
        """Put named CHECKs of a column beside it: MariaDB can read no name within one."""
        moved = [(column, check) for column in table.columns for check in _named_checks(column)]
        beside = [sa.CheckConstraint(check.sqltext, name=check.name) for _, check in moved]
        for column, check in moved:
            column.constraints.discard(check)
        for check in beside:
            table.append_constraint(check)
        yield
        for column, check in moved:  # the script may use the same column again
            column.constraints.add(check)
        table.constraints.difference_update(beside)

    def add_column(self, addition: ColumnAddition) -> Iterator[ExecutableDDLElement]:
        """Give what adds a column, and its named CHECKs after it."""
        checks = _named_checks(addition.column)
        if not checks:
            yield from super().add_column(addition)
            return
        table = addition.column.table
        plain = sa.Table(table.name, sa.MetaData(), addition.column._copy(), schema=table.schema)
        column = plain.c[addition.column.key]
        column.constraints.difference_update(_named_checks(column))
        yield from super().add_column(replace(addition, column=column))
        for check in checks:
            beside = sa.CheckConstraint(check.sqltext, name=check.name)
            plain.append_constraint(beside)
            yield self.add_constraint(beside)

    def drop_constraint(
        self, constraint: sa.Constraint, *, if_exists: bool
    ) -> ExecutableDDLElement:
        """Give the same, but with IF EXISTS where it was asked for."""
        if if_exists and isinstance(constraint, sa.PrimaryKeyConstraint):
            constraint.name = "PRIMARY"  # whatever the models call it
        if if_exists and constraint.name is not None:
            return mysql_ddl.DropNamedConstraint(constraint, if_exists=True)
        return super().drop_constraint(constraint, if_exists=if_exists)


def _named_checks(column: sa.Column[Any]) -> list[sa.CheckConstraint]:
    """Return the CHECKs within a column that have a name."""
    checks = (each for each in column.constraints if isinstance(each, sa.CheckConstraint))
    return sorted((c for c in checks if c.name is not None), key=lambda check: str(check.name))


def _shown(connection: sa.Connection, change: ColumnChange) -> str:
    """Return SHOW CREATE TABLE.

    Raises:
        UnsupportedOperationError: the text cannot be read in this `sql_mode`.
    """
    schema = connection.schema_for_object(change.table)
    name = with_schema(schema, change.table.name, connection.dialect.identifier_preparer)
    shown = str(connection.exec_driver_sql(f"SHOW CREATE TABLE {name}").one()[1])
    if "\\" in shown:
        _check_escapes(connection, change)
    return shown


def _check_escapes(connection: sa.Connection, change: ColumnChange) -> None:
    """Refuse to read a text in which a backslash may or may not escape what follows it."""
    mode = str(connection.exec_driver_sql("SELECT @@SESSION.sql_mode").scalar())
    if "NO_BACKSLASH_ESCAPES" in mode:
        raise UnsupportedOperationError(
            f"The column {change.table.fullname}.{change.column} has to be written again, and with "
            "NO_BACKSLASH_ESCAPES in sql_mode the table's own text cannot be read safely: there is "
            "a backslash in it.",
            state="Nothing was sent for this operation.",
            next='Take the mode out for this session: op.execute("SET SESSION sql_mode = '
            "REPLACE(@@SESSION.sql_mode, 'NO_BACKSLASH_ESCAPES', '')\").",
        )
