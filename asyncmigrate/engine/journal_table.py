"""The table that says how far a revision has got which has not come to its end.

One row per statement that has taken effect for good, and perhaps one for a statement that was begun
and of which nobody knows. The rows are gone when the revision is recorded, the table when the run
is over: it is there only while something is half done, or runs. Each version table has a journal of
its own, for each has a lock of its own. Sync, in whatever transaction the caller has open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable, DropTable

from asyncmigrate.dialects.questions import answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncmigrate.dialects.base import Dialect
    from asyncmigrate.engine.store import Store

_NAME, _LONGEST_NAME = "amigrate_journal", 63
BEGUN, DONE = "begun", "done"
_LONGEST = 15_000
"""Characters of a statement that are kept: MySQL's TEXT has 65,535 bytes."""


def journal_of(version_table: str) -> str:
    """Return the name of the journal that belongs to a version table.

    >>> journal_of("alembic_version"), journal_of("shop_version")
    ('amigrate_journal', 'amigrate_journal_shop_version')
    """
    if version_table == "alembic_version":
        return _NAME
    return f"{_NAME}_{version_table}"[:_LONGEST_NAME]


@dataclass(frozen=True, slots=True)
class Row:
    """One statement of a revision."""

    position: int
    digest: str
    """Of the text, a hyphen, of the values that went with it."""
    statement: str
    state: str
    checksum: str
    """Of the script as it was then."""
    result: str | None = None
    """What the script was told: how many rows it was and which, for when it is passed over."""
    looks: str | None = None
    """What was read of the catalog before it, with the answers."""

    @property
    def text_digest(self) -> str:
        """The digest of the text alone."""
        return self.digest.partition("-")[0]


class Key(NamedTuple):
    """A revision on its way up or down."""

    revision: str
    direction: str


RUN = Key("", "")
"""Stands for a whole run: as long as its row is there, a first statement may have been begun."""


@dataclass(frozen=True)
class JournalTable:
    """Reads and writes the journal of one version table."""

    store: Store
    dialect: Dialect
    _known: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The table's name."""
        return journal_of(self.store.version_table)

    @cached_property
    def table(self) -> sa.Table:
        """The table. InnoDB and UTF-8 whatever is the default: it must roll back, and hold text."""
        return sa.Table(
            self.name,
            sa.MetaData(),
            sa.Column("revision", sa.String(32), primary_key=True),
            sa.Column("direction", sa.String(16), primary_key=True),
            sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("digest", sa.String(64), nullable=False),
            sa.Column("statement", sa.Text, nullable=False),
            sa.Column("state", sa.String(8), nullable=False),
            sa.Column("checksum", sa.String(64), nullable=False),
            sa.Column("result", sa.Text),
            sa.Column("looks", sa.Text),
            sa.Column("written_at", sa.DateTime, nullable=False),
            schema=self.store.schema,
            **self._kept,
        )

    @property
    def _is_mysql(self) -> bool:
        return self.dialect.name in {"mysql", "mariadb"}

    @property
    def _kept(self) -> Any:
        """What MySQL has to be told; asked for anywhere else it would be loaded."""
        name = self.dialect.name
        if not self._is_mysql:
            return {}
        return {f"{name}_engine": "InnoDB", f"{name}_charset": "utf8mb4"}

    def is_there(self, connection: sa.Connection) -> bool:
        """Return whether there ever was a journal here. Reads only."""
        there = self._is_there(connection)
        self.forget()
        self._known.update({"there": True} if there else {})
        return there

    def forget(self) -> None:
        """Take note that it is not known to be there."""
        self._known.clear()

    def _is_there(self, connection: sa.Connection) -> bool:
        preparer = connection.dialect.identifier_preparer
        query = self.dialect.has_table(preparer.format_table(self.table))
        if query is None:
            return sa.inspect(connection).has_table(self.name, schema=self.store.schema)
        return bool(answer(connection, f"SELECT to_json({query})::text"))

    @property
    def one_if_there(self) -> str:
        """The query, for SQLite, that gives a 1 if the table is there."""
        catalog = f'"{self.store.schema}".sqlite_master' if self.store.schema else "sqlite_master"
        return f"SELECT 1 FROM {catalog} WHERE type = 'table' AND name = '{self.name}'"

    def make_once(self, connection: sa.Connection) -> None:
        """Create the table if it is missing; asks no more once it is known."""
        if self._known:
            return
        if self._is_mysql:
            connection.execute(CreateTable(self.table, if_not_exists=True))
        else:
            self.table.create(connection, checkfirst=True)
        self._known["there"] = True

    @property
    def is_known(self) -> bool:
        """True if the table was found, or made."""
        return bool(self._known)

    def drop(self, connection: sa.Connection) -> None:
        """Drop the table."""
        connection.execute(DropTable(self.table, if_exists=True))
        self.forget()

    def rows(self, connection: sa.Connection) -> dict[Key, list[Row]]:
        """Return what is half done, oldest first. Reads only."""
        names = ("position", "digest", "statement", "state", "checksum", "result", "looks")
        columns = self.table.c
        query = sa.select(
            columns.revision, columns.direction, *(columns[name] for name in names)
        ).order_by(columns.position)
        found: dict[Key, list[Row]] = {}
        for revision, direction, *values in connection.execute(query):
            found.setdefault(Key(revision, direction), []).append(Row(*values))
        return found

    def positions(self, connection: sa.Connection, key: Key) -> set[int]:
        """Return which statements of a revision have rows, if the table is there. Reads only."""
        query = sa.select(self.table.c.position).where(*self._is(key, None))
        return set(connection.execute(query).scalars()) if self.is_there(connection) else set()

    def add(self, connection: sa.Connection, key: Key, rows: Sequence[Row]) -> None:
        """Add rows; nothing is sent if there are none."""
        if not rows:
            return
        now = datetime.now(UTC).replace(tzinfo=None)
        values = [{**self._key(key), **_shape(row), "written_at": now} for row in rows]
        connection.execute(self._addition, values)

    def finish(self, connection: sa.Connection, key: Key, position: int) -> None:
        """Say of a row that its statement is done."""
        change = sa.update(self.table).where(*self._is(key, position)).values(state=DONE)
        connection.execute(change)

    def remove(self, connection: sa.Connection, key: Key, position: int | None = None) -> None:
        """Remove a row, or all of a revision."""
        if position is None:
            connection.execute(self._removal, {"of": key.revision, "on_its_way": key.direction})
        else:
            connection.execute(sa.delete(self.table).where(*self._is(key, position)))

    # Made once: SQLAlchemy takes longer to make a statement than to send it.

    @cached_property
    def _addition(self) -> sa.Insert:
        return sa.insert(self.table).inline()

    @cached_property
    def _removal(self) -> sa.Delete:
        columns = self.table.c
        return sa.delete(self.table).where(
            columns.revision == sa.bindparam("of"), columns.direction == sa.bindparam("on_its_way")
        )

    def _key(self, key: Key) -> dict[str, Any]:
        return {"revision": key.revision, "direction": key.direction}

    def _is(self, key: Key, position: int | None) -> list[sa.ColumnElement[bool]]:
        values = self._key(key) | ({} if position is None else {"position": position})
        return [self.table.c[name] == value for name, value in values.items()]


def _shape(row: Row) -> dict[str, Any]:
    return {
        "position": row.position,
        "digest": row.digest,
        "statement": row.statement[:_LONGEST],
        "state": row.state,
        "checksum": row.checksum,
        "result": row.result,
        "looks": row.looks,
    }
