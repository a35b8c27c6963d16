"""Modules of Python's that a folder of the project's would hide from us."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from asyncmigrate.config import Config

_OURS = ("asyncmigrate.migrator", "asyncmigrate.engine.runner", "sqlalchemy.ext.asyncio", "secrets")
_DRIVERS = ("aiosqlite", "asyncpg", "asyncmy", "aiomysql", "psycopg")


def import_before_hidden(config: Config) -> None:
    """Import what we need, if a folder of `prepend_sys_path` has a `logging/` or the like.

    We import late. Once that folder stands in front of `sys.path`, the project's `logging` would
    come instead of Python's, which a tool that imports early never notices.
    """
    folders = [(config.root / entry).resolve() for entry in config.expand_each("prepend_sys_path")]
    if any(map(_hides_python, folders)):
        for name in (*_OURS, *_DRIVERS):
            with suppress(ImportError):
                import_module(name)


def _hides_python(folder: Path) -> bool:
    """Return whether a module of Python's that is not imported yet would come from there."""
    try:
        names = {each.name.removesuffix(".py") for each in folder.iterdir()}
    except OSError:
        return False
    return bool((names & sys.stdlib_module_names) - sys.modules.keys())
