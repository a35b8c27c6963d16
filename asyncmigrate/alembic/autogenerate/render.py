"""`alembic.autogenerate.render`: how the operations of plug-ins are written."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.util.langhelpers import Dispatcher
from asyncmigrate.alembic.words import absent

renderers = Dispatcher()
"""The functions of `(autogen_context, operation)` that give an operation's text."""


def __getattr__(name: str) -> Any:
    raise absent("alembic.autogenerate.render", name)
