"""`alembic.script`: the history on disk."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.script.base import Script, ScriptDirectory
from asyncmigrate.alembic.words import absent

__all__ = ["Script", "ScriptDirectory"]


def __getattr__(name: str) -> Any:
    raise absent("alembic.script", name)
