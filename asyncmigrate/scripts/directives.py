"""What every directive needs: where statements go, how they are built, what the database can."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from asyncmigrate.dialects import by_name
from asyncmigrate.scripts.context import MigrationContext
from asyncmigrate.scripts.elements import Elements
from asyncmigrate.scripts.sqlite_sink import SqliteSink
from asyncmigrate.scripts.sqltext import undecidable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import sqlalchemy as sa
    from sqlalchemy import Connection
    from sqlalchemy.schema import ExecutableDDLElement

    from asyncmigrate.dialects.base import Dialect
    from asyncmigrate.scripts.sink import Sink


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
        if context.dialect.name == "sqlite" and not isinstance(context.sink, SqliteSink):
            waits = not context.stands_alone
            context = replace(context, sink=SqliteSink(context.sink, metadata, waits=waits))
        self._context = context
        self._sink = sink = context.sink
        self._elements = Elements(metadata)
        is_mariadb = getattr(sink.dialect, "is_mariadb", False)
        self._dialect: Dialect = by_name("mariadb" if is_mariadb else sink.dialect.name)

    def finish(self) -> None:
        """Send what still waits for more of its kind (SQLite); called when the script has ended."""
        if isinstance(self._sink, SqliteSink):
            self._sink.finish()

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
        if isinstance(operations._sink, SqliteSink):
            operations._sink.forget()
        raise
