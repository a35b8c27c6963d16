"""The project's folders on Python's search path: its models and hooks are imported from there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncmigrate.config import Config


def prepend(config: Config) -> None:
    """Put the folders of the setting `prepend_sys_path` first; one that is there stays in place.

    For the command line and pytest: an application has its modules at hand already.

    Raises:
        UnsetVariableError: a variable in the setting is not set.
    """
    for entry in reversed(config.expand_each("prepend_sys_path")):
        folder = str((config.root / entry).resolve())
        if folder not in sys.path:
            sys.path.insert(0, folder)
