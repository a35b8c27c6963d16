"""Every result of a string of several statements, on MySQL's drivers.

SQLAlchemy reads the first result only. The others are read when the cursor is closed, and an
error that comes then is logged and dropped: a string whose second statement failed would count as
done. So they are read while the statement still runs, where an error is an error.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.util import await_only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@contextmanager
def all_results(connection: Connection, text: str) -> Iterator[None]:
    """Read every result of the statements in the block; nothing for other databases."""
    if connection.dialect.name not in {"mysql", "mariadb"} or ";" not in text:
        yield
        return
    # First, so that nobody takes for done what has not yet come to its end.
    event.listen(connection, "after_cursor_execute", _read, insert=True)
    try:
        yield
    finally:
        event.remove(connection, "after_cursor_execute", _read)


def _read(connection: Connection, cursor: Any, *_: object) -> None:
    driver = getattr(cursor, "_cursor", None)
    if driver is None or getattr(cursor, "_soft_closed_memoized", None):
        return  # a SELECT came first: SQLAlchemy has closed the driver's cursor, and heard of it
    await_only(_read_all(driver))


async def _read_all(cursor: Any) -> None:
    while await cursor.nextset():
        pass
