"""The version table as `stamp --purge` sees it: whatever it holds is there to be forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.engine.store import Entry, Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncmigrate.history.revision import Heads


class PurgingStore(Store):
    """Reads rows that no other command would accept, and replaces all of them."""

    def _checked(self, rows: Sequence[Any]) -> Heads:
        """Give every row a name of its own, so that one that makes no sense is not overlooked."""
        named: set[str] = set()
        for row in rows:
            name = row if isinstance(row, str) and row else repr(row)
            named.add(name if name not in named else f"{name} (again)")
        return frozenset(named)

    def record(self, connection: sa.Connection, before: Heads, after: Heads) -> None:
        """Delete every row, whatever it is, and insert those that are wanted."""
        connection.execute(sa.delete(self.versions))
        super().record(connection, frozenset(), after)

    def record_entry(
        self, connection: sa.Connection, before: Heads, after: Heads, entry: Entry
    ) -> None:
        """Do both `record` and `append`."""
        self.record(connection, before, after)
        self.append(connection, entry)

    def record_and_commit(
        self, connection: sa.Connection, before: Heads, after: Heads, entry: Entry
    ) -> bool:
        """Leave it to `record_entry`: the rows that go cannot be named one by one."""
        return False
