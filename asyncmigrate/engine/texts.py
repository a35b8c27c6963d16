"""The bookkeeping statements as text with their values inside.

On asyncpg and aiosqlite a statement without parameters is one message (see `scripts.simple_query`);
with parameters it is prepared, executed, fetched and closed: two round trips on asyncpg, anew for
each revision, because DDL throws the prepared ones away, and three hops to a thread on aiosqlite.
On PostgreSQL the version row and the history row then even travel in one statement.

Values are written by SQLAlchemy's own literal processors for the columns' types, so the rows are
the same as with parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import sqlalchemy as sa
    from sqlalchemy.engine.interfaces import Dialect

    from asyncmigrate.history.revision import Heads

Move: TypeAlias = tuple[str | None, str | None]
"""One row of the version table: (old, new). No old: it is added. No new: it is deleted."""


def moves(before: Heads, after: Heads) -> list[Move]:
    """Return the fewest row changes that take the version table from `before` to `after`.

    >>> moves(frozenset({"b", "c"}), frozenset({"d"}))
    [('c', 'd'), ('b', None)]
    """
    gone, new = sorted(before - after, reverse=True), sorted(after - before, reverse=True)
    changed: list[Move] = list(zip(gone, new, strict=False))
    changed += [(old, None) for old in gone[len(new) :]]
    return changed + [(None, each) for each in new[len(gone) :]]


@dataclass(frozen=True)
class Texts:
    """Writes the statements of one store for one dialect."""

    dialect: Dialect
    versions: sa.Table
    log: sa.Table | None

    @property
    def joins(self) -> bool:
        """Whether one statement can change both tables."""
        return self.dialect.name == "postgresql"

    def move(self, move: Move) -> str:
        """Return a change of one row of the version table."""
        old, new = (None if each is None else self._version(each) for each in move)
        if old is None:
            return f"INSERT INTO {self._version_table} ({self._column}) VALUES ({new})"
        where = f"WHERE {self._column} = {old}"
        if new is None:
            return f"DELETE FROM {self._version_table} {where}"
        return f"UPDATE {self._version_table} SET {self._column} = {new} {where}"

    def append(self, row: Mapping[str, Any]) -> str:
        """Return the addition of one row to the history table."""
        into, writers = self._log
        values = (
            "NULL" if row[name] is None else write(row[name]) for name, write in writers.items()
        )
        return f"{into} VALUES ({', '.join(values)})"

    def both(self, move: Move, row: Mapping[str, Any]) -> str:
        """Return both in one statement, which counts the rows of the version table."""
        return f"WITH logged AS ({self.append(row)}) {self.move(move)}"

    def guarded(self, move: Move, row: Mapping[str, Any] | None) -> str:
        """Return the change as a query that fails, dividing by zero, unless one row changed.

        So the COMMIT behind it, in the same message, is not reached. With `row`, the history row
        is added, too.
        """
        logged = "" if row is None else f"logged AS ({self.append(row)}), "
        return (
            f"WITH {logged}moved AS ({self.move(move)} RETURNING 1) "
            "SELECT 1 / CASE count(*) WHEN 1 THEN 1 ELSE 0 END FROM moved"
        )

    def rows(self) -> str:
        """Return the query for the version table's rows."""
        return f"SELECT {self._column} FROM {self._version_table}"

    def rows_as_json(self) -> str:
        """Return the same for PostgreSQL, as a question with one answer: an array."""
        return self._as_json(self._column, self._version_table)

    def scripts_as_json(self) -> str:
        """Return such a question for what the history table says of scripts, oldest first."""
        assert self.log is not None
        columns = (self.log.c.revision, self.log.c.outcome, self.log.c.checksum)
        prepared = self.dialect.identifier_preparer
        names = ", ".join(map(prepared.format_column, columns))
        order = prepared.format_column(self.log.c.id)
        row = f"pg_catalog.json_build_array({names}) ORDER BY {order}"
        return self._as_json(row, prepared.format_table(self.log))

    def _as_json(self, what: str, table: str) -> str:
        return f"SELECT coalesce(pg_catalog.json_agg({what}), '[]')::text FROM {table}"

    @cached_property
    def _version_table(self) -> str:
        return self.dialect.identifier_preparer.format_table(self.versions)

    @cached_property
    def _column(self) -> str:
        return self.dialect.identifier_preparer.format_column(self.versions.c.version_num)

    @cached_property
    def _version(self) -> Callable[[Any], str]:
        return self._writer(self.versions.c.version_num)

    @cached_property
    def _log(self) -> tuple[str, dict[str, Callable[[Any], str]]]:
        assert self.log is not None
        prepared = self.dialect.identifier_preparer
        columns = [column for column in self.log.columns if not column.primary_key]
        names = ", ".join(map(prepared.format_column, columns))
        return (
            f"INSERT INTO {prepared.format_table(self.log)} ({names})",
            {column.name: self._writer(column) for column in columns},
        )

    def _writer(self, column: sa.Column[Any]) -> Callable[[Any], str]:
        write = column.type.dialect_impl(self.dialect).literal_processor(self.dialect)
        assert write is not None, "every type of ours has a literal form"
        return write
