"""Statements on aiosqlite in one hop to the driver's thread and back, with their rows.

SQLAlchemy's adapter makes a cursor, executes, reads the rows and closes the cursor: four hops, each
of which wakes a thread and then the event loop. That takes longer than what SQLite does meanwhile.

So while a command works on a connection, its adapter speaks to a stand-in for aiosqlite's
connection. A cursor of that does all four at once; everything else is aiosqlite's own. A result of
many rows is read as it is asked for, so that a stream stays one.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence

    from sqlalchemy import Connection

_AT_ONCE = 1000
"""How many rows come with the statement itself."""


@contextmanager
def in_one_hop(connection: Connection) -> Iterator[None]:
    """Let the statements of the block take one hop each, if the driver is aiosqlite."""
    adapter: Any = connection.connection.dbapi_connection
    driver = getattr(adapter, "_connection", None)
    if connection.dialect.driver != "aiosqlite" or not hasattr(driver, "_execute"):
        yield
        return
    stand_in = adapter._connection = _OneHop(driver)
    try:
        yield
    finally:
        if adapter._connection is stand_in:
            adapter._connection = driver


class _OneHop:
    """Stands in for aiosqlite's connection."""

    __slots__ = ("_driver",)

    def __init__(self, driver: Any) -> None:
        object.__setattr__(self, "_driver", driver)

    def cursor(self) -> _Cursor:
        """Return what takes a statement."""
        return _Cursor(self._driver)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._driver, name, value)


class _Cursor:
    """Does what SQLAlchemy asks of aiosqlite's cursor; SQLite's own is open for the hop only.

    Where a result has more rows than come at once, it stays open until the last one is read.
    """

    __slots__ = ("_driver", "_open", "_rows", "arraysize", "description", "lastrowid", "rowcount")

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._open: sqlite3.Cursor | None = None
        self._rows: deque[Any] = deque()
        self.arraysize = 1
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def __await__(self) -> Generator[None, None, _Cursor]:
        yield from ()
        return self

    async def __aenter__(self) -> _Cursor:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def execute(self, sql: str, parameters: Sequence[Any] | None = None) -> _Cursor:
        """Execute a statement and read its rows."""
        await self.close()
        await self._driver._execute(self._run, lambda c: c.execute(sql, parameters or ()))
        return self

    async def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> _Cursor:
        """Execute a statement once for each row of parameters."""
        await self.close()
        await self._driver._execute(self._run, lambda c: c.executemany(sql, rows))
        return self

    def _run(self, execute: Callable[[sqlite3.Cursor], object]) -> None:
        """Do all of it, in the driver's thread."""
        cursor = self._driver._conn.cursor()
        try:
            execute(cursor)
            self.description, self.lastrowid = cursor.description, cursor.lastrowid
            self._read(cursor, _AT_ONCE)
        except BaseException:
            cursor.close()  # a statement that stays open keeps the file locked
            raise

    def _read(self, cursor: sqlite3.Cursor, count: int | None) -> None:
        """Read so many rows, or all that are left; close the cursor after the last one."""
        rows = cursor.fetchall() if count is None else cursor.fetchmany(count)
        self._rows += rows
        self.rowcount = cursor.rowcount
        self._open = cursor
        if count is None or len(rows) < count:
            self._open = None
            cursor.close()

    async def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        if self._open is not None:
            await self._driver._execute(self._read, self._open, None)
        return self._next(len(self._rows))

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return the next rows."""
        size = self.arraysize if size is None else size
        missing = size - len(self._rows)
        if self._open is not None and missing > 0:
            await self._driver._execute(self._read, self._open, max(missing, _AT_ONCE))
        return self._next(min(size, len(self._rows)))

    def _next(self, count: int) -> list[Any]:
        return [self._rows.popleft() for _ in range(count)]

    async def fetchone(self) -> Any:
        """Return the next row, or None."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def __aiter__(self) -> AsyncIterator[Any]:
        while row := await self.fetchone():
            yield row

    async def close(self) -> None:
        """Let go of the rows that were not read."""
        self._rows.clear()
        if self._open is not None:
            await self._driver._execute(self._open.close)
            self._open = None
