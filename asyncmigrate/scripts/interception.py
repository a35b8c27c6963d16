"""Standing between the scripts of a run and the driver: each statement can be kept from it.

The dialect's own `do_execute` is the last thing before the driver, and what its listeners carry out
themselves is not carried out again. So whoever stands here sees every statement of a connection,
whichever way a script has sent it: `op`, the connection itself, a listener, an `AsyncConnection`.
What `simple_query` hands to a driver by itself it tells of afterwards (`tell`).
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary, WeakSet

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
        later = listeners[listeners.index(self.mine) + 1 :]
        for listener in [*_waiting.pop(self.context, []), *later]:
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


_standing: WeakKeyDictionary[Connection, Interceptor] = WeakKeyDictionary()
_asked: WeakSet[Any] = WeakSet()
_waiting: WeakKeyDictionary[Any, list[Callable[..., Any]]] = WeakKeyDictionary()
"""Of a statement's context, the listeners that are called once the interceptor sends it."""


def comes_first(context: Any, listener: Callable[..., Any]) -> bool:
    """Return whether a listener of `do_execute` has to wait: it is called again when it is due.

    SQLAlchemy calls listeners of a dialect in the order in which they came, whatever they ask for.
    """
    if context.root_connection not in _standing or context in _asked:
        return False
    _waiting.setdefault(context, []).append(listener)
    return True


def tell(connection: Connection, text: str) -> None:
    """Tell of a statement that went past SQLAlchemy."""
    found = _standing.get(connection)
    if found is not None:
        found.was_sent(text)


def wants_all(connection: Connection) -> bool:
    """Return whether every statement has to go through SQLAlchemy now."""
    found = _standing.get(connection)
    return found is not None and found.wants_all


@contextmanager
def intercepted(connection: Connection, interceptor: Interceptor) -> Iterator[None]:
    """Hand every statement of the connection to `interceptor` while the block runs."""
    listeners = {name: _listener(connection, interceptor, name) for name in _EVENTS}
    for name, listener in listeners.items():
        event.listen(connection.engine, name, listener)
    _standing[connection] = interceptor
    try:
        yield
    finally:
        _standing.pop(connection, None)
        for name, listener in listeners.items():
            event.remove(connection.engine, name, listener)


def _listener(connection: Connection, interceptor: Interceptor, name: str) -> Callable[..., Any]:
    def listen(*args: Any) -> bool | None:
        if args[-1].root_connection is not connection:
            return None
        _asked.add(args[-1])
        try:
            interceptor.intercept(Sending(name, args, listen))
        finally:
            _asked.discard(args[-1])
            _waiting.pop(args[-1], None)
        return True

    return listen
