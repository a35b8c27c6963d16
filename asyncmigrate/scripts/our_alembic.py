"""`alembic…` as a script's imports get it: our modules of these names."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

OURS = "asyncmigrate.alembic"


def our_alembic(name: str, fromlist: Sequence[str] | None) -> ModuleType:
    """Import `alembic…` of ours.

    Raises:
        ImportError: we have no such module or name; says what is nearest.
    """
    words = import_module(f"{OURS}.words")
    module = _module(name, words)
    if not fromlist:
        return import_module(OURS)
    for each in fromlist:
        if each != "*" and not hasattr(module, each):
            try:
                import_module(f"{module.__name__}.{each}")
            except ModuleNotFoundError:
                raise ImportError(words.missing(name, each), name=name) from None
    return module


def _module(name: str, words: Any) -> ModuleType:
    _, _, rest = name.partition(".")
    if rest and rest.startswith(words.OUR_OWN):
        raise ModuleNotFoundError(words.missing_module(name), name=name)
    try:
        return import_module(OURS + name.removeprefix("alembic"))
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith(OURS):
            raise
        raise ModuleNotFoundError(words.missing_module(name), name=name) from None
