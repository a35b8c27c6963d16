"""Indexes that are built and dropped while the table stays in use: PostgreSQL's CONCURRENTLY.

Such a statement cannot run in a transaction, so what stands before it in the script is committed
first. When the build fails (a duplicate, a deadlock, a cut connection) PostgreSQL keeps the index,
invalid: it costs every write and helps no query. The next run drops it before it builds again.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.schema import CreateIndex, DropIndex

from asyncmigrate.errors import RunError
from asyncmigrate.log import logger
from asyncmigrate.scripts import catalog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import sqlalchemy as sa

    from asyncmigrate.dialects.base import Dialect
    from asyncmigrate.scripts.sink import Sink


def is_asked(sink: Sink, options: Mapping[str, Any]) -> bool:
    """Return whether the directive says `postgresql_concurrently=True`, and this is PostgreSQL."""
    return bool(options.get(f"{sink.dialect.name}_concurrently"))


def create_index(sink: Sink, dialect: Dialect, index: sa.Index, *, if_not_exists: bool) -> None:
    """Build an index outside of the transaction, after dropping what a failed build has left.

    A valid index of that name is never dropped.

    Raises:
        RunError: the transaction is not ours to leave; nothing was sent.
    """
    with outside_transaction(sink, "CREATE INDEX CONCURRENTLY"):
        if not sink.as_sql:
            _drop_leftover(sink, dialect, index)
        sink.execute(CreateIndex(index, if_not_exists=if_not_exists))


def drop_index(sink: Sink, index: sa.Index, *, if_exists: bool) -> None:
    """Drop an index outside of the transaction.

    Raises:
        RunError: the transaction is not ours to leave; nothing was sent.
    """
    with outside_transaction(sink, "DROP INDEX CONCURRENTLY"):
        sink.execute(DropIndex(index, if_exists=if_exists))


@contextmanager
def outside_transaction(sink: Sink, what: str) -> Iterator[None]:
    """Leave the transaction for the block; inside `op.autocommit()` that has happened already."""
    with ExitStack() as stack:
        try:
            stack.enter_context(sink.autocommit())
        except RunError as error:
            raise RunError(
                f"{what} cannot run in a transaction, and this run cannot leave its own: "
                f"{error.message}",
                state=error.state,
                next="Leave postgresql_concurrently out here (the table is then locked against "
                "writes meanwhile), or run the migration without --atomic, on an engine.",
            ) from error
        yield


def _drop_leftover(sink: Sink, dialect: Dialect, index: sa.Index) -> None:
    # One that another session is still building is invalid, too: DROP waits for that build, and
    # ours comes after it.
    preparer = sink.dialect.identifier_preparer
    table = index.table
    assert table is not None
    schema = f"{preparer.quote_schema(table.schema)}." if table.schema else ""
    name = f"{schema}{preparer.format_index(index)}"
    query = dialect.invalid_index(preparer.format_table(table), name)
    if query is not None and catalog.is_true(sink.bind(), query):
        logger.info("Index %s is invalid, left by a build that failed: it is dropped.", name)
        sink.execute(DropIndex(index, if_exists=True))
