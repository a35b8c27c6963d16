"""`alembic.environment`: the former name of `alembic.runtime.environment`."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.runtime import environment
from asyncmigrate.alembic.words import absent


def __getattr__(name: str) -> Any:
    if name.startswith("__") or not hasattr(environment, name):
        raise absent("alembic.environment", name)
    return getattr(environment, name)
