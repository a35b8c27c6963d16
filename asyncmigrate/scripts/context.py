"""What `op.get_context()` gives: the few things that Alembic's scripts ask of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection
    from sqlalchemy.engine.interfaces import Dialect

    from asyncmigrate.scripts.sink import Sink


@dataclass(frozen=True, slots=True)
class MigrationContext:
    """The migration that runs, as its script sees it."""

    sink: Sink
    x: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The run's own arguments: `-x key=value` on the command line, `Migrator(..., x={...})`."""
    stands_alone: bool = False
    """True if a script made it for itself: then nobody ends what its operations begin."""

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect."""
        return self.sink.dialect

    @property
    def bind(self) -> Connection:
        """The connection; with `--sql` a stand-in that writes, and answers nothing."""
        return self.sink.bind()

    @property
    def connection(self) -> Connection:
        """The same as `bind`."""
        return self.sink.bind()

    @property
    def as_sql(self) -> bool:
        """True if SQL is only being written."""
        return self.sink.as_sql

    def get_x_argument(self, as_dictionary: bool = False) -> list[str] | Mapping[str, str]:
        """Return `x` as Alembic gives it: a list of `key=value`, or a mapping."""
        if as_dictionary:
            return self.x
        return listed(self.x)

    def autocommit_block(self) -> AbstractContextManager[None]:
        """The same as `op.autocommit()`."""
        return self.sink.autocommit()


def listed(x: Mapping[str, str]) -> list[str]:
    """Return a run's own arguments as they were typed."""
    return [f"{key}={value}" if value else key for key, value in x.items()]
