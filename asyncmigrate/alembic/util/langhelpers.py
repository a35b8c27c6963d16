"""`alembic.util.langhelpers`: small functions that scripts and plug-ins borrow."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from enum import IntEnum
from functools import cached_property as memoized_property
from typing import Any

from sqlalchemy.util import asbool, immutabledict, unique_list

EMPTY_DICT: Any = immutabledict()


def rev_id() -> str:
    """Return a new revision id: twelve hex digits."""
    return uuid.uuid4().hex[-12:]


def to_list(x: Any, default: Any = None) -> Any:
    """Return a list of one or of several.

    >>> to_list("a"), to_list(("a", "b")), to_list(None)
    (['a'], ['a', 'b'], None)
    """
    if x is None:
        return default
    if isinstance(x, str) or not isinstance(x, Iterable):
        return [x]
    return list(x)


def to_tuple(x: Any, default: Any = None) -> Any:
    """Return a tuple of one or of several."""
    found = to_list(x)
    return default if found is None else tuple(found)


def dedupe_tuple(tup: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a tuple with each value once, in order."""
    return tuple(dict.fromkeys(tup))


def not_none(value: Any) -> Any:
    """Return a value that must not be None."""
    assert value is not None
    return value


class DispatchPriority(IntEnum):
    """In which order comparators run."""

    FIRST = 50
    MEDIUM = 25
    LAST = 10


class PriorityDispatchResult(IntEnum):
    """What a comparator says about those that come after it."""

    CONTINUE = 0
    STOP = 1


class Dispatcher:
    """Functions by what they are for: a class (or a word), and a dialect."""

    def __init__(self) -> None:
        self._functions: dict[tuple[Any, str], list[tuple[int, Callable[..., Any]]]] = {}

    def dispatch_for(
        self,
        target: Any,
        *,
        qualifier: str = "default",
        replace: bool = False,
        priority: DispatchPriority = DispatchPriority.MEDIUM,
        subgroup: str | None = None,
    ) -> Callable[[Any], Any]:
        """Return a decorator that registers a function."""

        def register(function: Any) -> Any:
            known = self._functions.setdefault((target, qualifier), [])
            if replace:
                known.clear()
            # A plug-in that was imported again registers what it had registered.
            same = [each for each in known if _name(each[1]) == _name(function)]
            for each in same:
                known.remove(each)
            known.append((int(priority), function))
            return function

        return register

    def all_for(self, target: Any, qualifier: str = "default") -> list[Callable[..., Any]]:
        """Return the functions for a word, those that come first in front."""
        found = [*self._functions.get((target, qualifier), [])]
        if qualifier != "default":
            found += self._functions.get((target, "default"), [])
        return [each for _, each in sorted(found, key=lambda each: -each[0])]

    def dispatch(self, obj: Any, qualifier: str = "default") -> Callable[..., Any]:
        """Return the function for an object, by the nearest of its classes; or for a word.

        Raises:
            ValueError: none is registered.
        """
        kinds = [obj] if isinstance(obj, str) else list(type(obj).__mro__)
        for kind in kinds:
            for found in self.all_for(kind, qualifier):
                return found
        raise ValueError(f"No function is registered for {obj!r}")

    def branch(self) -> Dispatcher:
        """Return a copy, to which more can be added."""
        made = Dispatcher()
        made._functions = {key: list(found) for key, found in self._functions.items()}
        return made


def _name(function: Any) -> tuple[str, str]:
    module = str(getattr(function, "__module__", ""))
    return (module, str(getattr(function, "__qualname__", id(function))))


PriorityDispatcher = Dispatcher

__all__ = [
    "EMPTY_DICT",
    "DispatchPriority",
    "Dispatcher",
    "PriorityDispatchResult",
    "PriorityDispatcher",
    "asbool",
    "dedupe_tuple",
    "immutabledict",
    "memoized_property",
    "not_none",
    "rev_id",
    "to_list",
    "to_tuple",
    "unique_list",
]
