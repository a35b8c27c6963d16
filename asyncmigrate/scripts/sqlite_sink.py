"""The sink of SQLite: what its ALTER TABLE cannot do is done by making the table anew.

What needs a rebuild waits until something else is sent or asked, or the script ends, so that
consecutive changes of one table cost one rebuild. What SQLite can do itself is done at once, unless
something waits already. Directives know nothing of this: they send the
same DDL elements as to any database, and here those become edits of the table's own statement.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex as SqlCreateIndex
from sqlalchemy.schema import DropIndex as SqlDropIndex

from asyncmigrate.dialects.sqlite_constraints import CreateIndex
from asyncmigrate.dialects.sqlite_edits import Place
from asyncmigrate.dialects.sqlite_syntax import folded
from asyncmigrate.errors import MigrateError, OfflineError, TableChangeError
from asyncmigrate.scripts import sqlite_apply
from asyncmigrate.scripts.calling import calling_line
from asyncmigrate.scripts.sqlite_apply import Options
from asyncmigrate.scripts.sqlite_changes import Target, convention, edit_of, target_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Executable
    from sqlalchemy.engine.interfaces import Dialect
    from sqlalchemy.engine.mock import MockConnection

    from asyncmigrate.dialects.sqlite_edits import Edit
    from asyncmigrate.scripts.sink import Sink
    from asyncmigrate.scripts.sqltext import SqlSink


@dataclass(slots=True)
class _Queue:
    """The changes of one table that wait."""

    target: Target
    edits: list[Edit] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def takes(self, target: Target, statement: object) -> bool:
        """Return whether a change is about the same table."""
        if isinstance(statement, SqlDropIndex):
            # Its table need not be known; and to drop an index sooner changes nothing else.
            name = folded(str(statement.element.name))
            mine = [e for e in self.edits if isinstance(e, CreateIndex) and folded(e.name) == name]
            return not mine
        return target.schema == self.target.schema and folded(target.name) == folded(
            self.target.name
        )


class SqliteSink:
    """Stands before another sink and keeps changes of tables back until they must be made."""

    def __init__(
        self, sink: Sink, metadata: sa.MetaData | None = None, *, waits: bool = True
    ) -> None:
        self._sink = sink
        self._waits = waits
        self._metadata = metadata
        self._queue: _Queue | None = None
        self._options: Options | None = None
        self._watched: Connection | None = None
        self.dialect: Dialect = sink.dialect
        self.blocks: set[str] = set()
        """The tables, folded, that blocks of the script were about."""
        if sink.as_sql:
            cast("SqlSink", sink).before_event = self.flush

    @property
    def as_sql(self) -> bool:
        """Whether SQL is only being written."""
        return self._sink.as_sql

    @property
    def shadow(self) -> Any:
        """The stand-in for the database while SQL is only being written."""
        self.flush()
        return self._sink.shadow

    def execute(
        self, statement: Executable, *, execution_options: Mapping[str, Any] | None = None
    ) -> None:
        """Keep a change of a table back; send everything else after what waits."""
        target = target_of(statement)
        is_index = isinstance(statement, SqlCreateIndex | SqlDropIndex)
        if target is None or (is_index and self._queue is None):
            self.flush()
            self._sink.execute(statement, execution_options=execution_options)
            return
        if self._queue is not None and not self._queue.takes(target, statement):
            self.flush()
            self.execute(statement, execution_options=execution_options)
            return
        naming = convention(self._metadata)
        if self._options is not None and self._options.naming is not None:
            naming = self._options.naming
        edit = edit_of(statement, self.dialect, naming)
        if edit is None or (self._queue is None and self._made_at_once(target, edit)):
            return
        self.queue(target, [edit])
        if not self._waits and self._options is None:  # nobody says when the script has ended
            self.finish()

    @property
    def takes_ddl_text(self) -> bool:
        """Whether DDL may come as text, after what waits was sent."""
        self.flush()
        return self._sink.takes_ddl_text

    def send_ddl_text(self, sql: str) -> None:
        """Send it."""
        self._sink.send_ddl_text(sql)

    def _made_at_once(self, target: Target, edit: Edit) -> bool:
        try:
            return sqlite_apply.at_once(self._sink, target, edit)
        except OfflineError as error:
            raise _failed(_Queue(target, lines=[calling_line()]), error) from error

    def queue(self, target: Target, edits: Sequence[Edit]) -> None:
        """Keep changes of a table back."""
        if self._queue is None:
            self._queue = _Queue(target)
        self._watch()
        self._queue.edits += edits
        line = calling_line()
        if line not in self._queue.lines:
            self._queue.lines.append(line)

    def place(
        self, schema: str | None, table: str, column: str, before: str | None, after: str | None
    ) -> None:
        """Put a column right before or right after another one."""
        self.queue(Target(schema, table), [Place(column, before, after)])

    @contextmanager
    def block(
        self,
        schema: str | None,
        table: str,
        naming_convention: Mapping[str, Any] | None,
        **options: Any,
    ) -> Iterator[None]:
        """Make the changes of the block, all of one table, in one go, as `Options` say."""
        self.flush()
        metadata = sa.MetaData(naming_convention=naming_convention) if naming_convention else None
        self._options = Options(naming=convention(metadata), **options)
        self._queue = _Queue(Target(schema, table))
        self.blocks.add(folded(table))
        try:
            yield
            self.flush()
        finally:
            self._options = self._queue = None

    def flush(self) -> None:
        """Make the changes that wait.

        Raises:
            TableChangeError: one cannot be made, or the database refused; the table is as it was.
        """
        queue, self._queue = self._queue, None
        if queue is None:
            return
        try:
            sqlite_apply.apply(self._sink, queue.target, queue.edits, self._options)
        except (MigrateError, DBAPIError) as error:
            raise _failed(queue, error) from error

    def finish(self) -> None:
        """Make the changes that wait, and let go of the connection."""
        self.flush()
        self.forget()

    def forget(self) -> None:
        """Drop the changes that wait, and let go of the connection."""
        self._queue = self._options = None
        watched, self._watched = self._watched, None
        if watched is not None:
            event.remove(watched, "before_cursor_execute", self._another)

    def _watch(self) -> None:
        """Look out for statements that the script sends by the connection itself."""
        if self._watched is None and not self.as_sql:
            self._watched = self._sink.bind()
            event.listen(self._watched, "before_cursor_execute", self._another)

    def _another(self, *_: object) -> None:
        self.flush()

    def insert(self, table: sa.TableClause, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, after what waits."""
        self.flush()
        self._sink.insert(table, rows)

    def bind(self) -> Connection:
        """Return the connection, after what waits was sent."""
        self.flush()
        return self._sink.bind()

    def event_bind(self) -> Connection | MockConnection:
        """Return what listeners execute DDL on, after what waits was sent."""
        self.flush()
        return self._sink.event_bind()

    @property
    def can_leave_transaction(self) -> bool:
        """Whether `autocommit` is not going to be refused."""
        return self._sink.can_leave_transaction

    def run_async(self, function: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        """Await a coroutine function on the connection, after what waits was sent."""
        self.flush()
        return self._sink.run_async(function, *args, **kwargs)

    @contextmanager
    def autocommit(self) -> Iterator[None]:
        """Run the block outside of any transaction; nothing waits beyond either end of it."""
        self.flush()
        with self._sink.autocommit():
            yield
            self.flush()


def _failed(queue: _Queue, error: MigrateError | DBAPIError) -> MigrateError:
    if isinstance(error, OfflineError):
        return OfflineError(f"{', '.join(queue.lines)}: {error.message}", next=error.next)
    if isinstance(error, MigrateError):
        said, next_ = error.message.rstrip("."), error.next
    else:
        said, next_ = " ".join(str(error.orig).split()), ""
        said = said.replace(f"asyncmigrate_new_{queue.target.name}", queue.target.name)
    return TableChangeError(
        f"Table {queue.target.name!r} could not be changed: {said}.",
        lines=queue.lines,
        next=next_,
    )
