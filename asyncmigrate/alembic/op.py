"""`alembic.op`: the same as `asyncmigrate.op.op`, as a module."""

from __future__ import annotations

from functools import partial
from typing import Any

from asyncmigrate.alembic.operations.base import Operations, call
from asyncmigrate.alembic.words import absent
from asyncmigrate.op import op as running


def __getattr__(name: str) -> Any:
    """Give a directive as a function that asks for the running migration when it is called."""
    if name.startswith("__"):
        raise AttributeError(name)
    if callable(getattr(Operations, name, None)):
        return partial(call, name)
    if hasattr(Operations, name):
        return getattr(running, name)
    if name == "_proxy":  # what some scripts ask for `migration_context`
        return running
    raise absent("alembic.op", name)


def __dir__() -> list[str]:
    return [name for name in dir(Operations) if not name.startswith("_")]
