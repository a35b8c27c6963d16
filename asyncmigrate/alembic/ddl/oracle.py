"""`alembic.ddl.oracle`."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.ddl.impl import OracleImpl
from asyncmigrate.alembic.words import absent

__all__ = ["OracleImpl"]


def __getattr__(name: str) -> Any:
    raise absent("alembic.ddl.oracle", name)
