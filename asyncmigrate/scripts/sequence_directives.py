"""The directives about sequences; nothing happens where a database has none (SQLite, MySQL).

That is what SQLAlchemy does with an `sa.Sequence` there, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.schema import CreateSequence, DropSequence

from asyncmigrate.dialects.object_ddl import AlterSequence
from asyncmigrate.scripts import catalog
from asyncmigrate.scripts.directives import Directives

if TYPE_CHECKING:
    from asyncmigrate.scripts.column_directives import Type


class SequenceDirectives(Directives):
    """Create, alter and drop sequences."""

    def create_sequence(
        self,
        name: str,
        *,
        start: int | None = None,
        increment: int | None = None,
        minvalue: int | None = None,
        maxvalue: int | None = None,
        cycle: bool | None = None,
        cache: int | None = None,
        data_type: Type | None = None,
        schema: str | None = None,
        if_not_exists: bool | None = None,
    ) -> None:
        """Create a sequence; what is not said is the database's default."""
        if not self._dialect.sequences:
            return
        sequence = _sequence(
            name,
            schema,
            data_type,
            start=start,
            increment=increment,
            minvalue=minvalue,
            maxvalue=maxvalue,
            cycle=cycle or None,  # it is the default, which MariaDB has another word for
            cache=cache,
        )
        guard = self._in_words("create_sequence", if_not_exists)
        if not self._is_done(
            "create_sequence", if_not_exists, lambda c: catalog.has_sequence(c, name, schema)
        ):
            self._sink.execute(CreateSequence(sequence, if_not_exists=guard))

    def alter_sequence(
        self,
        name: str,
        *,
        start: int | None = None,
        increment: int | None = None,
        minvalue: int | Literal[False] | None = False,
        maxvalue: int | Literal[False] | None = False,
        cycle: bool | None = None,
        cache: int | None = None,
        data_type: Type | None = None,
        existing_start: int | None = None,
        existing_increment: int | None = None,
        existing_minvalue: int | Literal[False] | None = False,
        existing_maxvalue: int | Literal[False] | None = False,
        existing_cycle: bool | None = None,
        existing_cache: int | None = None,
        existing_data_type: Type | None = None,
        schema: str | None = None,
    ) -> None:
        """Change what a sequence gives from now on; its current value stays.

        What is not said is left alone; `minvalue=None` and `maxvalue=None` go back to the
        database's own limit. The `existing_*` are what it was, for the way back.

        Raises:
            UnsupportedOperationError: the database cannot change the start or the type of one.
        """
        del existing_start, existing_increment, existing_minvalue, existing_maxvalue
        del existing_cycle, existing_cache, existing_data_type
        if not self._dialect.sequences:
            return
        changes = {
            "start": start,
            "increment": increment,
            "minvalue": None if minvalue is False else minvalue,
            "maxvalue": None if maxvalue is False else maxvalue,
            "nominvalue": True if minvalue is None else None,
            "nomaxvalue": True if maxvalue is None else None,
            "cycle": cycle,
            "cache": cache,
        }
        sequence = _sequence(name, schema, data_type, **changes)
        self._dialect.check_sequence_change(sequence)
        if data_type is not None or set(changes.values()) != {None}:
            self._sink.execute(AlterSequence(sequence))

    def drop_sequence(
        self, name: str, *, schema: str | None = None, if_exists: bool | None = None
    ) -> None:
        """Drop a sequence that nothing uses."""
        if not self._dialect.sequences:
            return
        guard = self._in_words("drop_sequence", if_exists)
        if not self._is_done(
            "drop_sequence", if_exists, lambda c: not catalog.has_sequence(c, name, schema)
        ):
            sequence: Any = sa.Sequence(name, schema=schema)
            self._sink.execute(DropSequence(sequence, if_exists=guard))


def _sequence(name: str, schema: str | None, data_type: Type | None, **options: Any) -> sa.Sequence:
    """Return a sequence with those of the options that were said."""
    said = {option: value for option, value in options.items() if value is not None}
    return sa.Sequence(name, schema=schema, data_type=data_type, **said)
