"""`alembic.ddl.postgresql`."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.ddl.impl import PostgresqlImpl
from asyncmigrate.alembic.words import absent

__all__ = ["PostgresqlImpl"]


def __getattr__(name: str) -> Any:
    raise absent("alembic.ddl.postgresql", name)
