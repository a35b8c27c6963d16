"""Telling somebody each statement before it is sent, for the length of one script."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection


@contextmanager
def overheard(connection: Connection, tell: Callable[[str], None] | None) -> Iterator[None]:
    """Call `tell` with the text of each statement; nothing is listened to if it is None."""
    if tell is None:
        yield
        return

    def listen(_: object, __: object, statement: str, *___: object) -> None:
        tell(statement)

    event.listen(connection, "before_cursor_execute", listen)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", listen)
