"""Making calls without a database: as SQL for `check --sql`, and to try a script that is new."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from asyncmigrate.dialects import by_name
from asyncmigrate.errors import MigrateError, ScriptError
from asyncmigrate.op import use
from asyncmigrate.scripts.directives import to_the_end
from asyncmigrate.scripts.loader import call
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sqltext import SqlSink, one_transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import sqlalchemy as sa
    from sqlalchemy.engine.interfaces import Dialect

    from asyncmigrate.schema.call import Call
    from asyncmigrate.scripts.loader import Script


def sql_of(
    calls: Iterable[Call],
    dialect: Dialect,
    *,
    structure: Iterable[str] = (),
    metadata: sa.MetaData | None = None,
) -> str:
    """Return the SQL that calls of `op` would send, as one transaction.

    `structure` are the statements of which a SQLite database is made: to change a table, SQLite
    needs its text.

    Raises:
        OfflineError, UnsupportedOperationError: a call cannot be written as SQL.
    """
    text: list[str] = []
    with _written(dialect, text.append, structure) as sink:
        _write(calls, sink, metadata)
        encoding = by_name(dialect.name).offline_encoding
        return one_transaction(sink, text, encoding=encoding)


def statements_of(call: Call, dialect: Dialect, structure: Iterable[str]) -> str:
    """Return the SQL that one call would send inside a transaction. See `sql_of`."""
    text: list[str] = []
    with _written(dialect, text.append, structure) as sink:
        _write([call], sink, None)
    return "".join(text)


def _write(calls: Iterable[Call], sink: SqlSink, metadata: sa.MetaData | None) -> None:
    operations = Operations(sink, metadata=metadata)
    with to_the_end(operations):
        make(calls, operations)


def make(calls: Iterable[Call], operations: Operations) -> None:
    """Make the calls, in order."""
    for each in calls:
        getattr(operations, each.directive)(*each.arguments, **each.keywords)


def tried(
    script: Script,
    dialect: Dialect,
    *,
    structure: Iterable[str] = (),
    metadata: sa.MetaData | None = None,
    x: Mapping[str, str] | None = None,
    context: Callable[[SqlSink], Any] = lambda sink: sink,
) -> None:
    """Run both directions of a script as SQL text that nobody reads: its code must hold.

    `context` makes what `op.get_context()` gives. What can only be known of a database is not
    known here, and passes.

    Raises:
        ScriptError: the code fails by itself.
    """
    with _written(dialect, _nowhere, structure) as sink:
        for function in filter(None, (script.upgrade, script.downgrade)):
            operations = Operations(context(sink), metadata=metadata, x=x or {})
            try:
                with use(operations), to_the_end(operations):
                    call(function, operations)
            except MigrateError:
                return
            except Exception as error:
                raise _fails(script, error) from error


def _nowhere(_: str) -> None:
    """Write nothing."""


def _fails(script: Script, error: Exception) -> ScriptError:
    line = next((each for each in reversed(_lines(error)) if each[0] == str(script.path)), None)
    where = f"{script.path}:{line[1]}" if line else str(script.path)
    return ScriptError(
        f"The script would fail: {type(error).__name__}: {error} (at {where}).",
        path=str(script.path),
        next="Mend script.py.tmpl, or what env.py adds (render_item, process_revision_directives).",
    )


def _lines(error: BaseException) -> list[tuple[str, int | None]]:
    from traceback import extract_tb

    return [(frame.filename, frame.lineno) for frame in extract_tb(error.__traceback__)]


@contextmanager
def _written(
    dialect: Any, write: Callable[[str], None], structure: Iterable[str]
) -> Iterator[SqlSink]:
    sink = SqlSink(dialect, write)
    sink.has_unknown_types = True
    for statement in structure:
        sink.shadow.follow(statement)
    with closing(sink.shadow):
        yield sink
