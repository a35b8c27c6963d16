"""The base of operation objects, and what runs those that Alembic has: the directives of `op`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from asyncmigrate.alembic.operations.base import Operations
from asyncmigrate.scripts.elements import Elements

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

T = TypeVar("T")


class MigrateOperation:
    """An operation as an object; subclasses may be a project's own."""

    _mutations: frozenset[Any] = frozenset()

    @property
    def info(self) -> dict[Any, Any]:
        """A dictionary for whoever made the operation."""
        found: dict[Any, Any] = self.__dict__.setdefault("_info", {})
        return found

    def reverse(self) -> Any:
        """Return the operation that undoes this one.

        Raises:
            NotImplementedError: it does not say.
        """
        raise NotImplementedError

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what Alembic's `compare_metadata` would list.

        Raises:
            NotImplementedError: it does not say.
        """
        raise NotImplementedError


Call = tuple[str, tuple[Any, ...], dict[str, Any]]
"""A directive with its arguments."""


class Directed(MigrateOperation):
    """An operation that one of the directives of `op` carries out."""

    def call(self) -> Call:
        """Return the directive and its arguments."""
        raise NotImplementedError


def invoked(operations: Any, operation: Directed) -> Any:
    """Make the call of an operation, in a batch block as well."""
    directive, arguments, keywords = operation.call()
    return getattr(operations, directive)(*arguments, **keywords)


Operations.implementation_for(Directed)(invoked)


def given(**keywords: Any) -> dict[str, Any]:
    """Return the keywords that were given.

    >>> given(schema=None, unique=True)
    {'unique': True}
    """
    return {name: value for name, value in keywords.items() if value is not None}


def table_like(name: str, schema: str | None, *items: Any, **options: Any) -> sa.Table:
    """Return a table that lives for one operation, with copies of what belongs to another."""
    return Elements().table(name, *items, schema=schema, **options)


def names_of(columns: Any) -> list[str]:
    """Return the names of the columns of a constraint, which may be attached or not."""
    found = list(columns) or [
        each for each in getattr(columns, "_pending_colargs", []) if each is not None
    ]
    return [each if isinstance(each, str) else cast("str", each.name) for each in found]


def registered(kinds: dict[str, type[T]], *visit_names: str) -> Callable[[type[T]], type[T]]:
    """Return a class decorator that notes which of SQLAlchemy's elements a class is for."""

    def register(cls: type[T]) -> type[T]:
        kinds.update(dict.fromkeys(visit_names, cls))
        return cls

    return register
