"""`alembic.ddl.sqlite`."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.ddl.impl import SQLiteImpl
from asyncmigrate.alembic.words import absent

__all__ = ["SQLiteImpl"]


def __getattr__(name: str) -> Any:
    raise absent("alembic.ddl.sqlite", name)
