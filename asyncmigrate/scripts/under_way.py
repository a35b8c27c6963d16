"""Which statement of a run is under way, noted as it is sent.

Every statement of every run is noted, so it must cost next to nothing. A listener of
`before_cursor_execute` would make SQLAlchemy do more for each statement, and keep `simple_query`
from its short way. The dialect's own `do_execute` is called as the last thing before the driver.
What `simple_query` hands to a driver in its place, it notes itself.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

_EVENTS = ("do_execute", "do_executemany", "do_execute_no_params")


@dataclass(slots=True)
class UnderWay:
    """The statement that was sent last; no text once it is known to be over."""

    tell: Callable[[str], None] | None = None
    """Called with the text of each statement before it is sent."""
    text: str = ""
    since: float = 0.0

    def begin(self, text: str) -> None:
        """Take a statement that is about to be sent."""
        self.text, self.since = text, monotonic()
        if self.tell is not None:
            self.tell(text)

    def end(self) -> None:
        """Take note that nothing runs any more."""
        self.text = ""

    @property
    def age(self) -> float:
        """How many seconds it has been under way; 0 if there is none."""
        return monotonic() - self.since if self.text else 0.0


_noted: WeakKeyDictionary[Connection, UnderWay] = WeakKeyDictionary()


def begin(connection: Connection, text: str) -> None:
    """Note a statement of a connection, if anybody wants to know."""
    found = _noted.get(connection)
    if found is not None:
        found.begin(text)


def end(connection: Connection) -> None:
    """Note that a connection's statement is over."""
    found = _noted.get(connection)
    if found is not None:
        found.end()


@contextmanager
def noted(connection: Connection, note: UnderWay) -> Iterator[None]:
    """Keep `note` up to date with a connection's statements while the block runs."""

    def listen(_: Any, statement: str, *rest: Any) -> None:
        if rest[-1].root_connection is connection:
            note.begin(statement)

    engine = connection.engine
    _noted[connection] = note
    for name in _EVENTS:
        event.listen(engine, name, listen)
    try:
        yield
    finally:
        for name in _EVENTS:
            event.remove(engine, name, listen)
        _noted.pop(connection, None)


@contextmanager
def ended_with_each(connection: Connection) -> Iterator[None]:
    """Note the end of each statement, too: where a script awaits other things than statements."""

    def listen(*_: Any) -> None:
        end(connection)

    end(connection)
    event.listen(connection, "after_cursor_execute", listen)
    try:
        yield
    finally:
        event.remove(connection, "after_cursor_execute", listen)
