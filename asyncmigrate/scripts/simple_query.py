"""DDL and plain SQL text on asyncpg and aiosqlite, each in one message to the driver.

SQLAlchemy's asyncpg adapter prepares every statement and then executes it: two round trips, and
never more than one statement in a string. A DDL statement is run once and has no parameters, so
preparing it gives nothing. PostgreSQL's simple query protocol takes one round trip, and several
statements in one string, as psycopg does.

A question that has one answer (`dialects.questions`) is asked by COPY: see `copying`.

On aiosqlite several statements are one hop to the driver's thread and back (`engine.one_hop` makes
one hop of each that goes the ordinary way).

How: a listener of SQLAlchemy's `do_execute` event, which is documented to stand in for
`cursor.execute()`. So BEGIN, echo, `before_cursor_execute`, the wrapping of errors and the
noticing of lost connections stay SQLAlchemy's own. The listener does nothing for statements
that do not carry our execution option. `in_use` takes it away when the last run is over.

Parts of the adapter that this needs are not public. If one is missing, nothing is installed and
everything goes the ordinary way, one statement at a time.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.util import await_only

from asyncmigrate.dialects.questions import ANSWER, SIMPLE
from asyncmigrate.dialects.statement_kinds import Kind, kinds_of
from asyncmigrate.scripts import interception, under_way
from asyncmigrate.scripts.as_psycopg import LISTENERS
from asyncmigrate.scripts.asyncpg_messages import Begun, ask_asyncpg
from asyncmigrate.scripts.copying import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine, TextClause
    from sqlalchemy.schema import ExecutableDDLElement

_COUNTS = "asyncmigrate_counts"
_FAILED = "asyncmigrate_failed"
"""The execution option of a statement that has failed already: its error."""
_CHANGES = frozenset({Kind.ROWS, Kind.SCHEMA})
_STATEMENT_EVENTS = (
    "before_execute",
    "after_execute",
    "before_cursor_execute",
    "after_cursor_execute",
)
_ON: Mapping[str, Any] = {SIMPLE: True}
_OFF: Mapping[str, Any] = {}
_users: WeakKeyDictionary[Engine, int] = WeakKeyDictionary()
"""How many commands run on an engine now."""
_found: WeakKeyDictionary[Engine, Mapping[str, Any]] = WeakKeyDictionary()
"""What `options_for` has found out about an engine, while commands run on it."""
_heard: WeakSet[Engine] = WeakSet()
"""The engines that have our listeners. `event.contains` goes by `id()`, which a later engine may
have again."""
_NEEDED = {
    "asyncpg": (
        "_execute_mutex",
        "_transaction",
        "_start_transaction",
        "_handle_exception",
        "isolation_level",
        "readonly",
        "deferrable",
    ),
    "aiosqlite": ("_handle_exception", "run_async"),
}


def options_for(connection: Connection) -> Mapping[str, Any]:
    """Return the execution options for a statement without parameters; empty for other drivers."""
    engine = connection.engine
    found = _found.get(engine)
    if found is None:
        found = _ON if _can_send(connection) else _OFF
        if found and engine not in _heard:
            _heard.add(engine)
            for name, listener in _listeners():
                event.listen(engine, name, listener)
        if engine in _users:
            _found[engine] = found
    return found


def _can_send(connection: Connection) -> bool:
    needed = _NEEDED.get(connection.dialect.driver)
    if needed is None:
        return False
    adapter = connection.connection.dbapi_connection
    if not all(hasattr(adapter, name) for name in needed):
        return False
    return connection.dialect.driver != "aiosqlite" or _has_thread(adapter)


def _has_thread(adapter: Any) -> bool:
    driver = adapter.driver_connection
    return hasattr(driver, "_execute") and hasattr(driver, "_conn")


@contextmanager
def in_use(engine: Engine) -> Iterator[None]:
    """Leave the engine, at the end of the block, as it was before `options_for`.

    Several commands may run on one engine at once; the last one to end takes the listener away.
    """
    _users[engine] = _users.get(engine, 0) + 1
    try:
        yield
    finally:
        _users[engine] -= 1
        if not _users[engine]:
            del _users[engine]
            _found.pop(engine, None)
            if engine in _heard:
                _heard.discard(engine)
                for name, listener in _listeners():
                    event.remove(engine, name, listener)


def _listeners() -> Iterator[tuple[str, Callable[..., bool | None]]]:
    yield "do_execute", _do_execute
    yield from LISTENERS.items()


def changed_by_each(
    connection: Connection, statements: Sequence[str], *, commit_if_one: int = 0
) -> list[int]:
    """Execute statements that have their values inside; return how many rows each changed.

    To be used where `options_for` gives options. On aiosqlite all of them are one hop, and so is
    the COMMIT if the first `commit_if_one` of them are to change one row each, and do.
    """
    counts: list[int] = []
    if connection.dialect.driver == "aiosqlite":
        counts += _changed_in_file(connection, statements, commit_if_one)
    for statement in statements[len(counts) :]:  # on SQLite the one that failed, for its error
        connection.exec_driver_sql(statement, execution_options={**_ON, _COUNTS: counts})
    return counts


def committed(connection: Connection, statements: Sequence[str]) -> bool:
    """Execute statements and COMMIT in one message on asyncpg; return whether that was possible.

    It is not if the transaction was begun by the adapter itself, whose bookkeeping would go wrong.
    """
    adapter: Any = connection.connection.dbapi_connection
    if connection.dialect.driver != "asyncpg" or adapter.isolation_level == "autocommit":
        return False
    if not isinstance(adapter._transaction, Begun | None):
        return False
    text = ";\n".join([*statements, "COMMIT"])
    if is_observed(connection, "commit") or not _ran(connection, text):
        connection.exec_driver_sql(text, execution_options=_ON)
    adapter._transaction = None
    if hasattr(adapter, "_started"):
        adapter._started = False
    return True


def _changed_in_file(
    connection: Connection, statements: Sequence[str], commit_if_one: int
) -> list[int]:
    """Do it in the driver's thread, as far as it goes without an error."""
    adapter: Any = connection.connection.dbapi_connection
    counts: list[int] = []

    def execute(file: sqlite3.Connection) -> None:
        for statement in statements:
            cursor = file.execute(statement)
            counts.append(cursor.rowcount)
        if commit_if_one and counts[:commit_if_one] == [1] * commit_if_one:
            file.execute("COMMIT")  # if it fails it is sent again, for its error

    driver = adapter.driver_connection
    had_one = driver.in_transaction
    try:
        adapter.run_async(lambda driver: driver._execute(execute, driver._conn))
    except sqlite3.Error as error:
        if had_one:
            _raise_if_lost(driver, statements, error)
    return counts


def sent_bare(connection: Connection, statement: ExecutableDDLElement) -> bool:
    """Send DDL without a cursor of SQLAlchemy's; return whether it was sent.

    It is not where somebody listens or reads the log.

    Raises:
        DBAPIError: as when SQLAlchemy sends it.
    """
    if connection.dialect.driver not in _NEEDED or is_observed(connection):
        return False
    sql = str(statement.compile(dialect=connection.dialect))
    if interception.wants_all(connection, sql):
        return False
    invalidate = getattr(connection.dialect, "_invalidate_schema_cache", None)
    if invalidate is not None:  # asyncpg: as SQLAlchemy tells the engine's other connections
        invalidate()
    return _ran(connection, sql)


def sent_text(connection: Connection, statement: TextClause) -> bool:
    """Send a text that changes rows or a schema, on asyncpg, as `sent_bare` does DDL.

    Raises:
        DBAPIError: as when SQLAlchemy sends it.
    """
    if connection.dialect.driver != "asyncpg" or is_observed(connection):
        return False
    sql = statement.text
    if "\\" in sql or ":" in sql:
        sql = str(statement.compile(dialect=connection.dialect))
    if interception.wants_all(connection, sql) or not _CHANGES.issuperset(kinds_of(sql)):
        return False
    return _ran(connection, sql)


def send(connection: Connection, sql: str) -> None:
    """Send one statement without parameters, where `options_for` gives options.

    Raises:
        DBAPIError: as when SQLAlchemy sends it.
    """
    if not _ran(connection, sql):
        connection.exec_driver_sql(sql, execution_options=_ON)


def _ran(connection: Connection, sql: str) -> bool:
    """Hand a text to the driver; return False if it is to be sent the ordinary way."""
    if connection.dialect.driver == "asyncpg":
        return _ran_on_asyncpg(connection, sql)
    adapter: Any = connection.connection.dbapi_connection
    driver = adapter.driver_connection
    had_one = driver.in_transaction
    under_way.begin(connection, sql)
    try:
        adapter.run_async(lambda driver: driver.execute_fetchall(sql))
    except sqlite3.Error as error:
        if had_one:
            _raise_if_lost(driver, (sql,), error)
        return False  # sent again, it fails with SQLAlchemy's own error
    finally:
        under_way.end(connection)
    interception.tell(connection, sql)
    return True


def _ran_on_asyncpg(connection: Connection, sql: str) -> bool:
    transaction = connection.get_nested_transaction() or connection.get_transaction()
    if transaction is None or not transaction.is_active or not options_for(connection):
        return False  # SQLAlchemy begins one, or says why it does not
    under_way.begin(connection, sql)
    try:
        await_only(ask_asyncpg(connection.connection.dbapi_connection, sql))
    except Exception as error:  # it is raised in the words of SQLAlchemy
        connection.exec_driver_sql(sql, execution_options={**_ON, _FAILED: error})
        raise
    interception.tell(connection, sql)
    return True


def _raise_if_lost(driver: Any, statements: Sequence[str], error: sqlite3.Error) -> None:
    """Raise if an error has taken the transaction with it, as an interrupt or a full disk does.

    What is sent again after such an error would be committed by itself.

    Raises:
        OperationalError: the transaction is gone.
    """
    if not driver.in_transaction:
        raise OperationalError("; ".join(statements), None, error) from error


def is_observed(connection: Connection, *events: str) -> bool:
    """True unless it is sure that nothing but the database would notice a statement.

    `events` are those of SQLAlchemy's that the statement is, besides those of every statement.
    """
    return bool(
        interception.wants_all(connection)
        or _is_heard(connection, (*_STATEMENT_EVENTS, *events))
        or getattr(connection, "_echo", True)
        or connection.get_execution_options().get("schema_translate_map")
    )


def _is_heard(connection: Connection, events: Sequence[str]) -> bool:
    if not (
        getattr(connection, "_has_events", True) or getattr(connection.engine, "_has_events", True)
    ):
        return False
    return any(getattr(connection.dispatch, name) for name in events)


def first_column(connection: Connection, query: str) -> list[Any]:
    """Return the first value of each row of a query on aiosqlite, in one hop to its thread.

    Raises:
        sqlite3.Error: the driver's own errors, which SQLAlchemy does not wrap here.
    """
    adapter: Any = connection.connection.dbapi_connection
    rows = adapter.run_async(lambda driver: driver.execute_fetchall(query))
    return [row[0] for row in rows]


def begun(connection: Connection, script: str, query: str) -> list[Any] | None:
    """Run a script that begins a transaction on aiosqlite and return a query's first column.

    In one hop. None: there is no query, or it failed; the transaction is open all the same.

    Raises:
        sqlite3.Error: the script failed.
    """
    adapter: Any = connection.connection.dbapi_connection
    if not query or not _has_thread(adapter):
        adapter.run_async(lambda driver: driver.executescript(script))
        return None

    def begin(file: sqlite3.Connection) -> list[Any] | None:
        file.executescript(script)
        try:
            return [row[0] for row in file.execute(query).fetchall()]
        except sqlite3.Error:
            return None

    rows: list[Any] | None
    rows = adapter.run_async(lambda driver: driver._execute(begin, driver._conn))
    return rows


@contextmanager
def nothing_to_commit(connection: Connection) -> Iterator[None]:
    """Let SQLAlchemy end its transaction in the block without a hop, if SQLite's is over already.

    To be used where `options_for` gives options.
    """
    adapter: Any = connection.connection.dbapi_connection
    driver = adapter.driver_connection
    is_over = not driver.in_transaction and hasattr(adapter, "_connection")
    if not is_over or is_observed(
        connection, "commit"
    ):  # a listener of `commit` may have more to send
        yield
        return
    adapter._connection = _Committed()
    try:
        yield
    finally:
        adapter._connection = driver


class _Committed:
    """Stands in for aiosqlite's connection while SQLAlchemy commits what was committed."""

    _connection = True
    """SQLAlchemy looks whether the file is open."""

    async def commit(self) -> None:
        return


def _do_execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:
    options = context.execution_options
    if parameters or not (SIMPLE in options or ANSWER in options):
        return None
    if interception.comes_first(context, _do_execute):
        return None
    if _FAILED in options:
        raise options[_FAILED]
    under_way.begin(context.root_connection, statement)
    adapter = context.root_connection.connection.dbapi_connection
    if ANSWER in options:
        if context.dialect.driver != "asyncpg":
            return None
        await_only(answer(adapter, statement, options[ANSWER]))
        return True
    if context.dialect.driver == "asyncpg":
        await_only(ask_asyncpg(adapter, statement, options.get(_COUNTS)))
    else:
        await_only(_ask_aiosqlite(adapter, statement, options.get(_COUNTS)))
    return True


async def _ask_aiosqlite(adapter: Any, statement: str, counts: list[int] | None) -> None:
    driver = adapter.driver_connection
    try:
        if counts is None:  # the rows are read, so that no statement stays open
            await driver.execute_fetchall(statement)
        else:
            counts.append((await driver.execute(statement)).rowcount)
    except Exception as error:  # noqa: BLE001  (the adapter translates and raises it)
        adapter._handle_exception(error)
