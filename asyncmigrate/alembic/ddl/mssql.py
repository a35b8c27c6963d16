"""`alembic.ddl.mssql`."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.ddl.impl import MSSQLImpl
from asyncmigrate.alembic.words import absent

__all__ = ["MSSQLImpl"]


def __getattr__(name: str) -> Any:
    raise absent("alembic.ddl.mssql", name)
