"""`op`: what migration scripts import.

    from asyncmigrate import op
    import sqlalchemy as sa

    def upgrade() -> None:
        op.create_table("user", sa.Column("id", sa.Integer, primary_key=True))

`op` stands for the `Operations` of the migration that runs in the current context. A
`ContextVar` and not a global: several databases migrate at once in one event loop, and none
sees another's. This module imports nothing heavy, so importing a script's `op` costs nothing.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from asyncmigrate.errors import NothingRunsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.scripts.operations import Operations

__all__ = ["op", "use"]

_current: ContextVar[Operations] = ContextVar("asyncmigrate.op")


def in_script() -> bool:
    """Return whether a migration script is what runs right now in this context."""
    return _current.get(None) is not None


def _operations() -> Operations:
    try:
        return _current.get()
    except LookupError:
        raise NothingRunsError(
            "`op` works only while a migration runs, inside upgrade() or downgrade().",
            next="Move the call into one of them, and run the script with `amigrate upgrade`.",
        ) from None


class _Proxy:
    """Hands every attribute on to the operations of the migration that runs now."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            # Inspection (hasattr, copy, doctest, mock) must get Python's usual answer.
            raise AttributeError(name)
        return getattr(_operations(), name)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"op.{name} cannot be set: `op` belongs to the migration that runs.")

    def __dir__(self) -> list[str]:
        current = _current.get(None)
        return dir(current) if current is not None else []

    def __repr__(self) -> str:
        return "<asyncmigrate.op>"


op = cast("Operations", _Proxy())
"""The operations of the migration that runs in this context."""


@contextmanager
def use(operations: Operations) -> Iterator[None]:
    """Let `op` stand for `operations` inside the block, in this context only."""
    token = _current.set(operations)
    try:
        yield
    finally:
        _current.reset(token)


def _call(name: str, /, *args: Any, **kwargs: Any) -> Any:
    return getattr(_operations(), name)(*args, **kwargs)


def __getattr__(name: str) -> Any:
    """Give `from asyncmigrate.op import add_column`: a function that asks for `op` when called."""
    if name.startswith("_"):
        # Python itself asks for __path__ on every import: that must stay cheap.
        raise AttributeError(name)
    operations = import_module("asyncmigrate.scripts.operations").Operations
    if not callable(getattr(operations, name, None)):
        raise AttributeError(f"op has no directive {name!r}")
    return partial(_call, name)
