"""A project's own operations, and the way from a script to async code.

An operation is any class: best a frozen dataclass. `Operations.implementation_for` says what it
does; `Operations.register_operation` gives it a name on `op`; its method `inverse()`, if it has
one, gives the operation that undoes it, so that a script which uses it may leave `downgrade()` out.
What is registered belongs to the class on which it is registered, and to its subclasses.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeVar, runtime_checkable

from asyncmigrate.errors import UsageError
from asyncmigrate.scripts.directives import Directives

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Concatenate, ParamSpec

    P = ParamSpec("P")

T = TypeVar("T")
R = TypeVar("R")


@runtime_checkable
class Reversible(Protocol):
    """An operation that can be undone."""

    def inverse(self) -> object:
        """Return the operation that undoes this one."""


class CustomDirectives(Directives):
    """Register and run operations of a project's own."""

    _implementations: ClassVar[dict[type, Callable[[Any, Any], Any]]] = {}
    _replaceable: ClassVar[frozenset[str]] = frozenset()
    """The directives of ours whose names a project may give to its own."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._implementations = {}

    def invoke(self, operation: object) -> Any:
        """Run an operation: what is registered for its class, or for the nearest base of it.

        Raises:
            UsageError: nothing is registered.
        """
        for kind in type(operation).__mro__:
            for owner in type(self).__mro__:
                found = vars(owner).get("_implementations", {}).get(kind)
                if found is not None:
                    return found(self, operation)
        name = type(operation).__name__
        raise UsageError(
            f"op.invoke(): nothing says what {name} does.",
            next=f"Write a function of (operations, operation) and put "
            f"@Operations.implementation_for({name}) above it, in a module that is imported.",
        )

    def run_async(
        self,
        async_function: Callable[Concatenate[Any, P], Awaitable[R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Await `async_function(connection, …)` from the sync script, and return its result.

        The `AsyncConnection` is the migration's own, in the same transaction.

        Raises:
            OfflineError: SQL is only being written.
            UsageError: nobody awaits this migration.
        """
        result: R = self._sink.run_async(async_function, *args, **kwargs)
        return result

    @classmethod
    def register_operation(
        cls, name: str, sourcename: str | None = None
    ) -> Callable[[type[T]], type[T]]:
        """Return a class decorator: `op.name(…)` then makes and runs such an operation.

        A class with a classmethod of that name (or `sourcename`) is called by it, with the
        operations first; any other by its constructor.

        Raises:
            UsageError: the name is taken. What Alembic does not have, such as `create_view`, may
                be; it gives way to the project's own.
        """
        return registration(cls, name, sourcename or name)

    @classmethod
    def implementation_for(
        cls, op_cls: type[T], *, replace: bool = False
    ) -> Callable[[Callable[[Self, T], R]], Callable[[Self, T], R]]:
        """Return a decorator for the function of (operations, operation) that carries it out.

        Raises:
            UsageError: there is one already, and `replace` was not given.
        """

        def register(function: Callable[[Self, T], R]) -> Callable[[Self, T], R]:
            if op_cls in cls._implementations and not replace:
                raise UsageError(
                    f"What {op_cls.__name__} does is registered already.",
                    next="Say replace=True to put another function in its place.",
                )
            cls._implementations[op_cls] = function
            return function

        return register


def registration(owner: type, name: str, sourcename: str) -> Callable[[type[T]], type[T]]:
    """Return a class decorator that gives `owner` a directive which makes such an operation.

    Raises:
        UsageError: the name is taken.
    """

    def register(operation_class: type[T]) -> type[T]:
        directive = _directive(operation_class, name, sourcename)
        _check_free(owner, name, directive)
        setattr(owner, name, directive)
        return operation_class

    return register


def _directive(operation_class: type, name: str, sourcename: str) -> Callable[..., Any]:
    source = getattr(operation_class, sourcename, None)

    def by_classmethod(self: CustomDirectives, *args: Any, **kwargs: Any) -> Any:
        return source(self, *args, **kwargs)  # type: ignore[misc]  # asked for only if callable

    def by_constructor(self: CustomDirectives, *args: Any, **kwargs: Any) -> Any:
        return self.invoke(operation_class(*args, **kwargs))

    directive: Any = by_classmethod if callable(source) else by_constructor
    directive.__name__ = name
    directive.__doc__ = inspect.getdoc(source if callable(source) else operation_class)
    directive.registered_by = f"{operation_class.__module__}.{operation_class.__qualname__}"
    return directive  # type: ignore[no-any-return]


def _check_free(owner: type, name: str, directive: Any) -> None:
    if getattr(owner, "_takes_any_name", False):
        return
    former = getattr(owner, name, None)
    replaceable: frozenset[str] = getattr(owner, "_replaceable", frozenset())
    if name in replaceable and not hasattr(former, "registered_by"):
        return
    # env.py runs again for each command: what it registers again is the same.
    if former is None or getattr(former, "registered_by", None) == directive.registered_by:
        return
    whose = getattr(former, "registered_by", "asyncmigrate")
    raise UsageError(
        f"{directive.registered_by} cannot be registered as op.{name}: {whose} has that name.",
        next="Register it under another name.",
    )


def inverse_of(operation: object) -> object | None:
    """Return the operation that undoes `operation`, or None if it does not say.

    Alembic's name for the method, `reverse`, is understood as well.
    """
    if isinstance(operation, Reversible):
        return operation.inverse()
    reverse = getattr(operation, "reverse", None)
    try:
        return None if reverse is None else reverse()
    except (NotImplementedError, ValueError):
        return None
