"""A revision before it is written: what a project's own code may still change.

`process_revision_directives(context, revision, directives)` of env.py gets a list with one
`Draft`; it may change the draft, or empty the list, and then nothing is written. A `Rewriter` is
such a function, made of small ones for single operations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from asyncmigrate.schema.operations import Operation

    Rewrite: TypeAlias = Callable[[Any, Any, Operation], "Operation | Iterable[Operation] | None"]


@dataclass(slots=True)
class Draft:
    """The operations of a revision, in order; the downgrade is made of their inverses."""

    message: str
    operations: list[Operation]
    imports: set[str] = field(default_factory=set)
    """Lines to stand among the script's imports."""


@dataclass(frozen=True, slots=True)
class DraftContext:
    """What a hook is handed as its context."""

    dialect: Any
    """SQLAlchemy's dialect."""
    x: dict[str, str] = field(default_factory=dict)
    """The run's own arguments (`-x key=value`)."""


class Rewriter:
    """Changes single operations: pass it as `process_revision_directives`.

    Example:
        >>> from asyncmigrate.schema.operations import Create
        >>> rewriter = Rewriter()
        >>> @rewriter.rewrites(Create, kind="table")
        ... def without_comments(context, revision, operation):
        ...     return operation
    """

    def __init__(self) -> None:
        self._rewrites: list[tuple[type[Any], str | None, Rewrite]] = []
        self._next: Callable[[Any, Any, list[Draft]], None] | None = None

    def rewrites(self, verb: type[Any], *, kind: str | None = None) -> Callable[[Rewrite], Rewrite]:
        """Register a function for operations of one verb, and of one kind if it is given.

        It returns the operation, another one, several, or None for none.
        """

        def register(function: Rewrite) -> Rewrite:
            self._rewrites.append((verb, kind, function))
            return function

        return register

    def chain(self, other: Callable[[Any, Any, list[Draft]], None]) -> Rewriter:
        """Return a rewriter that does what this one does, then what `other` does."""
        made = Rewriter()
        made._rewrites = list(self._rewrites)
        made._next = other if self._next is None else _both(self._next, other)
        return made

    def __call__(self, context: Any, revision: Any, directives: list[Draft]) -> None:
        """Rewrite the operations of every draft."""
        for draft in directives:
            for verb, kind, function in self._rewrites:
                draft.operations = [
                    made
                    for each in draft.operations
                    for made in _rewritten(function, verb, kind, each, (context, revision))
                ]
        if self._next is not None:
            self._next(context, revision, directives)


def _both(
    first: Callable[[Any, Any, list[Draft]], None], second: Callable[[Any, Any, list[Draft]], None]
) -> Callable[[Any, Any, list[Draft]], None]:
    def call(context: Any, revision: Any, directives: list[Draft]) -> None:
        first(context, revision, directives)
        second(context, revision, directives)

    return call


def _rewritten(
    function: Rewrite,
    verb: type[Any],
    kind: str | None,
    operation: Operation,
    given: tuple[Any, Any],
) -> Iterable[Operation]:
    key = getattr(operation, "key", None)
    if not isinstance(operation, verb) or (kind is not None and (key is None or key.kind != kind)):
        return (operation,)
    made = function(*given, operation)
    if made is None:
        return ()
    return made if isinstance(made, list | tuple) else (made,)
