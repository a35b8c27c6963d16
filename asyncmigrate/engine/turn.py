"""Whose turn it is, where the lock is given up in the middle of a revision: on SQLite.

The lock is the transaction's there. Between two statements of `op.autocommit()` nobody holds it,
and another migrator may take it: it finds in the journal what is done, and goes on with the
revision. Whoever was at it before has to notice, before it does the same a second time. It begins
anew then, and finds what is done in its turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Connection

    from asyncmigrate.engine.journal_table import JournalTable, Key
    from asyncmigrate.engine.store import Store
    from asyncmigrate.history.revision import Heads


class BusyError(Exception):
    """Another connection holds SQLite's write lock, or did so since. Never leaves the engine."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What the database says of a revision as long as nobody else has gone on with it."""

    store: Store
    table: JournalTable
    key: Key
    before: Heads

    def keep(self, connection: Connection, positions: AbstractSet[int]) -> None:
        """Make sure that the journal has these rows of the revision and no others. Reads only.

        To be called under the lock.

        Raises:
            BusyError: another migrator has gone on with it.
        """
        heads = self.store.heads_in_transaction(connection)
        if heads != self.before or self.table.positions(connection, self.key) != positions:
            raise BusyError
