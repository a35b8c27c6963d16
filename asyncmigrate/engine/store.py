"""The version table (where a database is) and the history table (how it got there).

Sync: these functions run on a `Connection`, in whatever transaction the caller has open. The
version table is Alembic's, row for row, so that a project can come and go between the two tools.
The history table is only ever appended to.
"""

from __future__ import annotations

import getpass
import os
import platform
import sqlite3
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from asyncmigrate._version import __version__
from asyncmigrate.dialects.ddl import AddColumn
from asyncmigrate.dialects.questions import answer
from asyncmigrate.dialects.unheard import unheard
from asyncmigrate.engine.columns import columns_of
from asyncmigrate.engine.texts import Move, Texts, moves
from asyncmigrate.errors import StateError, VersionTableError
from asyncmigrate.history.revision import Direction
from asyncmigrate.scripts import simple_query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.engine.interfaces import Dialect

    from asyncmigrate.history.revision import Heads


OUTCOMES = {Direction.UP: "upgraded", Direction.DOWN: "downgraded", Direction.STAMP: "stamped"}
"""What the history table says of a step that ran."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the history table. Times are in UTC."""

    revision: str
    direction: str
    started_at: datetime
    finished_at: datetime
    outcome: str
    checksum: str = ""
    error: str | None = None
    message: str | None = None
    """The revision's first line: a release that lacks its script can still name it."""


_DIVISION_BY_ZERO = "22012"
_ADDED_LATER = frozenset({"message"})
"""Columns of the history table that its first version did not have."""


@dataclass(frozen=True)
class Store:
    """Reads and writes the tables that this tool keeps in a database."""

    version_table: str = "alembic_version"
    schema: str | None = None
    history_table: str = "amigrate_history"

    @cached_property
    def versions(self) -> sa.Table:
        """The version table, with the columns that Alembic gives it."""
        return sa.Table(
            self.version_table,
            sa.MetaData(),
            sa.Column("version_num", sa.String(32), nullable=False),
            sa.PrimaryKeyConstraint("version_num", name=f"{self.version_table}_pkc"),
            schema=self.schema,
        )

    @cached_property
    def log(self) -> sa.Table | None:
        """The history table, or None when the settings say that none is kept."""
        if not self.history_table:
            return None
        big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
        return sa.Table(
            self.history_table,
            sa.MetaData(),
            sa.Column("id", big, primary_key=True, autoincrement=True),
            sa.Column("revision", sa.String(32), nullable=False),
            sa.Column("direction", sa.String(16), nullable=False),
            sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("outcome", sa.String(16), nullable=False),
            sa.Column("checksum", sa.String(64), nullable=False),
            sa.Column("host", sa.String(255), nullable=False),
            sa.Column("pid", sa.Integer, nullable=False),
            sa.Column("os_user", sa.String(255), nullable=False),
            sa.Column("tool_version", sa.String(64), nullable=False),
            sa.Column("error", sa.Text),
            sa.Column("message", sa.Text),
            schema=self.schema,
        )

    @property
    def full_name(self) -> str:
        """The version table's name with its schema, for people."""
        return f"{self.schema}.{self.version_table}" if self.schema else self.version_table

    # --- reading -----------------------------------------------------------------------------

    def heads(self, connection: sa.Connection) -> Heads:
        """Return the revisions that the database is at. Reads only; one query as a rule.

        A missing table means an empty set. The connection must not be in a transaction that a
        failed SELECT would break: see `heads_in_transaction`.
        """
        with unheard(connection):
            try:
                return self._rows(connection)
            except DBAPIError:
                connection.rollback()
                if not self.is_there(connection):
                    return frozenset()
                return self._rows(connection)  # made just now by another one, or the error again
            finally:
                connection.rollback()

    def heads_query(self, connection: sa.Connection) -> str:
        """Return the query for `heads_in_transaction`, to be sent beforehand; empty: it cannot."""
        texts = self.texts(connection) if connection.dialect.name == "sqlite" else None
        return "" if texts is None else texts.rows()

    def heads_in_transaction(
        self, connection: sa.Connection, rows: Sequence[Any] | None = None
    ) -> Heads:
        """Return the same, asking first whether the table is there: safe in any transaction.

        `rows` is what `heads_query` gave in this transaction, if it was sent.
        """
        if rows is not None:
            return self._checked(rows)
        texts = self.texts(connection)
        if texts is not None and connection.dialect.name == "sqlite":
            try:  # a SELECT that fails breaks no transaction of SQLite's
                return self._checked(simple_query.first_column(connection, texts.rows()))
            except sqlite3.Error:
                pass  # no table as a rule; whatever it is, the ordinary way says it
        return self._rows(connection) if self.is_there(connection) else frozenset()

    def _rows(self, connection: sa.Connection) -> Heads:
        texts = self.texts(connection)
        if texts is not None and connection.dialect.name == "postgresql":
            return self._checked(answer(connection, texts.rows_as_json()))
        query = sa.select(self.versions.c.version_num)
        return self._checked(connection.execute(query).scalars().all())

    def _checked(self, rows: Sequence[Any]) -> Heads:
        odd = [row for row in rows if not isinstance(row, str) or not row]
        if odd:
            raise StateError(
                f"The version table {self.full_name} holds {odd[0]!r}, which is "
                f"{'no revision' if odd[0] == '' else 'not text'}.",
                next="If it is this project's table (`version_table` in the settings names another)"
                ", `amigrate stamp --purge REVISION` writes it anew.",
            )
        found = frozenset(rows)
        if len(found) < len(rows):
            raise StateError(
                f"The version table {self.full_name} holds a row twice: {', '.join(sorted(rows))}.",
                next=f"`amigrate stamp --purge {' '.join(sorted(found))}` writes it anew.",
            )
        return found

    def is_there(self, connection: sa.Connection) -> bool:
        """Return whether the version table exists."""
        return sa.inspect(connection).has_table(self.version_table, schema=self.schema)

    def is_there_now(self, connection: sa.Connection) -> bool:
        """Return the same, and end the transaction that asking began; a caller's goes on."""
        mine = not connection.in_transaction()
        try:
            return self.is_there(connection)
        finally:
            if mine:
                connection.rollback()

    # --- writing -----------------------------------------------------------------------------

    def create(self, connection: sa.Connection) -> None:
        """Create the tables that are missing. Safe to call twice; commits nothing.

        A history table that an older version of this tool has made gets the columns that it lacks.
        """
        _as_read(self.versions, connection.dialect).create(connection, checkfirst=True)
        if self.log is None:
            return
        there = columns_of(connection, self.log)
        if not there:
            _as_read(self.log, connection.dialect).create(connection)
        for name in _ADDED_LATER - there if there else ():
            connection.execute(AddColumn(self.log.c[name]))

    def record(self, connection: sa.Connection, before: Heads, after: Heads) -> None:
        """Move the version table from `before` to `after`.

        Raises:
            VersionTableError: a row that had to be there was not, or was there twice.
        """
        for move in moves(before, after):
            self._one_row(connection, move)

    def record_entry(
        self, connection: sa.Connection, before: Heads, after: Heads, entry: Entry
    ) -> None:
        """Do both `record` and `append`, in as few messages as the database and driver take.

        Raises:
            VersionTableError: as `record` does.
        """
        texts = self.texts(connection)
        if texts is None:
            self.record(connection, before, after)
            self.append(connection, entry)
            return
        changes = moves(before, after)
        statements = self._statements(texts, changes, entry)
        self._check_counts(changes, simple_query.changed_by_each(connection, statements))

    def _statements(self, texts: Texts, changes: Sequence[Move], entry: Entry) -> list[str]:
        """Return what `record_entry` sends: a statement per move, and the history row."""
        statements = [texts.move(move) for move in changes]
        if self.log is None:
            return statements
        row = self.row(entry)
        if changes and texts.joins:
            return [*statements[:-1], texts.both(changes[-1], row)]
        return [*statements, texts.append(row)]

    def record_and_commit(
        self, connection: sa.Connection, before: Heads, after: Heads, entry: Entry
    ) -> bool:
        """Do `record_entry` and COMMIT in one message, and return True; or False: do it yourself.

        Only asyncpg and aiosqlite take such a message.

        Raises:
            VersionTableError: as `record` does; nothing is committed.
        """
        texts = self.texts(connection)
        changes = moves(before, after)
        if texts is None or not changes:
            return False
        if not texts.joins:
            return self._committed_in_file(connection, texts, changes, entry)
        row = None if self.log is None else self.row(entry)
        *others, last = changes
        statements = [texts.guarded(move, None) for move in others]
        try:
            return simple_query.committed(connection, [*statements, texts.guarded(last, row)])
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _DIVISION_BY_ZERO:
                raise
            raise self._not_one_row(changes) from error

    def _committed_in_file(
        self, connection: sa.Connection, texts: Texts, changes: list[Move], entry: Entry
    ) -> bool:
        if simple_query.is_observed(connection, "commit"):
            return False  # a listener may have something to add before the COMMIT
        statements = self._statements(texts, changes, entry)
        ones = len(changes)
        counts = simple_query.changed_by_each(connection, statements, commit_if_one=ones)
        self._check_counts(changes, counts)
        return True

    def _not_one_row(self, changes: list[Move]) -> VersionTableError:
        names = ", ".join(old or new or "" for old, new in changes)
        return VersionTableError(
            f"Exactly one row of {self.full_name} had to change for {names}, and that was not so. "
            "Somebody else changed the table during this run.",
            next="Look at the table, then run `amigrate status`.",
        )

    def texts(self, connection: sa.Connection) -> Texts | None:
        """Return the statements as text, if text is what this driver takes fastest."""
        translated = connection.get_execution_options().get("schema_translate_map")
        if translated or not simple_query.options_for(connection):
            return None
        dialect = connection.dialect
        if dialect not in self._written:
            self._written[dialect] = Texts(dialect, self.versions, self.log)
        return self._written[dialect]

    @cached_property
    def _written(self) -> dict[Dialect, Texts]:
        return {}

    def statement(self, move: Move) -> sa.Executable:
        """Return a move as a statement with its values inside, for SQL that is written out."""
        column = self.versions.c.version_num
        match move:
            case (None, new):
                return sa.insert(self.versions).values(version_num=new)
            case (old, None):
                return sa.delete(self.versions).where(column == old)
            case (old, new):
                return sa.update(self.versions).where(column == old).values(version_num=new)

    @cached_property
    def _prepared(self) -> dict[str, sa.Executable]:
        column = self.versions.c.version_num
        old = sa.bindparam("old", type_=sa.String)
        new = {"version_num": sa.bindparam("new", type_=sa.String)}
        return {
            "insert": sa.insert(self.versions).values(new),
            "delete": sa.delete(self.versions).where(column == old),
            "update": sa.update(self.versions).where(column == old).values(new),
        }

    def _one_row(self, connection: sa.Connection, move: Move) -> None:
        old, new = move
        verb = "insert" if old is None else "delete" if new is None else "update"
        values = {name: value for name, value in (("old", old), ("new", new)) if value is not None}
        self._check_count(move, connection.execute(self._prepared[verb], values).rowcount)

    def _check_counts(self, changes: Sequence[Move], counts: Sequence[int]) -> None:
        for move, count in zip(changes, counts, strict=False):
            self._check_count(move, count)

    def _check_count(self, move: Move, count: int) -> None:
        old, new = move
        # Drivers that cannot count answer -1; those that can must say exactly one.
        if count not in (1, -1):
            raise VersionTableError(
                f"Exactly one row of {self.full_name} had to change for {old or new}; "
                f"{count} did. Somebody else changed the table during this run.",
                next="Look at the table, then run `amigrate status`.",
            )

    def append(self, connection: sa.Connection, entry: Entry) -> None:
        """Add one row to the history table, if one is kept."""
        if self.log is not None:
            connection.execute(self._append, self.row(entry))

    @cached_property
    def _append(self) -> sa.Insert:
        assert self.log is not None
        return sa.insert(self.log).inline()

    def row(self, entry: Entry) -> dict[str, Any]:
        """Return an entry as a row, with who we are."""
        return {
            "revision": entry.revision,
            "direction": entry.direction,
            "started_at": entry.started_at,
            "finished_at": entry.finished_at,
            "outcome": entry.outcome,
            "checksum": entry.checksum,
            "error": entry.error,
            "message": entry.message,
            **_whoami(),
        }


def _as_read(table: sa.Table, dialect: Dialect) -> sa.Table:
    """Return the table as the server reads it: MySQL ignores a key's name, and complains."""
    if dialect.name not in {"mysql", "mariadb"}:
        return table
    copy = table.to_metadata(sa.MetaData())
    copy.primary_key.name = None
    return copy


@cache
def _whoami() -> dict[str, str | int]:
    return {
        "host": platform.node()[:255],
        "pid": os.getpid(),
        "os_user": _os_user()[:255],
        "tool_version": __version__,
    }


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's uid without a passwd entry
        return str(os.getuid()) if hasattr(os, "getuid") else ""
