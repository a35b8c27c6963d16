"""What every directive needs: where statements go, how they are built, what the database can."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from asyncmigrate.dialects import by_name
from asyncmigrate.scripts.context import MigrationContext
from asyncmigrate.scripts.elements import Elements
from asyncmigrate.scripts.sqltext import undecidable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import sqlalchemy as sa
    from sqlalchemy import Connection
    from sqlalchemy.schema import ExecutableDDLElement

    from asyncmigrate.dialects.base import Dialect
    from asyncmigrate.scripts.sink import Sink
    from asyncmigrate.scripts.sqlite_sink import SqliteSink


class Directives:
    """The base of the groups of directives that make up `Operations`."""

    def __init__(
        self,
        sink: Sink | MigrationContext,
        *,
        metadata: sa.MetaData | None = None,
        x: Mapping[str, str] | None = None,
    ) -> None:
        context = sink if isinstance(sink, MigrationContext) else MigrationContext(sink)
        if x is not None:
            context = replace(context, x=MappingProxyType(dict(x)))
        if context.dialect.name == "sqlite":
            context = replace(context, sink=_keeping_back(context, metadata))
        self._context = context
        self._sink = sink = context.sink
        self._elements = Elements(metadata)
        is_mariadb = getattr(sink.dialect, "is_mariadb", False)
        self._dialect: Dialect = by_name("mariadb" if is_mariadb else sink.dialect.name)

    def finish(self) -> None:
        """Send what still waits for more of its kind (SQLite); called when the script has ended."""
        if self._sqlite_sink is not None:
            self._sqlite_sink.finish()

    @property
    def _sqlite_sink(self) -> SqliteSink | None:
        """The sink, if it keeps changes of tables back."""
        return cast("SqliteSink", self._sink) if self._sink.dialect.name == "sqlite" else None

    def _send(self, statements: Iterable[ExecutableDDLElement]) -> None:
        """Send statements, all of which must have been made before the first one is sent."""
        for statement in tuple(statements):
            self._sink.execute(statement)

    @property
    def _has_comment_statements(self) -> bool:
        dialect = self._sink.dialect
        return dialect.supports_comments and not dialect.inline_comments

    def _in_words(self, directive: str, asked: bool | None) -> bool:
        """Return whether IF [NOT] EXISTS was asked for and this server understands it."""
        return bool(asked) and directive in self._dialect.guards

    def _is_done(
        self,
        directive: str,
        asked: bool | None,
        looks_done: Callable[[Connection], bool],
    ) -> bool:
        """Return whether a look into the catalog, in place of IF [NOT] EXISTS, says "done".

        Raises:
            OfflineError: there is no catalog to look into.
        """
        if not asked or directive in self._dialect.guards:
            return False
        if self._sink.as_sql:
            raise undecidable(directive)
        return looks_done(self._sink.bind())


@contextmanager
def to_the_end(operations: Directives) -> Iterator[None]:
    """Run a script in the block: `finish` at its end, and forget what waits if it fails."""
    try:
        yield
        operations.finish()
    except BaseException:
        if operations._sqlite_sink is not None:
            operations._sqlite_sink.forget()
        raise


def _keeping_back(context: MigrationContext, metadata: sa.MetaData | None) -> SqliteSink:
    from asyncmigrate.scripts.sqlite_sink import SqliteSink  # much to import, for SQLite alone

    if isinstance(context.sink, SqliteSink):
        return context.sink
    return SqliteSink(context.sink, metadata, waits=not context.stands_alone)
