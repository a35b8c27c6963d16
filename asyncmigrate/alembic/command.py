"""`alembic.command`: the commands as sync functions, for scripts and tests that call them.

They are found by name at the first call, because what runs them stands further out.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from asyncmigrate.alembic.words import absent

_NAMES = (
    "branches", "check", "current", "downgrade", "ensure_version", "heads", "history", "merge",
    "revision", "show", "stamp", "upgrade",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise absent("alembic.command", name)
    return getattr(import_module("asyncmigrate.migrator.alembic_commands"), name)
