"""SQLAlchemy's table events, which applications hang DDL on and which create PostgreSQL's types."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateSequence
from sqlalchemy.sql.ddl import SchemaDropper, SchemaGenerator

from asyncmigrate.dialects import by_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.scripts.sink import Sink


@contextmanager
def creating(table: sa.Table, sink: Sink) -> Iterator[None]:
    """Run what listens to the creation of `table`, around the block.

    Types are created unless they exist; so are sequences that columns take their values from.
    """
    runner = _generator(sink)
    with runner.with_ddl_events(table, checkfirst=True, _is_metadata_operation=False):
        for column in table.columns:
            if isinstance(column.default, sa.Sequence):
                _create_sequence(runner, column.default, sink)
        yield


@contextmanager
def dropping(table: sa.Table, sink: Sink) -> Iterator[None]:
    """Run what listens to the dropping of `table`, around the block."""
    runner: Any = SchemaDropper(sink.dialect, sink.event_bind())  # type: ignore[no-untyped-call]
    with runner.with_ddl_events(table, checkfirst=False, _is_metadata_operation=False):
        yield


def create_types(table: sa.Table, sink: Sink) -> None:
    """Create the types of a throwaway table's columns, unless they exist.

    Where enums are a part of the column (MySQL), there is nothing to create: a PostgreSQL type in a
    script for both would try.
    """
    dialect = sink.dialect
    has_types = dialect.supports_native_enum and hasattr(dialect, "has_type")
    if has_types and table.dispatch.before_create:
        table.dispatch.before_create(
            table,
            sink.event_bind(),
            checkfirst=True,
            _ddl_runner=_generator(sink),
            _is_metadata_operation=False,
        )


def _create_sequence(runner: Any, sequence: sa.Sequence, sink: Sink) -> None:
    if sink.as_sql and "create_sequence" in by_name(sink.dialect.name).guards:
        # The script may have created it already: then the text must not stop there.
        if sink.dialect.supports_sequences and not sequence.optional:
            sink.execute(CreateSequence(sequence, if_not_exists=True))
        return
    runner.traverse_single(sequence)


def _generator(sink: Sink) -> Any:
    bind = sink.event_bind()
    # A look into the catalog needs a real connection; SQL text says CREATE in any case.
    live = isinstance(bind, sa.Connection)
    return SchemaGenerator(sink.dialect, bind, checkfirst=live)  # type: ignore[no-untyped-call]
