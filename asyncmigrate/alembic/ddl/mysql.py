"""`alembic.ddl.mysql`."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.ddl.impl import MySQLImpl
from asyncmigrate.alembic.words import absent

__all__ = ["MySQLImpl"]


def __getattr__(name: str) -> Any:
    raise absent("alembic.ddl.mysql", name)
