"""Reading the history table: who ran which revision, when, and with which version of this tool.

Only for people and for decisions that are rare; nothing here is on the way of an upgrade. The
table may be missing, or be one that an older version of this tool has made: what it lacks is
empty.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.engine.columns import columns_of
from asyncmigrate.history.revision import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from asyncmigrate.engine.store import Store

_IS_THERE = frozenset({"upgraded", "stamped"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One row of the history table. Times are in UTC."""

    revision: str
    direction: str
    started_at: datetime
    finished_at: datetime
    outcome: str
    checksum: str
    host: str
    pid: int
    os_user: str
    tool_version: str
    error: str | None = None
    message: str | None = None
    """The revision's first line, so that it can be named where its script is not."""

    def __str__(self) -> str:
        """Return the row as a part of a sentence."""
        title = f" ({self.message})" if self.message else ""
        return (
            f"{self.revision}{title}, {self.outcome} {self.finished_at:%Y-%m-%d %H:%M} UTC "
            f"on {self.host} by asyncmigrate {self.tool_version}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return one item of `history --applied --json`."""
        shape = {item.name: getattr(self, item.name) for item in fields(self)}
        times = ("started_at", "finished_at")
        return shape | {name: shape[name].isoformat() for name in times}


def entries(connection: Connection, store: Store) -> tuple[Applied, ...]:
    """Return every row, oldest first; none if there is no history table. Reads only."""
    log = store.log
    there = set() if log is None else columns_of(connection, log)
    if log is None or not there:
        return ()
    columns = [log.c[item.name] for item in fields(Applied) if item.name in there]
    rows = connection.execute(sa.select(*columns).order_by(log.c.id))
    return tuple(Applied(**row._mapping) for row in rows)


def standing(rows: Iterable[Applied]) -> dict[str, Applied]:
    """Return, for each revision that is applied as far as the rows tell, the row that says so."""
    found: dict[str, Applied] = {}
    for row in rows:
        if row.direction == Direction.DOWN.value and row.outcome == "downgraded":
            found.pop(row.revision, None)
        elif row.outcome in _IS_THERE:
            found[row.revision] = row
    return found
