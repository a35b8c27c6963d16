"""`alembic.context`: the run that a script or a hook belongs to."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.runtime.environment import EnvironmentContext
from asyncmigrate.alembic.words import absent

_run = EnvironmentContext()


def __getattr__(name: str) -> Any:
    if name.startswith("_") or not hasattr(EnvironmentContext, name):
        raise absent("alembic.context", name)
    return getattr(_run, name)


def __dir__() -> list[str]:
    return [name for name in dir(EnvironmentContext) if not name.startswith("_")]
