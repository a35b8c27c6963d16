"""`alembic.util.langhelpers`: small functions that scripts and plug-ins borrow."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property as memoized_property
from typing import Any

from sqlalchemy.util import asbool, immutabledict, unique_list

from asyncmigrate.alembic.words import absent
from asyncmigrate.scripts.private_names import original_name
from asyncmigrate.scripts.redirection import home_of

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


@dataclass(frozen=True, slots=True)
class _Registered:
    priority: int
    function: Callable[..., Any]
    home: str
    """The scope whose imports it was made with: see `scripts.redirection.home_of`."""


class Dispatcher:
    """Functions by what they are for: a class (or a word), and a dialect.

    What is asked for `home` leaves out what another project's plug-ins have registered.
    """

    def __init__(self) -> None:
        self._functions: dict[tuple[Any, str], list[_Registered]] = {}

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
            made = _Registered(int(priority), function, home_of(function))
            if replace:
                known[:] = [each for each in known if each.home != made.home]
            # A plug-in that was imported again registers what it had registered.
            known[:] = [each for each in known if _name(each) != _name(made)]
            known.append(made)
            return function

        return register

    def all_for(
        self, target: Any, qualifier: str = "default", *, home: str | None = None
    ) -> list[Callable[..., Any]]:
        """Return the functions for a word, those that come first in front."""
        return [each.function for each in self._found(target, qualifier, home)]

    def with_priority(
        self, target: Any, qualifier: str = "default", *, home: str | None = None
    ) -> list[tuple[int, Callable[..., Any]]]:
        """Return the functions for a word with their priorities, those that come first in front."""
        return [(each.priority, each.function) for each in self._found(target, qualifier, home)]

    def _found(self, target: Any, qualifier: str, home: str | None) -> list[_Registered]:
        found = [*self._functions.get((target, qualifier), [])]
        if qualifier != "default":
            found += self._functions.get((target, "default"), [])
        taken = [each for each in found if home is None or each.home in ("", home)]
        return sorted(taken, key=lambda each: -each.priority)

    def has_any(self, home: str | None = None) -> bool:
        """Return whether anything is registered."""
        return any(self._found(*key, home) for key in self._functions)

    def dispatch(
        self, obj: Any, qualifier: str = "default", *, home: str | None = None
    ) -> Callable[..., Any]:
        """Return the function for an object, by the nearest of its classes; or for a word.

        A class that the application has loaded for itself is the one that a plug-in registered
        under the same name.

        Raises:
            ValueError: none is registered.
        """
        kinds = [obj] if isinstance(obj, str) else list(type(obj).__mro__)
        for kind in kinds:
            for found in self.all_for(kind, qualifier, home=home):
                return found
        called = {_called(kind): kind for (kind, _) in self._functions if isinstance(kind, type)}
        for kind in kinds:
            twin = called.get(_called(kind)) if isinstance(kind, type) else None
            for found in self.all_for(twin, qualifier, home=home) if twin is not None else ():
                return found
        raise ValueError(f"No function is registered for {obj!r}")

    def branch(self) -> Dispatcher:
        """Return a copy, to which more can be added."""
        made = Dispatcher()
        made._functions = {key: list(found) for key, found in self._functions.items()}
        return made


def _called(kind: type) -> str:
    return f"{original_name(kind.__module__)}.{kind.__qualname__}"


def _name(each: _Registered) -> tuple[str, str, str]:
    module = str(getattr(each.function, "__module__", ""))
    return (each.home, module, str(getattr(each.function, "__qualname__", id(each.function))))


PriorityDispatcher = Dispatcher


def __getattr__(name: str) -> Any:
    raise absent("alembic.util.langhelpers", name)


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
