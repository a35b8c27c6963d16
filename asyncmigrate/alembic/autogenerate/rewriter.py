"""`alembic.autogenerate.rewriter`: operations changed one by one, before a script is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from asyncmigrate.alembic.operations.containers import (
    DowngradeOps,
    MigrationScript,
    OpContainer,
    UpgradeOps,
)
from asyncmigrate.alembic.util.langhelpers import Dispatcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Rewriter:
    """A `process_revision_directives` made of functions for single classes of operations."""

    _traverse: ClassVar[Dispatcher] = Dispatcher()
    """Where plug-ins say how their operations are gone through; ours need not be told."""

    def __init__(self) -> None:
        self._functions: dict[type[Any], Callable[..., Any]] = {}
        self._next: Callable[..., Any] | None = None

    def rewrites(self, operator: Any) -> Callable[[Any], Any]:
        """Return a decorator: the function is called for operations of the class, or classes."""

        def register(function: Any) -> Any:
            kinds = operator if isinstance(operator, tuple | list) else (operator,)
            self._functions.update(dict.fromkeys(kinds, function))
            return function

        return register

    def chain(self, other: Callable[..., Any]) -> Rewriter:
        """Return a rewriter that does what this one does, and then what the other does."""
        made = Rewriter()
        made._functions, made._next = self._functions, other
        return made

    def process_revision_directives(
        self, context: Any, revision: Any, directives: list[Any]
    ) -> None:
        """Do what calling it does."""
        self(context, revision, directives)

    def __call__(self, context: Any, revision: Any, directives: list[Any]) -> None:
        """Rewrite every operation of the scripts."""
        given = (context, revision)
        directives[:] = [made for each in directives for made in self._rewritten(given, each)]
        if self._next is not None:
            self._next(context, revision, directives)

    def _rewritten(self, given: tuple[Any, Any], operation: Any) -> Iterator[Any]:
        for each in self._replaced(given, operation):
            if isinstance(each, MigrationScript):
                self._within_script(given, each)
            elif isinstance(each, OpContainer):
                each.ops = [made for op in each.ops for made in self._rewritten(given, op)]
            yield each

    def _within_script(self, given: tuple[Any, Any], script: MigrationScript) -> None:
        for name, kind in (("upgrade_ops", UpgradeOps), ("downgrade_ops", DowngradeOps)):
            found = getattr(script, name)
            if isinstance(found, kind):
                setattr(script, name, next(iter(self._rewritten(given, found))))

    def _replaced(self, given: tuple[Any, Any], operation: Any) -> Iterable[Any]:
        mark = frozenset({id(self)})
        done: frozenset[int] = getattr(operation, "_mutations", frozenset())
        found = next((self._functions[k] for k in type(operation).__mro__ if k in self._functions),
                     None)  # fmt: skip
        if found is None or mark <= done:
            return (operation,)
        made = found(*given, operation)
        several = () if made is None else made if isinstance(made, list | tuple) else (made,)
        for each in several:
            each._mutations = getattr(each, "_mutations", frozenset()) | mark
        return several
