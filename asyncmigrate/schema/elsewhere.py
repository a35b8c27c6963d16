"""Work that needs no connection, done where it keeps nobody waiting.

What is read from a database is made into values, and these are compared, in the middle of a
function that has the connection: in the thread of an application's event loop. For a thousand
tables that takes a tenth of a second. So whoever calls such a function may say where work like
that is done; without a word it is done here and now.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Place: TypeAlias = Callable[[Callable[[], Any]], Any]

P = ParamSpec("P")
T = TypeVar("T")

FEW = 200
"""Values of which so many are gone through in less time than it takes to go elsewhere."""

_place: ContextVar[Place | None] = ContextVar("place", default=None)


@contextmanager
def done_by(place: Place | None) -> Iterator[None]:
    """In the block, have work done by `place(work)`, which gives what `work()` gives."""
    token = _place.set(place)
    try:
        yield
    finally:
        _place.reset(token)


def elsewhere(count: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `function` gives; it goes through about `count` values.

    >>> with done_by(lambda work: f"{work()}, from elsewhere"):
    ...     elsewhere(10_000, str, 1), elsewhere(10, str, 2)
    ('1, from elsewhere', '2')
    >>> elsewhere(10_000, str, 3)
    '3'
    """
    place = _place.get()
    if place is None or count < FEW:
        return function(*args, **kwargs)
    work = partial(function, *args, **kwargs)

    def alone() -> T:
        with done_by(None):  # where it is done nobody can go elsewhere from
            return work()

    found: T = place(alone)
    return found
