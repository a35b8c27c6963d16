"""Standing between the scripts of a run and the driver: each statement can be kept from it.

The dialect's own `do_execute` is the last thing before the driver, and what its listeners carry out
themselves is not carried out again. So whoever stands here sees every statement of a connection,
whichever way a script has sent it: `op`, the connection itself, a listener, an `AsyncConnection`.
What `simple_query` hands to a driver by itself it tells of afterwards (`tell`).
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

_EVENTS = ("do_execute", "do_executemany", "do_execute_no_params")


@dataclass(slots=True)
class Sending:
    """A statement on its way to the driver."""

    event: str
    args: tuple[Any, ...]
    mine: Callable[..., Any]
    waiting: list[Callable[..., Any]] = field(default_factory=list)
    """Listeners that are called once it is sent."""

    @property
    def context(self) -> Any:
        """SQLAlchemy's context of the execution."""
        return self.args[-1]

    @property
    def cursor(self) -> Any:
        """The driver's cursor, as SQLAlchemy adapts it."""
        return self.args[0]

    @property
    def text(self) -> str:
        """The statement."""
        return str(self.args[1])

    @property
    def parameters(self) -> Any:
        """Its parameters; None if there are none."""
        return self.args[2] if len(self.args) > 3 else None

    def send(self) -> None:
        """Have it executed: by a listener that waited for this or comes later, or by the driver."""
        dialect = self.context.dialect
        listeners = [*getattr(dialect.dispatch, self.event)]
        waiting, self.waiting = self.waiting, []
        for listener in [*waiting, *listeners[listeners.index(self.mine) + 1 :]]:
            if listener(*self.args):
                return
        *args, context = self.args
        getattr(dialect, self.event)(*args, context=context)


class Interceptor(Protocol):
    """Takes every statement of a connection."""

    def intercept(self, sending: Sending) -> None:
        """Send a statement, or do not."""

    def was_sent(self, text: str) -> None:
        """Take note of one that went past SQLAlchemy, and succeeded."""

    @property
    def wants_all(self) -> bool:
        """True while nothing may go past SQLAlchemy."""


@dataclass(slots=True)
class _Standing:
    """Who stands between the scripts and one connection."""

    connection: Connection
    interceptor: Interceptor
    asked: set[int] = field(default_factory=set)
    """The contexts of statements that the interceptor has."""
    waiting: dict[int, list[Callable[..., Any]]] = field(default_factory=dict)
    """Of a statement's context, the listeners that are called once the interceptor sends it."""
    has_temporary: bool = False


_standing: dict[int, _Standing] = {}
"""By the identity of the connection: every statement is looked up, several times."""
_TEMPORARY = re.compile(r"\b(?:CREATE|INTO)\b[^;'\"]{0,200}?\bTEMP(?:ORARY)?\b", re.IGNORECASE)
"""What makes a temporary table, comments between its words included; not a value like it."""


def comes_first(context: Any, listener: Callable[..., Any]) -> bool:
    """Return whether a listener of `do_execute` has to wait: it is called again when it is due.

    SQLAlchemy calls listeners of a dialect in the order in which they came, whatever they ask for.
    """
    found = _standing.get(id(context.root_connection))
    if found is None or id(context) in found.asked:
        return False
    found.waiting.setdefault(id(context), []).append(listener)
    return True


def tell(connection: Connection, text: str) -> None:
    """Tell of a statement that went past SQLAlchemy."""
    found = _standing.get(id(connection))
    if found is not None:
        found.interceptor.was_sent(text)


def wants_all(connection: Connection, text: str = "") -> bool:
    """Return whether every statement has to go through SQLAlchemy now, or this one has.

    Temporary tables and what is in them are followed there, from the first one to the last.
    """
    found = _standing.get(id(connection))
    if found is None:
        return False
    return found.has_temporary or found.interceptor.wants_all or _is_of_temporary(text)


def _is_of_temporary(text: str) -> bool:
    return "TEMP" in text.upper() and bool(_TEMPORARY.search(text))


@contextmanager
def intercepted(connection: Connection, interceptor: Interceptor) -> Iterator[None]:
    """Hand every statement of the connection to `interceptor` while the block runs."""
    standing = _Standing(connection, interceptor)
    listeners = {name: _listener(standing, name) for name in _EVENTS}
    for name, listener in listeners.items():
        event.listen(connection.engine, name, listener)
    _standing[id(connection)] = standing
    try:
        yield
    finally:
        _standing.pop(id(connection), None)
        for name, listener in listeners.items():
            event.remove(connection.engine, name, listener)


def _listener(standing: _Standing, name: str) -> Callable[..., Any]:
    def listen(*args: Any) -> bool | None:
        context = args[-1]
        if context.root_connection is not standing.connection:
            return None
        standing.has_temporary = standing.has_temporary or _is_of_temporary(args[1])
        asked = id(context)
        standing.asked.add(asked)
        try:
            waiting = standing.waiting.pop(asked, [])
            standing.interceptor.intercept(Sending(name, args, listen, waiting))
        finally:
            standing.asked.discard(asked)
        return True

    return listen
