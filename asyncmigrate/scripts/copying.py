"""A question's one answer on asyncpg, in one round trip: by COPY.

asyncpg prepares a query before it runs it, and gives the rows of PostgreSQL's simple protocol to
nobody. `COPY (query) TO STDOUT` is a statement of the simple protocol whose data it does give. COPY
needs no more rights than the query does, and works on a standby.
"""

from __future__ import annotations

from typing import Any

_QUOTE = "\x01"
"""JSON writes control characters as escapes, so this one stands in no answer."""


async def copied(driver: Any, query: str) -> bytes:
    """Return the one text that a query gives on a connection of asyncpg's own."""
    pieces: list[bytes] = []

    async def keep(piece: bytes) -> None:
        pieces.append(piece)

    # As CSV with a quote that does not occur: the text comes as it is, however long it is.
    await driver.copy_from_query(query, output=keep, format="csv", quote=_QUOTE)
    return b"".join(pieces).strip(_QUOTE.encode() + b"\n")


async def answer(adapter: Any, query: str, pieces: list[bytes]) -> None:
    """Put the one text that a query gives into `pieces`, for SQLAlchemy's adapter of asyncpg.

    Raises:
        DBAPIError: as when the adapter itself had sent the query.
    """
    async with adapter._execute_mutex:
        if adapter._transaction is None:
            await adapter._start_transaction()
        try:
            pieces.append(await copied(adapter.driver_connection, query))
        except Exception as error:  # noqa: BLE001  (the adapter translates and raises it)
            adapter._handle_exception(error)
