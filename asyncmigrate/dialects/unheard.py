"""Statements of ours that may well be refused, where an application listens for errors.

A listener of `handle_error` on the class `Engine` hears of every engine of the process, ours too,
and may put another error in the place of SQLAlchemy's. Where a refusal is an answer (there is no
such table), it must reach us as it is.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_OPTION = "skip_user_error_events"  # as SQLAlchemy's own dialects say it


@contextmanager
def unheard(connection: Connection) -> Iterator[None]:
    """Run a block whose errors no listener of the application's hears of, and none changes."""
    former = connection.get_execution_options().get(_OPTION, False)
    connection.execution_options(**{_OPTION: True})
    try:
        yield
    finally:
        connection.execution_options(**{_OPTION: former})
