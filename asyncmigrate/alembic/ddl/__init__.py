"""`alembic.ddl`: how operations are carried out."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.ddl import impl
from asyncmigrate.alembic.ddl.impl import DefaultImpl
from asyncmigrate.alembic.words import absent

__all__ = ["DefaultImpl", "impl"]


def __getattr__(name: str) -> Any:
    raise absent("alembic.ddl", name)
