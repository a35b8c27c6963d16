"""Statements on asyncpg by the simple query protocol, through SQLAlchemy's adapter of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from asyncmigrate.scripts import asyncpg_plans


async def ask_asyncpg(adapter: Any, statement: str, counts: list[int] | None = None) -> str:
    """Send statements in one message, for SQLAlchemy's adapter; return the last one's status.

    Raises:
        DBAPIError: as when the adapter itself had sent them.
    """
    status = ""
    async with adapter._execute_mutex:
        try:
            status = await adapter.driver_connection.execute(await _begun(adapter, statement))
        except Exception as error:  # noqa: BLE001  (the adapter translates and raises it)
            adapter._handle_exception(error)
        if counts is not None:
            counts.append(int(status.rpartition(" ")[2]))  # "UPDATE 1", "INSERT 0 1"
    asyncpg_plans.changed(adapter, statement, status)
    return status


async def begin(adapter: Any) -> None:
    """Begin a transaction, if the adapter would do so itself, such that we can end it in a message.

    Raises:
        DBAPIError: as when the adapter itself had begun it.
    """
    if adapter._transaction is not None or adapter.isolation_level == "autocommit":
        return
    async with adapter._execute_mutex:
        try:
            await adapter.driver_connection.execute(await _begun(adapter, ""))
        except Exception as error:  # noqa: BLE001  (the adapter translates and raises it)
            adapter._transaction = None
            adapter._handle_exception(error)


async def _begun(adapter: Any, statement: str) -> str:
    """Return the statement, with BEGIN before it if the adapter has no transaction open yet.

    Its own way sends BEGIN by itself, and every revision would wait for one answer more.
    """
    if adapter._transaction is not None or adapter.isolation_level == "autocommit":
        return statement
    if adapter.readonly or adapter.deferrable:
        await adapter._start_transaction()
        return statement
    adapter._transaction = Begun(adapter.driver_connection)
    if hasattr(adapter, "_started"):  # SQLAlchemy 2.0 says it twice
        adapter._started = True
    level = adapter.isolation_level
    mode = f" ISOLATION LEVEL {level.replace('_', ' ').upper()}" if level else ""
    return f"BEGIN{mode};\n{statement}"


@dataclass(frozen=True, slots=True)
class Begun:
    """A transaction that was begun with its first statement, for the adapter to end."""

    driver: Any

    async def commit(self) -> None:
        """End it."""
        await self.driver.execute("COMMIT")

    async def rollback(self) -> None:
        """Undo it."""
        await self.driver.execute("ROLLBACK")
