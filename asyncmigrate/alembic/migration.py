"""`alembic.migration`: the former name of `alembic.runtime.migration`."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.runtime import migration
from asyncmigrate.alembic.words import absent


def __getattr__(name: str) -> Any:
    if name.startswith("__") or not hasattr(migration, name):
        raise absent("alembic.migration", name)
    return getattr(migration, name)
